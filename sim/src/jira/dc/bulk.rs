//! `POST /issue/bulk`.

use axum::routing::post;
use serde_json::{Value, json};

use crate::jira::http::{Answer, Caller, JsonBody, Routes, answer};
use crate::jira::input::IssueInput;
use crate::jira::rejection::Rejection;

pub(super) fn routes(routes: Routes, base: &str) -> Routes {
    routes.at(&format!("{base}/issue/bulk"), post(create))
}

/// 201 when at least one issue was created; `issues` holds the successes in the order of the request.
async fn create(caller: Caller, JsonBody(body): JsonBody) -> Answer {
    let Some(updates) = body.get("issueUpdates").and_then(Value::as_array) else {
        return Err(Rejection::message(400, "No issue updates were given.").into());
    };
    let mut site = caller.site();
    let (mut issues, mut errors) = (Vec::new(), Vec::new());
    for (number, update) in updates.iter().enumerate() {
        let created = IssueInput::from_json(update).and_then(|input| site.create_issue(&caller.actor, &input));
        match created {
            Ok(id) => issues.extend(site.issue(id).map(|issue| site.issue_ref(issue))),
            Err(rejection) => errors.push(json!({
                "status": rejection.status, "elementErrors": rejection.to_json(), "failedElementNumber": number,
            })),
        }
    }
    let status = if issues.is_empty() { 400 } else { 201 };
    answer(status, &json!({ "issues": issues, "errors": errors }))
}
