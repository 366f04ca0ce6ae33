//! `GET` and `POST /search`.

use axum::routing::get;
use serde_json::{Map, Value, json};

use crate::jira::http::{Answer, Caller, JsonBody, Params, Refusal, Routes, ok};
use crate::jira::rejection::Rejection;
use crate::jira::render::Selection;

pub(super) fn routes(routes: Routes, base: &str) -> Routes {
    routes.at(&format!("{base}/search"), get(by_query).post(by_body))
}

struct Request {
    jql: String,
    start: usize,
    limit: usize,
    strict: bool,
    selection: Selection,
    expand: Vec<String>,
}

async fn by_query(caller: Caller, params: Params) -> Answer {
    let request = Request {
        jql: params.get("jql").unwrap_or_default().to_owned(),
        start: params.number("startAt").unwrap_or(0),
        limit: params.number("maxResults").unwrap_or(50),
        strict: is_strict(params.get("validateQuery")),
        selection: Selection::new(params.list("fields", ','), "*navigable"),
        expand: params.list("expand", ',').into_iter().map(str::to_owned).collect(),
    };
    search(&caller, &request)
}

async fn by_body(caller: Caller, JsonBody(body): JsonBody) -> Answer {
    let number = |name: &str| {
        body.get(name)
            .and_then(Value::as_u64)
            .and_then(|n| usize::try_from(n).ok())
    };
    let list = |name: &str| match body.get(name) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(items)) => items.split(',').map(str::to_owned).collect(),
        _ => Vec::<String>::new(),
    };
    let fields = list("fields");
    let strict = match body.get("validateQuery") {
        Some(Value::Bool(strict)) => *strict,
        Some(Value::String(word)) => is_strict(Some(word)),
        _ => true,
    };
    let request = Request {
        jql: body.get("jql").and_then(Value::as_str).unwrap_or_default().to_owned(),
        start: number("startAt").unwrap_or(0),
        limit: number("maxResults").unwrap_or(50),
        strict,
        selection: Selection::new(fields.iter().flat_map(|field| field.split(',')), "*navigable"),
        expand: list("expand"),
    };
    search(&caller, &request)
}

fn is_strict(word: Option<&str>) -> bool {
    !word.is_some_and(|word| matches!(word.to_lowercase().as_str(), "false" | "none" | "warn"))
}

fn search(caller: &Caller, request: &Request) -> Answer {
    let window = caller.dc.options().search_window;
    let mut site = caller.site();
    let limit = request.limit.min(site.limits.search_page);
    if window.is_some_and(|window| request.start + limit > window) {
        return Err(window_exceeded());
    }
    let query = site.jql(&caller.actor, &request.jql, request.strict);
    let query = query.map_err(|messages| {
        Refusal::from(Rejection {
            messages,
            ..Rejection::collect()
        })
    })?;
    let found = site.search(&caller.actor, &query, &[]);
    let page = found
        .iter()
        .skip(request.start)
        .take(limit)
        .filter_map(|&id| site.issue(id));
    let issues: Vec<Value> = page.map(|issue| site.issue_json(issue, &request.selection)).collect();
    let mut json = Map::new();
    json.insert("expand".to_owned(), json!("schema,names"));
    json.insert("startAt".to_owned(), json!(request.start));
    json.insert("maxResults".to_owned(), json!(limit));
    json.insert("total".to_owned(), json!(found.len()));
    json.insert("issues".to_owned(), Value::Array(issues));
    if !query.warnings.is_empty() {
        json.insert("warningMessages".to_owned(), json!(query.warnings));
    }
    let shown = || site.fields.iter().filter(|field| request.selection.has(&field.id));
    for name in &request.expand {
        let value: Map<String, Value> = match name.as_str() {
            "names" => shown().map(|field| (field.id.clone(), json!(field.name))).collect(),
            "schema" => shown().map(|field| (field.id.clone(), field.schema())).collect(),
            _ => continue,
        };
        json.insert(name.clone(), Value::Object(value));
    }
    ok(&Value::Object(json))
}

fn window_exceeded() -> Refusal {
    Rejection::message(500, "Search limit exceeded: the result window is too large.").into()
}
