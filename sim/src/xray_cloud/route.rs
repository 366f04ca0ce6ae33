//! Paths of the server.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dynamic::Schema;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, http::Uri};
use serde_json::json;

use crate::answers::SignInLimit;
use crate::jira::account::Actor;
use crate::jira::retry_after::retry_after;

use super::import::Parts;
use super::reply::{Refused, json_reply, reply};
use super::state::Shared;
use super::{auth, bulk, export, file, graphql, import};

type Xray = State<Arc<Shared>>;

/// All routes. Calls count against the rate limit, the sign-in as [`SignInLimit`] has it.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    let mut calls = Router::new();
    for version in ["/api/v2", "/api/v1"] {
        for (path, methods) in resources() {
            calls = calls.route(&format!("{version}{path}"), methods);
        }
    }
    let calls = match graphql::schema() {
        Ok(schema) => calls
            .route("/api/v2/graphql", post(run_graphql))
            .layer(Extension(schema)),
        // A test of the schema rules this out; without it the server would miss one route and say so with 404.
        Err(_) => calls,
    };
    let calls = calls.layer(from_fn_with_state(Arc::clone(&shared), authenticated));
    let sign_in = Router::new()
        .route("/api/v2/authenticate", post(authenticate))
        .route("/api/v1/authenticate", post(authenticate));
    calls
        .merge(sign_in)
        .layer(from_fn_with_state(Arc::clone(&shared), counted))
        .layer(DefaultBodyLimit::disable())
        .fallback(nowhere)
        .with_state(shared)
}

/// Resources of both REST versions.
fn resources() -> Vec<(&'static str, MethodRouter<Arc<Shared>>)> {
    vec![
        ("/import/test/bulk", post(import_tests)),
        ("/import/test/bulk/{project}", post(import_tests_into)),
        ("/import/test/bulk/{job}/status", get(import_status)),
        ("/import/execution", post(import_results)),
        ("/import/execution/multipart", post(import_parts)),
        ("/import/execution/{format}", post(import_report)),
        ("/import/execution/{format}/multipart", post(import_report_parts)),
        ("/import/feature", post(import_feature)),
        ("/attachments", post(upload)),
        ("/attachments/{id}", get(download)),
        ("/export/cucumber", get(export_cucumber)),
        ("/dataset/export", get(export_dataset)),
        ("/backup", post(backup)),
        ("/backup/{job}/status", get(backup_status)),
        ("/backup/file", get(backup_file)),
        ("/backup/file/attachment", get(backup_file)),
    ]
}

/// Refuses the request when the window is full.
async fn counted(State(shared): Xray, request: Request, next: Next) -> Response {
    let now = shared.now();
    let answers = shared.site().answers.clone();
    let is_free = answers.of::<SignInLimit>() == SignInLimit::Free && request.uri().path().ends_with("/authenticate");
    if is_free {
        return next.run(request).await;
    }
    let refused = {
        let mut state = shared.state();
        let limit = state.options.rate;
        limit.and_then(|limit| state.window.count(limit, now).err())
    };
    match refused {
        None => next.run(request).await,
        Some(too_many) => {
            let mut response = json_reply(StatusCode::TOO_MANY_REQUESTS, &too_many.body());
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, retry_after(&answers, too_many.retry_after(), now));
            response
        }
    }
}

/// Puts the user the token stands for into the request's extensions.
async fn authenticated(State(shared): Xray, mut request: Request, next: Next) -> Response {
    match auth::actor(&shared, request.headers()) {
        Ok(actor) => {
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Err(refused) => refused.into_response(),
    }
}

async fn authenticate(State(shared): Xray, headers: HeaderMap, body: Bytes) -> Response {
    match auth::authenticate(&shared, &headers, &body) {
        // A JSON string literal: the token between double quotes.
        Ok(token) => json_reply(StatusCode::OK, &json!(token)),
        Err(refused) => refused.into_response(),
    }
}

async fn run_graphql(
    State(shared): Xray,
    Extension(schema): Extension<Schema>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    let session = graphql::Session {
        shared,
        actor,
        base: format!("http://{host}"),
    };
    let (status, body) = graphql::execute(&schema, session, &body).await;
    json_reply(status, &body)
}

async fn import_tests(State(shared): Xray, Extension(actor): Extension<Actor>, body: Bytes) -> Response {
    reply(bulk::start(&shared, &actor, &body, None))
}

async fn import_tests_into(
    State(shared): Xray,
    Extension(actor): Extension<Actor>,
    Path(project): Path<String>,
    body: Bytes,
) -> Response {
    reply(bulk::start(&shared, &actor, &body, Some(project)))
}

async fn import_status(State(shared): Xray, Path(job): Path<String>) -> Response {
    reply(bulk::status(&shared, &job))
}

/// The body of an import, unless it is larger than imports may be.
fn within_limit(shared: &Shared, bytes: usize) -> Result<(), Refused> {
    if bytes > shared.state().options.import_body {
        return Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"));
    }
    Ok(())
}

async fn parts(shared: &Shared, mut form: Multipart) -> Result<Parts, Refused> {
    let mut parts = Parts::default();
    let broken = |_| Refused::bad("Error importing results: the multipart body cannot be read!");
    let mut total = 0;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(broken)?;
        total += bytes.len();
        within_limit(shared, total)?;
        parts.take(&name, &bytes);
    }
    Ok(parts)
}

