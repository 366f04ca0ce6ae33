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

pub(super) async fn list(State(app): State<App>, entered: Entered) -> Answer<Vec<Credentials>> {
    Ok(Json(Credentials::all(&app, &entered.scope).await?))
}

pub(super) async fn add(
    State(app): State<App>,
    entered: Entered,
    Json(draft): Json<CredentialsDraft>,
) -> Result<(StatusCode, Json<Credentials>), Problem> {
    entered.need(Role::Owner)?;
    let added = Credentials::add(&app, &entered.scope, draft).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

pub(super) async fn show(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Credentials> {
    Ok(Json(Credentials::get(&app, &entered.scope, &id).await?))
}

pub(super) async fn change(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Json(draft): Json<CredentialsDraft>,
) -> Answer<Credentials> {
    let credentials = Credentials::get(&app, &entered.scope, &id).await?;
    entered.need(Role::Owner)?;
    Ok(Json(credentials.change(&app, &entered.scope, draft).await?))
}

pub(super) async fn remove(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let credentials = Credentials::get(&app, &entered.scope, &id).await?;
    entered.need(Role::Owner)?;
    credentials.remove(&entered.scope).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tests the connection as it is stored, and remembers what was found.
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
