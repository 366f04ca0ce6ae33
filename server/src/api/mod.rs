//! JSON over HTTP: everything that the pages do. `/api/openapi.json` describes it, from the code.
//!
//! Paths of a tenant begin with `/api/v1/tenants/{tenant}`. Whoever is no member of it is answered 404, whatever the
//! rest of the path.

mod admin;
mod channels;
mod credentials;
mod events;
mod integrations;
mod me;
mod openapi;
mod plugins;
mod projects;
mod runs;
mod syncs;
mod tenants;
mod tokens;

use axum::Router;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::problem::Problem;

/// A body in JSON, and what is wrong with it in the API's own form.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        match axum::Json::from_request(request, app).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(Problem::new(rejection.status(), rejection.body_text())),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

type Answer<T> = Result<Json<T>, Problem>;

pub(crate) fn router() -> Router<App> {
    let (api, described) = described();
    Router::new()
        .nest("/api/v1", api.fallback(async || Problem::not_found()))
        .merge(openapi::router(described))
}

/// The routes and their description, which are made of each other.
fn described() -> (Router<App>, OpenApi) {
    let tenant = OpenApiRouter::new()
        .routes(routes!(tenants::show))
        .routes(routes!(tenants::export))
        .routes(routes!(integrations::list, integrations::add))
        .routes(routes!(integrations::show, integrations::change, integrations::remove))
        .routes(routes!(projects::list, projects::add))
        .routes(routes!(projects::show, projects::change, projects::remove))
        .routes(routes!(credentials::list, credentials::add))
        .routes(routes!(credentials::show, credentials::change, credentials::remove))
        .routes(routes!(credentials::test))
        .routes(routes!(credentials::destinations))
        .routes(routes!(syncs::list, syncs::add))
        .routes(routes!(syncs::validate))
        .routes(routes!(syncs::show, syncs::change, syncs::remove))
        .routes(routes!(syncs::test))
        .routes(routes!(syncs::enable))
        .routes(routes!(syncs::disable))
        .routes(routes!(syncs::changed))
        .routes(routes!(runs::of_sync, runs::start))
        .routes(routes!(runs::list))
        .routes(routes!(runs::show))
        .routes(routes!(runs::items))
        .routes(routes!(runs::differences))
        .routes(routes!(runs::cancel))
        .routes(routes!(events::events))
        .routes(routes!(channels::list, channels::add))
        .routes(routes!(channels::show, channels::change, channels::remove))
        .routes(routes!(channels::test))
        .routes(routes!(tokens::list, tokens::add))
        .routes(routes!(tokens::remove))
        .routes(routes!(tenants::audit))
        .routes(routes!(tenants::members))
        .routes(routes!(tenants::admit, tenants::dismiss));
    let api = OpenApiRouter::new()
        .routes(routes!(me::show))
        .routes(routes!(plugins::list))
        .routes(routes!(tenants::list))
        .nest("/tenants/{tenant}", tenant)
        .nest("/admin", admin::router());
    api.split_for_parts()
}
