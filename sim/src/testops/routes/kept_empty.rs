//! Lists and settings of a real installation for which the simulator keeps no rows: they answer as on a server where
//! nobody has made any.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::super::app::{Answer, App, Caller, Id};
use super::super::page::{Paging, Params};
use super::case;

pub(super) fn routes() -> Router<App> {
    let pages = [
        "/testplan",
        "/filter",
        "/cfschema",
        "/roleschema",
        "/issueschema",
        "/testkeyschema",
        "/testlayerschema",
    ];
    let pages = pages.into_iter().chain(["/workflowschema"]);
    pages
        .fold(Router::new(), |routes, path| routes.route(path, get(page_of_project)))
        .route("/testcaseupdateschema", get(list_of_project))
        .route("/testcase/audit", get(page_of_case))
        .route("/projectsettings/launchclose", get(no_closing_rule))
        .route("/projectsettings/launchlivedoc", get(no_documentation_rule))
}

/// What 4.x does not have.
pub(super) fn second_generation() -> Router<App> {
    Router::new().route("/testcase/{id}/version", get(list_of_case))
}

fn page(params: &Params) -> Value {
    Paging::read(params, 10, "id", false).show(&[], |row: &Value| row.clone())
}

async fn page_of_project(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    caller.project(&app, &params)?;
    Ok(Json(page(&params)))
}

async fn list_of_project(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    caller.project(&app, &params)?;
    Ok(Json(json!([])))
}

async fn page_of_case(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let id = params.id("testCaseId")?;
    app.view(|view| case::find(view, &caller, id).map(|_| Json(page(&params))))
}

async fn list_of_case(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    app.view(|view| case::find(view, &caller, id).map(|_| Json(json!([]))))
}

/// Launches close by hand only.
async fn no_closing_rule(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    caller.project(&app, &params)?;
    Ok(Json(json!({"autoCloseFilter": ""})))
}

async fn no_documentation_rule(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    caller.project(&app, &params)?;
    Ok(Json(json!({"filter": ""})))
}
