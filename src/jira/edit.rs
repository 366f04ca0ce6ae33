//! Edits of issues: labels, many at a time, and the parts of their bodies.

use super::Jira;
use crate::domain::IssueId;
use crate::error::Result;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Map, Value, json};

/// Issues edited at a time.
const AT_ONCE: usize = 4;

impl Jira<'_> {
    /// Adds a label to an issue; one that it has already is no change.
    pub async fn label(&self, id: &IssueId, label: &str) -> Result<()> {
        self.edit(id, &json!({"update": {"labels": [{"add": label}]}})).await
    }

    /// Edits issues, each by its id and body where it has one; one result each, in order. An error that concerns more
    /// than its item ends it all.
    pub async fn edit_each(&self, edits: Vec<(&IssueId, Option<Value>)>) -> Result<Vec<Result<()>>> {
        let edits = edits.into_iter().map(|(id, body)| async move {
            let Some(body) = body else { return Ok(Ok(())) };
            match self.edit(id, &body).await {
                Err(error) if !error.concerns_one_item() => Err(error),
                done => Ok(done),
            }
        });
        stream::iter(edits).buffered(AT_ONCE).try_collect().await
    }
}

/// Additions of the labels that are wanted and not there. Jira compares labels without case on Data Center.
pub fn missing_labels<'a>(wanted: impl Iterator<Item = &'a str>, there: &[String]) -> Vec<Value> {
    wanted
        .filter(|label| !there.iter().any(|t| t.eq_ignore_ascii_case(label)))
        .map(|label| json!({"add": label}))
        .collect()
}

/// Body of an edit that sets fields and adds to others; `None` where it changes nothing.
pub fn body(fields: Map<String, Value>, added: [(&str, Vec<Value>); 2]) -> Option<Value> {
    let mut body = Map::new();
    if !fields.is_empty() {
        body.insert("fields".to_owned(), Value::Object(fields));
    }
    let added = added.into_iter().filter(|(_, list)| !list.is_empty());
    let mut update = Map::new();
    update.extend(added.map(|(field, list)| (field.to_owned(), Value::Array(list))));
    if !update.is_empty() {
        body.insert("update".to_owned(), Value::Object(update));
    }
    (!body.is_empty()).then_some(Value::Object(body))
}
