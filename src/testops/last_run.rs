//! Steps of a case's last run, as a tree of steps. Attachments belong to the run and are left out.

use super::wire::{RunScenario, RunStep};
use crate::domain::Step;
use crate::markup::Document;

/// The steps in order.
pub fn read(scenario: RunScenario) -> Vec<Step> {
    steps(scenario.steps)
}

fn steps(rows: Option<Vec<RunStep>>) -> Vec<Step> {
    let rows = rows.into_iter().flatten().filter(|row| row.attachment_id.is_none());
    rows.map(|row| Step {
        action: text(&row),
        expected: expected(row.expected_result_steps),
        attachments: Vec::new(),
        children: steps(row.steps),
    })
    .collect()
}

fn expected(lines: Option<Vec<RunStep>>) -> Option<Document> {
    let lines = lines.into_iter().flatten().filter(|line| line.attachment_id.is_none());
    lines.map(|line| text(&line)).reduce(|mut above, line| {
        above.append_line(line);
        above
    })
}

fn text(row: &RunStep) -> Document {
    Document::from_step(row.body.as_deref().unwrap_or_default(), row.body_json.as_ref())
}
