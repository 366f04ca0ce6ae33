//! The paths of the API, relative to `/api` and `/api/rs`.

mod account;
mod attachment;
mod case;
mod case_parts;
mod defect;
mod dictionary;
mod edit;
mod kept_empty;
mod launch;
mod project;
mod result;
mod shared_step;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, Uri};
use axum::middleware::map_response_with_state;
use axum::response::{Html, IntoResponse as _, Response};

use super::app::{App, dress_refusals};
use super::browser;
use super::error::ApiError;
use crate::answers::{UnknownPath, Version};

/// The whole site: both prefixes, the sign-in, and the single-page application for every path that is none of these.
pub(super) fn router(app: App) -> Router {
    let mut api = Router::new()
        .merge(account::routes())
        .merge(attachment::routes())
        .merge(case::routes())
        .merge(case_parts::routes())
        .merge(defect::routes())
        .merge(dictionary::routes())
        .merge(edit::routes())
        .merge(kept_empty::routes())
        .merge(launch::routes())
        .merge(project::routes())
        .merge(result::routes())
        .merge(shared_step::routes());
    let is_new = app.answers.of::<Version>() == Version::V26;
    if is_new {
        api = api
            .merge(kept_empty::second_generation())
            .merge(case::second_generation())
            .merge(result::second_generation())
            .merge(project::second_generation());
    }
    let mut site = browser::routes()
        .nest("/api/rs", api.clone())
        .nest("/api/uaa", account::sign_in());
    if is_new {
        site = site.nest("/api", api);
    }
    site.fallback(unknown_path)
        .layer(map_response_with_state(app.clone(), dress_refusals))
        .with_state(app)
}

/// What [`UnknownPath`] asks for.
async fn unknown_path(State(app): State<App>, method: Method, uri: Uri) -> Response {
    match app.answers.of() {
        UnknownPath::Page => single_page_application().into_response(),
        UnknownPath::NotFound => ApiError::no_path(&method, &uri).into_response(),
    }
}

fn single_page_application() -> Html<&'static str> {
    Html(
        "<!DOCTYPE html><html lang=\"en\"><head><title>TestOps</title></head><body><div id=\"app\"></div></body></html>",
    )
}