async fn import_results(State(shared): Xray, Extension(actor): Extension<Actor>, body: Bytes) -> Response {
    let checked = within_limit(&shared, body.len());
    reply(checked.and_then(|()| import::xray_json(&shared, &actor, &body, None)))
}

async fn import_parts(State(shared): Xray, Extension(actor): Extension<Actor>, form: Multipart) -> Response {
    let parts = parts(&shared, form).await;
    reply(parts.and_then(|parts| import::xray_json(&shared, &actor, &parts.results, Some(&parts))))
}

async fn import_report(
    State(shared): Xray,
    Extension(actor): Extension<Actor>,
    Path(format): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    let checked = within_limit(&shared, body.len());
    reply(checked.and_then(|()| import::report(&shared, &actor, &format, &body, &query, None)))
}

async fn import_report_parts(
    State(shared): Xray,
    Extension(actor): Extension<Actor>,
    Path(format): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    form: Multipart,
) -> Response {
    let parts = parts(&shared, form).await;
    reply(parts.and_then(|parts| import::report(&shared, &actor, &format, &parts.results, &query, Some(&parts))))
}

/// The first part with one of these names: file name, media type, content.
async fn file_part(mut form: Multipart, names: &[&str]) -> Result<(String, String, Bytes), Refused> {
    let broken = |_| Refused::bad("The multipart body cannot be read.");
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name().is_some_and(|name| names.contains(&name)) {
            let filename = field.file_name().unwrap_or("file").to_owned();
            let mime = field.content_type().unwrap_or("application/octet-stream").to_owned();
            return Ok((filename, mime, field.bytes().await.map_err(broken)?));
        }
    }
    Err(Refused::bad(format!("The part {} is missing.", names.join(" or "))))
}

async fn import_feature(
    State(shared): Xray,
    Extension(actor): Extension<Actor>,
    Query(query): Query<HashMap<String, String>>,
    form: Multipart,
) -> Response {
    let file = file_part(form, &["file"]).await;
    let project = query.get("projectKey").or_else(|| query.get("projectId"));
    reply(file.and_then(|(_, _, text)| import::import_feature(&shared, &actor, project, &text)))
}

async fn upload(State(shared): Xray, Extension(actor): Extension<Actor>, form: Multipart) -> Response {
    let sent = file_part(form, &["attachment"]).await;
    reply(sent.map(|(name, mime, bytes)| file::upload(&shared, &actor, &name, &mime, &bytes)))
}

async fn download(State(shared): Xray, Path(id): Path<String>) -> Response {
    file::download(&shared, &id)
}

async fn export_cucumber(
    State(shared): Xray,
    Extension(actor): Extension<Actor>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    export::cucumber(&shared, &actor, &query).unwrap_or_else(IntoResponse::into_response)
}

async fn export_dataset(
    State(shared): Xray,
    Extension(actor): Extension<Actor>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    export::dataset(&shared, &actor, &query).unwrap_or_else(IntoResponse::into_response)
}

async fn backup(State(shared): Xray, Extension(actor): Extension<Actor>) -> Response {
    reply(export::backup(&shared, &actor))
}

async fn backup_status(State(shared): Xray, Path(job): Path<String>) -> Response {
    reply(export::backup_status(&shared, &job))
}

async fn backup_file(State(shared): Xray) -> Response {
    export::backup_file(&shared).unwrap_or_else(IntoResponse::into_response)
}

/// A doubled slash is a bad request, everything else is not there.
async fn nowhere(uri: Uri) -> Response {
    if uri.path().contains("//") {
        return Refused::bad("Bad Request").into_response();
    }
    Refused::new(StatusCode::NOT_FOUND, "Not Found").into_response()
}
