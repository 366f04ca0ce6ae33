//! Steps of a case's last run (`TestCaseScenarioV2Dto`), as a tree of steps. Attachments belong to the run and are left out.

use crate::domain::Step;
use crate::markup::Document;
use serde_json::Value;

/// The steps below a scenario or a step, in order.
pub fn read(above: &Value) -> Vec<Step> {
    let step = |row| Step {
        action: text(row),
        expected: texts(row, "expectedResultSteps").map(text).reduce(|mut above, line| {
            above.append_line(line);
            above
        }),
        children: read(row),
        ..Step::default()
    };
    texts(above, "steps").map(step).collect()
}

fn texts<'a>(above: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let rows = above.get(name).and_then(Value::as_array);
    let is_file = |row: &&Value| row.get("attachmentId").is_some_and(|id| !id.is_null());
    rows.into_iter().flatten().filter(move |row| !is_file(row))
}

fn text(row: &Value) -> Document {
    let body = row.get("body").and_then(Value::as_str);
    Document::from_step(body.unwrap_or_default(), row.get("bodyJson"))
}
