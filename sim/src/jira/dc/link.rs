//! Links between issues, and links to pages elsewhere.

use axum::extract::Path;
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use crate::jira::account::{Actor, Permission};
use crate::jira::edit::text_member;
use crate::jira::http::{Answer, Caller, JsonBody, Params, Refusal, Routes, answer, empty, ok};
use crate::jira::id::LinkId;
use crate::jira::issue::{Issue, RemoteLink};
use crate::jira::rejection::Rejection;
use crate::jira::site::Site;

pub(super) fn routes(routes: Routes, base: &str) -> Routes {
    routes
        .at(&format!("{base}/issueLinkType"), get(types))
        .at(&format!("{base}/issueLink"), post(create))
        .at(&format!("{base}/issueLink/{{link}}"), get(read).delete(remove))
        .at(
            &format!("{base}/issue/{{issue}}/remotelink"),
            get(remote_list).post(remote_set).delete(remote_remove_global),
        )
        .at(
            &format!("{base}/issue/{{issue}}/remotelink/{{link}}"),
            get(remote_one).put(remote_put).delete(remote_remove),
        )
}

fn switched_on(caller: &Caller) -> Result<(), Refusal> {
    if caller.dc.options().linking_enabled {
        return Ok(());
    }
    Err(Rejection::message(404, "Issue linking is currently disabled.").into())
}

async fn types(caller: Caller) -> Answer {
    caller.logged_in()?;
    switched_on(&caller)?;
    let site = caller.site();
    let types: Vec<Value> = site.link_types.iter().map(|t| site.link_type_json(t)).collect();
    ok(&json!({ "issueLinkTypes": types }))
}

/// 201 without a body; duplicates are accepted silently.
async fn create(caller: Caller, JsonBody(body): JsonBody) -> Answer {
    switched_on(&caller)?;
    let side = |name: &str| {
        body.get(name)
            .and_then(|issue| text_member(issue, &["key", "id"]))
            .unwrap_or_default()
    };
    let (inward, outward) = (
        caller.issue(&side("inwardIssue"))?,
        caller.issue(&side("outwardIssue"))?,
    );
    let mut site = caller.site();
    let named = body
        .get("type")
        .and_then(|t| text_member(t, &["name", "id"]))
        .unwrap_or_default();
    let Some(link_type) = site.link_type(&named).map(|t| t.id) else {
        return Err(Rejection::message(404, format!("No issue link type with name '{named}' found.")).into());
    };
    if !site.may(&caller.actor, &inward, Permission::Link) {
        let text = format!("No Link Issue Permission for issue '{}'", inward.key);
        return Err(Rejection::message(401, text).into());
    }
    site.add_link(&caller.actor, link_type, inward.id, outward.id);
    let comment = body.pointer("/comment/body").filter(|text| !text.is_null());
    if let Some(text) = comment.and_then(|text| site.check_rich_text(text, false).ok()) {
        site.add_comment(&caller.actor, inward.id, text);
    }
    empty(201)
}

fn visible_link(site: &Site, actor: &Actor, id: &str) -> Result<(LinkId, Issue, Issue), Refusal> {
    let link = LinkId::parse(id).and_then(|id| site.link(id));
    let sides = link.and_then(|link| {
        let side = |id: crate::jira::id::IssueId| site.visible_issue(actor, &id.to_string()).cloned();
        Some((link.id, side(link.inward)?, side(link.outward)?))
    });
    sides.ok_or_else(|| Rejection::message(404, format!("No issue link with id '{id}' exists.")).into())
}

async fn read(caller: Caller, Path(id): Path<String>) -> Answer {
    let site = caller.site();
    let (id, inward, outward) = visible_link(&site, &caller.actor, &id)?;
    let kind = site
        .link(id)
        .and_then(|link| site.link_types.iter().find(|t| t.id == link.link_type));
    ok(&json!({
        "id": id.to_string(), "self": site.api(&format!("issueLink/{id}")), "type": kind.map(|t| site.link_type_json(t)),
        "inwardIssue": site.issue_ref(&inward), "outwardIssue": site.issue_ref(&outward),
    }))
}

async fn remove(caller: Caller, Path(id): Path<String>) -> Answer {
    caller.logged_in()?;
    let mut site = caller.site();
    let (id, inward, _) = visible_link(&site, &caller.actor, &id)?;
    if !site.may(&caller.actor, &inward, Permission::Link) {
        let text = format!("No Link Issue Permission for issue '{}'", inward.key);
        return Err(Rejection::message(401, text).into());
    }
    site.remove_link(&caller.actor, id);
    empty(204)
}

