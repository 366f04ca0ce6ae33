//! What can be set: fields, issue types, create-meta and edit-meta.

use axum::extract::Path;
use axum::routing::get;
use serde_json::{Map, Value, json};

use crate::jira::account::Permission;
use crate::jira::field::Screen;
use crate::jira::http::{Answer, Caller, Params, Refusal, Routes, ok};
use crate::jira::id::TypeId;
use crate::jira::project::{Project, WORKFLOW};
use crate::jira::rejection::Rejection;
use crate::jira::site::Site;

pub(super) fn routes(routes: Routes, base: &str) -> Routes {
    routes
        .at(&format!("{base}/field"), get(fields))
        .at(&format!("{base}/issuetype"), get(issue_types))
        .at(&format!("{base}/status"), get(statuses))
        .at(&format!("{base}/priority"), get(priorities))
        .at(
            &format!("{base}/issue/createmeta/{{project}}/issuetypes"),
            get(creatable_types),
        )
        .at(
            &format!("{base}/issue/createmeta/{{project}}/issuetypes/{{type}}"),
            get(creatable_fields),
        )
        .at(&format!("{base}/issue/{{issue}}/editmeta"), get(edit_meta))
}

async fn fields(caller: Caller) -> Answer {
    let site = caller.site();
    if !site
        .projects()
        .any(|p| site.accounts.allows(&caller.actor, p.id, Permission::Browse))
    {
        return Err(Refusal::unauthenticated());
    }
    ok(&site.fields.iter().map(|field| site.field_entry(field)).collect())
}

async fn issue_types(caller: Caller) -> Answer {
    caller.logged_in()?;
    let site = caller.site();
    ok(&site.issue_types().map(|t| site.type_json(t)).collect())
}

async fn statuses(caller: Caller) -> Answer {
    caller.logged_in()?;
    let site = caller.site();
    ok(&WORKFLOW.iter().map(|status| site.status_json(status.id)).collect())
}

async fn priorities(caller: Caller) -> Answer {
    caller.logged_in()?;
    let names = ["Highest", "High", "Medium", "Low", "Lowest"];
    ok(&names
        .iter()
        .zip(1..)
        .map(|(name, id)| json!({ "id": id.to_string(), "name": name }))
        .collect())
}

/// The project, if `caller` may create issues in it; 400 otherwise, as the 10.3 description says.
fn creatable<'a>(site: &'a Site, caller: &Caller, key: &str) -> Result<&'a Project, Refusal> {
    let project = site.visible_project(&caller.actor, key);
    let project = project.filter(|p| site.accounts.allows(&caller.actor, p.id, Permission::Create));
    project.ok_or_else(|| Rejection::message(400, format!("No project could be found with key or id '{key}'.")).into())
}

fn page(params: &Params, values: Vec<Value>) -> Value {
    let start = params.number("startAt").unwrap_or(0);
    let limit = params
        .number("maxResults")
        .filter(|&limit| limit > 0)
        .unwrap_or(50)
        .min(200);
    let total = values.len();
    let page: Vec<Value> = values.into_iter().skip(start).take(limit).collect();
    let is_last = start + page.len() >= total;
    json!({ "maxResults": limit, "startAt": start, "total": total, "isLast": is_last, "values": page })
}

async fn creatable_types(caller: Caller, Path(key): Path<String>, params: Params) -> Answer {
    let site = caller.site();
    let project = creatable(&site, &caller, &key)?;
    let types = project.types.iter().filter_map(|id| site.issue_type(*id));
    ok(&page(&params, types.map(|t| site.type_json(t)).collect()))
}

async fn creatable_fields(caller: Caller, Path((key, id)): Path<(String, String)>, params: Params) -> Answer {
    let site = caller.site();
    let project = creatable(&site, &caller, &key)?;
    let issue_type = TypeId::parse(&id).filter(|id| project.types.contains(id));
    let Some(issue_type) = issue_type else {
        return Err(
            Rejection::message(400, format!("Issue type with id '{id}' does not exist in the project.")).into(),
        );
    };
    let screen = site
        .fields
        .screens(project.id, issue_type)
        .map(|screens| &screens.create);
    let entries = screen
        .map(|screen| entries(&site, project, issue_type, screen))
        .unwrap_or_default();
    ok(&page(&params, entries.into_iter().map(|(_, entry)| entry).collect()))
}

fn entries(site: &Site, project: &Project, issue_type: TypeId, screen: &Screen) -> Vec<(String, Value)> {
    let known = screen
        .iter()
        .filter_map(|(id, placement)| Some((site.fields.get(id)?, placement)));
    known
        .map(|(field, placement)| (field.id.clone(), site.field_meta(project, issue_type, field, placement)))
        .collect()
}

async fn edit_meta(caller: Caller, Path(key): Path<String>) -> Answer {
    let issue = caller.issue(&key)?;
    let site = caller.site();
    let may_edit = site.may(&caller.actor, &issue, Permission::Edit);
    let screens = site
        .fields
        .screens(issue.project, issue.issue_type)
        .filter(|_| may_edit);
    let fields: Map<String, Value> = match (screens, site.project(issue.project)) {
        (Some(screens), Some(project)) => entries(&site, project, issue.issue_type, &screens.edit)
            .into_iter()
            .collect(),
        _ => Map::new(),
    };
    ok(&json!({ "fields": fields }))
}
