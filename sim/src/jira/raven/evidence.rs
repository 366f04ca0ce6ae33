//! Files sent as base64 in JSON: step attachments and evidence.

use std::sync::Arc;

use axum::extract::Path;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::answers::FileSize;
use crate::jira::date;
use crate::jira::http::{Answer, Caller, Refusal, Routes};
use crate::jira::issue::StoredFile;
use crate::jira::site::Site;
use crate::jira::xray_field::numeric;

/// A decoded `{"data","filename","contentType"}`.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    filename: String,
    mime_type: String,
    bytes: Arc<[u8]>,
}

/// Reads one file. Resources insist on a content type, imports do not.
pub(super) fn read(file: &Value, needs_type: bool) -> Result<Upload, String> {
    let text = |name: &str| file.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let filename = text("filename").ok_or("The evidence filename is required")?.to_owned();
    let mime_type = match text("contentType") {
        Some(mime_type) => mime_type.to_owned(),
        None if needs_type => return Err("The evidence content type is required".to_owned()),
        None => "application/octet-stream".to_owned(),
    };
    // MIME encoders break lines; Java's MIME decoder, which Xray uses, ignores the breaks.
    let data: String = file
        .get("data")
        .and_then(Value::as_str)
        .ok_or("The evidence data is required")?
        .split_whitespace()
        .collect();
    let bytes = BASE64
        .decode(data)
        .map_err(|_| format!("The data of {filename} is not valid base64"))?;
    Ok(Upload {
        filename,
        mime_type,
        bytes: bytes.into(),
    })
}

/// Reads a list of files; absent means none.
pub(super) fn read_all(files: Option<&Value>, needs_type: bool) -> Result<Vec<Upload>, String> {
    let files = files.and_then(Value::as_array).into_iter().flatten();
    files.map(|file| read(file, needs_type)).collect()
}

/// Gives files their ids.
pub(super) fn store(site: &mut Site, author: Option<&str>, uploads: Vec<Upload>) -> Vec<StoredFile> {
    let now = site.now();
    let file = |upload: Upload| {
        site.xray
            .file(&upload.filename, &upload.mime_type, upload.bytes, author, now)
    };
    uploads.into_iter().map(file).collect()
}

/// A size as [`FileSize`] has it; the text is that of Jira's formatter in a locale with decimal commas.
fn file_size(site: &Site, bytes: usize) -> Value {
    const KB: usize = 1_024;
    const MB: usize = KB * KB;
    match site.answers.of() {
        FileSize::Bytes => json!(bytes),
        FileSize::Text if bytes > MB => {
            let hundredths = (bytes * 100 + MB / 2) / MB;
            json!(format!("{},{:02} MB", hundredths / 100, hundredths % 100))
        }
        FileSize::Text if bytes > KB => json!(format!("{} kB", (bytes + KB / 2) / KB)),
        FileSize::Text => {
            let tenths = (bytes * 10 + KB / 2) / KB;
            json!(format!("{},{} kB", tenths / 10, tenths % 10))
        }
    }
}

/// A file as evidence lists show it.
pub(super) fn view(site: &Site, file: &StoredFile) -> Value {
    json!({
        "id": numeric(&file.id), "fileName": file.filename, "fileSize": file_size(site, file.bytes.len()),
        "fileIcon": "/images/icons/attach/file.gif", "created": date::readable(file.created),
        "createdDate": file.created, "author": file.author, "contentType": file.mime_type,
        "fileURL": format!("{}/plugins/servlet/raven/attachment/{}/{}", site.base_url, file.id, file.filename),
    })
}

pub(super) fn views(site: &Site, files: &[StoredFile]) -> Value {
    files.iter().map(|file| view(site, file)).collect()
}

/// Ids as answers list them.
pub(super) fn ids(files: &[StoredFile]) -> Vec<Value> {
    files.iter().map(|file| numeric(&file.id)).collect()
}

pub(super) fn downloads(routes: Routes) -> Routes {
    routes.at("/plugins/servlet/raven/attachment/{id}/{name}", get(content))
}

async fn content(caller: Caller, Path((id, _)): Path<(String, String)>) -> Answer {
    let site = caller.site();
    let (owner, file) = site
        .xray
        .find_file(&id)
        .ok_or_else(|| Refusal::error(404, "No such attachment"))?;
    let is_visible = site.visible_issue(&caller.actor, &owner.to_string()).is_some();
    if !is_visible {
        return Err(Refusal::error(404, "No such attachment"));
    }
    Ok(crate::jira::http::file_response(&file.mime_type, &file.bytes))
}
