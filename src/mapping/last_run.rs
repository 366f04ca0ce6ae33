//! Steps of an automated case's last run, as a section of the description.

use crate::domain::{Step, TestCase};
use crate::markup::Tree;
use crate::markup::tree::{Block, Item, List};

/// Adds the section where there are such steps: a numbered list, steps below steps as lists of their own.
pub(super) fn append(tree: &mut Tree, case: &TestCase) {
    if !case.scenario.last_run.is_empty() {
        tree.push_heading(3, "Steps of the last run");
        tree.blocks.push(list(&case.scenario.last_run));
    }
}

fn list(steps: &[Step]) -> Block {
    Block::List(List {
        start: Some(1),
        items: (1..).zip(steps).map(|(number, step)| item(step, number)).collect(),
    })
}

fn item(step: &Step, number: usize) -> Item {
    let mut text = step.action.tree.clone();
    text.take_number(&number.to_string());
    if let Some(expected) = &step.expected {
        let mut expected = expected.tree.clone();
        expected.prefix("Expected: ");
        text.append_line(expected);
    }
    if !step.children.is_empty() {
        text.blocks.push(list(&step.children));
    }
    Item {
        done: None,
        blocks: text.blocks,
    }
}
