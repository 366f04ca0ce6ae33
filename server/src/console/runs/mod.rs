//! Runs: the history, one under way, one that is over, two beside each other, and files to take away.

mod compare;
mod download;
mod items;
mod list;
mod live;
mod page;

use axum::Router;
use axum::routing::{get, post};

pub(super) use list::table;

use crate::app::App;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/runs", get(list::list))
        .route("/compare", get(compare::compare))
        .route("/runs/{id}", get(page::show))
        .route("/runs/{id}/live", get(live::live))
        .route("/runs/{id}/cancel", post(page::cancel))
        .route("/runs/{id}/report.json", get(download::json))
        .route("/runs/{id}/report.csv", get(download::csv))
}
