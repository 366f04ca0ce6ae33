//! Statuses and the fields of steps and runs.

use axum::extract::Path;
use axum::routing::get;
use serde_json::{Value, json};

use super::Version;
use crate::jira::http::{Answer, Caller, Refusal, Routes, ok};
use crate::jira::xray::CustomField;

pub(super) fn routes(routes: Routes, api: &str) -> Routes {
    routes
        .at(&format!("{api}/settings/teststatuses"), get(run_statuses))
        .at(&format!("{api}/settings/teststepstatuses"), get(step_statuses))
        .at(
            &format!("{api}/project/{{project}}/settings/customfields/teststeps"),
            get(step_fields),
        )
        .at(
            &format!("{api}/project/{{project}}/settings/customfields/testruns"),
            get(run_fields),
        )
}

async fn run_statuses(caller: Caller) -> Answer {
    let site = caller.site();
    let statuses = site.xray.settings.run_statuses.iter().zip(0..).map(|(status, rank)| {
        json!({
            "id": status.id, "name": status.name, "description": status.description, "color": status.color,
            "final": status.is_final, "rank": rank, "isNative": status.id <= 4,
            "requirementStatusName": status.coverage,
        })
    });
    ok(&statuses.collect())
}

async fn step_statuses(caller: Caller) -> Answer {
    let site = caller.site();
    let settings = &site.xray.settings;
    let statuses = settings.step_statuses.iter().zip(0..).map(|(status, rank)| {
        let run_status = settings.run_status(&status.run_status).map(|run| run.id);
        json!({
            "id": status.id, "name": status.name, "description": status.description, "color": status.color,
            "rank": rank, "isNative": status.id <= 4, "testStatusId": run_status,
        })
    });
    ok(&statuses.collect())
}

/// The project is named by its numeric id.
fn check_project(caller: &Caller, project: &str) -> Result<(), Refusal> {
    let is_known = project.parse::<u64>().is_ok() && caller.site().visible_project(&caller.actor, project).is_some();
    if is_known {
        Ok(())
    } else {
        Err(Refusal::error(400, format!("Project with id {project} does not exist")))
    }
}

fn entry(field: &CustomField) -> Value {
    json!({
        "id": crate::jira::xray_field::numeric(&field.id), "name": field.name, "type": field.kind,
        "required": field.required, "disabled": field.disabled, "values": field.values,
    })
}

async fn step_fields(caller: Caller, Path(project): Path<String>, _version: Version) -> Answer {
    check_project(&caller, &project)?;
    let native = |id: u32, name: &str, required: bool| json!({ "id": id, "name": name, "type": "Wiki", "required": required, "disabled": false, "values": [] });
    let mut fields = vec![
        native(1, "Action", true),
        native(2, "Data", false),
        native(3, "Expected Result", false),
    ];
    fields.extend(caller.site().xray.settings.step_fields.iter().map(entry));
    ok(&Value::Array(fields))
}

async fn run_fields(caller: Caller, Path(project): Path<String>) -> Answer {
    check_project(&caller, &project)?;
    ok(&caller.site().xray.settings.run_fields.iter().map(entry).collect())
}
