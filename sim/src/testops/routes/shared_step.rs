//! Shared steps.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};

use super::super::app::{Answer, App, Caller, Id};
use super::super::data::SharedStep;
use super::super::dto::View;
use super::super::error::ApiError;
use super::super::page::{Paging, Params};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sharedstep", get(list))
        .route("/sharedstep/{id}", get(one))
        .route("/sharedstep/{id}/step", get(steps))
        .route("/sharedstep/{id}/usage", get(usage))
}

fn find<'a>(view: View<'a>, caller: &Caller, id: i64) -> Result<&'a SharedStep, ApiError> {
    let shared = view
        .site
        .shared_steps
        .get(&id)
        .ok_or_else(|| ApiError::not_found("Shared step", id))?;
    caller.sees(shared.project)?;
    Ok(shared)
}

async fn list(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let project = caller.project(&app, &params)?;
    let paging = Paging::read(&params, 10, "id", true);
    let part = params.get("search").unwrap_or_default().to_lowercase();
    let archived = params.get("archived").map(|text| text == "true");
    app.view(|view| {
        let rows = view
            .site
            .shared_steps
            .values()
            .filter(|shared| shared.project == project);
        let rows = rows.filter(|shared| shared.name.to_lowercase().contains(&part));
        let rows = rows.filter(|shared| archived.is_none_or(|archived| archived == shared.archived));
        paging
            .answer(rows.collect(), |shared| view.shared_step(shared))
            .map(Json)
    })
}

async fn one(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    app.view(|view| find(view, &caller, id).map(|shared| Json(view.shared_step(shared))))
}

async fn steps(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    app.view(|view| find(view, &caller, id).map(|shared| Json(view.shared_scenario(shared))))
}

async fn usage(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    let paging = Paging::read(&params, 10, "id", true);
    app.view(|view| {
        let shared = find(view, &caller, id)?;
        let cases = view
            .site
            .case_ids(shared.project)
            .iter()
            .filter_map(|id| view.site.cases.get(id));
        paging
            .answer(cases.filter(|case| case.calls(id)).collect(), |case| {
                view.case_row(case)
            })
            .map(Json)
    })
}
