//! Attachments.

use std::sync::Arc;

use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::jira::account::Permission;

use super::call::Call;
use super::reply::{Answer, Refusal, nothing, ok};
use super::state::Shared;

/// Files of one request and of one issue.
const MAX_FILES: usize = 60;
const MAX_OF_ISSUE: usize = 2_000;

pub(super) async fn meta(call: Call) -> Answer {
    let site = call.site();
    ok(&json!({ "enabled": site.attachments_enabled, "uploadLimit": site.limits.attachment }))
}

/// Adds files. Every part is named `file`, and a header says that the request is meant.
pub(super) async fn add(State(shared): State<Arc<Shared>>, call: Call, request: Request) -> Answer {
    let meant = request
        .headers()
        .get("x-atlassian-token")
        .and_then(|token| token.to_str().ok());
    if !meant.is_some_and(|token| ["no-check", "nocheck"].contains(&token)) {
        return Err(Refusal::response(
            (StatusCode::FORBIDDEN, "XSRF check failed").into_response(),
        ));
    }
    let limit = call.site().limits.attachment;
    let broken = || Refusal::message(400, "The multipart body could not be read.");
    let mut form = Multipart::from_request(request, &shared)
        .await
        .map_err(|_| Refusal::message(415, "Unsupported Media Type"))?;
    let mut files = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or("file").to_owned();
        let mime = field.content_type().unwrap_or("application/octet-stream").to_owned();
        let bytes = field.bytes().await.map_err(|_| broken())?;
        if bytes.len() > limit {
            let text = format!("The file {name} exceeds its maximum permitted size of {limit} bytes.");
            return Err(Refusal::message(413, text));
        }
        files.push((name, mime, bytes));
    }
    let mut site = call.site();
    let id = call.issue_with(
        &site,
        Permission::Attach,
        "You do not have permission to create attachments for this issue.",
    )?;
    let before = site.issue(id).map_or(0, |issue| issue.attachments.len());
    if files.len() > MAX_FILES || before + files.len() > MAX_OF_ISSUE {
        return Err(Refusal::message(413, "The maximum number of attachments was exceeded."));
    }
    let mut shown = Vec::new();
    for (name, mime, bytes) in files {
        let file = site.attach(&call.actor, id, &name, &mime, bytes.to_vec().into());
        shown.push(site.attachment_json(&file));
    }
    ok(&Value::Array(shown))
}

fn missing(id: &str) -> Refusal {
    Refusal::message(404, format!("The attachment with id '{id}' does not exist"))
}

pub(super) async fn one(call: Call) -> Answer {
    let site = call.site();
    let id = call.path("file");
    let found = site
        .attachment(id)
        .filter(|(issue, _)| site.may(&call.actor, issue, Permission::Browse));
    found.map_or_else(|| Err(missing(id)), |(_, file)| ok(&site.attachment_json(file)))
}

pub(super) async fn content(call: Call) -> Answer {
    let site = call.site();
    let id = call.path("file");
    let found = site
        .attachment(id)
        .filter(|(issue, _)| site.may(&call.actor, issue, Permission::Browse));
    let (_, file) = found.ok_or_else(|| missing(id))?;
    Ok(([(header::CONTENT_TYPE, file.mime_type.clone())], file.bytes.to_vec()).into_response())
}

pub(super) async fn remove(call: Call) -> Answer {
    let mut site = call.site();
    let id = call.path("file");
    let found = site
        .attachment(id)
        .filter(|(issue, _)| site.may(&call.actor, issue, Permission::Browse));
    let (issue, _) = found.ok_or_else(|| missing(id))?;
    if !site.may(&call.actor, issue, Permission::Attach) {
        return Err(Refusal::message(
            403,
            "You do not have permission to delete attachments for this issue.",
        ));
    }
    site.remove_attachment(&call.actor, id);
    nothing()
}
