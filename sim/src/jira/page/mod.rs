//! A read-only look at the site for people: `/` and `/projects/KEY` list issues, `/browse/KEY` shows one.
//!
//! Not the vendors' pages: plain HTML made from the store, open to everybody who can reach the simulator.

mod adf;
mod issue;
mod list;
mod wiki;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;

pub use wiki::paragraphs;

use super::site::SharedSite;
use crate::html::{document, escape};

/// What the pages are of.
const PRODUCT: &str = "Jira with Xray";

/// How a list is cut.
#[derive(serde::Deserialize)]
struct Window {
    #[serde(default)]
    start: usize,
}

/// The pages of a site.
pub fn router(site: &SharedSite) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/projects/{key}", get(project))
        .route("/browse/{key}", get(browse))
        .with_state(site.clone())
}

async fn home(State(site): State<SharedSite>, Query(window): Query<Window>) -> Html<String> {
    Html(list::page(&site.lock(), None, window.start))
}

async fn project(State(site): State<SharedSite>, Path(key): Path<String>, Query(window): Query<Window>) -> Response {
    let site = site.lock();
    match site.projects().find(|project| project.key.eq_ignore_ascii_case(&key)) {
        Some(project) => Html(list::page(&site, Some(project), window.start)).into_response(),
        None => missing(&key),
    }
}

async fn browse(State(site): State<SharedSite>, Path(key): Path<String>, Query(window): Query<Window>) -> Response {
    let site = site.lock();
    match site.find_issue(&key) {
        Some(issue) => Html(issue::page(&site, issue, window.start)).into_response(),
        None => missing(&key),
    }
}

fn missing(key: &str) -> Response {
    let body = format!(
        "<h1>Nothing here</h1><p>There is no <code>{}</code> on this site.</p>",
        escape(key)
    );
    (
        StatusCode::NOT_FOUND,
        Html(document("", PRODUCT, "Nothing here", &body)),
    )
        .into_response()
}
