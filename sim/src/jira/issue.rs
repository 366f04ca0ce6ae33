//! An issue and what hangs on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::id::{IssueId, LinkId, Millis, ProjectId, TypeId};

/// A file kept by Jira or Xray.
#[derive(Clone, Debug)]
pub struct StoredFile {
    /// Numeric for Jira's attachments and everything on Data Center, a UUID for Xray Cloud's.
    pub id: String,
    /// Name as uploaded.
    pub filename: String,
    /// Media type as declared by the uploader.
    pub mime_type: String,
    /// The content.
    pub bytes: Arc<[u8]>,
    /// User id of the uploader.
    pub author: Option<String>,
    /// When it arrived.
    pub created: Millis,
}

impl StoredFile {
    /// SHA-256 of the content in lower-case hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        Sha256::digest(&self.bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// A comment.
#[derive(Clone, Debug)]
pub struct Comment {
    /// Its id.
    pub id: u64,
    /// User id of the author.
    pub author: Option<String>,
    /// Wiki markup (a string) or an ADF document (an object).
    pub body: Value,
    /// When it was written.
    pub created: Millis,
}

/// A link to a page outside Jira.
#[derive(Clone, Debug)]
pub struct RemoteLink {
    /// Its id.
    pub id: u64,
    /// The identity chosen by the writer; writing again with the same one updates the link.
    pub global_id: Option<String>,
    /// `application`, `relationship` and `object` as sent.
    pub body: serde_json::Map<String, Value>,
}

/// A link between two issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueLink {
    /// Its id.
    pub id: LinkId,
    /// Id of the [`LinkType`](super::project::LinkType).
    pub link_type: u64,
    /// The issue given as `inwardIssue`: it shows the type's outward phrase.
    pub inward: IssueId,
    /// The issue given as `outwardIssue`.
    pub outward: IssueId,
}

/// One entry of the history.
#[derive(Clone, Debug)]
pub struct Change {
    /// When.
    pub at: Millis,
    /// User id, if a user did it.
    pub author: Option<String>,
    /// Ids of the fields that got another value.
    pub fields: Vec<String>,
}

/// An issue as the database holds it.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Its id.
    pub id: IssueId,
    /// Its current key.
    pub key: String,
    /// The number in the key: orders issues of one project as JQL's `key` does.
    pub number: u64,
    /// The project it is in.
    pub project: ProjectId,
    /// Its issue type.
    pub issue_type: TypeId,
    /// Id of its [`WorkflowStatus`](super::project::WorkflowStatus).
    pub status: u64,
    /// Its summary.
    pub summary: String,
    /// `Null`, wiki markup (a string) or an ADF document (an object).
    pub description: Value,
    /// Labels in the order they were set.
    pub labels: Vec<String>,
    /// Component names.
    pub components: Vec<String>,
    /// Fix version names.
    pub fix_versions: Vec<String>,
    /// Priority name.
    pub priority: String,
    /// User id.
    pub reporter: Option<String>,
    /// User id.
    pub creator: Option<String>,
    /// User id.
    pub assignee: Option<String>,
    /// Parent of a sub-task.
    pub parent: Option<IssueId>,
    /// Other fields (`environment`, `duedate`, custom fields that are not Xray's) by field id, as sent.
    pub custom: BTreeMap<String, Value>,
    /// Entity properties.
    pub properties: BTreeMap<String, Value>,
    /// Links to other issues, both directions.
    pub links: Vec<LinkId>,
    /// Links to pages elsewhere.
    pub remote_links: Vec<RemoteLink>,
    /// Attachments.
    pub attachments: Vec<StoredFile>,
    /// Comments.
    pub comments: Vec<Comment>,
    /// When it was created.
    pub created: Millis,
    /// When it was last changed.
    pub updated: Millis,
    /// Its history, oldest first.
    pub changes: Vec<Change>,
}

impl Issue {
    /// The description as text: wiki markup as it is, of a document its text nodes, blocks on lines of their own.
    #[must_use]
    pub fn description_text(&self) -> String {
        rich_text(&self.description)
    }
}

/// Plain text of wiki markup (unchanged) or of an ADF document.
#[must_use]
pub fn rich_text(value: &Value) -> String {
    fn walk(node: &Value, out: &mut String) {
        match node.get("type").and_then(Value::as_str) {
            Some("text") => out.push_str(node.get("text").and_then(Value::as_str).unwrap_or_default()),
            Some("hardBreak") => out.push('\n'),
            Some("mention" | "status") => {
                out.push_str(node.pointer("/attrs/text").and_then(Value::as_str).unwrap_or_default());
            }
            Some("inlineCard") => out.push_str(node.pointer("/attrs/url").and_then(Value::as_str).unwrap_or_default()),
            kind => {
                for child in node.get("content").and_then(Value::as_array).into_iter().flatten() {
                    walk(child, out);
                }
                let is_block = matches!(kind, Some("paragraph" | "heading" | "codeBlock" | "tableRow" | "rule"));
                if is_block && !out.ends_with('\n') {
                    out.push('\n');
                }
            }
        }
    }
    match value {
        Value::String(text) => text.clone(),
        Value::Object(_) => {
            let mut out = String::new();
            walk(value, &mut out);
            out.trim_end().to_owned()
        }
        _ => String::new(),
    }
}
