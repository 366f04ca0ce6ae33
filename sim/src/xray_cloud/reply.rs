//! Answers of the REST calls.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A refusal: `{"error": "…"}` with a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub status: StatusCode,
    pub text: String,
}

impl Refused {
    pub fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
        }
    }

    /// Status 400.
    pub fn bad(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// Status 401.
    pub fn unauthorized(text: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, text)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        json_reply(self.status, &json!({ "error": self.text }))
    }
}

/// JSON with the content type the product sends.
pub(super) fn json_reply(status: StatusCode, body: &Value) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "application/json; charset=utf-8")],
        body.to_string(),
    )
        .into_response()
}

/// A result as an answer.
pub(super) fn reply(result: Result<Value, Refused>) -> Response {
    match result {
        Ok(body) => json_reply(StatusCode::OK, &body),
        Err(refused) => refused.into_response(),
    }
}
