//! What all of Data Center's resources share: who asks, bodies, query parameters, refusals.

use std::sync::{Arc, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, OriginalUri, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use serde_json::{Value, json};

use super::account::Actor;
use super::instance::DataCenter;
use super::rejection::Rejection;
use super::site::Site;

/// Routes under construction; each also answers with a trailing slash, as Jersey does.
pub(super) struct Routes(Router<DataCenter>);

impl Routes {
    pub(super) fn new() -> Self {
        Self(Router::new())
    }

    pub(super) fn at(self, path: &str, methods: MethodRouter<DataCenter>) -> Self {
        Self(self.0.route(path, methods.clone()).route(&format!("{path}/"), methods))
    }

    pub(super) fn into_router(self) -> Router<DataCenter> {
        self.0
    }
}

/// Who asks which instance.
#[derive(Clone)]
pub(super) struct Caller {
    pub dc: DataCenter,
    pub actor: Actor,
}

impl Caller {
    pub(super) fn site(&self) -> MutexGuard<'_, Site> {
        self.dc.site().lock()
    }

    /// Refuses anonymous visitors the way Jira's non-anonymous resources do.
    pub(super) fn logged_in(&self) -> Result<(), Refusal> {
        match self.actor {
            Actor::Anonymous => Err(Refusal::unauthenticated()),
            _ => Ok(()),
        }
    }

    /// A copy of the issue with this id or key.
    pub(super) fn issue(&self, id_or_key: &str) -> Result<super::issue::Issue, Refusal> {
        let found = self.site().visible_issue(&self.actor, id_or_key).cloned();
        found.ok_or_else(|| match self.actor {
            Actor::Anonymous => Refusal::from(Rejection {
                status: 401,
                messages: vec![
                    "You do not have the permission to see the specified issue.".to_owned(),
                    "Login Required".to_owned(),
                ],
                ..Rejection::collect()
            }),
            _ => Rejection::no_such_issue().into(),
        })
    }
}

impl FromRequestParts<DataCenter> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, dc: &DataCenter) -> Result<Self, Self::Rejection> {
        let actor = parts.extensions.get::<Actor>().cloned().unwrap_or(Actor::Anonymous);
        Ok(Self { dc: dc.clone(), actor })
    }
}

/// The query string; names may repeat.
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All values of a name, each split at `separator`, empty ones left out.
    pub(super) fn list(&self, name: &str, separator: char) -> Vec<&str> {
        let values = self.0.iter().filter(|(key, _)| key == name);
        let items = values.flat_map(|(_, value)| value.split(separator)).map(str::trim);
        items.filter(|item| !item.is_empty()).collect()
    }

    /// A number; anything else counts as absent.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.get(name)?.parse().ok()
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).map(|value| value.eq_ignore_ascii_case("true"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        Ok(Self(pairs.map(|Query(pairs)| pairs).unwrap_or_default()))
    }
}

/// A JSON body, whose media type must say so.
pub(super) struct JsonBody(pub Value);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let is_json = is_json(request.headers());
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|_| Refusal::text(400, "Bad request"))?;
        if !is_json {
            return Err(Refusal::unsupported_media_type());
        }
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Self(value)),
            Err(error) => Err(Rejection::message(400, format!("Unexpected character or end of input: {error}")).into()),
        }
    }
}

/// Whether a body is declared to be JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    declared.is_some_and(|declared| declared.trim_start().to_lowercase().starts_with("application/json"))
}

/// A refusal in one of the shapes Jira and Xray have.
#[derive(Debug)]
pub(super) struct Refusal(Box<Response>);

impl Refusal {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self(Box::new(json_response(status, body)))
    }

    pub(super) fn text(status: u16, text: &str) -> Self {
        Self(Box::new((code(status), text.to_owned()).into_response()))
    }

    /// Xray's `{"error": …}`.
    pub(super) fn error(status: u16, text: impl Into<String>) -> Self {
        Self::json(status, &json!({ "error": text.into() }))
    }

    /// Jersey's status object.
    pub(super) fn status_object(status: u16, text: &str) -> Self {
        Self::json(status, &json!({ "message": text, "status-code": status }))
    }

    pub(super) fn unauthenticated() -> Self {
        let mut refusal = Self::status_object(401, "Client must be authenticated to access this resource.");
        let challenge = header::HeaderValue::from_static("OAuth realm=\"http%3A%2F%2F127.0.0.1\"");
        refusal.0.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        refusal
    }

    pub(super) fn unsupported_media_type() -> Self {
        Self::status_object(415, "Unsupported Media Type")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::json(rejection.status, &rejection.to_json())
    }
}

/// What handlers return.
pub(super) type Answer = Result<Response, Refusal>;

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A JSON answer in Jira's media type.
pub(super) fn json_response(status: u16, body: &Value) -> Response {
    let media_type = [(header::CONTENT_TYPE, "application/json;charset=UTF-8")];
    (code(status), media_type, body.to_string()).into_response()
}

/// A successful JSON answer.
#[expect(clippy::unnecessary_wraps, reason = "the last expression of handlers that can fail")]
pub(super) fn ok(body: &Value) -> Answer {
    Ok(json_response(200, body))
}

/// A successful answer with another status.
#[expect(clippy::unnecessary_wraps, reason = "the last expression of handlers that can fail")]
pub(super) fn answer(status: u16, body: &Value) -> Answer {
    Ok(json_response(status, body))
}

/// A successful answer without a body.
#[expect(clippy::unnecessary_wraps, reason = "the last expression of handlers that can fail")]
pub(super) fn empty(status: u16) -> Answer {
    Ok(code(status).into_response())
}

/// A file's content under its own media type.
pub(super) fn file_response(mime: &str, bytes: &Arc<[u8]>) -> Response {
    let mime = HeaderValue::from_str(mime).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    (StatusCode::OK, [(header::CONTENT_TYPE, mime)], bytes.to_vec()).into_response()
}

/// Where no resource is: Jersey's status below `/rest`, as JSON or XML by what is accepted; a page elsewhere.
pub(super) async fn dead_link(OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    if !uri.path().contains("/rest/") {
        let page = "<html><head><title>Oops, you&#39;ve found a dead link. - Jira</title></head>\
                    <body><h1>Oops, you&#39;ve found a dead link.</h1></body></html>";
        return (
            StatusCode::NOT_FOUND,
            [(header::CONTENT_TYPE, "text/html;charset=UTF-8")],
            page,
        )
            .into_response();
    }
    not_a_resource(uri.path(), &headers)
}

/// Jersey's answer for a path without a resource.
pub(super) fn not_a_resource(path: &str, headers: &HeaderMap) -> Response {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("localhost");
    let message = format!("null for uri: http://{host}{path}");
    let accepts = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if accepts.contains("json") {
        return Refusal::status_object(404, &message).into_response();
    }
    let message = crate::html::escape(&message);
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><status><status-code>404</status-code>\
         <message>{message}</message></status>"
    );
    (
        StatusCode::NOT_FOUND,
        [(header::CONTENT_TYPE, "application/xml;charset=UTF-8")],
        xml,
    )
        .into_response()
}
