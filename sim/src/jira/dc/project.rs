//! Projects, their versions, components and statuses.

use axum::extract::Path;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::user::no_such_project;
use crate::jira::account::Permission;
use crate::jira::http::{Answer, Caller, JsonBody, Refusal, Routes, answer, ok};
use crate::jira::project::{Project, WORKFLOW};
use crate::jira::rejection::Rejection;

pub(super) fn routes(routes: Routes, base: &str) -> Routes {
    routes
        .at(&format!("{base}/project"), get(all))
        .at(&format!("{base}/project/{{project}}"), get(one))
        .at(&format!("{base}/project/{{project}}/versions"), get(versions))
        .at(&format!("{base}/project/{{project}}/components"), get(components))
        .at(&format!("{base}/project/{{project}}/statuses"), get(statuses))
        .at(&format!("{base}/version"), post(create_version))
}

async fn all(caller: Caller) -> Answer {
    let site = caller.site();
    let visible = site
        .projects()
        .filter(|p| site.accounts.allows(&caller.actor, p.id, Permission::Browse));
    ok(&visible.map(|project| site.project_ref(project)).collect())
}

/// The project with this id or key, copied.
pub(super) fn find(caller: &Caller, id_or_key: &str) -> Result<Project, Refusal> {
    let found = caller.site().visible_project(&caller.actor, id_or_key).cloned();
    found.ok_or_else(|| no_such_project(id_or_key))
}

async fn one(caller: Caller, Path(key): Path<String>) -> Answer {
    let project = find(&caller, &key)?;
    ok(&caller.site().project_json(&project))
}

async fn versions(caller: Caller, Path(key): Path<String>) -> Answer {
    let project = find(&caller, &key)?;
    let version = |(name, id): (&String, u64)| json!({ "id": id.to_string(), "name": name, "archived": false, "released": false, "projectId": project.id.0 });
    ok(&project.versions.iter().zip(10_000..).map(version).collect())
}

async fn components(caller: Caller, Path(key): Path<String>) -> Answer {
    let project = find(&caller, &key)?;
    let component = |(name, id): (&String, u64)| json!({ "id": id.to_string(), "name": name, "project": project.key });
    ok(&project.components.iter().zip(10_000..).map(component).collect())
}

async fn statuses(caller: Caller, Path(key): Path<String>) -> Answer {
    let project = find(&caller, &key)?;
    let site = caller.site();
    let statuses: Vec<Value> = WORKFLOW.iter().map(|status| site.status_json(status.id)).collect();
    let types = project.types.iter().filter_map(|id| site.issue_type(*id));
    let row = |t: &crate::jira::project::IssueType| json!({ "id": t.id.to_string(), "name": t.name, "subtask": t.subtask, "statuses": statuses });
    ok(&types.map(row).collect())
}

async fn create_version(caller: Caller, JsonBody(body): JsonBody) -> Answer {
    caller.logged_in()?;
    let named = body.get("projectId").map(ToString::to_string);
    let named = named
        .or_else(|| body.get("project").and_then(Value::as_str).map(str::to_owned))
        .unwrap_or_default();
    let project = find(&caller, named.trim_matches('"'))?;
    let name = body
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .trim()
        .to_owned();
    let mut site = caller.site();
    if !site
        .accounts
        .allows(&caller.actor, project.id, Permission::AdministerProject)
    {
        let text = format!(
            "Project with key '{}' either does not exist or you do not have permission to create versions \
                            in it.",
            project.key
        );
        return Err(Rejection::message(404, text).into());
    }
    if name.is_empty() {
        return Err(Rejection::field("name", "You must specify a valid version name").into());
    }
    if project.versions.contains(&name) {
        return Err(Rejection::field("name", "A version with this name already exists in this project.").into());
    }
    if let Some(project) = site.project_mut(project.id) {
        project.versions.push(name.clone());
    }
    let id = 10_000 + project.versions.len();
    answer(
        201,
        &json!({ "id": id.to_string(), "name": name, "projectId": project.id.0, "archived": false, "released": false }),
    )
}
