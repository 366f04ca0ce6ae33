//! Launches.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::super::app::{Answer, App, Caller, Id};
use super::super::aql::{Entity, Query};
use super::super::data::{Launch, TestResult};
use super::super::dto::{View, dto};
use super::super::error::ApiError;
use super::super::filter::{Filters, no_saved_filter};
use super::super::page::{Paging, Params};
use super::super::rows::Of;
use super::case::validation;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/launch/__search", get(search))
        .route("/launch/query/validate", get(validate))
        .route("/launch", get(list))
        .route("/launch/{id}", get(one))
        .route("/launch/{id}/env", get(environment))
        .route("/launch/{id}/statistic", get(statistic))
        .route("/launch/{id}/job", get(jobs))
        .route("/launch/{id}/progress", get(progress))
        .route("/launch/{id}/variables", get(variables))
        .route("/launch/{id}/tester", get(testers))
        .route("/launch/{id}/assignees", get(assignees))
        .route("/launch/{id}/defect", get(defects))
        .route("/launch/{id}/muted", get(muted))
        .route("/launch/{id}/unresolved", get(unresolved))
        .route("/launch/{id}/retries", get(retries))
        .route("/launch/{id}/close", post(close))
        .route("/launch/{id}/reopen", post(reopen))
}

fn select<'a>(view: View<'a>, project: i64, query: &Query) -> Vec<&'a Launch> {
    let launches = view
        .site
        .launch_ids(project)
        .iter()
        .filter_map(|id| view.site.launches.get(id));
    launches
        .filter(|launch| {
            query.matches(&Of {
                site: view.site,
                row: *launch,
            })
        })
        .collect()
}

/// Finds a launch that the caller may see.
pub(super) fn find<'a>(view: View<'a>, caller: &Caller, id: i64) -> Result<&'a Launch, ApiError> {
    let launch = view.site.launch(id).ok_or_else(|| ApiError::not_found("Launch", id))?;
    caller.sees(launch.project)?;
    Ok(launch)
}

async fn search(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let project = caller.project(&app, &params)?;
    let query = app.query(&caller, params.text("rql")?, Entity::Launch)?;
    let paging = Paging::read(&params, 10, "createddate", true);
    app.view(|view| {
        paging
            .answer(select(view, project, &query), |launch| view.launch(launch))
            .map(Json)
    })
}

async fn validate(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let project = caller.project(&app, &params)?;
    let query = app.query(&caller, params.text("rql")?, Entity::Launch).ok();
    Ok(Json(validation(
        query.map(|query| app.view(|view| select(view, project, &query).len())),
    )))
}

async fn list(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let project = caller.project(&app, &params)?;
    no_saved_filter(&params)?;
    let filters = Filters::read(&params)?;
    let paging = Paging::read(&params, 10, "createddate", true);
    app.view(|view| {
        let rows = view
            .site
            .launch_ids(project)
            .iter()
            .filter_map(|id| view.site.launches.get(id));
        let rows: Vec<_> = rows
            .filter(|launch| filters.keep(&launch.name, &launch.stamp, Some(launch.closed)))
            .collect();
        if params.is_true("preview") {
            paging.answer(rows, |launch| view.launch_preview(launch)).map(Json)
        } else {
            paging.answer(rows, |launch| view.launch(launch)).map(Json)
        }
    })
}

/// Reads one part of a launch.
fn part(app: &App, caller: &Caller, id: i64, show: impl FnOnce(View<'_>, &Launch) -> Value) -> Answer {
    app.view(|view| find(view, caller, id).map(|launch| Json(show(view, launch))))
}

async fn one(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, launch| view.launch(launch))
}

async fn environment(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, launch| {
        view.environment(&launch.environment).into()
    })
}

async fn statistic(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, launch| view.statistic(launch.id).into())
}

async fn jobs(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, launch| view.jobs(launch).into())
}

/// Uploads are processed at once here.
async fn progress(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |_, _| json!({"ready": true}))
}

