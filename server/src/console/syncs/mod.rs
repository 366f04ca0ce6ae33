//! Syncs: what of a project goes where, and when.

mod checks;
mod edit;
mod form;
mod mapping;
mod off;
mod page;
mod rollout;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/syncs/new", get(edit::new).post(edit::add))
        .route("/syncs/destinations", get(checks::destinations))
        .route("/syncs/check-aql", post(checks::aql))
        .route("/syncs/check-schedule", post(checks::schedule))
        .route("/syncs/{id}", get(page::show))
        .route("/syncs/{id}/edit", get(edit::edit).post(edit::change))
        .route("/syncs/{id}/remove", post(edit::remove))
        .route("/syncs/{id}/runs", post(page::start))
        .route("/syncs/{id}/test", post(page::test))
        .route("/syncs/{id}/enable", post(off::enable))
        .route("/syncs/{id}/disable", post(off::disable))
}
