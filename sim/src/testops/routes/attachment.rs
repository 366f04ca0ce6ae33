//! Attachments: lists and contents, one id space per kind of owner.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use super::super::app::{Answer, App, Caller, Id};
use super::super::data::{File, RunStep};
use super::super::dto::{file, step_files};
use super::super::error::ApiError;
use super::super::page::{Paging, Params};
use super::super::site::Files;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/testcase/attachment", get(of_case))
        .route("/testcase/attachment/{id}/content", get(case_content))
        .route("/sharedstep/attachment", get(of_shared_step))
        .route("/sharedstep/attachment/{id}/content", get(shared_step_content))
        .route("/testresult/attachment", get(of_result))
        .route("/testresult/attachment/{id}/content", get(result_content))
        .route("/testresult/{id}/fixture/attachment", get(of_result_fixtures))
        .route("/testfixtureresult/attachment", get(of_fixture))
        .route("/testfixtureresult/attachment/{id}/content", get(fixture_content))
}

fn page(params: &Params, rows: &[&File], entity: Option<&str>) -> Answer {
    Ok(Json(
        Paging::read(params, 10, "id", false).show(rows, |row| file(row, entity)),
    ))
}

fn of_run(steps: &[RunStep]) -> Vec<&File> {
    let mut files = Vec::new();
    steps.iter().for_each(|step| step.files(&mut |file| files.push(file)));
    files
}

async fn of_case(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let id = params.id("testCaseId")?;
    app.view(|view| {
        let case = view.site.case(id).ok_or_else(|| ApiError::not_found("Test case", id))?;
        caller.sees(case.project)?;
        let rows: Vec<&File> = step_files(&case.steps).into_iter().chain(&case.files).collect();
        page(&params, &rows, Some("test_case"))
    })
}

async fn of_shared_step(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let id = params.id("sharedStepId")?;
    app.view(|view| {
        let shared = view
            .site
            .shared_steps
            .get(&id)
            .ok_or_else(|| ApiError::not_found("Shared step", id))?;
        caller.sees(shared.project)?;
        page(&params, &step_files(&shared.steps), None)
    })
}

async fn of_result(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let id = params.id("testResultId")?;
    app.view(|view| {
        let result = view
            .site
            .result(id)
            .ok_or_else(|| ApiError::not_found("Test result", id))?;
        caller.sees(result.project)?;
        page(&params, &of_run(&result.steps), Some("test_result"))
    })
}

async fn of_result_fixtures(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    app.view(|view| {
        let result = view
            .site
            .result(id)
            .ok_or_else(|| ApiError::not_found("Test result", id))?;
        caller.sees(result.project)?;
        let rows: Vec<&File> = result
            .fixtures
            .iter()
            .flat_map(|fixture| of_run(&fixture.steps))
            .collect();
        page(&params, &rows, Some("test_fixture_result"))
    })
}

async fn of_fixture(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let id = params.id("tfrId")?;
    app.view(|view| {
        let mut results = view.site.results.values();
        let found = results.find_map(|result| {
            result
                .fixtures
                .iter()
                .find(|fixture| fixture.id == id)
                .map(|fixture| (result.project, fixture))
        });
        let (project, fixture) = found.ok_or_else(|| ApiError::not_found("Test fixture result", id))?;
        caller.sees(project)?;
        page(&params, &of_run(&fixture.steps), Some("test_fixture_result"))
    })
}

async fn case_content(State(app): State<App>, _: Caller, Id(id): Id, params: Params) -> Result<Response, ApiError> {
    content(&app, id, &params, |files| files.case.get(&id))
}

async fn shared_step_content(
    State(app): State<App>,
    _: Caller,
    Id(id): Id,
    params: Params,
) -> Result<Response, ApiError> {
    content(&app, id, &params, |files| files.shared.get(&id))
}

async fn result_content(State(app): State<App>, _: Caller, Id(id): Id, params: Params) -> Result<Response, ApiError> {
    content(&app, id, &params, |files| files.result.get(&id))
}

async fn fixture_content(State(app): State<App>, _: Caller, Id(id): Id, params: Params) -> Result<Response, ApiError> {
    content(&app, id, &params, |files| files.fixture.get(&id))
}

fn content(
    app: &App,
    id: i64,
    params: &Params,
    find: impl FnOnce(&Files) -> Option<&File>,
) -> Result<Response, ApiError> {
    let found = app.view(|view| find(&view.site.files).filter(|file| !file.missed).cloned());
    let file = found.ok_or_else(|| ApiError::not_found("Attachment", id))?;
    let kind = if params.is_true("inline") {
        "inline"
    } else {
        "attachment"
    };
    // A header takes ASCII only; the full name is in the row.
    let name: String = file
        .name
        .chars()
        .map(|c| if c.is_ascii_graphic() && c != '"' { c } else { '_' })
        .collect();
    let headers = [
        (header::CONTENT_TYPE, file.content_type),
        (header::CONTENT_DISPOSITION, format!("{kind}; filename=\"{name}\"")),
    ];
    Ok((headers, file.content).into_response())
}
