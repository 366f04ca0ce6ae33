//! Changes of rows through the API, as far as playing an update through needs them.

use axum::extract::State;
use axum::routing::patch;
use axum::{Json, Router};
use serde_json::Value;

use super::super::app::{Answer, App, Caller, Id};
use super::super::data::{Case, Expected, Step};
use super::super::error::ApiError;
use super::{case, launch};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/testcase/{id}", patch(patch_case))
        .route("/testcase/step/{id}", patch(patch_step))
        .route("/launch/{id}", patch(patch_launch))
}

fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str)
}

/// `name`, `description`, `precondition`, `expectedResult`, `deleted`; other members are ignored.
async fn patch_case(State(app): State<App>, caller: Caller, Id(id): Id, Json(body): Json<Value>) -> Answer {
    app.view(|view| case::find(view, &caller, id).map(drop))?;
    if text(&body, "name").is_some_and(|name| name.trim().is_empty()) {
        return Err(ApiError::bad_request("name: must not be blank"));
    }
    app.edit(|site| {
        site.edit_case(id, |case| {
            if let Some(name) = text(&body, "name") {
                name.clone_into(&mut case.name);
            }
            for (name, target) in [
                ("description", &mut case.description),
                ("precondition", &mut case.precondition),
                ("expectedResult", &mut case.expected_result),
            ] {
                if let Some(value) = text(&body, name) {
                    *target = Some(value.to_owned());
                }
            }
            case.deleted = body.get("deleted").and_then(Value::as_bool).unwrap_or(case.deleted);
        })
    });
    app.view(|view| case::find(view, &caller, id).map(|case| Json(view.case(case))))
}

/// `body` and `expectedResult` of a step; answers with the whole scenario.
async fn patch_step(State(app): State<App>, caller: Caller, Id(id): Id, Json(body): Json<Value>) -> Answer {
    let has_step = |case: &Case| {
        let mut found = false;
        let mut see = |step: &Step| found |= step.id == id;
        case.steps.iter().for_each(|step| step.visit(&mut see));
        found
    };
    let owner = app.view(|view| view.site.cases.values().find(|case| has_step(case)).map(|case| case.id));
    let owner = owner.ok_or_else(|| ApiError::not_found("Step", id))?;
    app.view(|view| case::find(view, &caller, owner).map(drop))?;
    app.edit(|site| {
        site.edit_case(owner, |case| {
            let mut change = |step: &mut Step| {
                if step.id != id {
                    return;
                }
                if let Some(body) = text(&body, "body") {
                    step.set_body(body);
                }
                if let Some(expected) = text(&body, "expectedResult") {
                    step.expected = Expected::Inline(expected.to_owned());
                }
            };
            case.steps.iter_mut().for_each(|step| step.visit_mut(&mut change));
        })
    });
    app.view(|view| case::find(view, &caller, owner).map(|case| Json(view.scenario(case))))
}

/// `name` of a launch; other members are ignored.
async fn patch_launch(State(app): State<App>, caller: Caller, Id(id): Id, Json(body): Json<Value>) -> Answer {
    app.view(|view| launch::find(view, &caller, id).map(drop))?;
    app.edit(|site| {
        site.edit_launch(id, |launch| {
            if let Some(name) = text(&body, "name") {
                name.clone_into(&mut launch.name);
            }
        })
    });
    app.view(|view| launch::find(view, &caller, id).map(|launch| Json(view.launch(launch))))
}
