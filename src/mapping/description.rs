//! The description of an issue: what sections it has, and texts written in the destination's dialect.

use super::content::Context;
use super::{Dialect, details, file, last_run, parameters};
use crate::domain::TestCase;
use crate::markup::tree::Block;
use crate::markup::{Document, Tree, adf, shorten, wiki};
use serde_json::Value;

/// Heading of the section.
const PRECONDITION: &str = "Precondition";

/// Sections of a description that not every case has.
pub struct Sections<'a> {
    /// The precondition is one.
    pub precondition: bool,
    /// The feature that the scenario was taken from.
    pub feature: Option<&'a str>,
}

/// Description, precondition where it is no issue of its own, expected result, feature, details and parameters as sections.
pub fn sections(case: &TestCase, with: Sections<'_>, context: &Context<'_>, losses: &mut Vec<String>) -> Tree {
    let mut tree = Tree::default();
    let sections = [
        (None, &case.texts.description),
        (Some(PRECONDITION), &case.texts.precondition),
        (Some("Expected result"), &case.texts.expected_result),
    ];
    for (heading, text) in sections {
        let Some(text) = text else { continue };
        if heading == Some(PRECONDITION) && !with.precondition {
            continue;
        }
        let document = Document::from_markdown(text);
        losses.extend(
            document
                .losses
                .iter()
                .map(|loss| format!("{}: {loss}", heading.unwrap_or("description"))),
        );
        if let Some(heading) = heading {
            tree.push_heading(3, heading);
        }
        tree.append(document.tree);
    }
    if let Some(feature) = with.feature {
        tree.push_heading(3, "Feature");
        tree.blocks.push(Block::Code {
            // Wiki markup knows no Gherkin.
            language: None,
            text: feature.to_owned(),
        });
    }
    details::append(&mut tree, &case.attributes, &context.options.attributes, losses);
    if context.options.scenario.parameters {
        parameters::append(&mut tree, case);
    }
    last_run::append(&mut tree, case);
    tree.resolve_attachments(|source| file::place(&case.files, source, context.testops));
    tree
}

/// A tree in a dialect, as the value that Jira's description takes, and what was lost on the way.
pub fn written(tree: &Tree, dialect: Dialect) -> (Value, Vec<String>) {
    within(tree, dialect, shorten::DESCRIPTION)
}

/// A text followed by an end, which stays where the text is shortened.
pub fn ended(text: &Tree, end: &Tree, dialect: Dialect) -> (Value, Vec<String>) {
    let (last, _) = written(end, dialect);
    if text.is_empty() {
        return (last, Vec::new());
    }
    // No shorter than what either dialect counts of it, and the blank line between.
    let room = shorten::DESCRIPTION.saturating_sub(last.to_string().len() + 2);
    let (mut value, losses) = within(text, dialect, room);
    match (&mut value, last) {
        (Value::String(text), Value::String(last)) => text.push_str(&format!("\n\n{last}")),
        (value, mut last) => {
            let blocks = |doc: &mut Value| doc.get_mut("content").and_then(Value::as_array_mut).map(std::mem::take);
            let last = blocks(&mut last).unwrap_or_default();
            if let Some(content) = value.get_mut("content").and_then(Value::as_array_mut) {
                content.extend(last);
            }
        }
    }
    (value, losses)
}

fn within(tree: &Tree, dialect: Dialect, limit: usize) -> (Value, Vec<String>) {
    let (value, losses) = match dialect {
        Dialect::Adf => adf::write(tree, limit),
        Dialect::Wiki => {
            let (text, losses) = wiki::write(tree, limit);
            (Value::String(text), losses)
        }
    };
    (value, losses.iter().map(ToString::to_string).collect())
}
