//! Bodies of edits, and issues by marker: what both targets send and read the same way.

use super::{FoundIssue, Jira, cover};
use crate::domain::{Issue, IssueId};
use crate::error::Result;
use crate::mapping::{COMMON, Execution, Field, Marker, markers};
use crate::target::Update;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

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

/// Issues by the markers on them.
pub fn by_marker(found: Vec<FoundIssue>) -> BTreeMap<Marker, Vec<Issue>> {
    let mut map: BTreeMap<Marker, Vec<Issue>> = BTreeMap::new();
    for issue in found {
        let labels = issue.labels();
        for marker in markers(labels.iter().map(String::as_str)) {
            map.entry(marker).or_default().push(issue.issue());
        }
    }
    map
}

/// Body of the edit that writes a Test's Jira fields, `None` where none differs. Labels and links are added, never
/// replaced: people put theirs on the same issue.
pub fn test_edit(update: &Update<'_>, link_type: Option<&str>) -> Option<Value> {
    let mut fields = Map::new();
    for field in update.fields {
        match field {
            Field::Summary => drop(fields.insert("summary".to_owned(), json!(update.content.summary))),
            Field::Description => drop(fields.insert("description".to_owned(), update.content.description.clone())),
            Field::Fields => fields.extend(update.content.fields.body()),
            _ => {}
        }
    }
    let tags = update.content.labels.iter().map(String::as_str);
    let tags = tags.filter(|_| update.fields.contains(&Field::Labels));
    let wanted = tags.chain([COMMON, update.marker.0.as_str()]);
    let labels = missing_labels(wanted, &update.remote.labels);
    let wanted = update
        .content
        .coverage
        .iter()
        .filter(|_| update.fields.contains(&Field::Coverage));
    let missing = wanted.filter(|key| !update.remote.covers.contains(key));
    let links = link_type.map(|name| cover(missing, name)).unwrap_or_default();
    body(fields, [("labels", labels), ("issuelinks", links)])
}

/// Body of the edit that writes a Test Execution's fields, with further fields of the target's own.
pub fn execution_edit(draft: &Execution, more: Map<String, Value>) -> Value {
    let mut fields = more;
    fields.insert("summary".to_owned(), json!(draft.summary));
    fields.insert("description".to_owned(), draft.description.clone());
    let labels: Vec<Value> = draft.labels.iter().map(|label| json!({"add": label})).collect();
    let mut update = Map::new();
    update.insert("labels".to_owned(), json!(labels));
    if let Some(version) = &draft.fix_version {
        update.insert("fixVersions".to_owned(), json!([{"add": {"name": version}}]));
    }
    json!({"fields": fields, "update": update})
}

fn missing_labels<'a>(wanted: impl Iterator<Item = &'a str>, there: &[String]) -> Vec<Value> {
    wanted
        .filter(|label| !there.iter().any(|t| t.eq_ignore_ascii_case(label)))
        .map(|label| json!({"add": label}))
        .collect()
}

fn body(fields: Map<String, Value>, added: [(&str, Vec<Value>); 2]) -> Option<Value> {
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
