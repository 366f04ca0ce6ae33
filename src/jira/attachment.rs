//! Attached files: what an issue has, what it may take, and forms that add to it.

use super::Jira;
use crate::domain::IssueId;
use crate::error::{Error, Kind, Result, Side};
use crate::ports::Piece;
use crate::web::{Call, Idempotency};
use serde_json::Value;

/// A file of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// In bytes.
    pub size: u64,
}

/// A file to attach.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Name, safe to stand in quotes.
    pub name: String,
    /// Media type, safe to stand in a header.
    pub content_type: String,
    /// Content, as the body that it goes into takes it.
    pub content: Piece,
}

/// Files of issues.
#[derive(Clone, Copy)]
pub struct Attachments<'j>(pub(super) &'j Jira<'j>);

impl Attachments<'_> {
    /// `GET attachment/meta`: the largest file in bytes; absent where attachments are switched off.
    pub async fn upload_limit(self) -> Result<Option<u64>> {
        let call = Call::get(self.0.path("attachment/meta"));
        let meta: Value = self.0.client().json(call, Idempotency::Safe).await?;
        if meta.get("enabled").and_then(Value::as_bool) == Some(false) {
            return Ok(None);
        }
        Ok(Some(
            meta.get("uploadLimit").and_then(Value::as_u64).unwrap_or(u64::MAX),
        ))
    }

    /// Files of an issue, from the database and not an index.
    pub async fn attached(self, id: &IssueId) -> Result<Vec<Attached>> {
        let issue = self.0.issue(id.as_str(), &["attachment"]).await?.ok_or_else(|| {
            let gone = format!("issue {id} is gone or hidden from the account");
            Error::new(Kind::Missing, Side::Jira, gone)
        })?;
        Ok(attached(issue.fields.get("attachment")))
    }

    /// `POST issue/{id}/attachments`: one form with a part `file` for each. All are attached, or none.
    pub async fn attach(self, id: &IssueId, files: &[Upload]) -> Result<Vec<Attached>> {
        let (content_type, body) = form(files);
        let call = Call::post_pieces(self.0.path(&format!("issue/{id}/attachments")), content_type, body).patient();
        let rows: Value = self.0.client().json(call, Idempotency::NotIdempotent).await?;
        Ok(attached(Some(&rows)))
    }
}

/// The rows of an `attachment` field or of an upload's answer.
pub(super) fn attached(rows: Option<&Value>) -> Vec<Attached> {
    let rows = rows.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let row = |row: &Value| {
        let id = row.get("id")?;
        Some(Attached {
            id: id.as_str().map_or_else(|| id.to_string(), str::to_owned),
            name: row.get("filename")?.as_str()?.to_owned(),
            size: row.get("size").and_then(Value::as_u64).unwrap_or(0),
        })
    };
    rows.iter().filter_map(row).collect()
}

/// A multipart form (RFC 7578). Names are written as UTF-8 in `filename`, which Jira reads; they were made safe to quote.
fn form(files: &[Upload]) -> (String, Vec<Piece>) {
    // Nobody can put a line into a file that holds the digest of that file.
    let digests: Vec<String> = files.iter().map(|file| digest(&file.content)).collect();
    let boundary = format!("tms-sync-{}", crate::digest::short(digests.join(",").as_bytes()));
    let mut body = Vec::with_capacity(files.len() * 2 + 1);
    let mut before = String::new();
    for file in files {
        before.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            file.name, file.content_type
        ));
        body.push(Piece::Bytes(std::mem::take(&mut before).into_bytes()));
        body.push(file.content.clone());
        before.push_str("\r\n");
    }
    before.push_str(&format!("--{boundary}--\r\n"));
    body.push(Piece::Bytes(before.into_bytes()));
    (format!("multipart/form-data; boundary={boundary}"), body)
}

fn digest(content: &Piece) -> String {
    match content {
        Piece::Bytes(bytes) => crate::digest::short(bytes),
        Piece::Blob(blob) | Piece::Base64(blob) => blob.digest.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Upload, form};
    use crate::ports::{Blob, Piece};
    use std::rc::Rc;

    #[test]
    fn a_form_has_a_part_for_each_file_between_boundaries() {
        let upload = |name: &str, digest: &str| Upload {
            name: name.to_owned(),
            content_type: "text/plain".to_owned(),
            content: Piece::Blob(Blob {
                size: 1,
                digest: digest.to_owned(),
                handle: Rc::new(()),
            }),
        };
        let (content_type, pieces) = form(&[upload("a.txt", "1"), upload("日本.txt", "2")]);
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let text: Vec<String> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Bytes(bytes) => String::from_utf8(bytes.clone()).unwrap(),
                Piece::Blob(blob) | Piece::Base64(blob) => format!("<{}>", blob.digest),
            })
            .collect();
        let part = |name: &str, digest: &str| {
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: text/plain\r\n\r\n<{digest}>\r\n"
            )
        };
        let whole = format!("{}{}--{boundary}--\r\n", part("a.txt", "1"), part("日本.txt", "2"));
        assert_eq!(text.concat(), whole);
    }
}
