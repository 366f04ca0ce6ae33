//! Refusals in the server's words: `{"message", "timestamp", "status"}`.

use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::aql::Refusal;

/// A refused request.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    message: String,
    at_ms: i64,
}

impl ApiError {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            at_ms: 0,
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "Full authentication is required to access this resource",
        )
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Access is denied")
    }

    pub(crate) fn not_found(what: &str, id: i64) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} with id {id} not found"))
    }

    pub(crate) fn no_path(method: &Method, uri: &Uri) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("No endpoint {method} {}.", uri.path()))
    }

    /// The moment of the refusal, which the body shows.
    pub(crate) fn at(mut self, at_ms: i64) -> Self {
        self.at_ms = at_ms;
        self
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::bad_request(refusal.0)
    }
}

impl ApiError {
    /// The answer with its body.
    pub(super) fn dressed(&self) -> Response {
        let body = json!({"message": self.message, "timestamp": self.at_ms, "status": self.status.as_u16()});
        (self.status, Json(body)).into_response()
    }
}

impl IntoResponse for ApiError {
    /// Leaves the body to [`super::app::dress_refusals`], which knows the time.
    fn into_response(self) -> Response {
        (self.status, Extension(self)).into_response()
    }
}
