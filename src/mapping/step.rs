//! Steps: a tree in TestOps, a flat list with three columns in Xray.

use super::safe_name;
use crate::domain::Step;
use crate::markup::address::AttachmentRef;
use crate::markup::tree::FilePlace;
use crate::markup::{Document, shorten, wiki};
use std::collections::BTreeMap;

/// The three columns of an Xray step, in wiki markup, or the Test that it calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepText {
    /// Action.
    pub action: String,
    /// Data.
    pub data: String,
    /// Expected result.
    pub result: String,
    /// Id of the Test whose steps stand here; such a step says nothing itself.
    pub call: Option<String>,
    /// Values of Xray's own fields of steps, by name, as far as the export fills them; empty: the step has none.
    pub fields: BTreeMap<String, Vec<String>>,
}

impl StepText {
    /// What it says, to be digested.
    pub fn line(&self) -> String {
        let mut line = format!("{}\u{1}{}\u{1}{}", self.action, self.data, self.result);
        if let Some(call) = &self.call {
            line.push_str(&format!("\u{1}{call}"));
        }
        for (name, values) in self.filled() {
            line.push_str(&format!("\u{1}{name}={}", values.join("\u{3}")));
        }
        line
    }

    /// Fields that have a value.
    fn filled(&self) -> impl Iterator<Item = (&String, &Vec<String>)> {
        self.fields.iter().filter(|(_, values)| !values.is_empty())
    }

    /// The same for people: `Open the page [data] → it is shown`.
    pub fn on_one_line(&self) -> String {
        if let Some(test) = &self.call {
            return format!("the steps of Test {test}");
        }
        let on_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut line = on_one_line(&self.action);
        if !self.data.trim().is_empty() {
            line.push_str(&format!(" [{}]", on_one_line(&self.data)));
        }
        if !self.result.trim().is_empty() {
            line.push_str(&format!(" → {}", on_one_line(&self.result)));
        }
        for (name, values) in self.filled() {
            line.push_str(&format!(" {{{name}: {}}}", on_one_line(&values.join(", "))));
        }
        line
    }
}

/// The steps, with files that their texts refer to where `place` finds them.
pub fn placed(steps: &[Step], place: &dyn Fn(&AttachmentRef) -> FilePlace) -> Vec<Step> {
    let step = |step: &Step| {
        let mut placed = Step {
            children: self::placed(&step.children, place),
            action: step.action.clone(),
            expected: step.expected.clone(),
            attachments: step.attachments.clone(),
            called: step.called,
            fields: step.fields.clone(),
        };
        placed.action.tree.resolve_attachments(place);
        if let Some(expected) = &mut placed.expected {
            expected.tree.resolve_attachments(place);
        }
        placed
    };
    steps.iter().map(step).collect()
}

/// Flattens steps in order. `calls` has the Test that a top-level step calls, by position. Where any other step has steps
/// below it, all are numbered (`1.`, `1.1.`, `2.`), so that the structure stays readable.
pub fn flatten(steps: &[Step], calls: &[Option<String>], losses: &mut Vec<String>) -> Vec<StepText> {
    let calling = |at: usize| calls.get(at).is_some_and(Option::is_some);
    let numbered = (0..)
        .zip(steps)
        .any(|(at, step)| !step.children.is_empty() && !calling(at));
    let mut flat = Vec::new();
    push(steps, calls, "", numbered, &mut flat, losses);
    flat
}

fn push(
    steps: &[Step],
    calls: &[Option<String>],
    above: &str,
    numbered: bool,
    flat: &mut Vec<StepText>,
    losses: &mut Vec<String>,
) {
    for (index, step) in steps.iter().enumerate() {
        if let Some(Some(test)) = calls.get(index) {
            flat.push(StepText {
                call: Some(test.clone()),
                ..StepText::default()
            });
            continue;
        }
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
        if numbered && !action.tree.has_number(number.trim_end_matches('.')) {
            action.tree.prefix(&format!("{number} "));
        }
        flat.push(StepText {
            action: column(&action, &place, "action", losses),
            data: column(&Document::from_plain(&data), &place, "data", losses),
            result: expected
                .map(|expected| column(expected, &place, "expected result", losses))
                .unwrap_or_default(),
            call: None,
            fields: step.fields.clone(),
        });
        push(&step.children, &[], &number, numbered, flat, losses);
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

#[cfg(test)]
mod tests {
    use super::{StepText, flatten};
    use crate::domain::Step;
    use crate::markup::Document;

    fn step(action: &str) -> Step {
        Step {
            action: Document::from_plain(action),
            ..Step::default()
        }
    }

    fn called(id: u64, children: Vec<Step>) -> Step {
        Step {
            called: Some(id),
            children,
            ..step("Log in")
        }
    }

    fn shown(steps: &[StepText]) -> Vec<String> {
        let show = |step: &StepText| {
            step.call
                .as_ref()
                .map_or(step.action.clone(), |call| format!("call {call}"))
        };
        steps.iter().map(show).collect()
    }

    #[test]
    fn a_call_stands_where_the_shared_step_stood_and_needs_no_numbers() {
        let steps = [step("Open"), called(5, vec![step("Type")]), step("Close")];
        let calls = [None, Some("77".to_owned()), None];
        assert_eq!(
            shown(&flatten(&steps, &calls, &mut Vec::new())),
            ["Open", "call 77", "Close"]
        );
        let expanded = flatten(&steps, &[], &mut Vec::new());
        assert_eq!(shown(&expanded), ["1. Open", "2. Log in", "2.1. Type", "3. Close"]);
    }

    #[test]
    fn a_number_that_people_wrote_is_not_written_twice() {
        let parent = Step {
            children: vec![step("1.1. Inner"), step("Another"), step("7. Of another list")],
            ..step("1. Parent")
        };
        let flat = flatten(&[parent], &[], &mut Vec::new());
        let expected = ["1. Parent", "1.1. Inner", "1.2. Another", "1.3. 7. Of another list"];
        assert_eq!(shown(&flat), expected);
    }

    #[test]
    fn steps_below_steps_are_numbered_beside_calls() {
        let parent = Step {
            children: vec![called(6, vec![step("Inner")])],
            ..step("Parent")
        };
        let steps = [called(5, vec![step("Type")]), parent];
        let calls = [Some("77".to_owned()), None];
        let flat = flatten(&steps, &calls, &mut Vec::new());
        assert_eq!(shown(&flat), ["call 77", "2. Parent", "2.1. Log in", "2.1.1. Inner"]);
        assert_ne!(flat[0].line(), StepText::default().line());
    }
}
