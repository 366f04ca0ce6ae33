//! Entity properties of issues.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::jira::account::Permission;

use super::call::{Body, Call};
use super::reply::{Answer, Refusal, nothing, ok};

const NO_EDIT: &str = "You do not have permission to edit issues in this project.";
/// Issues and properties of a bulk request.
const MAX_ISSUES: usize = 100;
const MAX_PROPERTIES: usize = 10;

pub(super) async fn keys(call: Call) -> Answer {
    let site = call.site();
    let issue = call.issue(&site)?;
    let link = |key: &String| site.api(&format!("issue/{}/properties/{key}", issue.id));
    let keys: Vec<Value> = issue
        .properties
        .keys()
        .map(|key| json!({ "self": link(key), "key": key }))
        .collect();
    ok(&json!({ "keys": keys }))
}

pub(super) async fn get(call: Call) -> Answer {
    let site = call.site();
    let key = call.path("key");
    match call.issue(&site)?.properties.get(key) {
        Some(value) => ok(&json!({ "key": key, "value": value })),
        None => Err(Refusal::message(
            404,
            format!("The property with key '{key}' does not exist."),
        )),
    }
}

/// 201 for a new property, 200 for a changed one.
pub(super) async fn put(call: Call, Body(value): Body) -> Answer {
    let mut site = call.site();
    let id = call.issue_with(&site, Permission::Edit, NO_EDIT)?;
    let key = call.path("key");
    site.check_property(key, &value)
        .map_err(|text| Refusal::message(400, text))?;
    let is_new = site.set_property(id, key, value);
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, [(header::CONTENT_TYPE, "application/json;charset=UTF-8")], "").into_response())
}

pub(super) async fn delete(call: Call) -> Answer {
    let mut site = call.site();
    let id = call.issue_with(&site, Permission::Edit, NO_EDIT)?;
    if site.remove_property(id, call.path("key")) {
        return nothing();
    }
    Err(Refusal::message(
        404,
        format!("The property with key '{}' does not exist.", call.path("key")),
    ))
}

/// Sets properties of many issues as a task: 303 to it. Issues that cannot be edited are left out, the others not.
pub(super) async fn set_multi(call: Call, Body(body): Body) -> Answer {
    call.authenticated()?;
    let issues = body
        .get("issues")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let too_many = |issue: &Value| {
        issue
            .get("properties")
            .and_then(Value::as_object)
            .is_none_or(|all| all.is_empty() || all.len() > MAX_PROPERTIES)
    };
    if issues.is_empty() || issues.len() > MAX_ISSUES || issues.iter().any(too_many) {
        let text = format!("Between 1 and {MAX_ISSUES} issues with 1 to {MAX_PROPERTIES} properties must be provided.");
        return Err(Refusal::message(400, text));
    }
    let mut site = call.site();
    let mut failed = Vec::new();
    for issue in &issues {
        let named = issue
            .get("issueID")
            .map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        let named = named.unwrap_or_default();
        let found = site.visible_issue(&call.actor, &named);
        let Some(id) = found
            .filter(|issue| site.may(&call.actor, issue, Permission::Edit))
            .map(|issue| issue.id)
        else {
            failed.push(json!({ "issueId": named, "errorMessages": [NO_EDIT] }));
            continue;
        };
        for (key, value) in issue.get("properties").and_then(Value::as_object).into_iter().flatten() {
            match site.check_property(key, value) {
                Ok(()) => {
                    site.set_property(id, key, value.clone());
                }
                Err(text) => failed.push(json!({ "issueId": named, "errorMessages": [text] })),
            }
        }
    }
    let mut state = call.shared.state();
    let task = (10_000 + state.tasks.len()).to_string();
    let link = site.api(&format!("task/{task}"));
    let now = site.now();
    let shown = json!({
        "self": link, "id": task, "status": "COMPLETE", "progress": 100, "elapsedRuntime": 0,
        "submitted": now, "started": now, "finished": now, "lastUpdate": now, "result": { "errors": failed },
    });
    state.tasks.insert(task, shown);
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(link) = HeaderValue::from_str(&link) {
        response.headers_mut().insert(header::LOCATION, link);
    }
    Ok(response)
}

pub(super) async fn task(call: Call) -> Answer {
    call.authenticated()?;
    let found = call.shared.state().tasks.get(call.path("task")).cloned();
    found.map_or_else(
        || Err(Refusal::message(404, "The task was not found.")),
        |task| ok(&task),
    )
}
