//! Users: oneself, and finding others.

use axum::routing::get;
use serde_json::Value;

use crate::jira::account::{Permission, User};
use crate::jira::http::{Answer, Caller, Params, Refusal, Routes, ok};
use crate::jira::rejection::Rejection;

pub(super) fn routes(routes: Routes, base: &str) -> Routes {
    routes
        .at(&format!("{base}/myself"), get(myself))
        .at(&format!("{base}/mypermissions"), get(my_permissions))
        .at(&format!("{base}/user"), get(user))
        .at(&format!("{base}/user/search"), get(search))
        .at(&format!("{base}/user/assignable/search"), get(assignable))
}

/// The one resource closed to anonymous visitors everywhere: a test of the credential.
async fn myself(caller: Caller) -> Answer {
    caller.logged_in()?;
    ok(&caller.site().user_json(caller.actor.user()))
}

async fn my_permissions(caller: Caller, params: Params) -> Answer {
    caller.logged_in()?;
    let site = caller.site();
    let project_of_issue = match params.get("issueKey").or(params.get("issueId")) {
        Some(issue) => {
            let issue = site
                .visible_issue(&caller.actor, issue)
                .ok_or_else(Rejection::no_such_issue)?;
            Some(issue.project.to_string())
        }
        None => None,
    };
    let wanted = params
        .get("projectKey")
        .or(params.get("projectId"))
        .or(project_of_issue.as_deref());
    let project = match wanted {
        Some(wanted) => Some(
            site.visible_project(&caller.actor, wanted)
                .ok_or_else(|| no_such_project(wanted))?,
        ),
        None => None,
    };
    let mut json = site.permissions_json(&caller.actor, project, None);
    // Jira 7 renamed the permissions and still lists the old names.
    for (old, new) in [
        ("BROWSE", "BROWSE_PROJECTS"),
        ("CREATE_ISSUE", "CREATE_ISSUES"),
        ("EDIT_ISSUE", "EDIT_ISSUES"),
    ] {
        if let Some(Value::Object(all)) = json.get_mut("permissions")
            && let Some(mut entry) = all.get(new).cloned()
        {
            if let Value::Object(entry) = &mut entry {
                entry.insert("key".to_owned(), old.into());
                entry.insert("deprecatedKey".to_owned(), true.into());
            }
            all.insert(old.to_owned(), entry);
        }
    }
    ok(&json)
}

pub(super) fn no_such_project(key: &str) -> Refusal {
    Rejection::message(404, format!("No project could be found with key '{key}'.")).into()
}

async fn user(caller: Caller, params: Params) -> Answer {
    caller.logged_in()?;
    let name = params.get("username").or(params.get("key")).unwrap_or_default();
    let site = caller.site();
    match site.user_json(Some(name)) {
        Value::Null => Err(Rejection::message(404, format!("The user named '{name}' does not exist")).into()),
        user => ok(&user),
    }
}

fn matches(user: &User, query: &str) -> bool {
    let query = query.to_lowercase();
    let texts = [&user.id, &user.email, &user.display_name];
    user.active && (query == "." || texts.iter().any(|text| text.to_lowercase().contains(&query)))
}

async fn search(caller: Caller, params: Params) -> Answer {
    caller.logged_in()?;
    let Some(query) = params.get("username").filter(|query| !query.is_empty()) else {
        return Err(Rejection::field("username", "The username query parameter was not provided").into());
    };
    found(&caller, &params, |user| matches(user, query))
}

async fn assignable(caller: Caller, params: Params) -> Answer {
    caller.logged_in()?;
    let wanted = params.get("project").unwrap_or_default();
    let project = caller
        .site()
        .visible_project(&caller.actor, wanted)
        .map(|project| project.id);
    let Some(project) = project else {
        return Err(no_such_project(wanted));
    };
    let query = params.get("username").unwrap_or_default();
    let accounts = caller.site().accounts.clone();
    let may_browse = |user: &User| {
        accounts.allows(
            &crate::jira::account::Actor::User(user.id.clone()),
            project,
            Permission::Browse,
        )
    };
    found(&caller, &params, |user| matches(user, query) && may_browse(user))
}

fn found(caller: &Caller, params: &Params, wanted: impl Fn(&User) -> bool) -> Answer {
    let start = params.number("startAt").unwrap_or(0);
    let limit = params.number("maxResults").unwrap_or(50).min(1_000);
    let site = caller.site();
    let users = site.accounts.iter().filter(|user| wanted(user)).skip(start).take(limit);
    ok(&users.map(|user| site.user_json(Some(&user.id))).collect())
}
