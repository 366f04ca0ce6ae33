//! Plain data in the shapes of the schema.

use serde_json::{Value, json};

use crate::jira::date;
use crate::jira::issue::StoredFile;
use crate::jira::xray::{RunStatus, Settings, Step, StepResult, TestType};

pub(super) fn test_type(ty: &TestType) -> Value {
    json!({ "id": ty.id, "name": ty.name, "kind": ty.kind.name() })
}

pub(super) fn run_status(status: &RunStatus) -> Value {
    json!({ "name": status.name, "description": status.description, "final": status.is_final,
            "color": status.color, "coverageStatus": status.coverage })
}

/// A run status by name; a status that was removed from the settings keeps its name.
pub(super) fn run_status_named(settings: &Settings, name: &str) -> Value {
    settings
        .run_status(name)
        .map_or_else(|| json!({ "name": name }), run_status)
}

/// A step status by name, with the run status it stands for.
pub(super) fn step_status(settings: &Settings, name: &str) -> Value {
    match settings.step_status(name) {
        Some(status) => json!({
            "name": status.name, "description": status.description, "color": status.color,
            "testStatus": run_status_named(settings, &status.run_status),
        }),
        None => json!({ "name": name }),
    }
}

fn link(base: &str, file: &StoredFile) -> String {
    format!("{base}/api/v2/attachments/{}", file.id)
}

pub(super) fn attachment(base: &str, file: &StoredFile) -> Value {
    json!({ "id": file.id, "filename": file.filename, "downloadLink": link(base, file), "storedInJira": false })
}

pub(super) fn evidence(base: &str, file: &StoredFile) -> Value {
    json!({ "id": file.id, "filename": file.filename, "size": file.bytes.len(), "createdOn": date::iso_millis(file.created),
            "downloadLink": link(base, file), "storedInJira": false })
}

/// Further columns of a step, as the settings know them.
pub(super) fn step_fields(settings: &Settings, step: &Step) -> Vec<Value> {
    let known = settings.step_fields.iter();
    known
        .map(|field| json!({ "id": field.id, "name": field.name, "value": step.custom.get(&field.name) }))
        .collect()
}

pub(super) fn step(settings: &Settings, base: &str, step: &Step) -> Value {
    let attachments: Vec<_> = step.attachments.iter().map(|file| attachment(base, file)).collect();
    json!({
        "id": step.id, "action": step.action, "data": step.data, "result": step.result,
        "attachments": attachments, "customFields": step_fields(settings, step),
        "callTestIssueId": step.call_test.map(|id| id.to_string()),
    })
}

/// A step's result; `step` is its definition, where the run has one at that position.
pub(super) fn run_step(settings: &Settings, base: &str, result: &StepResult, step: Option<&Step>) -> Value {
    let attachments: Vec<_> = step
        .into_iter()
        .flat_map(|s| &s.attachments)
        .map(|f| attachment(base, f))
        .collect();
    let evidence: Vec<_> = result.evidence.iter().map(|file| evidence(base, file)).collect();
    json!({
        "id": result.id,
        "action": step.map(|step| &step.action), "data": step.map(|step| &step.data),
        "result": step.map(|step| &step.result),
        "status": step_status(settings, &result.status),
        "comment": result.comment, "actualResult": result.actual_result,
        "defects": result.defects.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "evidence": evidence, "attachments": attachments,
        "customFields": step.map(|step| step_fields(settings, step)).unwrap_or_default(),
    })
}
