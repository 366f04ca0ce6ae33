//! Links between issues and to pages elsewhere.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::jira::account::Permission;
use crate::jira::id::{IssueId, LinkId};
use crate::jira::issue::RemoteLink;
use crate::jira::rejection::Rejection;
use crate::jira::site::Site;

use super::call::{Body, Call};
use super::reply::{Answer, Refusal, created, json_reply, nothing, ok};

/// Links of either kind an issue can have.
const MAX_LINKS: usize = 2_000;
const MAX_GLOBAL_ID: usize = 255;

fn text(value: &Value) -> Option<String> {
    value
        .as_str()
        .map(str::to_owned)
        .or_else(|| value.as_u64().map(|number| number.to_string()))
}

fn side(call: &Call, site: &Site, body: &Value, member: &str) -> Result<IssueId, Refusal> {
    let named = body
        .get(member)
        .and_then(|issue| issue.get("id").or_else(|| issue.get("key")))
        .and_then(text);
    let found = named.and_then(|named| site.visible_issue(&call.actor, &named).map(|issue| issue.id));
    let issue = found.and_then(|id| site.issue(id)).ok_or_else(Refusal::no_such_issue)?;
    if !site.may(&call.actor, issue, Permission::Link) {
        return Err(Refusal::message(404, "No Link Issue Permission for issue"));
    }
    if issue.links.len() >= MAX_LINKS {
        return Err(Refusal::message(
            413,
            "The maximum number of links of an issue was exceeded.",
        ));
    }
    Ok(issue.id)
}

/// Links two issues; what is linked already is linked again without a word.
pub(super) async fn add(call: Call, Body(body): Body) -> Answer {
    let mut site = call.site();
    let named = body
        .get("type")
        .and_then(|ty| ty.get("id").or_else(|| ty.get("name")))
        .and_then(text);
    let kind = named.as_deref().and_then(|named| site.link_type(named)).map(|ty| ty.id);
    let kind = kind.ok_or_else(|| {
        let named = named.as_deref().unwrap_or_default();
        Refusal::message(404, format!("No issue link type with name '{named}' found."))
    })?;
    let (inward, outward) = (
        side(&call, &site, &body, "inwardIssue")?,
        side(&call, &site, &body, "outwardIssue")?,
    );
    site.add_link(&call.actor, kind, inward, outward);
    Ok(StatusCode::CREATED.into_response())
}

fn found(call: &Call, site: &Site) -> Result<LinkId, Refusal> {
    let missing = || Refusal::message(404, format!("No issue link with id '{}' exists.", call.path("link")));
    let link = LinkId::parse(call.path("link"))
        .and_then(|id| site.link(id))
        .ok_or_else(missing)?;
    let seen = |id: IssueId| {
        site.issue(id)
            .is_some_and(|issue| site.may(&call.actor, issue, Permission::Browse))
    };
    if seen(link.inward) && seen(link.outward) {
        Ok(link.id)
    } else {
        Err(missing())
    }
}

pub(super) async fn one(call: Call) -> Answer {
    let site = call.site();
    let id = found(&call, &site)?;
    let link = site.link(id).ok_or_else(Refusal::no_such_issue)?;
    let issue = |id: IssueId| site.issue(id).map(|issue| site.issue_ref(issue));
    let kind = site
        .link_types
        .iter()
        .find(|ty| ty.id == link.link_type)
        .map(|ty| site.link_type_json(ty));
    ok(
        &json!({ "id": id.to_string(), "self": site.api(&format!("issueLink/{id}")), "type": kind,
                "inwardIssue": issue(link.inward), "outwardIssue": issue(link.outward) }),
    )
}

pub(super) async fn remove(call: Call) -> Answer {
    let mut site = call.site();
    let id = found(&call, &site)?;
    site.remove_link(&call.actor, id);
    nothing()
}

fn remote_json(site: &Site, issue: &str, link: &RemoteLink) -> Value {
    let mut shown = json!({ "id": link.id, "self": site.api(&format!("issue/{issue}/remotelink/{}", link.id)) });
    if let Some(members) = shown.as_object_mut() {
        if let Some(global) = &link.global_id {
            members.insert("globalId".to_owned(), json!(global));
        }
        members.extend(link.body.clone());
    }
    shown
}

pub(super) async fn remote(call: Call) -> Answer {
    let site = call.site();
    let issue = call.issue(&site)?;
    if let Some(global) = call.query("globalId") {
        let found = issue
            .remote_links
            .iter()
            .find(|link| link.global_id.as_deref() == Some(global));
        let found = found.ok_or_else(|| Refusal::message(404, "No remote link with this global id exists."))?;
        return ok(&remote_json(&site, &issue.key, found));
    }
    ok(&issue
        .remote_links
        .iter()
        .map(|link| remote_json(&site, &issue.key, link))
        .collect::<Vec<_>>()
        .into())
}

/// 201 for a new link, 200 when the global id was known and its link updated.
pub(super) async fn add_remote(call: Call, Body(body): Body) -> Answer {
    let mut site = call.site();
    let id = call.issue_with(&site, Permission::Link, "You do not have permission to link issues.")?;
    let mut problems = Rejection::collect();
    for member in ["title", "url"] {
        let given = body
            .pointer(&format!("/object/{member}"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        if given.is_empty() {
            problems.add(member, format!("'{member}' is required."));
        }
    }
    let global = body.get("globalId").and_then(Value::as_str).map(str::to_owned);
    if global
        .as_ref()
        .is_some_and(|global| global.chars().count() > MAX_GLOBAL_ID)
    {
        problems.add(
            "globalId",
            format!("The global id must not exceed {MAX_GLOBAL_ID} characters."),
        );
    }
    problems.into_result()?;
    let (count, key) = site
        .issue(id)
        .map(|issue| (issue.remote_links.len(), issue.key.clone()))
        .unwrap_or_default();
    if count >= MAX_LINKS {
        return Err(Refusal::message(
            413,
            "The maximum number of remote links of an issue was exceeded.",
        ));
    }
    let mut members = body.as_object().cloned().unwrap_or_default();
    members.remove("globalId");
    let (link, is_new) = site.set_remote_link(&call.actor, id, global, members);
    let shown = json!({ "id": link, "self": site.api(&format!("issue/{key}/remotelink/{link}")) });
    if is_new {
        created(&shown)
    } else {
        Ok(json_reply(StatusCode::OK, &shown))
    }
}

pub(super) async fn remove_remote(call: Call) -> Answer {
    let mut site = call.site();
    let id = call.issue_with(&site, Permission::Link, "You do not have permission to link issues.")?;
    let global = call
        .query("globalId")
        .ok_or_else(|| Refusal::message(400, "The globalId is required."))?;
    if site.remove_remote_links(&call.actor, id, |link| link.global_id.as_deref() == Some(global)) {
        nothing()
    } else {
        Err(Refusal::message(404, "No remote link with this global id exists."))
    }
}
