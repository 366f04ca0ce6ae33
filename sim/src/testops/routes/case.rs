//! Test cases: search, lists, one case and its scenario.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::super::app::{Answer, App, Caller, Id};
use super::super::aql::{Entity, Query};
use super::super::data::Case;
use super::super::dto::View;
use super::super::error::ApiError;
use super::super::filter::{Filters, no_saved_filter};
use super::super::page::{Paging, Params};
use super::super::rows::Of;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/testcase/__search", get(search))
        .route("/testcase/query/validate", get(validate))
        .route("/testcase", get(list))
        .route("/testcase/deleted", get(deleted))
        .route("/testcase/muted", get(muted))
        .route("/testcase/{id}", get(one))
        .route("/testcase/{id}/overview", get(overview))
        .route("/testcase/{id}/step", get(steps))
        .route("/testcase/{id}/scenario", get(scenario))
        .route("/testcase/{id}/scenariofromrun", get(scenario_from_run))
}

/// What 4.x does not have.
pub(super) fn second_generation() -> Router<App> {
    Router::new().route("/v2/project/{id}/test-case/flat", get(flat))
}

/// The project's cases in ascending order of id that fit the query and the trash flag.
fn select<'a>(view: View<'a>, project: i64, query: Option<&Query>, deleted: bool) -> Vec<&'a Case> {
    let cases = view
        .site
        .case_ids(project)
        .iter()
        .filter_map(|id| view.site.cases.get(id));
    let cases = cases.filter(|case| case.deleted == deleted);
    cases
        .filter(|case| {
            query.is_none_or(|query| {
                query.matches(&Of {
                    site: view.site,
                    row: *case,
                })
            })
        })
        .collect()
}

/// Finds a case that the caller may see.
pub(super) fn find<'a>(view: View<'a>, caller: &Caller, id: i64) -> Result<&'a Case, ApiError> {
    let case = view.site.case(id).ok_or_else(|| ApiError::not_found("Test case", id))?;
    caller.sees(case.project)?;
    Ok(case)
}

async fn search(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let project = caller.project(&app, &params)?;
    let query = app.query(&caller, params.text("rql")?, Entity::Case)?;
    // The default order moved from the date to the id after 4.x.
    let default_sort = if app.view(|view| view.is_old()) {
        "createddate"
    } else {
        "id"
    };
    let paging = Paging::read(&params, 10, default_sort, true);
    app.view(|view| {
        let rows = select(view, project, Some(&query), params.is_true("deleted"));
        paging.answer(rows, |case| view.case(case)).map(Json)
    })
}

async fn validate(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let project = caller.project(&app, &params)?;
    let count = app
        .query(&caller, params.text("rql")?, Entity::Case)
        .ok()
        .map(|query| app.view(|view| select(view, project, Some(&query), params.is_true("deleted")).len()));
    Ok(Json(validation(count)))
}

/// `AqlValidateResponseDto`; no count means that the query is refused.
pub(super) fn validation(count: Option<usize>) -> Value {
    json!({"valid": count.is_some(), "count": count.unwrap_or(0)})
}

async fn list(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    rows(&app, &caller, &params, false, |_| true)
}

async fn deleted(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    rows(&app, &caller, &params, true, |_| true)
}

async fn muted(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    rows(&app, &caller, &params, false, |case| case.mute.is_some())
}

fn rows(app: &App, caller: &Caller, params: &Params, deleted: bool, keep: impl Fn(&Case) -> bool) -> Answer {
    let project = caller.project(app, params)?;
    let paging = Paging::read(params, 10, "createddate", true);
    app.view(|view| {
        let mut rows = select(view, project, None, deleted);
        rows.retain(|case| keep(case));
        paging.answer(rows, |case| view.case_row(case)).map(Json)
    })
}

async fn flat(State(app): State<App>, caller: Caller, Id(project): Id, params: Params) -> Answer {
    caller.existing(&app, project)?;
    no_saved_filter(&params)?;
    let filters = Filters::read(&params)?;
    let query = app.query(&caller, params.get("baseAql").unwrap_or_default(), Entity::Case)?;
    let paging = Paging::read(&params, 100, "id", true);
    app.view(|view| {
        let mut rows = select(view, project, Some(&query), params.is_true("deleted"));
        rows.retain(|case| filters.keep(&case.name, &case.stamp, None));
        paging.answer(rows, |case| view.case_flat(case)).map(Json)
    })
}

async fn one(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    app.view(|view| find(view, &caller, id).map(|case| Json(view.case(case))))
}

async fn overview(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    app.view(|view| find(view, &caller, id).map(|case| Json(view.case_overview(case))))
}

async fn steps(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    app.view(|view| find(view, &caller, id).map(|case| Json(view.scenario(case))))
}

async fn scenario(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    app.view(|view| find(view, &caller, id).map(|case| Json(view.first_generation_scenario(case))))
}

async fn scenario_from_run(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    app.view(|view| {
        let case = find(view, &caller, id)?;
        let last = view.site.case_results.get(&case.id).and_then(|results| results.last());
        Ok(Json(view.scenario_from_run(last.and_then(|id| view.site.result(*id)))))
    })
}
