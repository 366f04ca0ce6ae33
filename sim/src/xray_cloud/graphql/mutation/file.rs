//! Files sent with mutations, and defects.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::jira::id::IssueId;
use crate::jira::issue::StoredFile;
use crate::jira::site::Site;

use super::super::call::{Call, Refusal};

/// `AttachmentInput` and `AttachmentDataInput`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileInput {
    pub attachment_id: Option<String>,
    pub filename: Option<String>,
    pub mime_type: Option<String>,
    pub data: Option<String>,
}

/// `AttachmentOperationsInput` and `TestRunEvidenceOperationsInput`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FileOperations {
    pub add: Option<Vec<Option<FileInput>>>,
    pub remove_ids: Option<Vec<Option<String>>>,
    pub remove_filenames: Option<Vec<Option<String>>>,
}

/// Stores the files; an `attachmentId` wins over the other members. Files that cannot be read become warnings.
///
/// # Errors
/// Only when the request's context is broken.
pub(super) fn store(
    call: &Call<'_>,
    site: &mut Site,
    inputs: impl IntoIterator<Item = FileInput>,
    warnings: &mut Vec<String>,
) -> Result<Vec<StoredFile>, Refusal> {
    let shared = call.shared()?;
    let author = call.actor()?.user();
    let mut stored = Vec::new();
    for input in inputs {
        if let Some(id) = &input.attachment_id {
            match shared.state().files.get(id) {
                Some(file) => stored.push(file.clone()),
                None => warnings.push(format!("Attachment with id {id} not found")),
            }
            continue;
        }
        let (Some(name), Some(data)) = (&input.filename, &input.data) else {
            warnings.push("Attachments need a filename and data".to_owned());
            continue;
        };
        let Ok(bytes) = STANDARD.decode(data.trim()) else {
            warnings.push(format!("The data of attachment {name} is not valid base64"));
            continue;
        };
        let mime = input.mime_type.as_deref().unwrap_or("application/octet-stream");
        let now = site.now();
        let file = site.xray.file(name, mime, bytes.into(), author, now);
        shared.keep(&file);
        stored.push(file);
    }
    Ok(stored)
}

/// Removes files by id or by name and gives the names of those removed.
pub(super) fn remove(files: &mut Vec<StoredFile>, ids: &[String], names: &[String]) -> Vec<String> {
    let goes = |file: &StoredFile| ids.contains(&file.id) || names.contains(&file.filename);
    let gone = files
        .iter()
        .filter(|file| goes(file))
        .map(|file| file.filename.clone())
        .collect();
    files.retain(|file| !goes(file));
    gone
}

/// What adding nothing valid is answered with.
const NO_DEFECTS: &str = "No valid issues to add as defects";

/// The issues, given by id or key, that can be defects.
///
/// # Errors
/// Only when the request's context is broken.
pub(super) fn defects(
    call: &Call<'_>,
    site: &Site,
    wanted: &[String],
    warnings: &mut Vec<String>,
) -> Result<Vec<IssueId>, Refusal> {
    let actor = call.actor()?;
    let found: Vec<IssueId> = wanted
        .iter()
        .filter_map(|issue| site.visible_issue(actor, issue))
        .map(|issue| issue.id)
        .collect();
    if found.is_empty() && !wanted.is_empty() {
        warnings.push(NO_DEFECTS.to_owned());
    }
    Ok(found)
}

/// Adds the defects that are new and gives their ids.
pub(super) fn add_defects(to: &mut Vec<IssueId>, found: &[IssueId]) -> Vec<String> {
    let mut added = Vec::new();
    for id in found {
        if !to.contains(id) {
            to.push(*id);
            added.push(id.to_string());
        }
    }
    added
}

/// Removes defects and gives the ids of those that were there.
pub(super) fn remove_defects(from: &mut Vec<IssueId>, wanted: &[IssueId]) -> Vec<String> {
    let gone = from
        .iter()
        .filter(|id| wanted.contains(id))
        .map(ToString::to_string)
        .collect();
    from.retain(|id| !wanted.contains(id));
    gone
}
