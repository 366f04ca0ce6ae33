//! `/channels`: who hears of what.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::{Answer, Json};
use crate::app::App;
use crate::notify::{Channel, ChannelDraft, try_out};
use crate::problem::Problem;
use crate::users::Entered;

#[utoipa::path(get, path = "/channels", tag = "channels", summary = "Who hears of what", responses((status = 200, description = "Who hears of what", body = Vec<Channel>)))]
pub(super) async fn list(entered: Entered) -> Answer<Vec<Channel>> {
    Ok(Json(Channel::all(&entered.scope).await?))
}

#[utoipa::path(post, path = "/channels", tag = "channels", summary = "Add a channel", responses((status = 201, description = "Add a channel", body = Channel)))]
pub(super) async fn add(
    State(app): State<App>,
    entered: Entered,
    Json(draft): Json<ChannelDraft>,
) -> Result<(StatusCode, Json<Channel>), Problem> {
    let added = Channel::add(&app, &entered, draft).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

#[utoipa::path(get, path = "/channels/{id}", tag = "channels", summary = "A channel, without its secret", responses((status = 200, description = "A channel, without its secret", body = Channel)))]
pub(super) async fn show(entered: Entered, Path((_, id)): Path<(String, String)>) -> Answer<Channel> {
    Ok(Json(Channel::get(&entered.scope, &id).await?))
}

#[utoipa::path(put, path = "/channels/{id}", tag = "channels", summary = "Change a channel", responses((status = 200, description = "Change a channel", body = Channel)))]
pub(super) async fn change(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Json(draft): Json<ChannelDraft>,
) -> Answer<Channel> {
    let channel = Channel::get(&entered.scope, &id).await?;
    Ok(Json(channel.change(&app, &entered, draft).await?))
}

#[utoipa::path(delete, path = "/channels/{id}", tag = "channels", summary = "Remove a channel, with what waits for it", responses((status = 204, description = "Remove a channel, with what waits for it")))]
pub(super) async fn remove(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let channel = Channel::get(&entered.scope, &id).await?;
    channel.remove(&app, &entered).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a message now.
#[utoipa::path(post, path = "/channels/{id}/test", tag = "channels", summary = "Send a message now, to see whether it arrives", responses((status = 204, description = "Send a message now, to see whether it arrives")))]
pub(super) async fn test(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let channel = Channel::get(&entered.scope, &id).await?;
    try_out(&app, &entered, &channel).await?;
    Ok(StatusCode::NO_CONTENT)
}
