//! `/credentials`

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Json};
use crate::app::App;
use crate::plugins::{Stop, TestResult};
use crate::problem::Problem;
use crate::settings::{Credentials, CredentialsDraft, assemble, try_out};
use crate::users::{Entered, Role};

#[utoipa::path(get, path = "/credentials", tag = "credentials", summary = "Which projects use which integrations", responses((status = 200, description = "Which projects use which integrations", body = Vec<Credentials>)))]
pub(super) async fn list(State(app): State<App>, entered: Entered) -> Answer<Vec<Credentials>> {
    Ok(Json(Credentials::all(&app, &entered.scope).await?))
}

#[utoipa::path(post, path = "/credentials", tag = "credentials", summary = "Have a project use an integration", responses((status = 201, description = "Have a project use an integration", body = Credentials)))]
pub(super) async fn add(
    State(app): State<App>,
    entered: Entered,
    Json(draft): Json<CredentialsDraft>,
) -> Result<(StatusCode, Json<Credentials>), Problem> {
    let added = Credentials::add(&app, &entered, draft).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

#[utoipa::path(get, path = "/credentials/{id}", tag = "credentials", summary = "Credentials, without their secrets", responses((status = 200, description = "Credentials, without their secrets", body = Credentials)))]
pub(super) async fn show(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Credentials> {
    Ok(Json(Credentials::get(&app, &entered.scope, &id).await?))
}

#[utoipa::path(put, path = "/credentials/{id}", tag = "credentials", summary = "Change credentials", responses((status = 200, description = "Change credentials", body = Credentials)))]
pub(super) async fn change(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Json(draft): Json<CredentialsDraft>,
) -> Answer<Credentials> {
    let credentials = Credentials::get(&app, &entered.scope, &id).await?;
    Ok(Json(credentials.change(&app, &entered, draft).await?))
}

#[utoipa::path(delete, path = "/credentials/{id}", tag = "credentials", summary = "Remove credentials, with their syncs", responses((status = 204, description = "Remove credentials, with their syncs")))]
pub(super) async fn remove(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let credentials = Credentials::get(&app, &entered.scope, &id).await?;
    credentials.remove(&app, &entered).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tests the connection as it is stored, and remembers what was found.
#[utoipa::path(post, path = "/credentials/{id}/test", tag = "credentials", summary = "Test the connection", responses((status = 200, description = "Test the connection", body = TestResult)))]
pub(super) async fn test(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Answer<TestResult> {
    let assembled = assemble(&app, &entered.scope, &id).await?;
    entered.need(Role::Operator)?;
    let result = try_out(&assembled, None, false).await?;
    assembled.credentials.tested(&app, &entered.scope, &result).await?;
    Ok(Json(result))
}

#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    query: String,
}

/// A project at the destination.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Destination {
    /// Numeric id.
    id: String,
    /// Key.
    key: String,
    /// Name.
    name: String,
}

/// Destination projects whose key or name contains `query`, at most 200.
#[utoipa::path(get, path = "/credentials/{id}/destinations", tag = "credentials", summary = "Destination projects that the credentials see", responses((status = 200, description = "Destination projects that the credentials see", body = Vec<Destination>)))]
pub(super) async fn destinations(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Query(search): Query<Search>,
) -> Answer<Vec<Destination>> {
    let assembled = assemble(&app, &entered.scope, &id).await?;
    let found = assembled.tenant.projects(&search.query).await.map_err(|error| {
        let stop = Stop::from(&error);
        Problem {
            hint: stop.hint,
            ..Problem::conflict(stop.message)
        }
    })?;
    let destination = |project: tms_sync_host::model::Project| Destination {
        id: project.id,
        key: project.key,
        name: project.name,
    };
    Ok(Json(found.into_iter().map(destination).collect()))
}
