//! Searching with JQL: pages by token, no total, behind the database.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::jira::id::{IssueId, Millis};
use crate::jira::jql;
use crate::jira::render::Selection;

use super::bulk::MAX_PROPERTIES;
use super::call::{Body, Call};
use super::issue::{names, show};
use super::reply::{Answer, Refusal, json_reply, ok};
use super::state::Snapshot;

/// Ids a request may have judged afresh.
const MAX_RECONCILED: usize = 50;
/// Fields a query may be ordered by.
const MAX_ORDER: usize = 7;
/// Issues on a page of ids and keys, and on one with other fields.
const MAX_BARE: usize = 5_000;
const MAX_PAGE: usize = 100;
/// How long a page token lives: seven days.
const TOKEN_LIFETIME: Millis = 7 * 24 * 60 * 60 * 1_000;
/// Comments an issue shows in a search.
const MAX_COMMENTS: usize = 20;

/// What is asked for, from a body or from query parameters.
#[derive(Default)]
struct Wanted {
    jql: String,
    token: Option<String>,
    max: Option<usize>,
    fields: Vec<String>,
    properties: Vec<String>,
    reconcile: Vec<IssueId>,
}

/// The search of old, removed.
pub(super) async fn removed(_: Call) -> Answer {
    let text = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration \
                guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046";
    Ok(json_reply(
        StatusCode::GONE,
        &json!({ "errorMessages": [text], "errors": {} }),
    ))
}

pub(super) async fn by_query(call: Call) -> Answer {
    let own = |name: &str| call.list(name).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let wanted = Wanted {
        jql: call.query("jql").unwrap_or_default().to_owned(),
        token: call.query("nextPageToken").map(str::to_owned),
        max: call.number("maxResults"),
        fields: own("fields"),
        properties: own("properties"),
        reconcile: call
            .list("reconcileIssues")
            .into_iter()
            .filter_map(IssueId::parse)
            .collect(),
    };
    run(&call, &wanted)
}

pub(super) async fn by_body(call: Call, Body(body): Body) -> Answer {
    let text = |member: &str| body.get(member).and_then(Value::as_str).map(str::to_owned);
    let reconcile = body
        .get("reconcileIssues")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let wanted = Wanted {
        jql: text("jql").unwrap_or_default(),
        token: text("nextPageToken"),
        max: body
            .get("maxResults")
            .and_then(Value::as_u64)
            .and_then(|max| usize::try_from(max).ok()),
        fields: names(&body, "fields"),
        properties: names(&body, "properties"),
        reconcile: reconcile.filter_map(Value::as_u64).map(IssueId).collect(),
    };
    run(&call, &wanted)
}

fn run(call: &Call, wanted: &Wanted) -> Answer {
    if wanted.properties.len() > MAX_PROPERTIES {
        return Err(Refusal::message(
            400,
            format!("At most {MAX_PROPERTIES} properties can be requested."),
        ));
    }
    if wanted.reconcile.len() > MAX_RECONCILED {
        return Err(Refusal::message(
            400,
            format!("At most {MAX_RECONCILED} issues can be reconciled."),
        ));
    }
    let (number, snapshot, start) = match &wanted.token {
        Some(token) => resume(call, token, &wanted.jql)?,
        None => begin(call, wanted)?,
    };
    let is_bare = wanted
        .fields
        .iter()
        .all(|field| ["id", "key"].contains(&field.as_str()));
    let most = wanted
        .max
        .unwrap_or(50)
        .clamp(1, if is_bare { MAX_BARE } else { MAX_PAGE });
    let fields = Selection::new(wanted.fields.iter().map(String::as_str), "id");
    let site = call.site();
    let page = snapshot.ids.iter().skip(start).take(most);
    let issues: Vec<Value> = page
        .filter_map(|id| site.issue(*id))
        .map(|issue| {
            if wanted.fields.is_empty() && wanted.properties.is_empty() {
                return json!({ "id": issue.id.to_string() });
            }
            few_comments(show(&site, call.version, issue, &fields, &wanted.properties))
        })
        .collect();
    let next = start + most;
    if next >= snapshot.ids.len() {
        return ok(&json!({ "issues": issues, "isLast": true }));
    }
    ok(&json!({ "issues": issues, "isLast": false, "nextPageToken": format!("{number}-{next}") }))
}

fn few_comments(mut issue: Value) -> Value {
    if let Some(comments) = issue
        .pointer_mut("/fields/comment/comments")
        .and_then(Value::as_array_mut)
    {
        comments.truncate(MAX_COMMENTS);
    }
    issue
}

/// Runs the query once; later pages come from what it found.
fn begin(call: &Call, wanted: &Wanted) -> Result<(u64, Snapshot, usize), Refusal> {
    let ids = find(call, &wanted.jql, &wanted.reconcile)?;
    let taken = call.shared.now();
    let snapshot = Snapshot {
        jql: wanted.jql.clone(),
        ids: ids.into(),
        taken,
    };
    let mut state = call.shared.state();
    state.searches.retain(|_, search| taken < search.taken + TOKEN_LIFETIME);
    state.last_search += 1;
    let number = state.last_search;
    state.searches.insert(number, snapshot.clone());
    Ok((number, snapshot, 0))
}

fn resume(call: &Call, token: &str, jql: &str) -> Result<(u64, Snapshot, usize), Refusal> {
    let wrong = || Refusal::message(400, "The provided next page token is invalid or expired.");
    let (number, start) = token.split_once('-').ok_or_else(wrong)?;
    let (number, start) = (
        number.parse().map_err(|_| wrong())?,
        start.parse().map_err(|_| wrong())?,
    );
    let now = call.shared.now();
    let snapshot = call.shared.state().searches.get(&number).cloned();
    let is_current = |search: &Snapshot| search.jql == jql && now < search.taken + TOKEN_LIFETIME;
    let snapshot = snapshot.filter(is_current).ok_or_else(wrong)?;
    Ok((number, snapshot, start))
}

/// Runs JQL that restricts something.
fn find(call: &Call, text: &str, fresh: &[IssueId]) -> Result<Vec<IssueId>, Refusal> {
    let refused = |messages: Vec<String>| {
        Refusal::from(crate::jira::rejection::Rejection {
            messages,
            ..crate::jira::rejection::Rejection::collect()
        })
    };
    let mut site = call.site();
    let compiled = site.jql(&call.actor, text, true).map_err(refused)?;
    if !compiled.bounded {
        let text = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.";
        return Err(Refusal::message(400, text));
    }
    if jql::parse(text).is_ok_and(|query| query.order.len() > MAX_ORDER) {
        return Err(Refusal::message(
            400,
            format!("At most {MAX_ORDER} fields can be ordered by."),
        ));
    }
    Ok(site.search(&call.actor, &compiled, fresh))
}

pub(super) async fn count(call: Call, Body(body): Body) -> Answer {
    let found = find(&call, body.get("jql").and_then(Value::as_str).unwrap_or_default(), &[])?;
    ok(&json!({ "count": found.len() }))
}
