//! Many issues at once.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::jira::id::IssueId;
use crate::jira::render::Selection;
use crate::jira::site::Site;

use super::call::{Body, Call};
use super::issue::{names, reference, show};
use super::reply::{Answer, Refusal, json_reply, ok};

/// Issues a bulk create takes.
const MAX_CREATED: usize = 50;
/// Issues a bulk fetch gives.
const MAX_FETCHED: usize = 100;
/// Properties a request may ask for.
pub(super) const MAX_PROPERTIES: usize = 5;

/// Creates up to 50 issues, each on its own: 201 when at least one was created, else 400. Successes are listed in the
/// order of the request without a number; failures carry theirs.
pub(super) async fn create(call: Call, Body(body): Body) -> Answer {
    let Some(updates) = body
        .get("issueUpdates")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty())
    else {
        return Err(Refusal::message(400, "The list of issue updates must not be empty."));
    };
    if updates.len() > MAX_CREATED {
        let text = format!("Cannot create more than {MAX_CREATED} issues in one request.");
        return Err(Refusal::message(400, text));
    }
    let mut site = call.site();
    let (mut issues, mut errors) = (Vec::new(), Vec::new());
    for (number, update) in updates.iter().enumerate() {
        match create_one(&call, &mut site, update) {
            Ok(id) => issues.push(reference(&site, id)),
            Err((status, error)) => {
                errors.push(json!({ "status": status, "elementErrors": error, "failedElementNumber": number }));
            }
        }
    }
    let status = if issues.is_empty() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::CREATED
    };
    Ok(json_reply(status, &json!({ "issues": issues, "errors": errors })))
}

fn create_one(call: &Call, site: &mut Site, update: &Value) -> Result<IssueId, (u16, Value)> {
    let created = call
        .version
        .input(site, update)
        .and_then(|input| site.create_issue(&call.actor, &input));
    created.map_err(|rejection| (rejection.status, rejection.to_json()))
}

/// Reads up to 100 issues by id or key, as they are now. Those missing or hidden are in neither list.
pub(super) async fn fetch(call: Call, Body(body): Body) -> Answer {
    let wanted = body
        .get("issueIdsOrKeys")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    if wanted.is_empty() {
        return Err(Refusal::message(400, "At least one issue ID or key must be provided."));
    }
    if wanted.len() > MAX_FETCHED {
        let text = format!("The maximum number of issues that can be fetched is {MAX_FETCHED}.");
        return Err(Refusal::message(400, text));
    }
    let properties = names(&body, "properties");
    if properties.len() > MAX_PROPERTIES {
        return Err(Refusal::message(
            400,
            format!("At most {MAX_PROPERTIES} properties can be requested."),
        ));
    }
    let fields = names(&body, "fields");
    let fields = Selection::new(fields.iter().map(String::as_str), "*navigable");
    let site = call.site();
    let wanted = wanted
        .iter()
        .map(|named| named.as_str().map_or_else(|| named.to_string(), str::to_owned));
    let mut ids: Vec<IssueId> = wanted
        .filter_map(|named| site.visible_issue(&call.actor, &named))
        .map(|issue| issue.id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let issues: Vec<Value> = ids
        .into_iter()
        .filter_map(|id| site.issue(id))
        .map(|issue| show(&site, call.version, issue, &fields, &properties))
        .collect();
    ok(&json!({ "expand": "schema,names", "issues": issues, "issueErrors": [] }))
}