fn remote_json(site: &Site, issue: &Issue, link: &RemoteLink) -> Value {
    let mut json = link.body.clone();
    json.insert("id".to_owned(), json!(link.id));
    json.insert(
        "self".to_owned(),
        json!(site.api(&format!("issue/{}/remotelink/{}", issue.id, link.id))),
    );
    if let Some(global_id) = &link.global_id {
        json.insert("globalId".to_owned(), json!(global_id));
    }
    Value::Object(json)
}

async fn remote_list(caller: Caller, Path(key): Path<String>, params: Params) -> Answer {
    let issue = caller.issue(&key)?;
    let site = caller.site();
    match params.get("globalId") {
        None => ok(&issue
            .remote_links
            .iter()
            .map(|link| remote_json(&site, &issue, link))
            .collect()),
        Some(wanted) => match issue
            .remote_links
            .iter()
            .find(|link| link.global_id.as_deref() == Some(wanted))
        {
            Some(link) => ok(&remote_json(&site, &issue, link)),
            None => Err(no_such_remote()),
        },
    }
}

fn no_such_remote() -> Refusal {
    Rejection::message(404, "No remote issue link found for the specified issue.").into()
}

async fn remote_one(caller: Caller, Path((key, id)): Path<(String, String)>) -> Answer {
    let issue = caller.issue(&key)?;
    let link = issue
        .remote_links
        .iter()
        .find(|link| link.id.to_string() == id)
        .ok_or_else(no_such_remote)?;
    ok(&remote_json(&caller.site(), &issue, link))
}

/// The issue, if the caller may link it.
fn linkable(caller: &Caller, key: &str) -> Result<Issue, Refusal> {
    caller.logged_in()?;
    let issue = caller.issue(key)?;
    if caller.dc.options().linking_enabled && caller.site().may(&caller.actor, &issue, Permission::Link) {
        return Ok(issue);
    }
    Err(Rejection::message(403, format!("No Link Issue Permission for issue '{}'", issue.key)).into())
}

fn read_remote(body: &Value) -> Result<(Option<String>, Map<String, Value>), Refusal> {
    let mut problems = Rejection::collect();
    let object = body.get("object").cloned().unwrap_or_default();
    for (member, text) in [("title", "'title' is required."), ("url", "'url' is required.")] {
        if object
            .get(member)
            .and_then(Value::as_str)
            .is_none_or(|value| value.trim().is_empty())
        {
            problems.add(member, text);
        }
    }
    let global_id = body.get("globalId").and_then(Value::as_str).map(str::to_owned);
    if global_id.as_ref().is_some_and(|id| id.chars().count() > 255) {
        problems.add("globalId", "'globalId' must not exceed 255 characters.");
    }
    problems.into_result()?;
    let kept = body
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| matches!(name.as_str(), "application" | "relationship" | "object"));
    Ok((
        global_id,
        kept.map(|(name, value)| (name.clone(), value.clone())).collect(),
    ))
}

/// 201 for a new link, 200 when one with the same `globalId` was updated.
async fn remote_set(caller: Caller, Path(key): Path<String>, JsonBody(body): JsonBody) -> Answer {
    let issue = linkable(&caller, &key)?;
    let (global_id, kept) = read_remote(&body)?;
    let mut site = caller.site();
    let (id, is_new) = site.set_remote_link(&caller.actor, issue.id, global_id, kept);
    let link = site.api(&format!("issue/{}/remotelink/{id}", issue.id));
    answer(if is_new { 201 } else { 200 }, &json!({ "id": id, "self": link }))
}

async fn remote_put(caller: Caller, Path((key, id)): Path<(String, String)>, JsonBody(body): JsonBody) -> Answer {
    let issue = linkable(&caller, &key)?;
    let (global_id, kept) = read_remote(&body)?;
    let link = issue
        .remote_links
        .iter()
        .find(|link| link.id.to_string() == id)
        .ok_or_else(no_such_remote)?;
    caller
        .site()
        .replace_remote_link(&caller.actor, issue.id, link.id, global_id, kept);
    empty(204)
}

async fn remote_remove(caller: Caller, Path((key, id)): Path<(String, String)>) -> Answer {
    let issue = linkable(&caller, &key)?;
    let removed = caller
        .site()
        .remove_remote_links(&caller.actor, issue.id, |link| link.id.to_string() == id);
    if removed { empty(204) } else { Err(no_such_remote()) }
}

async fn remote_remove_global(caller: Caller, Path(key): Path<String>, params: Params) -> Answer {
    let issue = linkable(&caller, &key)?;
    let wanted = params.get("globalId");
    let same = |link: &RemoteLink| wanted.is_some() && link.global_id.as_deref() == wanted;
    let removed = caller.site().remove_remote_links(&caller.actor, issue.id, same);
    if removed { empty(204) } else { Err(no_such_remote()) }
}
