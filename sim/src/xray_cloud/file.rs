//! Attachments: `POST /api/v2/attachments` and their download.

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::jira::account::Actor;
use crate::jira::date;

use super::reply::Refused;
use super::state::Shared;

/// Stores a file and describes it.
pub(super) fn upload(shared: &Shared, actor: &Actor, name: &str, mime: &str, bytes: &Bytes) -> Value {
    let mut site = shared.site();
    let now = site.now();
    let file = site.xray.file(name, mime, bytes.to_vec().into(), actor.user(), now);
    shared.keep(&file);
    json!({ "id": file.id, "filename": file.filename, "size": file.bytes.len(), "created": date::iso_millis(now) })
}

/// A stored file's content.
pub(super) fn download(shared: &Shared, id: &str) -> Response {
    let found = shared.state().files.get(id).cloned();
    match found {
        Some(file) => ([(header::CONTENT_TYPE, file.mime_type.clone())], file.bytes.to_vec()).into_response(),
        None => Refused::new(StatusCode::NOT_FOUND, "Attachment not found.").into_response(),
    }
}
