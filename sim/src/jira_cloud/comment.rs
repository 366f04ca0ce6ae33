//! Comments and transitions.

use serde_json::{Value, json};

use crate::jira::account::Permission;
use crate::jira::project::WORKFLOW;
use crate::jira::rejection::Rejection;

use super::call::{Body, Call};
use super::reply::{Answer, Refusal, created, nothing, ok};

pub(super) async fn list(call: Call) -> Answer {
    let site = call.site();
    let issue = call.issue(&site)?;
    let (start, most) = (
        call.number("startAt").unwrap_or(0),
        call.number("maxResults").unwrap_or(50),
    );
    let mut page = site.comments_json(issue, start, most);
    for comment in page
        .get_mut("comments")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        *comment = call.version.show_comment(comment.take());
    }
    ok(&page)
}

pub(super) async fn one(call: Call) -> Answer {
    let site = call.site();
    let issue = call.issue(&site)?;
    let found = issue
        .comments
        .iter()
        .find(|comment| comment.id.to_string() == call.path("comment"));
    let found = found.ok_or_else(|| Refusal::message(404, "Can not find a comment for the id."))?;
    ok(&call.version.show_comment(site.comment_json(issue, found)))
}

pub(super) async fn add(call: Call, Body(body): Body) -> Answer {
    let mut site = call.site();
    let text = "You do not have the permission to comment on this issue.";
    let id = call.issue_with(&site, Permission::Comment, text)?;
    let text = body.get("body").unwrap_or(&Value::Null);
    if text.is_null() {
        return Err(Rejection::field("comment", "Comment body can not be empty!").into());
    }
    call.version.check(text)?;
    let is_text = call.version == super::rich::Version::Two;
    if is_text && text.is_object() {
        return Err(Rejection::field("comment", "Operation value must be a string").into());
    }
    let text = site
        .check_rich_text(text, is_text)
        .map_err(|text| Refusal::from(Rejection::field("comment", text)))?;
    let comment = site.add_comment(&call.actor, id, text);
    let issue = site.issue(id).ok_or_else(Refusal::no_such_issue)?;
    let shown = issue
        .comments
        .iter()
        .find(|own| own.id == comment)
        .map(|own| site.comment_json(issue, own));
    created(&call.version.show_comment(shown.unwrap_or_default()))
}

pub(super) async fn transitions(call: Call) -> Answer {
    let site = call.site();
    let issue = call.issue(&site)?;
    let may = site.may(&call.actor, issue, Permission::Transition);
    let others = WORKFLOW.iter().filter(|status| may && status.id != issue.status);
    let shown: Vec<Value> = others
        .map(|status| {
            json!({ "id": status.transition.to_string(), "name": status.name, "to": site.status_json(status.id),
                    "hasScreen": false, "isGlobal": true, "isInitial": false, "isConditional": false, "isAvailable": true })
        })
        .collect();
    ok(&json!({ "expand": "transitions", "transitions": shown }))
}

pub(super) async fn transition(call: Call, Body(body): Body) -> Answer {
    let mut site = call.site();
    let issue = call.issue(&site)?;
    let (id, current) = (issue.id, issue.status);
    let may = site.may(&call.actor, issue, Permission::Transition);
    let wanted = body
        .pointer("/transition/id")
        .map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    let named = |status: &&crate::jira::project::WorkflowStatus| {
        Some(status.transition.to_string()) == wanted && status.id != current
    };
    match WORKFLOW.iter().find(named).filter(|_| may) {
        Some(status) => {
            site.set_status(&call.actor, id, status.id);
            nothing()
        }
        None => Err(Refusal::message(
            400,
            "It is not possible to transition the issue: the transition is not valid.",
        )),
    }
}
