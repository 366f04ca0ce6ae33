//! Cucumber JSON: scenarios are distinguished by the tags with their keys.

use serde_json::{Value, json};

use crate::jira::account::Actor;
use crate::jira::project::Role;

use super::super::reply::Refused;
use super::super::state::{AutomatedResult, Shared};
use super::format::Entry;
use super::test;

type Entries = Vec<(Entry, Option<AutomatedResult>)>;

/// Reads a report; also the key of the execution that a tag names, if one does.
///
/// # Errors
/// 400 when the file is no Cucumber report.
pub(super) fn read(
    shared: &Shared,
    actor: &Actor,
    bytes: &[u8],
    project: Option<&str>,
) -> Result<(Entries, Option<String>), Refused> {
    let not_valid = || Refused::bad("Result is not valid Cucumber Format");
    let features = serde_json::from_slice::<Vec<Value>>(bytes).map_err(|_| not_valid())?;
    let mut entries = Entries::new();
    let mut execution = None;
    for feature in &features {
        let elements = feature
            .get("elements")
            .and_then(Value::as_array)
            .ok_or_else(not_valid)?;
        execution = execution.or_else(|| key_in_tags(shared, actor, feature, Role::TestExecution));
        for scenario in elements
            .iter()
            .filter(|it| it.get("type").and_then(Value::as_str) != Some("background"))
        {
            execution = execution.or_else(|| key_in_tags(shared, actor, scenario, Role::TestExecution));
            let name = scenario.get("name").and_then(Value::as_str).unwrap_or_default();
            let (status, log, duration_ms) = outcome(scenario);
            let mut sent = json!({ "status": status, "comment": log });
            if let Some(members) = sent.as_object_mut() {
                match (key_in_tags(shared, actor, scenario, Role::Test), project) {
                    (Some(key), _) => members.insert("testKey".to_owned(), json!(key)),
                    (None, Some(project)) => {
                        let info = test::info(project, "Cucumber", name, ("scenario", &body(scenario)));
                        members.insert("testInfo".to_owned(), info)
                    }
                    (None, None) => continue,
                };
            }
            let entry = serde_json::from_value(sent).map_err(|_| not_valid())?;
            let status = status.to_owned();
            entries.push((
                entry,
                Some(AutomatedResult {
                    name: name.to_owned(),
                    status,
                    log,
                    duration_ms,
                }),
            ));
        }
    }
    Ok((entries, execution))
}

/// The issue a tag such as `@CALC-1` or `@TEST_CALC-1` names, if it has the role.
fn key_in_tags(shared: &Shared, actor: &Actor, of: &Value, role: Role) -> Option<String> {
    let site = shared.site();
    let tags = of.get("tags").and_then(Value::as_array)?.iter();
    let mut names = tags.filter_map(|tag| tag.get("name").and_then(Value::as_str));
    names.find_map(|name| {
        let name = name.trim_start_matches('@');
        let key = name.strip_prefix("TEST_").unwrap_or(name);
        let issue = site.visible_issue(actor, key)?;
        (site.role(issue) == role).then(|| issue.key.clone())
    })
}

/// Status, messages and duration of a scenario: failed when a step failed, passed when all passed, else not run.
fn outcome(scenario: &Value) -> (&'static str, String, f64) {
    let steps = scenario
        .get("steps")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let result = |step: &Value, member: &str| step.pointer(&format!("/result/{member}")).cloned().unwrap_or_default();
    let statuses: Vec<String> = steps
        .iter()
        .map(|step| result(step, "status").as_str().unwrap_or_default().to_owned())
        .collect();
    let status = if statuses.iter().any(|status| status == "failed") {
        "FAILED"
    } else if statuses.iter().all(|status| status == "passed") {
        "PASSED"
    } else {
        "TODO"
    };
    let messages: Vec<String> = steps
        .iter()
        .filter_map(|step| result(step, "error_message").as_str().map(str::to_owned))
        .collect();
    let nanoseconds: f64 = steps.iter().filter_map(|step| result(step, "duration").as_f64()).sum();
    (status, messages.join("\n"), nanoseconds / 1_000_000.0)
}

fn body(scenario: &Value) -> String {
    let steps = scenario.get("steps").and_then(Value::as_array).into_iter().flatten();
    let lines: Vec<String> = steps
        .map(|step| {
            let text = |member: &str| step.get(member).and_then(Value::as_str).unwrap_or_default();
            format!("{}{}", text("keyword"), text("name"))
        })
        .collect();
    lines.join("\n")
}
