//! Bodies of edits that both variants send: a Test's Jira fields, and those of a Test Execution.

use crate::jira::{body, cover, missing_labels};
use crate::mapping::{COMMON, Execution, Field};
use crate::target::Update;
use serde_json::{Map, Value, json};

/// Body of the edit that writes a Test's Jira fields, `None` where none differs. Labels and links are added, never
/// replaced: people put theirs on the same issue.
pub fn test_edit(update: &Update<'_>, link_type: Option<&str>) -> Option<Value> {
    let mut fields = Map::new();
    for field in update.fields {
        match field {
            Field::Summary => drop(fields.insert("summary".to_owned(), json!(update.content.summary))),
            Field::Description => drop(fields.insert("description".to_owned(), update.content.description.value())),
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
    let missing = wanted.filter(|key| !update.remote.associations.covers.contains(key));
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
