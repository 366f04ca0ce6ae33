//! What can be set where: fields, issue types, kinds of links, create and edit screens.

use serde_json::{Map, Value, json};

use crate::jira::account::Permission;
use crate::jira::id::TypeId;

use super::call::Call;
use super::reply::{Answer, Refusal, ok};

pub(super) async fn fields(call: Call) -> Answer {
    let site = call.site();
    ok(&site
        .fields
        .iter()
        .map(|field| site.field_entry(field))
        .collect::<Vec<_>>()
        .into())
}

/// Issue types of the projects the caller may browse.
pub(super) async fn issue_types(call: Call) -> Answer {
    let site = call.site();
    let seen = |id: &TypeId| {
        let mut projects = site
            .projects()
            .filter(|p| site.accounts.allows(&call.actor, p.id, Permission::Browse));
        projects.any(|project| project.types.contains(id))
    };
    let types = site
        .issue_types()
        .filter(|ty| seen(&ty.id))
        .map(|ty| site.type_json(ty));
    ok(&types.collect::<Vec<_>>().into())
}

pub(super) async fn link_types(call: Call) -> Answer {
    let site = call.site();
    let types: Vec<Value> = site.link_types.iter().map(|ty| site.link_type_json(ty)).collect();
    ok(&json!({ "issueLinkTypes": types }))
}

fn window(call: &Call) -> Result<(usize, usize), Refusal> {
    match call.number("maxResults").unwrap_or(50) {
        most @ 0..=200 => Ok((call.number("startAt").unwrap_or(0), most)),
        _ => Err(Refusal::message(
            400,
            "Parameter 'maxResults' must not exceed the limit '200'",
        )),
    }
}

fn no_project(named: &str) -> Refusal {
    Refusal::message(404, format!("No project could be found with key or id '{named}'."))
}

pub(super) async fn create_types(call: Call) -> Answer {
    let (start, most) = window(&call)?;
    let site = call.site();
    let named = call.path("project");
    let project = site
        .visible_project(&call.actor, named)
        .ok_or_else(|| no_project(named))?;
    let may = site.accounts.allows(&call.actor, project.id, Permission::Create);
    let types: Vec<_> = project
        .types
        .iter()
        .filter(|_| may)
        .filter_map(|id| site.issue_type(*id))
        .collect();
    let shown: Vec<Value> = types
        .iter()
        .skip(start)
        .take(most)
        .map(|ty| site.type_json(ty))
        .collect();
    ok(&json!({ "startAt": start, "maxResults": most, "total": types.len(), "issueTypes": shown }))
}

pub(super) async fn create_fields(call: Call) -> Answer {
    let (start, most) = window(&call)?;
    let site = call.site();
    let named = call.path("project");
    let project = site
        .visible_project(&call.actor, named)
        .ok_or_else(|| no_project(named))?;
    let ty = TypeId::parse(call.path("type")).filter(|ty| project.types.contains(ty));
    let ty = ty.ok_or_else(|| Refusal::message(404, "The issue type could not be found in the project."))?;
    let screen = site.fields.screens(project.id, ty).map(|screens| &screens.create);
    let placed: Vec<_> = screen.into_iter().flat_map(|screen| screen.iter()).collect();
    let shown = placed
        .iter()
        .skip(start)
        .take(most)
        .filter_map(|(id, placement)| Some(site.field_meta(project, ty, site.fields.get(id)?, *placement)));
    let shown: Vec<Value> = shown.collect();
    ok(&json!({ "startAt": start, "maxResults": most, "total": placed.len(), "fields": shown }))
}

pub(super) async fn edit_fields(call: Call) -> Answer {
    let site = call.site();
    let issue = call.issue(&site)?;
    let mut fields = Map::new();
    let screen = site
        .fields
        .screens(issue.project, issue.issue_type)
        .map(|screens| &screens.edit);
    let placed = screen.into_iter().flat_map(|screen| screen.iter());
    if let Some(project) = site
        .project(issue.project)
        .filter(|_| site.may(&call.actor, issue, Permission::Edit))
    {
        for (id, placement) in placed {
            if let Some(field) = site.fields.get(id) {
                fields.insert(
                    id.to_owned(),
                    site.field_meta(project, issue.issue_type, field, placement),
                );
            }
        }
    }
    ok(&json!({ "fields": fields }))
}