async fn variables(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    let paging = Paging::read(&params, 10, "key", false);
    part(&app, &caller, id, |_, launch| {
        let mut values: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for (variable, value) in &launch.environment {
            values.entry(variable).or_default().push(value.as_str().into());
        }
        let rows: Vec<_> = values.into_iter().collect();
        paging.show(&rows, |(key, values)| dto! { "key": *key, "values": values.clone() })
    })
}

async fn testers(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    people(&app, &caller, id, &params, |result| result.tested_by.as_deref())
}

async fn assignees(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    people(&app, &caller, id, &params, |result| result.assignee.as_deref())
}

fn people(app: &App, caller: &Caller, id: i64, params: &Params, of: impl Fn(&TestResult) -> Option<&str>) -> Answer {
    let part_of_name = params.text("query")?;
    part(app, caller, id, |view, launch| {
        let names: BTreeSet<&str> = view.launch_results(launch.id).filter_map(of).collect();
        names
            .into_iter()
            .filter(|name| name.contains(part_of_name))
            .map(Value::from)
            .collect()
    })
}

async fn defects(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    let paging = Paging::read(&params, 20, "id", false);
    part(&app, &caller, id, |view, launch| {
        let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
        for id in view.launch_results(launch.id).flat_map(|result| &result.defects) {
            *counts.entry(*id).or_default() += 1;
        }
        let rows: Vec<_> = counts
            .iter()
            .filter_map(|(id, count)| view.site.defects.get(id).map(|row| (row, *count)))
            .collect();
        paging.show(&rows, |(defect, count)| view.defect_row(defect, Some(*count)))
    })
}

async fn muted(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    rows(&app, &caller, id, &params, |result| result.muted && !result.hidden)
}

/// Failed or broken, neither muted nor known.
async fn unresolved(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    rows(&app, &caller, id, &params, |result| {
        let bad = matches!(result.status.map(|status| status.name()), Some("failed" | "broken"));
        bad && !result.hidden && !result.muted && result.defects.is_empty()
    })
}

fn rows(app: &App, caller: &Caller, id: i64, params: &Params, keep: impl Fn(&TestResult) -> bool) -> Answer {
    let paging = Paging::read(params, 10, "id", false);
    app.view(|view| {
        let launch = find(view, caller, id)?;
        let rows = view.launch_results(launch.id).filter(|result| keep(result)).collect();
        paging.answer(rows, |result| view.result_row(result)).map(Json)
    })
}

/// The results that count and took more than one attempt.
async fn retries(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    let paging = Paging::read(&params, 10, "id", false);
    part(&app, &caller, id, |view, launch| {
        let mut attempts: BTreeMap<i64, Vec<&TestResult>> = BTreeMap::new();
        for result in view.launch_results(launch.id) {
            if let Some(by) = result.retried_by {
                attempts.entry(by).or_default().push(result);
            }
        }
        let rows: Vec<_> = attempts
            .into_iter()
            .filter_map(|(id, tries)| Some((view.site.result(id)?, tries)))
            .collect();
        paging.show(&rows, |(result, tries)| {
            let previous = tries.last();
            dto! {
                "id": result.id,
                "name": result.name.as_str(),
                "status": result.status.map(|status| status.name()),
                "testCaseId": result.case,
                "totalRetries": tries.len(),
                "previousRetry": previous.map(|row| dto! {
                    "id": row.id, "name": row.name.as_str(), "status": row.status.map(|status| status.name()),
                }),
            }
        })
    })
}

async fn close(State(app): State<App>, caller: Caller, Id(id): Id) -> Result<StatusCode, ApiError> {
    app.view(|view| find(view, &caller, id).map(drop))?;
    app.edit(|site| site.close_launch(id));
    Ok(StatusCode::NO_CONTENT)
}

async fn reopen(State(app): State<App>, caller: Caller, Id(id): Id) -> Result<StatusCode, ApiError> {
    app.view(|view| find(view, &caller, id).map(drop))?;
    app.edit(|site| site.reopen_launch(id));
    Ok(StatusCode::NO_CONTENT)
}
