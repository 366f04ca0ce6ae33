//! What a caller of the API is answered when something is refused, or broke.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::StoreError;

/// A refusal: what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// What happened, one sentence.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// After how many seconds another try makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// What is wrong with the settings that were sent, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<crate::plugins::Finding>,
}

impl Problem {
    /// A refusal with a status.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            message: message.into(),
            hint: None,
            retry_after: None,
            findings: Vec::new(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// After how many seconds another try makes sense.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// There is no such thing, or it belongs to somebody else: which of the two is nobody's business.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is nothing here.")
    }

    /// Nobody is logged in.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Log in first, or send an API token.")
    }

    /// The visitor is known here and may not do this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// What was sent makes no sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    /// What was asked does not go together with how things are.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// The settings that were sent have errors.
    pub fn findings(findings: Vec<crate::plugins::Finding>) -> Self {
        let message = findings
            .first()
            .map_or("", |finding| finding.message.as_str())
            .to_owned();
        Self {
            findings,
            ..Self::invalid(message)
        }
    }

    /// Of a write that found no row to change.
    pub(crate) fn missing(error: StoreError) -> Self {
        match error {
            StoreError::Stale => Self::not_found(),
            error => error.into(),
        }
    }

    /// Its status.
    pub fn code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(_) => {
                Self::conflict("Something with this name exists already, or something it needs is gone.")
            }
            StoreError::Stale => Self::conflict("Somebody else changed this in the meantime.")
                .hint("Load it again and repeat the change."),
            StoreError::Unavailable(what) => {
                tracing::error!(%what, "the store failed");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "The service cannot reach its store.")
                    .hint("An administrator finds the reason in the service's log.")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.code(), Json(&self)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
