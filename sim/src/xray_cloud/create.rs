//! Creating Jira issues on behalf of Xray: what GraphQL, bulk import and result import share.

use serde_json::{Value, json};

use crate::jira::account::Actor;
use crate::jira::id::{IssueId, ProjectId};
use crate::jira::input::IssueInput;
use crate::jira::project::Role;
use crate::jira::rejection::Rejection;
use crate::jira::site::Site;
use crate::jira_cloud::adf;

/// The project a create body names by `fields.project.key` or `.id`, if the actor may see it.
pub(super) fn project_of(site: &Site, actor: &Actor, body: &Value) -> Option<ProjectId> {
    let project = body.pointer("/fields/project")?;
    let named = project.get("key").or_else(|| project.get("id"))?;
    let named = named.as_str().map_or_else(|| named.to_string(), str::to_owned);
    site.visible_project(actor, &named).map(|project| project.id)
}

/// Creates an issue from the body of Jira's create request. Without `fields.issuetype` the project's type of that role
/// is taken; rich text may be a plain string.
///
/// # Errors
/// Jira's refusal.
pub(super) fn issue(site: &mut Site, actor: &Actor, body: &Value, role: Role) -> Result<IssueId, Rejection> {
    let mut body = body.clone();
    let given = body.pointer("/fields/issuetype").is_some();
    if let Some(project) = project_of(site, actor, &body) {
        let ty = site.type_of_role(project, role).map(|ty| ty.id);
        match (given, ty) {
            (false, Some(ty)) => set_field(&mut body, "issuetype", json!({ "id": ty.to_string() })),
            (false, None) => return Err(Rejection::field("issuetype", "Specify a valid issue type")),
            (true, _) => {}
        }
    }
    if let Some(wanted) = given
        .then(|| named_roles(site, &body))
        .filter(|roles| !roles.is_empty())
    {
        let fits = |found: &Role| *found == role || (role == Role::TestExecution && found.is_execution());
        if !wanted.iter().any(fits) {
            return Err(Rejection::field("issuetype", "The issue type selected is invalid."));
        }
    }
    let description = body.pointer("/fields/description").filter(|text| text.is_object());
    if description.is_some_and(|document| !adf::is_valid(document)) {
        return Err(Rejection::message(400, "INVALID_INPUT"));
    }
    let mut input = IssueInput::from_json(&body)?;
    input.plain_text = true;
    let id = site.create_issue(actor, &input)?;
    site.xray.learn(id);
    Ok(id)
}

fn set_field(body: &mut Value, name: &str, value: Value) {
    if let Some(fields) = body.get_mut("fields").and_then(Value::as_object_mut) {
        fields.insert(name.to_owned(), value);
    }
}

fn named_roles(site: &Site, body: &Value) -> Vec<Role> {
    let ty = body.pointer("/fields/issuetype");
    let named = ty
        .and_then(|ty| ty.get("id").or_else(|| ty.get("name")))
        .and_then(Value::as_str)
        .unwrap_or_default();
    site.types_named(named)
        .into_iter()
        .filter_map(|id| site.issue_type(id))
        .map(|ty| ty.role)
        .collect()
}

/// How Xray reports that Jira refused an issue.
pub(super) fn failure(rejection: &Rejection) -> String {
    let line = rejection
        .errors
        .iter()
        .next()
        .map(|(field, text)| format!("{field}: {text}"));
    let line = line.or_else(|| rejection.messages.first().cloned()).unwrap_or_default();
    format!("Issue create failed! - {line}")
}
