//! Pages for people, at the addresses that the product's own pages have: a project, a test case, a launch. A case can
//! be changed and a launch closed there. Open to everybody who can reach the simulator.

mod case;
mod launch;
mod project;

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;

use super::app::App;
use crate::html::{document, escape};

/// What the pages are of.
const PRODUCT: &str = "TestOps";

/// The names and values of a sent form.
type Sent = Form<Vec<(String, String)>>;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home))
        .route("/project/{project}", get(one_project))
        .route("/project/{project}/test-cases", get(one_project))
        .route("/project/{project}/launches", get(one_project))
        .route("/project/{project}/test-cases/{case}", get(one_case).post(change_case))
        .route("/launch/{launch}", get(one_launch).post(change_launch))
}

async fn home(State(app): State<App>) -> Html<String> {
    Html(app.view(project::list))
}

async fn one_project(State(app): State<App>, Path(id): Path<i64>) -> Response {
    shown(app.view(|view| project::page(view, id)))
}

async fn one_case(State(app): State<App>, Path((_, id)): Path<(i64, i64)>) -> Response {
    shown(app.view(|view| case::page(view, id)))
}

async fn one_launch(State(app): State<App>, Path(id): Path<i64>) -> Response {
    shown(app.view(|view| launch::page(view, id)))
}

async fn change_case(State(app): State<App>, Path((_, id)): Path<(i64, i64)>, uri: Uri, Form(sent): Sent) -> Response {
    match app.edit(|site| site.edit_case(id, |case| case::change(case, &sent))) {
        Some(()) => Redirect::to(uri.path()).into_response(),
        None => missing(),
    }
}

async fn change_launch(State(app): State<App>, Path(id): Path<i64>, uri: Uri, Form(sent): Sent) -> Response {
    let closes = sent.iter().any(|(name, value)| name == "do" && value == "close");
    match app.edit(|site| site.edit_launch(id, |launch| launch.closed = closes)) {
        Some(()) => Redirect::to(uri.path()).into_response(),
        None => missing(),
    }
}

fn shown(page: Option<String>) -> Response {
    page.map_or_else(missing, |page| Html(page).into_response())
}

fn missing() -> Response {
    let body = "<h1>Nothing here</h1><p>There is no such thing in this TestOps.</p>";
    let page = document("", PRODUCT, "Nothing here", body);
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

/// Names as tags.
fn tags<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let tag = |name: &String| format!("<span class=\"tag\">{}</span>", escape(name));
    names.into_iter().map(tag).collect::<Vec<_>>().join(" ")
}

/// Names with values, those without a value left out; values are HTML already.
fn details(rows: &[(&str, String)]) -> String {
    let rows = rows.iter().filter(|(_, value)| !value.is_empty());
    let rows: String = rows
        .map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>"))
        .collect();
    format!("<dl>{rows}</dl>")
}
