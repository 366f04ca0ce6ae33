//! `/projects`

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::{Answer, Json};
use crate::app::App;
use crate::problem::Problem;
use crate::settings::{Project, ProjectDraft};
use crate::users::Entered;

#[utoipa::path(get, path = "/projects", tag = "projects", summary = "TestOps projects of the tenant", responses((status = 200, description = "TestOps projects of the tenant", body = Vec<Project>)))]
pub(super) async fn list(State(app): State<App>, entered: Entered) -> Answer<Vec<Project>> {
    Ok(Json(Project::all(&app, &entered.scope).await?))
}

#[utoipa::path(post, path = "/projects", tag = "projects", summary = "Add a TestOps project", responses((status = 201, description = "Add a TestOps project", body = Project)))]
pub(super) async fn add(
    State(app): State<App>,
    entered: Entered,
    Json(draft): Json<ProjectDraft>,
) -> Result<(StatusCode, Json<Project>), Problem> {
    let added = Project::add(&app, &entered, draft).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

#[utoipa::path(get, path = "/projects/{id}", tag = "projects", summary = "A TestOps project", responses((status = 200, description = "A TestOps project", body = Project)))]
pub(super) async fn show(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Project> {
    Ok(Json(Project::get(&app, &entered.scope, &id).await?))
}

#[utoipa::path(put, path = "/projects/{id}", tag = "projects", summary = "Change a TestOps project", responses((status = 200, description = "Change a TestOps project", body = Project)))]
pub(super) async fn change(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Json(draft): Json<ProjectDraft>,
) -> Answer<Project> {
    let project = Project::get(&app, &entered.scope, &id).await?;
    Ok(Json(project.change(&app, &entered, draft).await?))
}

#[utoipa::path(delete, path = "/projects/{id}", tag = "projects", summary = "Remove a project, with its credentials and syncs", responses((status = 204, description = "Remove a project, with its credentials and syncs")))]
pub(super) async fn remove(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let project = Project::get(&app, &entered.scope, &id).await?;
    project.remove(&app, &entered).await?;
    Ok(StatusCode::NO_CONTENT)
}
