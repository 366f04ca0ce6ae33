//! `/tokens`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Answer, Json};
use crate::app::App;
use crate::problem::Problem;
use crate::users::{Entered, NewToken, TokenRow};

#[utoipa::path(get, path = "/tokens", tag = "tokens", summary = "API tokens of the tenant", responses((status = 200, description = "API tokens of the tenant", body = Vec<TokenRow>)))]
pub(super) async fn list(State(app): State<App>, entered: Entered) -> Answer<Vec<TokenRow>> {
    Ok(Json(app.users().tokens(&entered.scope).await?))
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct Made {
    /// The token itself: it is shown this once.
    secret: String,
    /// About it.
    #[serde(flatten)]
    token: TokenRow,
}

#[utoipa::path(post, path = "/tokens", tag = "tokens", summary = "Make an API token", responses((status = 201, description = "Make an API token", body = Made)))]
pub(super) async fn add(
    State(app): State<App>,
    entered: Entered,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let (token, secret) = app.users().add_token(&entered, new).await?;
    let secret = secret.to_string();
    Ok((StatusCode::CREATED, Json(Made { secret, token })))
}

#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", summary = "End an API token", responses((status = 204, description = "End an API token")))]
pub(super) async fn remove(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    app.users().end_token(&entered, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
