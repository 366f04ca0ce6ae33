//! The execution results go to: found, updated or created.

use serde_json::{Value, json};

use crate::jira::date;
use crate::jira::field::XrayField;
use crate::jira::http::{Caller, Refusal};
use crate::jira::id::{IssueId, ProjectId};
use crate::jira::input::IssueInput;
use crate::jira::project::Role;
use crate::jira::rejection::Rejection;
use crate::jira::site::Site;

fn refused(rejection: &Rejection) -> Refusal {
    Refusal::error(400, rejection.to_line())
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The execution named by `testExecutionKey`, to which `info` is applied if given, or a new one.
pub(super) fn find_or_create(site: &mut Site, caller: &Caller, results: &Value) -> Result<IssueId, Refusal> {
    let info = results.get("info").filter(|info| info.is_object());
    let Some(key) = text(results, "testExecutionKey") else {
        return create(site, caller, results, info.unwrap_or(&json!({})));
    };
    let found = super::super::issue_of(site, &caller.actor, key, Role::is_execution)?.id;
    super::super::run::may_execute(site, caller, found)?;
    if let Some(info) = info {
        let fields = info_fields(site, caller, info)?;
        let input = IssueInput::of(fields);
        site.edit_issue(&caller.actor, found, &input)
            .map_err(|rejection| refused(&rejection))?;
    }
    Ok(found)
}

/// Jira's id of the field that shows a part of Xray.
fn field_id(site: &Site, role: XrayField) -> Option<String> {
    site.fields.xray(role).map(|field| field.id.clone())
}

/// What `info` sets on the execution; each field must be on its screen.
fn info_fields(site: &Site, caller: &Caller, info: &Value) -> Result<Vec<(String, Value)>, Refusal> {
    let mut fields = Vec::new();
    let mut put = |id: Option<String>, value: Value| fields.extend(id.map(|id| (id, value)));
    for (name, field) in [("summary", "summary"), ("description", "description")] {
        if let Some(value) = text(info, name) {
            put(Some(field.to_owned()), json!(value));
        }
    }
    if let Some(version) = text(info, "version") {
        put(Some("fixVersions".to_owned()), json!([{ "name": version }]));
    }
    if let Some(revision) = text(info, "revision") {
        put(field_id(site, XrayField::Revision), json!(revision));
    }
    for (name, role) in [("startDate", XrayField::BeginDate), ("finishDate", XrayField::EndDate)] {
        if let Some(value) = text(info, name) {
            if date::parse(value).is_none() {
                return Err(Refusal::error(400, format!("The date {value} of {name} is not valid")));
            }
            put(field_id(site, role), json!(value));
        }
    }
    if let Some(plan) = text(info, "testPlanKey") {
        super::super::issue_of(site, &caller.actor, plan, |role| role == Role::TestPlan)?;
        put(field_id(site, XrayField::PlansOfExecution), json!([plan]));
    }
    if let Some(environments) = info.get("testEnvironments").filter(|list| list.is_array()) {
        put(field_id(site, XrayField::Environments), environments.clone());
    }
    if let Some(user) = text(info, "user") {
        put(Some("assignee".to_owned()), json!({ "name": user }));
    }
    Ok(fields)
}

fn create(site: &mut Site, caller: &Caller, results: &Value, info: &Value) -> Result<IssueId, Refusal> {
    let project = project_of(site, caller, results, info)?;
    let Some(issue_type) = site.type_of_role(project, Role::TestExecution).map(|t| t.id) else {
        return Err(Refusal::error(400, "issuetype: issuetype"));
    };
    let mut fields = info_fields(site, caller, info)?;
    fields.push(("project".to_owned(), json!({ "id": project.to_string() })));
    fields.push(("issuetype".to_owned(), json!({ "id": issue_type.to_string() })));
    if text(info, "summary").is_none() {
        let summary = format!("Execution results [{}]", date::readable(site.now()));
        fields.push(("summary".to_owned(), json!(summary)));
    }
    site.create_issue(&caller.actor, &IssueInput::of(fields))
        .map_err(|rejection| refused(&rejection))
}

/// `info.project`, else the project of the first test.
fn project_of(site: &Site, caller: &Caller, results: &Value, info: &Value) -> Result<ProjectId, Refusal> {
    if let Some(key) = text(info, "project") {
        let project = site.visible_project(&caller.actor, key).map(|project| project.id);
        return project.ok_or_else(|| Refusal::error(400, format!("Project with key {key} not found")));
    }
    let tests = results.get("tests").and_then(Value::as_array).into_iter().flatten();
    let mut projects = tests.filter_map(|test| match text(test, "testKey") {
        Some(key) => site.visible_issue(&caller.actor, key).map(|issue| issue.project),
        None => {
            let key = text(test.get("testInfo")?, "projectKey")?;
            site.visible_project(&caller.actor, key).map(|project| project.id)
        }
    });
    projects
        .next()
        .ok_or_else(|| Refusal::error(400, "Error assembling issue data: project is required"))
}

/// Creates the execution from a Jira create body.
pub(super) fn create_from_issue(site: &mut Site, caller: &Caller, info: &Value) -> Result<IssueId, Refusal> {
    if info.pointer("/fields/project").is_none() {
        return Err(Refusal::error(400, "Error assembling issue data: project is required"));
    }
    let input = IssueInput::from_json(info).map_err(|rejection| refused(&rejection))?;
    let wanted = info.pointer("/fields/issuetype");
    let named = wanted
        .and_then(|wanted| crate::jira::edit::text_member(wanted, &["id", "name"]))
        .unwrap_or_default();
    let types = site.types_named(&named);
    let is_execution = types
        .iter()
        .any(|&id| site.issue_type(id).is_some_and(|t| t.role.is_execution()));
    if !is_execution {
        return Err(Refusal::error(400, "issuetype: The issue type selected is invalid."));
    }
    site.create_issue(&caller.actor, &input)
        .map_err(|rejection| refused(&rejection))
}
