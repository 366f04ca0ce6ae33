//! The token exchange and the caller's own account.

use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use serde_json::{Value, json};

use super::super::app::{Answer, App, Caller};
use super::super::dto::dto;
use super::super::page::Params;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account/me", get(me))
        .route("/permission", get(permissions))
}

/// The paths of the former account service, under `/api/uaa`.
pub(super) fn sign_in() -> Router<App> {
    Router::new()
        .route("/oauth/token", post(exchange))
        .route("/account/me", get(me))
}

/// `POST /api/uaa/oauth/token`, as a form or as multipart.
async fn exchange(State(app): State<App>, request: Request) -> Response {
    let Some(fields) = fields(request).await else {
        return refuse("invalid_request", "Missing grant type");
    };
    let field = |wanted: &str| {
        fields
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
    };
    match field("grant_type") {
        Some("apitoken") => {}
        Some(other) => return refuse("unsupported_grant_type", &format!("Unsupported grant type: {other}")),
        None => return refuse("invalid_request", "Missing grant type"),
    }
    let now = app.clock.now_ms();
    let exchanged = field("token").and_then(|token| app.access(|access| access.exchange(token, now)));
    let Some((token, seconds)) = exchanged else {
        return refuse("invalid_grant", "Bad credentials");
    };
    let cookie = format!("XSRF-TOKEN={now:016x}; Path=/");
    let body = json!({
        "access_token": token, "token_type": "bearer", "expires_in": seconds, "scope": "openid", "jti": now.to_string(),
    });
    let headers: [(HeaderName, &str); 2] = [(header::SET_COOKIE, &cookie), (header::CACHE_CONTROL, "no-store")];
    (headers, Json(body)).into_response()
}

async fn fields(request: Request) -> Option<Vec<(String, String)>> {
    let kind = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    if !kind.starts_with("multipart/form-data") {
        return Form::from_request(request, &()).await.ok().map(|Form(fields)| fields);
    }
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    let mut fields = Vec::new();
    while let Some(part) = parts.next_field().await.ok()? {
        let name = part.name()?.to_owned();
        fields.push((name, part.text().await.ok()?));
    }
    Some(fields)
}

fn refuse(error: &str, description: &str) -> Response {
    (
        StatusCode::BAD_REQUEST,
        Json(json!({"error": error, "error_description": description})),
    )
        .into_response()
}

async fn me(Caller(user): Caller) -> Answer {
    let authorities: &[&str] = if user.may_write {
        &["ROLE_USER"]
    } else {
        &["ROLE_GUEST"]
    };
    Ok(Json(dto! {
        "id": 1,
        "username": user.name.as_str(),
        "firstName": user.name.as_str(),
        "lastName": "",
        "email": format!("{}@example.com", user.name),
        "emailVerified": true,
        "enabled": true,
        "approved": true,
        "authorities": authorities.iter().map(|name| Value::from(*name)).collect::<Vec<_>>(),
    }))
}

async fn permissions(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    caller.project(&app, &params)?;
    let read_only = ["project:read"].as_slice();
    let all = ["project:configure", "project:write", "project:comment", "project:read"].as_slice();
    Ok(Json(
        if caller.0.may_write { all } else { read_only }
            .iter()
            .map(|name| Value::from(*name))
            .collect(),
    ))
}
