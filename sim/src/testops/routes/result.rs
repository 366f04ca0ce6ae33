//! Test results.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

use super::super::app::{Answer, App, Caller, Id};
use super::super::aql::{Entity, Query};
use super::super::data::TestResult;
use super::super::dto::View;
use super::super::error::ApiError;
use super::super::filter::{Filters, no_saved_filter};
use super::super::page::{Paging, Params};
use super::super::rows::Of;
use super::case::validation;
use super::launch;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/testresult", get(of_launch))
        .route("/testresult/__search", get(search))
        .route("/testresult/query/validate", get(validate))
        .route("/testresult/{id}", get(one))
        .route("/testresult/{id}/execution", get(execution))
        .route("/testresult/{id}/retries", get(retries))
        .route("/testresult/{id}/cfv", get(field_values))
        .route("/testresult/{id}/members", get(members))
        .route("/testresult/{id}/issue", get(issues))
        .route("/testresult/{id}/evv", get(environment))
        .route("/testresult/{id}/testkey", get(test_keys))
        .route("/testresult/{id}/defect", get(defects))
        .route("/testresult/{id}/fixture", get(fixtures))
        .route("/testresult/{id}/history", get(history))
}

/// What 4.x does not have.
pub(super) fn second_generation() -> Router<App> {
    Router::new().route("/v2/launch/{id}/test-result/flat", get(flat))
}

fn find<'a>(view: View<'a>, caller: &Caller, id: i64) -> Result<&'a TestResult, ApiError> {
    let result = view
        .site
        .result(id)
        .ok_or_else(|| ApiError::not_found("Test result", id))?;
    caller.sees(result.project)?;
    Ok(result)
}

fn select<'a>(view: View<'a>, project: i64, query: &Query) -> Vec<&'a TestResult> {
    let launches = view.site.launch_ids(project).iter();
    let results = launches.flat_map(move |launch| view.launch_results(*launch));
    results
        .filter(|result| {
            query.matches(&Of {
                site: view.site,
                row: *result,
            })
        })
        .collect()
}

async fn of_launch(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let id = params.id("launchId")?;
    let paging = Paging::read(&params, 10, "createddate", true);
    app.view(|view| {
        let launch = launch::find(view, &caller, id)?;
        let rows = view.launch_results(launch.id).collect();
        paging.answer(rows, |result| view.result(result, false)).map(Json)
    })
}

async fn search(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let project = caller.project(&app, &params)?;
    let query = app.query(&caller, params.text("rql")?, Entity::Result)?;
    let paging = Paging::read(&params, 10, "createddate", true);
    app.view(|view| {
        paging
            .answer(select(view, project, &query), |result| view.result_row(result))
            .map(Json)
    })
}

async fn validate(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let project = caller.project(&app, &params)?;
    let query = app.query(&caller, params.text("rql")?, Entity::Result).ok();
    Ok(Json(validation(
        query.map(|query| app.view(|view| select(view, project, &query).len())),
    )))
}

async fn flat(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    no_saved_filter(&params)?;
    let filters = Filters::read(&params)?;
    let paging = Paging::read(&params, 100, "id", false);
    app.view(|view| {
        let launch = launch::find(view, &caller, id)?;
        let rows = view
            .launch_results(launch.id)
            .filter(|row| filters.keep(&row.name, &row.stamp, None))
            .collect();
        paging.answer(rows, |result| view.result_flat(result)).map(Json)
    })
}

/// Reads one part of a result.
fn part(app: &App, caller: &Caller, id: i64, show: impl FnOnce(View<'_>, &TestResult) -> Value) -> Answer {
    app.view(|view| find(view, caller, id).map(|result| Json(show(view, result))))
}

async fn one(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, result| view.result(result, true))
}

async fn execution(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Result<Response, ApiError> {
    let shown = app.view(|view| find(view, &caller, id).map(|row| view.execution(row, params.is_true("v2"))))?;
    Ok(shown.map_or_else(|| ().into_response(), |shown| Json(shown).into_response()))
}

async fn retries(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    let paging = Paging::read(&params, 10, "createddate", true);
    app.view(|view| {
        let result = find(view, &caller, id)?;
        let rows = view
            .launch_results(result.launch)
            .filter(|row| row.retried_by == Some(id))
            .collect();
        paging.answer(rows, |row| view.result_history(row)).map(Json)
    })
}

async fn field_values(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    part(&app, &caller, id, |view, result| {
        if params.is_true("v2") && !view.is_old() {
            view.grouped_values(&result.fields, |field| view.field(field)).into()
        } else {
            view.field_values(&result.fields).into()
        }
    })
}

async fn members(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, result| view.members(&result.members).into())
}

async fn issues(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, result| view.issues(&result.issues).into())
}

async fn environment(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, result| {
        view.environment(&result.environment).into()
    })
}

async fn test_keys(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, result| {
        let case = result.case.and_then(|id| view.site.case(id));
        case.into_iter()
            .flat_map(|case| &case.test_keys)
            .map(|key| view.test_key(key))
            .collect()
    })
}

async fn defects(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    let paging = Paging::read(&params, 10, "id", false);
    part(&app, &caller, id, |view, result| {
        let rows: Vec<_> = result
            .defects
            .iter()
            .filter_map(|id| view.site.defects.get(id))
            .collect();
        paging.show(&rows, |defect| view.defect_row(defect, None))
    })
}

async fn fixtures(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, result| {
        result.fixtures.iter().map(|row| view.fixture(row)).collect()
    })
}

/// The other results of the same case.
async fn history(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    let paging = Paging::read(&params, 10, "createddate", true);
    app.view(|view| {
        let result = find(view, &caller, id)?;
        let ids = result
            .case
            .and_then(|case| view.site.case_results.get(&case))
            .into_iter()
            .flatten();
        let rows = ids
            .filter(|other| **other != id)
            .filter_map(|id| view.site.results.get(id))
            .collect();
        paging.answer(rows, |row| view.result_history(row)).map(Json)
    })
}
