//! `/integrations`

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::{Answer, Json};
use crate::app::App;
use crate::problem::Problem;
use crate::settings::{Integration, IntegrationDraft};
use crate::users::{Entered, Role};

pub(super) async fn list(entered: Entered) -> Answer<Vec<Integration>> {
    Ok(Json(Integration::all(&entered.scope).await?))
}

pub(super) async fn add(
    State(app): State<App>,
    entered: Entered,
    Json(draft): Json<IntegrationDraft>,
) -> Result<(StatusCode, Json<Integration>), Problem> {
    entered.need(Role::Owner)?;
    let added = Integration::add(&app, &entered.scope, draft).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

pub(super) async fn show(entered: Entered, Path((_, id)): Path<(String, String)>) -> Answer<Integration> {
    Ok(Json(Integration::get(&entered.scope, &id).await?))
}

pub(super) async fn change(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Json(draft): Json<IntegrationDraft>,
) -> Answer<Integration> {
    let integration = Integration::get(&entered.scope, &id).await?;
    entered.need(Role::Owner)?;
    Ok(Json(integration.change(&app, &entered.scope, draft).await?))
}

pub(super) async fn remove(entered: Entered, Path((_, id)): Path<(String, String)>) -> Result<StatusCode, Problem> {
    let integration = Integration::get(&entered.scope, &id).await?;
    entered.need(Role::Owner)?;
    integration.remove(&entered.scope).await?;
    Ok(StatusCode::NO_CONTENT)
}
