//! One issue: create, read, edit, delete, transition, assign.

use axum::extract::Path;
use axum::response::IntoResponse as _;
use axum::routing::{get, post, put};
use serde_json::{Map, Value, json};

use crate::jira::account::Permission;
use crate::jira::date;
use crate::jira::http::{Answer, Caller, JsonBody, Params, Routes, answer, empty, ok};
use crate::jira::input::IssueInput;
use crate::jira::issue::Issue;
use crate::jira::project::WORKFLOW;
use crate::jira::rejection::Rejection;
use crate::jira::render::Selection;
use crate::jira::site::Site;

pub(super) fn routes(routes: Routes, base: &str) -> Routes {
    routes
        .at(&format!("{base}/issue"), post(create))
        .at(&format!("{base}/issue/{{issue}}"), get(read).put(edit).delete(delete))
        .at(
            &format!("{base}/issue/{{issue}}/transitions"),
            get(transitions).post(transition),
        )
        .at(&format!("{base}/issue/{{issue}}/assignee"), put(assign))
}

async fn create(caller: Caller, JsonBody(body): JsonBody) -> Answer {
    let input = IssueInput::from_json(&body)?;
    let mut site = caller.site();
    let id = site.create_issue(&caller.actor, &input)?;
    let created = site.issue(id).map(|issue| site.issue_ref(issue)).unwrap_or_default();
    answer(201, &created)
}

async fn read(caller: Caller, Path(key): Path<String>, params: Params) -> Answer {
    let issue = caller.issue(&key)?;
    let site = caller.site();
    let selection = Selection::new(params.list("fields", ','), "*all");
    let mut json = site.issue_json(&issue, &selection);
    if let Value::Object(members) = &mut json {
        let expand = params.list("expand", ',');
        members.extend(expansions(&site, &caller, &issue, &selection, &expand));
        let wanted = params.list("properties", ',');
        if !wanted.is_empty() {
            let all = wanted.contains(&"*all");
            let chosen = issue
                .properties
                .iter()
                .filter(|(key, _)| all || wanted.contains(&key.as_str()));
            let properties: Map<String, Value> = chosen.map(|(key, value)| (key.clone(), value.clone())).collect();
            members.insert("properties".to_owned(), Value::Object(properties));
        }
    }
    ok(&json)
}

fn expansions(
    site: &Site,
    caller: &Caller,
    issue: &Issue,
    selection: &Selection,
    expand: &[&str],
) -> Vec<(String, Value)> {
    let shown = || site.fields.iter().filter(|field| selection.has(&field.id));
    let mut members = Vec::new();
    for &name in expand {
        let value = match name {
            "names" => shown()
                .map(|field| (field.id.clone(), json!(field.name)))
                .collect::<Map<_, _>>()
                .into(),
            "schema" => shown()
                .map(|field| (field.id.clone(), field.schema()))
                .collect::<Map<_, _>>()
                .into(),
            "renderedFields" => json!({ "description": crate::jira::page::paragraphs(&issue.description_text()) }),
            "transitions" if site.may(&caller.actor, issue, Permission::Transition) => transition_list(site, issue),
            "changelog" => changelog(site, issue),
            _ => continue,
        };
        members.push((name.to_owned(), value));
    }
    members
}

fn changelog(site: &Site, issue: &Issue) -> Value {
    let histories: Vec<Value> = issue
        .changes
        .iter()
        .zip(1..)
        .map(|(change, id)| {
            let items: Vec<Value> = change
                .fields
                .iter()
                .map(|field| json!({ "field": field, "fieldtype": "jira" }))
                .collect();
            json!({
                "id": id.to_string(), "author": site.user_json(change.author.as_deref()),
                "created": date::jira(change.at), "items": items,
            })
        })
        .collect();
    json!({ "startAt": 0, "maxResults": histories.len(), "total": histories.len(), "histories": histories })
}

async fn edit(caller: Caller, Path(key): Path<String>, params: Params, JsonBody(body): JsonBody) -> Answer {
    let issue = caller.issue(&key)?;
    let input = IssueInput::from_json(&body)?;
    let mut site = caller.site();
    let silent = params.flag("notifyUsers") == Some(false);
    if silent && !site.may(&caller.actor, &issue, Permission::AdministerProject) {
        let text = "To discard the user notification either admin or project admin permissions are required.";
        return Err(Rejection::message(403, text).into());
    }
    site.edit_issue(&caller.actor, issue.id, &input)?;
    empty(204)
}

async fn delete(caller: Caller, Path(key): Path<String>) -> Answer {
    caller.logged_in()?;
    let issue = caller.issue(&key)?;
    let mut site = caller.site();
    if !site.may(&caller.actor, &issue, Permission::Delete) {
        return Err(Rejection::message(403, "You do not have permission to delete issues in this project.").into());
    }
    site.delete_issue(&caller.actor, issue.id);
    empty(204)
}

fn transition_list(site: &Site, issue: &Issue) -> Value {
    let others = WORKFLOW.iter().filter(|status| status.id != issue.status);
    others
        .map(|status| {
            json!({ "id": status.transition.to_string(), "name": status.name, "to": site.status_json(status.id), "fields": {} })
        })
        .collect()
}

async fn transitions(caller: Caller, Path(key): Path<String>) -> Answer {
    let issue = caller.issue(&key)?;
    let site = caller.site();
    let may = site.may(&caller.actor, &issue, Permission::Transition);
    let list = if may { transition_list(&site, &issue) } else { json!([]) };
    ok(&json!({ "expand": "transitions", "transitions": list }))
}

async fn transition(caller: Caller, Path(key): Path<String>, JsonBody(body): JsonBody) -> Answer {
    let issue = caller.issue(&key)?;
    let mut site = caller.site();
    let wanted = body
        .get("transition")
        .and_then(|transition| crate::jira::edit::text_member(transition, &["id"]));
    let Some(wanted) = wanted else {
        return Err(Rejection::message(400, "Missing 'transition' identifier").into());
    };
    let may = site.may(&caller.actor, &issue, Permission::Transition);
    let target = WORKFLOW
        .iter()
        .find(|status| status.transition.to_string() == wanted && status.id != issue.status);
    let Some(target) = target.filter(|_| may) else {
        let text = format!(
            "It seems that you have tried to perform a workflow operation ({wanted}) that is not valid for \
                            the current state of this issue ({}).",
            issue.key
        );
        return Err(Rejection::message(400, text).into());
    };
    site.set_status(&caller.actor, issue.id, target.id);
    empty(204)
}

async fn assign(caller: Caller, Path(key): Path<String>, JsonBody(body): JsonBody) -> Answer {
    let issue = caller.issue(&key)?;
    let input = IssueInput::of([("assignee".to_owned(), body)]);
    caller.site().edit_issue(&caller.actor, issue.id, &input)?;
    Ok(axum::http::StatusCode::NO_CONTENT.into_response())
}
