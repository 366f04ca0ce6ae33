//! JSON over HTTP: everything that the pages do. `/api/openapi.json` describes it, from the code.
//!
//! Paths of a tenant begin with `/api/v1/tenants/{tenant}`. Whoever is no member of it is answered 404, whatever the
//! rest of the path.

mod credentials;
mod events;
mod integrations;
mod plugins;
mod projects;
mod runs;
mod syncs;
mod tenants;
mod tokens;

use axum::Router;
use axum::extract::FromRequest;
use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;

use crate::app::App;
use crate::problem::Problem;

/// A body in JSON, and what is wrong with it in the API's own form.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(Problem))]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

type Answer<T> = Result<Json<T>, Problem>;

pub(crate) fn router() -> Router<App> {
    let tenant = Router::new()
        .route("/", get(tenants::show))
        .route("/integrations", get(integrations::list).post(integrations::add))
        .route(
            "/integrations/{id}",
            get(integrations::show)
                .put(integrations::change)
                .delete(integrations::remove),
        )
        .route("/projects", get(projects::list).post(projects::add))
        .route(
            "/projects/{id}",
            get(projects::show).put(projects::change).delete(projects::remove),
        )
        .route("/credentials", get(credentials::list).post(credentials::add))
        .route(
            "/credentials/{id}",
            get(credentials::show)
                .put(credentials::change)
                .delete(credentials::remove),
        )
        .route("/credentials/{id}/test", post(credentials::test))
        .route("/credentials/{id}/destinations", get(credentials::destinations))
        .route("/syncs", get(syncs::list).post(syncs::add))
        .route("/syncs/validate", post(syncs::validate))
        .route("/syncs/{id}", get(syncs::show).put(syncs::change).delete(syncs::remove))
        .route("/syncs/{id}/test", post(syncs::test))
        .route("/syncs/{id}/enable", post(syncs::enable))
        .route("/syncs/{id}/disable", post(syncs::disable))
        .route("/syncs/{id}/changed", post(syncs::changed))
        .route("/syncs/{id}/runs", get(runs::of_sync).post(runs::start))
        .route("/runs", get(runs::list))
        .route("/runs/{id}", get(runs::show))
        .route("/runs/{id}/items", get(runs::items))
        .route("/runs/{id}/cancel", post(runs::cancel))
        .route("/runs/{id}/events", get(events::events))
        .route("/tokens", get(tokens::list).post(tokens::add))
        .route("/tokens/{id}", axum::routing::delete(tokens::remove))
        .route("/members", get(tenants::members))
        .route(
            "/members/{account}",
            axum::routing::put(tenants::admit).delete(tenants::dismiss),
        );
    let api = Router::new()
        .route("/tenants", get(tenants::list))
        .nest("/tenants/{tenant}", tenant)
        .route("/plugins", get(plugins::list))
        .fallback(async || Problem::not_found());
    Router::new().nest("/api/v1", api)
}
