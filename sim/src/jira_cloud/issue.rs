//! One issue: create, read, edit, delete.

use serde_json::{Map, Value, json};

use crate::jira::account::Permission;
use crate::jira::issue::Issue;
use crate::jira::render::Selection;
use crate::jira::site::Site;

use super::call::{Body, Call};
use super::reply::{Answer, Refusal, created, nothing, ok};
use super::rich::Version;

/// An issue with the fields and properties asked for.
pub(super) fn show(site: &Site, version: Version, issue: &Issue, fields: &Selection, properties: &[String]) -> Value {
    let mut shown = version.show(site, site.issue_json(issue, fields));
    if let Some(members) = shown.as_object_mut().filter(|_| !properties.is_empty()) {
        let all = properties.iter().any(|name| name == "*all");
        let wanted = issue
            .properties
            .iter()
            .filter(|(key, _)| all || properties.contains(key));
        let found: Map<String, Value> = wanted.map(|(key, value)| (key.clone(), value.clone())).collect();
        members.insert("properties".to_owned(), Value::Object(found));
    }
    shown
}

pub(super) async fn create(call: Call, Body(body): Body) -> Answer {
    let mut site = call.site();
    let input = call.version.input(&site, &body)?;
    let id = site.create_issue(&call.actor, &input)?;
    let issue = site.issue(id).ok_or_else(Refusal::no_such_issue)?;
    created(&site.issue_ref(issue))
}

pub(super) async fn get(call: Call) -> Answer {
    let site = call.site();
    let issue = call.issue(&site)?;
    let fields = Selection::new(call.list("fields"), "*all");
    let properties: Vec<String> = call.list("properties").into_iter().map(str::to_owned).collect();
    ok(&show(&site, call.version, issue, &fields, &properties))
}

/// Edits an issue. Keeping quiet about it (`notifyUsers=false`) is for administrators.
pub(super) async fn edit(call: Call, Body(body): Body) -> Answer {
    let mut site = call.site();
    let issue = call.issue(&site)?;
    let (id, project) = (issue.id, issue.project);
    let quiet = call.query("notifyUsers") == Some("false");
    if quiet
        && !site
            .accounts
            .allows(&call.actor, project, Permission::AdministerProject)
    {
        let text = "To discard the user notification either admin or project admin permissions are required.";
        return Err(Refusal::message(403, text));
    }
    let input = call.version.input(&site, &body)?;
    site.edit_issue(&call.actor, id, &input)?;
    if call.query("returnIssue") != Some("true") {
        return nothing();
    }
    let issue = site.issue(id).ok_or_else(Refusal::no_such_issue)?;
    ok(&show(&site, call.version, issue, &Selection::new([], "*all"), &[]))
}

pub(super) async fn delete(call: Call) -> Answer {
    let mut site = call.site();
    let text = "You do not have permission to delete issues in this project.";
    let id = call.issue_with(&site, Permission::Delete, text)?;
    site.delete_issue(&call.actor, id);
    nothing()
}

/// Names in a JSON array of strings.
pub(super) fn names(body: &Value, member: &str) -> Vec<String> {
    let listed = body.get(member).and_then(Value::as_array).into_iter().flatten();
    listed.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// The body of an issue that was created, in a list.
pub(super) fn reference(site: &Site, id: crate::jira::id::IssueId) -> Value {
    site.issue(id)
        .map_or_else(|| json!({ "id": id.to_string() }), |issue| site.issue_ref(issue))
}
