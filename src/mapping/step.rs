//! Steps: a tree in TestOps, a flat list with three columns in Xray.

use super::safe_name;
use crate::domain::Step;
use crate::markup::{Document, shorten, wiki};

/// The three columns of an Xray step, in wiki markup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepText {
    /// Action.
    pub action: String,
    /// Data.
    pub data: String,
    /// Expected result.
    pub result: String,
}

/// Flattens steps in order. Where any step has steps below it, all are numbered (`1.`, `1.1.`, `2.`), so that the
/// structure stays readable.
pub fn flatten(steps: &[Step], losses: &mut Vec<String>) -> Vec<StepText> {
    let numbered = steps.iter().any(|step| !step.children.is_empty());
    let mut flat = Vec::new();
    push(steps, "", numbered, &mut flat, losses);
    flat
}

fn push(steps: &[Step], above: &str, numbered: bool, flat: &mut Vec<StepText>, losses: &mut Vec<String>) {
    for (index, step) in steps.iter().enumerate() {
        let number = format!("{above}{}.", index + 1);
        let mut action = step.action.clone();
        let place = format!("step {number}");
        let data = match step.attachments.as_slice() {
            [] => String::new(),
            names => {
                let names: Vec<String> = names.iter().map(|name| safe_name(name)).collect();
                format!("Attached: {}", names.join(", "))
            }
        };
        let expected = step.expected.as_ref();
        let empty = action.tree.is_empty();
        if empty && expected.is_none() && step.attachments.is_empty() && step.children.is_empty() {
            losses.push(format!("{place}: an empty step is left out"));
            continue;
        }
        if empty {
            // Xray requires an action (Data Center refuses the whole Test without one).
            action = Document::from_plain("…");
        }
        if numbered {
            action.tree.prefix(&format!("{number} "));
        }
        flat.push(StepText {
            action: column(&action, &place, "action", losses),
            data: column(&Document::from_plain(&data), &place, "data", losses),
            result: expected
                .map(|expected| column(expected, &place, "expected result", losses))
                .unwrap_or_default(),
        });
        push(&step.children, &number, numbered, flat, losses);
    }
}

fn column(document: &Document, place: &str, name: &str, losses: &mut Vec<String>) -> String {
    let (written, lost) = wiki::write(&document.tree, shorten::STEP_FIELD);
    losses.extend(
        document
            .losses
            .iter()
            .chain(&lost)
            .map(|loss| format!("{place} {name}: {loss}")),
    );
    written
}
