//! Attachments of issues.

use std::sync::Arc;

use axum::extract::{Multipart, Path};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::auth::has_xsrf_waiver;
use crate::jira::account::Permission;
use crate::jira::http::{Answer, Caller, Refusal, Routes, empty, file_response, ok};
use crate::jira::rejection::Rejection;

pub(super) fn routes(routes: Routes, base: &str) -> Routes {
    routes
        .at(&format!("{base}/issue/{{issue}}/attachments"), post(upload))
        .at(&format!("{base}/attachment/meta"), get(meta))
        .at(&format!("{base}/attachment/{{id}}"), get(read).delete(remove))
}

/// Where contents are, outside the API.
pub(super) fn downloads(routes: Routes) -> Routes {
    routes.at("/secure/attachment/{id}/{name}", get(content))
}

async fn meta(caller: Caller) -> Answer {
    let site = caller.site();
    ok(&json!({ "enabled": site.attachments_enabled, "uploadLimit": site.limits.attachment }))
}

/// Every part is named `file`; without `X-Atlassian-Token: no-check` the XSRF filter refuses the form.
async fn upload(
    caller: Caller,
    Path(key): Path<String>,
    headers: HeaderMap,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Answer {
    if !has_xsrf_waiver(&headers) {
        return Err(Refusal::text(403, "XSRF check failed"));
    }
    let issue = caller.issue(&key)?;
    {
        let site = caller.site();
        if !site.attachments_enabled || !site.may(&caller.actor, &issue, Permission::Attach) {
            let text = format!(
                "You do not have permission to create attachments for issue '{}'.",
                issue.key
            );
            return Err(Rejection::message(403, text).into());
        }
    }
    let mut form = form.map_err(|_| Refusal::unsupported_media_type())?;
    let mut files = Vec::new();
    while let Some(part) = form
        .next_field()
        .await
        .map_err(|_| Refusal::text(400, "The multipart body is broken."))?
    {
        let name = part.file_name().map(str::to_owned);
        let mime = part.content_type().unwrap_or("application/octet-stream").to_owned();
        let is_file = part.name() == Some("file");
        let bytes = part
            .bytes()
            .await
            .map_err(|_| Refusal::text(400, "The multipart body is broken."))?;
        if let Some(name) = name.filter(|_| is_file) {
            files.push((name, mime, bytes));
        }
    }
    let mut site = caller.site();
    if files.is_empty() {
        return Err(Rejection::message(
            400,
            "No attachment was found in the request: parts must be named 'file'.",
        )
        .into());
    }
    if let Some((name, ..)) = files.iter().find(|(.., bytes)| bytes.len() > site.limits.attachment) {
        let limit = site.limits.attachment;
        let text = format!("The file {name} exceeds its maximum permitted size of {limit} bytes.");
        return Err(Rejection::message(404, text).into());
    }
    let attached: Vec<Value> = files
        .into_iter()
        .map(|(name, mime, bytes)| {
            let file = site.attach(&caller.actor, issue.id, &name, &mime, Arc::from(bytes.as_ref()));
            site.attachment_json(&file)
        })
        .collect();
    ok(&Value::Array(attached))
}

fn missing(id: &str) -> Refusal {
    Rejection::message(404, format!("The attachment with id '{id}' does not exist")).into()
}

async fn read(caller: Caller, Path(id): Path<String>) -> Answer {
    let site = caller.site();
    let (issue, file) = site.attachment(&id).ok_or_else(|| missing(&id))?;
    if !site.may(&caller.actor, issue, Permission::Browse) {
        return Err(Rejection::message(403, "You do not have permission to view this attachment.").into());
    }
    ok(&site.attachment_json(file))
}

async fn remove(caller: Caller, Path(id): Path<String>) -> Answer {
    caller.logged_in()?;
    let mut site = caller.site();
    let (issue, _) = site.attachment(&id).ok_or_else(|| missing(&id))?;
    if !site.may(&caller.actor, issue, Permission::Edit) {
        return Err(Rejection::message(403, "You do not have permission to delete this attachment.").into());
    }
    site.remove_attachment(&caller.actor, &id);
    empty(204)
}

async fn content(caller: Caller, Path((id, _)): Path<(String, String)>) -> Answer {
    let site = caller.site();
    let (issue, file) = site.attachment(&id).ok_or_else(|| missing(&id))?;
    if !site.may(&caller.actor, issue, Permission::Browse) {
        return Err(missing(&id));
    }
    Ok(file_response(&file.mime_type, &file.bytes))
}
