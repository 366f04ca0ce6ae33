//! The paths of the API, relative to `/api` and `/api/rs`.

mod account;
mod attachment;
mod case;
mod case_parts;
mod defect;
mod dictionary;
mod kept_empty;
mod launch;
mod project;
mod result;
mod shared_step;

use axum::Router;
use axum::middleware::map_response_with_state;
use axum::response::Html;

use super::app::{App, dress_refusals};
use super::dto::Version;

/// The whole site: both prefixes, the sign-in, and the single-page application for every path that is none of these.
pub(super) fn router(app: App) -> Router {
    let mut api = Router::new()
        .merge(account::routes())
        .merge(attachment::routes())
        .merge(case::routes())
        .merge(case_parts::routes())
        .merge(defect::routes())
        .merge(dictionary::routes())
        .merge(kept_empty::routes())
        .merge(launch::routes())
        .merge(project::routes())
        .merge(result::routes())
        .merge(shared_step::routes());
    if app.version == Version::V26 {
        api = api
            .merge(kept_empty::second_generation())
            .merge(case::second_generation())
            .merge(result::second_generation())
            .merge(project::second_generation());
    }
    let mut site = Router::new()
        .nest("/api/rs", api.clone())
        .nest("/api/uaa", account::sign_in());
    if app.version == Version::V26 {
        site = site.nest("/api", api);
    }
    site.fallback(single_page_application)
        .layer(map_response_with_state(app.clone(), dress_refusals))
        .with_state(app)
}

async fn single_page_application() -> Html<&'static str> {
    Html(
        "<!DOCTYPE html><html lang=\"en\"><head><title>TestOps</title></head><body><div id=\"app\"></div></body></html>",
    )
}
