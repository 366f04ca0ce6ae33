//! Users, and what the caller may do.

use serde_json::{Value, json};

use crate::jira::account::{Permission, User};
use crate::jira::project::Project;
use crate::jira::site::Site;

use super::call::Call;
use super::reply::{Answer, Refusal, ok};

/// The resource that proves a credential: it is closed to anonymous visitors.
pub(super) async fn myself(call: Call) -> Answer {
    call.authenticated()?;
    let site = call.site();
    let mut shown = site.user_json(call.actor.user());
    if let Some(members) = shown.as_object_mut() {
        members.insert("locale".to_owned(), json!("en_US"));
        members.insert("groups".to_owned(), json!({ "size": 0, "items": [] }));
        members.insert("applicationRoles".to_owned(), json!({ "size": 1, "items": [] }));
    }
    ok(&shown)
}

/// The caller's permissions; which ones must be said.
pub(super) async fn permissions(call: Call) -> Answer {
    let keys = call.list("permissions");
    if keys.is_empty() {
        return Err(Refusal::message(400, "The 'permissions' query parameter is required."));
    }
    let unknown: Vec<&str> = keys
        .iter()
        .copied()
        .filter(|key| !Permission::ALL.iter().any(|(_, own, _)| own == key))
        .collect();
    if !unknown.is_empty() {
        return Err(Refusal::message(
            400,
            format!("Unrecognized permission: {}", unknown.join(", ")),
        ));
    }
    let site = call.site();
    let project = project_of(&call, &site)?;
    ok(&site.permissions_json(&call.actor, project, Some(&keys)))
}

fn project_of<'a>(call: &Call, site: &'a Site) -> Result<Option<&'a Project>, Refusal> {
    if let Some(named) = call.query("projectKey").or_else(|| call.query("projectId")) {
        let found = site.visible_project(&call.actor, named);
        return match found {
            Some(project) => Ok(Some(project)),
            None => Err(Refusal::message(
                404,
                format!("No project could be found with key '{named}'."),
            )),
        };
    }
    if let Some(named) = call.query("issueKey").or_else(|| call.query("issueId")) {
        let issue = site
            .visible_issue(&call.actor, named)
            .ok_or_else(Refusal::no_such_issue)?;
        return Ok(site.project(issue.project));
    }
    Ok(None)
}

pub(super) async fn one(call: Call) -> Answer {
    call.authenticated()?;
    let site = call.site();
    match site.user_json(call.query("accountId")) {
        Value::Null => Err(Refusal::message(
            404,
            "Specified user does not exist or you do not have required permissions",
        )),
        user => ok(&user),
    }
}

fn matching<'a>(site: &'a Site, query: &str) -> impl Iterator<Item = &'a User> {
    let query = query.to_lowercase();
    site.accounts.iter().filter(move |user| {
        user.active
            && [&user.email, &user.display_name]
                .iter()
                .any(|text| text.to_lowercase().contains(&query))
    })
}

fn page<'a>(call: &Call, site: &Site, users: impl Iterator<Item = &'a User>) -> Answer {
    let (start, most) = (
        call.number("startAt").unwrap_or(0),
        call.number("maxResults").unwrap_or(50).min(1_000),
    );
    let shown = users.skip(start).take(most).map(|user| site.user_json(Some(&user.id)));
    ok(&shown.collect::<Vec<_>>().into())
}

pub(super) async fn search(call: Call) -> Answer {
    call.authenticated()?;
    let site = call.site();
    match (call.query("accountId"), call.query("query")) {
        (Some(id), _) => page(&call, &site, site.accounts.get(id).into_iter()),
        (None, Some(query)) => page(&call, &site, matching(&site, query)),
        (None, None) => Err(Refusal::message(400, "The query parameter is required.")),
    }
}

pub(super) async fn assignable(call: Call) -> Answer {
    call.authenticated()?;
    let site = call.site();
    let project = call
        .query("project")
        .and_then(|project| site.visible_project(&call.actor, project));
    let project = project
        .ok_or_else(|| Refusal::message(404, "No project could be found."))?
        .id;
    let may = |user: &&User| {
        let actor = crate::jira::account::Actor::User(user.id.clone());
        site.accounts.allows(&actor, project, Permission::Browse)
    };
    page(
        &call,
        &site,
        matching(&site, call.query("query").unwrap_or_default()).filter(may),
    )
}
