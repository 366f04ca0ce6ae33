//! The API's description: OpenAPI 3.1 from the code, and a page to read it.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;

use crate::app::App;
use crate::console::{Page, page};
use crate::problem::Problem;

/// Where the API begins.
const BASE: &str = "/api/v1";

pub(super) fn router(described: OpenApi) -> Router<App> {
    let description = Arc::new(completed(described));
    let shown = Arc::clone(&description);
    Router::new()
        .route(
            "/api/openapi.json",
            get(async move || axum::Json((*description).clone()).into_response()),
        )
        .route("/api", get(async move |State(app): State<App>| reference(&app, &shown)))
}

/// Adds what all paths have in common: where they begin, their parameters, refusals, and how one proves oneself.
fn completed(described: OpenApi) -> Value {
    let mut document = serde_json::to_value(described).unwrap_or_default();
    let schema = serde_json::to_value(<Problem as utoipa::PartialSchema>::schema()).unwrap_or_default();
    set(
        &mut document,
        "/info",
        json!({
            "title": "tms-sync",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Everything that the pages do. Times are milliseconds since the Unix epoch.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        }),
    );
    if let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    {
        schemas.insert("Problem".to_owned(), schema);
    }
    if let Some(components) = document.pointer_mut("/components").and_then(Value::as_object_mut) {
        let schemes = json!({ "token": { "type": "http", "scheme": "bearer" } });
        components.insert("securitySchemes".to_owned(), schemes);
    }
    if let Some(root) = document.as_object_mut() {
        root.insert("security".to_owned(), json!([{ "token": [] }]));
        if let Some(Value::Object(paths)) = root.remove("paths") {
            let completed = paths.into_iter().map(|(path, item)| {
                let path = format!("{BASE}{}", path.trim_end_matches('/'));
                let item = with_common(&path, item);
                (path, item)
            });
            let completed: serde_json::Map<String, Value> = completed.collect();
            root.insert("paths".to_owned(), Value::Object(completed));
        }
    }
    document
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = document.pointer_mut(pointer) {
        *place = value;
    }
}

fn with_common(path: &str, mut item: Value) -> Value {
    let names = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameters: Vec<Value> = names
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    for operation in item
        .as_object_mut()
        .into_iter()
        .flat_map(|methods| methods.values_mut())
    {
        if let Some(operation) = operation.as_object_mut() {
            // An operation is named by its path: handlers of different rooms have the same names.
            operation.remove("operationId");
            let known = operation.entry("parameters").or_insert_with(|| json!([]));
            if let Some(known) = known.as_array_mut() {
                known.retain(|parameter| parameter.get("in") != Some(&json!("path")));
                known.extend(parameters.clone());
            }
        }
        if let Some(responses) = operation.pointer_mut("/responses").and_then(Value::as_object_mut) {
            let refusal = json!({
                "description": "Refused: what happened and what to do.",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
            });
            responses.insert("default".to_owned(), refusal);
        }
    }
    item
}

fn reference(app: &App, document: &Value) -> Markup {
    let about = Page::new("API reference");
    let empty = serde_json::Map::new();
    let object = |pointer: &str| document.pointer(pointer).and_then(Value::as_object).unwrap_or(&empty);
    let body = html! {
        h1 { "API reference" }
        p {
            "Send an API token of your tenant as " code { "Authorization: Bearer …" } ". The same for machines: "
            a href=(app.href("/api/openapi.json")) { "openapi.json" } "."
        }
        h2 { "Calls" }
        @for (path, methods) in object("/paths") {
            @for (method, operation) in methods.as_object().unwrap_or(&empty) {
                (call(path, method, operation))
            }
        }
        h2 { "Schemas" }
        @for (name, schema) in object("/components/schemas") {
            details id=(name) {
                summary { code { (name) } " " (text(schema, "description")) }
                pre { (serde_json::to_string_pretty(schema).unwrap_or_default()) }
            }
        }
    };
    page(app, &about, body)
}

fn call(path: &str, method: &str, operation: &Value) -> Markup {
    let body = operation.pointer("/requestBody/content/application~1json/schema");
    let responses = operation.get("responses").and_then(Value::as_object);
    html! {
        details {
            summary { code { (method.to_uppercase()) " " (path) } " " (text(operation, "summary")) }
            p { (text(operation, "description")) }
            @if let Some(body) = body { p { "Body: " (schema_link(body)) } }
            @for (status, response) in responses.into_iter().flatten().filter(|(status, _)| *status != "default") {
                p { (status) ": " @if let Some(schema) = response.pointer("/content/application~1json/schema") { (schema_link(schema)) } }
            }
        }
    }
}

fn text<'a>(of: &'a Value, member: &str) -> &'a str {
    of.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn schema_link(schema: &Value) -> Markup {
    let (target, list) = match schema.get("items") {
        Some(items) => (items, true),
        None => (schema, false),
    };
    let name = text(target, "$ref").rsplit('/').next().unwrap_or_default();
    html! {
        @if list { "list of " }
        @if name.is_empty() { code { (text(target, "type")) } } @else { a href=(format!("#{name}")) { (name) } }
    }
}
