//! Defects.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};

use super::super::app::{Answer, App, Caller, Id};
use super::super::data::{Defect, TestResult};
use super::super::dto::{View, dto, html};
use super::super::error::ApiError;
use super::super::page::{Paging, Params};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/defect", get(list))
        .route("/defect/{id}", get(one))
        .route("/defect/{id}/testresult", get(results))
}

/// The results that a defect is linked to, in ascending order of id.
fn linked<'a>(view: View<'a>, defect: &Defect) -> Vec<&'a TestResult> {
    let id = defect.id;
    view.site
        .results
        .values()
        .filter(|result| result.defects.contains(&id))
        .collect()
}

fn find<'a>(view: View<'a>, caller: &Caller, id: i64) -> Result<&'a Defect, ApiError> {
    let defect = view
        .site
        .defects
        .get(&id)
        .ok_or_else(|| ApiError::not_found("Defect", id))?;
    caller.sees(defect.project)?;
    Ok(defect)
}

async fn list(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let project = caller.project(&app, &params)?;
    let part = params.get("nameFilter").unwrap_or_default().to_lowercase();
    app.view(|view| {
        let rows = view.site.defects.values().filter(|defect| defect.project == project);
        let rows: Vec<_> = rows
            .filter(|defect| defect.name.to_lowercase().contains(&part))
            .collect();
        let paging = Paging::read(&params, 20, "id", false);
        Ok(Json(paging.show(&rows, |defect| {
            view.defect_row(defect, Some(linked(view, defect).len()))
        })))
    })
}

async fn one(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    app.view(|view| {
        let defect = find(view, &caller, id)?;
        let linked = linked(view, defect);
        let launch = |result: Option<&&TestResult>| {
            let launch = result.and_then(|result| view.site.launches.get(&result.launch))?;
            Some(dto! { "id": launch.id, "name": launch.name.as_str() })
        };
        Ok(Json(dto! {
            "id": defect.id,
            "projectId": defect.project,
            "name": defect.name.as_str(),
            "description": defect.description.as_deref(),
            "descriptionHtml": html(defect.description.as_deref()),
            "closed": defect.closed,
            "issue": defect.issue.as_ref().map(|issue| view.issue(issue)),
            "foundAtLaunch": launch(linked.first()),
            "lastFoundLaunch": launch(linked.last()),
            "lastFoundDate": linked.last().map(|result| result.stamp.created_ms),
        }))
    })
}

async fn results(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    app.view(|view| {
        let defect = find(view, &caller, id)?;
        let paging = Paging::read(&params, 10, "createddate", true);
        paging
            .answer(linked(view, defect), |result| view.result_row(result))
            .map(Json)
    })
}
