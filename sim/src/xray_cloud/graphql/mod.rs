//! GraphQL: `POST /api/v2/graphql`.
//!
//! Documents are executed by a real engine over the site's store. Success and refusals of single fields travel with
//! status 200; a document that is no valid GraphQL, or asks for more than a request may, with status 400.

mod call;
mod cost;
mod fields;
mod folder;
mod lookup;
mod mutation;
mod query;
mod render;
mod schema;
mod shape;

use async_graphql::dynamic::{Schema, SchemaError};
use async_graphql::{Request, Variables, parser};
use axum::body::Bytes;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) use call::Session;
pub(super) use mutation::check_step_texts;

/// Largest body of a request (vendor's migration tool).
pub(super) const MAX_BODY: usize = 20 * 1024 * 1024;

/// The schema with all resolvers.
///
/// # Errors
/// When the SDL and the resolvers do not fit together.
pub(super) fn schema() -> Result<Schema, SchemaError> {
    let mut resolvers = vec![("Query", query::QUERY), ("Mutation", mutation::MUTATION)];
    resolvers.extend_from_slice(fields::ENTITIES);
    schema::build(&resolvers)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    query: String,
    #[serde(default)]
    variables: Option<Value>,
    #[serde(default)]
    operation_name: Option<String>,
}

fn refused(status: StatusCode, message: impl Into<String>) -> (StatusCode, Value) {
    (status, json!({ "errors": [{ "message": message.into() }] }))
}

/// Executes the body of a request.
pub(super) async fn execute(schema: &Schema, session: Session, body: &Bytes) -> (StatusCode, Value) {
    if body.len() > MAX_BODY {
        return (
            StatusCode::PAYLOAD_TOO_LARGE,
            json!({ "error": "Request Entity Too Large" }),
        );
    }
    let Ok(body) = serde_json::from_slice::<Body>(body) else {
        return refused(StatusCode::BAD_REQUEST, "Must provide query string.");
    };
    let document = match parser::parse_query(&body.query) {
        Ok(document) => document,
        Err(error) => return refused(StatusCode::BAD_REQUEST, format!("Syntax Error: {error}")),
    };
    let variables = Variables::from_json(body.variables.unwrap_or_default());
    let operation = body.operation_name.as_deref();
    let Some(cost) = cost::Cost::of(&document, operation, &variables) else {
        return refused(StatusCode::BAD_REQUEST, "Unknown operation named in operationName.");
    };
    let mut request = Request::new(body.query).variables(variables).data(session);
    request.set_parsed_query(document);
    if let Some(name) = body.operation_name {
        request = request.operation_name(name);
    }
    if cost.resolvers > cost::MAX_RESOLVERS {
        let text = format!(
            "The request uses {} resolvers, the maximum is {}",
            cost.resolvers,
            cost::MAX_RESOLVERS
        );
        return refused(StatusCode::BAD_REQUEST, text);
    }
    if cost.items > cost::MAX_ITEMS {
        let text = format!(
            "The request asks for {} items, the maximum is {}",
            cost.items,
            cost::MAX_ITEMS
        );
        return refused(StatusCode::BAD_REQUEST, text);
    }
    let response = schema.execute(request).await;
    let ran = response.errors.iter().all(|error| !error.path.is_empty());
    let errors: Vec<Value> = response.errors.iter().map(|error| error_json(schema, error)).collect();
    if !ran {
        return (StatusCode::BAD_REQUEST, json!({ "errors": errors }));
    }
    let data = response.data.into_json().unwrap_or_default();
    if errors.is_empty() {
        (StatusCode::OK, json!({ "data": data }))
    } else {
        (StatusCode::OK, json!({ "errors": errors, "data": data }))
    }
}

/// An error in the words of the vendor's engine, where they are known and differ.
fn error_json(schema: &Schema, error: &async_graphql::ServerError) -> Value {
    let mut shown = json!(error);
    let reworded = match error.message.strip_prefix("Unknown field \"") {
        Some(rest) => Some(format!("Cannot query field \"{rest}")),
        None => missing_argument(schema, &error.message),
    };
    if let (Some(message), Some(members)) = (reworded, shown.as_object_mut()) {
        members.insert("message".to_owned(), json!(message));
    }
    shown
}

/// Names the argument's type, where this engine names that of the parent.
fn missing_argument(schema: &Schema, message: &str) -> Option<String> {
    let mut quoted = message
        .strip_suffix("\" is required but not provided")?
        .split('"')
        .skip(1)
        .step_by(2);
    let (field, argument, parent) = (quoted.next()?, quoted.next()?, quoted.next()?);
    let ty = &schema
        .registry()
        .types
        .get(parent)?
        .fields()?
        .get(field)?
        .args
        .get(argument)?
        .ty;
    Some(format!(
        "Field \"{field}\" argument \"{argument}\" of type \"{ty}\" is required, but it was not provided."
    ))
}
