//! Entity properties of issues.

use axum::body::Bytes;
use axum::extract::Path;
use axum::routing::get;
use serde_json::{Value, json};

use crate::jira::account::Permission;
use crate::jira::http::{Answer, Caller, Refusal, Routes, empty, ok};
use crate::jira::issue::Issue;
use crate::jira::rejection::Rejection;

pub(super) fn routes(routes: Routes, base: &str) -> Routes {
    routes.at(&format!("{base}/issue/{{issue}}/properties"), get(keys)).at(
        &format!("{base}/issue/{{issue}}/properties/{{key}}"),
        get(read).put(write).delete(remove),
    )
}

async fn keys(caller: Caller, Path(issue): Path<String>) -> Answer {
    let issue = caller.issue(&issue)?;
    let site = caller.site();
    let entry = |key: &String| json!({ "self": site.api(&format!("issue/{}/properties/{key}", issue.id)), "key": key });
    ok(&json!({ "keys": issue.properties.keys().map(entry).collect::<Vec<_>>() }))
}

fn missing(key: &str) -> Refusal {
    Rejection::message(404, format!("The property with key '{key}' does not exist.")).into()
}

async fn read(caller: Caller, Path((issue, key)): Path<(String, String)>) -> Answer {
    let issue = caller.issue(&issue)?;
    let value = issue.properties.get(&key).ok_or_else(|| missing(&key))?;
    ok(&json!({ "key": key, "value": value }))
}

fn editable(caller: &Caller, issue: &str) -> Result<Issue, Refusal> {
    caller.logged_in()?;
    let issue = caller.issue(issue)?;
    if caller.site().may(&caller.actor, &issue, Permission::Edit) {
        return Ok(issue);
    }
    let text = format!("You do not have permission to edit issue '{}'.", issue.key);
    Err(Rejection::message(403, text).into())
}

/// The body is the value, whatever media type it is declared to have.
async fn write(caller: Caller, Path((issue, key)): Path<(String, String)>, body: Bytes) -> Answer {
    let issue = editable(&caller, &issue)?;
    let value: Value = serde_json::from_slice(&body)
        .map_err(|_| Refusal::from(Rejection::message(400, "The property value is not valid JSON.")))?;
    let mut site = caller.site();
    site.check_property(&key, &value)
        .map_err(|text| Refusal::from(Rejection::message(400, text)))?;
    let is_new = site.set_property(issue.id, &key, value);
    empty(if is_new { 201 } else { 200 })
}

async fn remove(caller: Caller, Path((issue, key)): Path<(String, String)>) -> Answer {
    let issue = editable(&caller, &issue)?;
    if caller.site().remove_property(issue.id, &key) {
        empty(204)
    } else {
        Err(missing(&key))
    }
}
