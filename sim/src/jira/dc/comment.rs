//! Comments.

use axum::extract::Path;
use axum::routing::get;
use serde_json::Value;

use crate::jira::account::Permission;
use crate::jira::http::{Answer, Caller, JsonBody, Params, Refusal, Routes, answer, ok};
use crate::jira::rejection::Rejection;

pub(super) fn routes(routes: Routes, base: &str) -> Routes {
    routes.at(&format!("{base}/issue/{{issue}}/comment"), get(list).post(add))
}

async fn list(caller: Caller, Path(key): Path<String>, params: Params) -> Answer {
    let issue = caller.issue(&key)?;
    let start = params.number("startAt").unwrap_or(0);
    let limit = params.number("maxResults").unwrap_or(1_048_576);
    ok(&caller.site().comments_json(&issue, start, limit))
}

async fn add(caller: Caller, Path(key): Path<String>, JsonBody(body): JsonBody) -> Answer {
    let issue = caller.issue(&key)?;
    let mut site = caller.site();
    if !site.may(&caller.actor, &issue, Permission::Comment) {
        let text = "You do not have the permission to comment on this issue.";
        return Err(Rejection::field("comment", text).into());
    }
    let text = body.get("body").cloned().unwrap_or(Value::Null);
    if text.as_str().is_none_or(|text| text.trim().is_empty()) {
        return Err(Rejection::field("comment", "Comment body can not be empty!").into());
    }
    let checked = site
        .check_rich_text(&text, false)
        .map_err(|text| Refusal::from(Rejection::field("comment", text)))?;
    let id = site.add_comment(&caller.actor, issue.id, checked);
    let comment = site.issue(issue.id).and_then(|issue| {
        let comment = issue.comments.iter().find(|comment| comment.id == id)?;
        Some(site.comment_json(issue, comment))
    });
    answer(201, &comment.unwrap_or_default())
}
