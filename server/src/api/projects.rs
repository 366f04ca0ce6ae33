//! `/projects`

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::{Answer, Json};
use crate::app::App;
use crate::problem::Problem;
use crate::settings::{Project, ProjectDraft};
use crate::users::{Entered, Role};

pub(super) async fn list(State(app): State<App>, entered: Entered) -> Answer<Vec<Project>> {
    Ok(Json(Project::all(&app, &entered.scope).await?))
}

pub(super) async fn add(
    State(app): State<App>,
    entered: Entered,
    Json(draft): Json<ProjectDraft>,
) -> Result<(StatusCode, Json<Project>), Problem> {
    entered.need(Role::Owner)?;
    let added = Project::add(&app, &entered.scope, draft).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

pub(super) async fn show(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Project> {
    Ok(Json(Project::get(&app, &entered.scope, &id).await?))
}

pub(super) async fn change(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Json(draft): Json<ProjectDraft>,
) -> Answer<Project> {
    let project = Project::get(&app, &entered.scope, &id).await?;
    entered.need(Role::Owner)?;
    Ok(Json(project.change(&app, &entered.scope, draft).await?))
}

pub(super) async fn remove(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let project = Project::get(&app, &entered.scope, &id).await?;
    entered.need(Role::Owner)?;
    project.remove(&entered.scope).await?;
    Ok(StatusCode::NO_CONTENT)
}
