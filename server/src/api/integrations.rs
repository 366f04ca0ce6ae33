//! `/integrations`

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::{Answer, Json};
use crate::app::App;
use crate::problem::Problem;
use crate::settings::{Integration, IntegrationDraft};
use crate::users::Entered;

#[utoipa::path(get, path = "/integrations", tag = "integrations", summary = "Integrations of the tenant", responses((status = 200, description = "Integrations of the tenant", body = Vec<Integration>)))]
pub(super) async fn list(entered: Entered) -> Answer<Vec<Integration>> {
    Ok(Json(Integration::all(&entered.scope).await?))
}

#[utoipa::path(post, path = "/integrations", tag = "integrations", summary = "Add an integration", responses((status = 201, description = "Add an integration", body = Integration)))]
pub(super) async fn add(
    State(app): State<App>,
    entered: Entered,
    Json(draft): Json<IntegrationDraft>,
) -> Result<(StatusCode, Json<Integration>), Problem> {
    let added = Integration::add(&app, &entered, draft).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

#[utoipa::path(get, path = "/integrations/{id}", tag = "integrations", summary = "An integration", responses((status = 200, description = "An integration", body = Integration)))]
pub(super) async fn show(entered: Entered, Path((_, id)): Path<(String, String)>) -> Answer<Integration> {
    Ok(Json(Integration::get(&entered.scope, &id).await?))
}

#[utoipa::path(put, path = "/integrations/{id}", tag = "integrations", summary = "Change an integration", responses((status = 200, description = "Change an integration", body = Integration)))]
pub(super) async fn change(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Json(draft): Json<IntegrationDraft>,
) -> Answer<Integration> {
    let integration = Integration::get(&entered.scope, &id).await?;
    Ok(Json(integration.change(&app, &entered, draft).await?))
}

#[utoipa::path(delete, path = "/integrations/{id}", tag = "integrations", summary = "Remove an integration, with its credentials and syncs", responses((status = 204, description = "Remove an integration, with its credentials and syncs")))]
pub(super) async fn remove(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let integration = Integration::get(&entered.scope, &id).await?;
    integration.remove(&app, &entered).await?;
    Ok(StatusCode::NO_CONTENT)
}
