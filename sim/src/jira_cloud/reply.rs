//! Answers.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::jira::rejection::Rejection;

/// What a handler gives.
pub(super) type Answer = Result<Response, Refusal>;

/// A refusal in one of Jira's shapes.
#[derive(Debug)]
pub(super) struct Refusal(Box<Response>);

impl Refusal {
    /// `{"errorMessages": […], "errors": {}}`
    pub fn message(status: u16, text: impl Into<String>) -> Self {
        Rejection::message(status, text).into()
    }

    /// 404 for an issue that is missing or hidden.
    pub fn no_such_issue() -> Self {
        Self::message(404, "Issue does not exist or you do not have permission to see it.")
    }

    /// 401 of the resources that are closed to anonymous visitors.
    pub fn unauthenticated() -> Self {
        let text = "Client must be authenticated to access this resource.";
        Self(Box::new(json_reply(
            StatusCode::UNAUTHORIZED,
            &json!({ "message": text, "status-code": 401 }),
        )))
    }

    /// Any answer.
    pub fn response(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        if rejection == Rejection::no_such_issue() {
            return Self::no_such_issue();
        }
        let status = StatusCode::from_u16(rejection.status).unwrap_or(StatusCode::BAD_REQUEST);
        Self(Box::new(json_reply(status, &rejection.to_json())))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// JSON with the content type Jira sends.
pub(super) fn json_reply(status: StatusCode, body: &Value) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "application/json;charset=UTF-8")],
        body.to_string(),
    )
        .into_response()
}

/// 200 with JSON.
pub(super) fn ok(body: &Value) -> Answer {
    Ok(json_reply(StatusCode::OK, body))
}

/// 201 with JSON.
pub(super) fn created(body: &Value) -> Answer {
    Ok(json_reply(StatusCode::CREATED, body))
}

/// 204.
pub(super) fn nothing() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A page, as Jira shows for what is not one of its resources; `/rest/raven` of Data Center is an example.
pub(super) async fn nowhere() -> Response {
    let page = "<!DOCTYPE html><html><head><title>Oops, you've found a dead link.</title></head><body></body></html>";
    (
        StatusCode::NOT_FOUND,
        [(header::CONTENT_TYPE, "text/html;charset=UTF-8")],
        page,
    )
        .into_response()
}
