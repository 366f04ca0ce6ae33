//! Projects and their versions.

use serde_json::{Value, json};

use crate::jira::account::Permission;
use crate::jira::project::Project;
use crate::jira::site::Site;

use super::call::{Body, Call};
use super::reply::{Answer, Refusal, created, ok};

fn missing(named: &str) -> Refusal {
    Refusal::message(404, format!("No project could be found with key '{named}'."))
}

fn found<'a>(call: &Call, site: &'a Site) -> Result<&'a Project, Refusal> {
    let named = call.path("project");
    site.visible_project(&call.actor, named).ok_or_else(|| missing(named))
}

pub(super) async fn one(call: Call) -> Answer {
    let site = call.site();
    ok(&site.project_json(found(&call, &site)?))
}

/// Projects the caller may browse (or what `action` says), paged.
pub(super) async fn search(call: Call) -> Answer {
    let site = call.site();
    let needed = match call.query("action") {
        None | Some("view" | "browse") => Permission::Browse,
        Some("create") => Permission::Create,
        Some("edit") => Permission::AdministerProject,
        Some(_) => return Err(Refusal::message(400, "The action is not valid.")),
    };
    let (keys, ids) = (call.list("keys"), call.list("id"));
    let query = call.query("query").unwrap_or_default().to_lowercase();
    let wanted = |project: &&Project| {
        site.accounts.allows(&call.actor, project.id, needed)
            && (keys.is_empty() || keys.iter().any(|key| key.eq_ignore_ascii_case(&project.key)))
            && (ids.is_empty() || ids.contains(&project.id.to_string().as_str()))
            && [&project.key, &project.name]
                .iter()
                .any(|text| text.to_lowercase().contains(&query))
    };
    let mut all: Vec<&Project> = site.projects().filter(wanted).collect();
    all.sort_by(|a, b| a.key.cmp(&b.key));
    let (start, most) = (
        call.number("startAt").unwrap_or(0),
        call.number("maxResults").unwrap_or(50).clamp(1, 100),
    );
    let values: Vec<Value> = all
        .iter()
        .skip(start)
        .take(most)
        .map(|project| site.project_json(project))
        .collect();
    let is_last = start + values.len() >= all.len();
    let link = |start: usize| site.api(&format!("project/search?startAt={start}&maxResults={most}"));
    let mut page = json!({
        "self": link(start), "maxResults": most, "startAt": start, "total": all.len(), "isLast": is_last,
        "values": values,
    });
    if let Some(members) = page.as_object_mut().filter(|_| !is_last) {
        members.insert("nextPage".to_owned(), json!(link(start + most)));
    }
    ok(&page)
}

fn version(site: &Site, project: &Project, position: usize) -> Value {
    let id = 10_000 + position;
    json!({ "self": site.api(&format!("version/{id}")), "id": id.to_string(),
            "name": project.versions.get(position), "archived": false, "released": false,
            "projectId": project.id.0 })
}

pub(super) async fn versions(call: Call) -> Answer {
    let site = call.site();
    let project = found(&call, &site)?;
    let all = (0..project.versions.len()).map(|position| version(&site, project, position));
    ok(&all.collect::<Vec<_>>().into())
}

/// Adds a version; for project administrators.
pub(super) async fn add_version(call: Call, Body(body): Body) -> Answer {
    let mut site = call.site();
    let named = ["projectId", "project"]
        .iter()
        .find_map(|member| body.get(member))
        .map(|named| named.as_str().map_or_else(|| named.to_string(), str::to_owned));
    let named = named.unwrap_or_default();
    let id = site
        .visible_project(&call.actor, &named)
        .map(|project| project.id)
        .ok_or_else(|| missing(&named))?;
    if !site.accounts.allows(&call.actor, id, Permission::AdministerProject) {
        return Err(Refusal::message(
            403,
            "You must have global or project administrator rights to add versions.",
        ));
    }
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let project = site.project_mut(id).ok_or_else(|| missing(&named))?;
    if name.is_empty() || project.versions.contains(&name) {
        let text = "A version with this name already exists in this project.";
        return Err(crate::jira::rejection::Rejection::field("name", text).into());
    }
    project.versions.push(name);
    let position = project.versions.len() - 1;
    let project = site.project(id).ok_or_else(|| missing(&named))?;
    created(&version(&site, project, position))
}
