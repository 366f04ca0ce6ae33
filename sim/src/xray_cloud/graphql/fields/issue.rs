//! Fields every issue has.

use serde_json::{Value, json};

use crate::jira::date;

use super::super::call::{Answer, Call, Entity, Refusal, data, entity};
use super::super::{folder, lookup};

pub(super) fn id(call: &Call<'_>) -> Answer {
    data(call.issue()?.to_string())
}

pub(super) fn itself(call: &Call<'_>) -> Answer {
    entity(Entity::Issue(call.issue()?))
}

pub(super) fn project_id(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    data(site.issue(call.issue()?).map(|issue| issue.project.to_string()))
}

/// The Jira fields asked for, as Jira's version 3 shows them; `key` and `id` are fields here.
pub(super) fn jira(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let issue = site.issue(call.issue()?).ok_or_else(Refusal::issue_id)?;
    let wanted = call.list("fields").unwrap_or_default();
    let mut shown = serde_json::Map::new();
    for name in &wanted {
        let value = match name.as_str() {
            "key" => json!(issue.key),
            "id" => json!(issue.id.to_string()),
            field => site
                .fields
                .get(field)
                .and_then(|field| site.field_json(issue, field))
                .unwrap_or(Value::Null),
        };
        shown.insert(name.clone(), value);
    }
    data(Value::Object(shown))
}

pub(super) fn folder(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    data(folder::of_issue(&site, call.issue()?))
}

pub(super) fn last_modified(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    data(
        site.issue(call.issue()?)
            .map(|issue| date::iso_millis(lookup::modified(&site, issue))),
    )
}

pub(super) fn history(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let issue = site.issue(call.issue()?).ok_or_else(Refusal::issue_id)?;
    let entry = |change: &crate::jira::issue::Change| {
        let changes: Vec<Value> = change
            .fields
            .iter()
            .map(|field| json!({ "field": field, "change": "updated" }))
            .collect();
        json!({ "date": date::iso_millis(change.at), "user": change.author, "action": "update", "version": null,
                "changes": changes })
    };
    call.data_page(&issue.changes.iter().rev().map(entry).collect::<Vec<_>>())
}
