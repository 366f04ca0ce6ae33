//! `/plugins`: what can be added.

use axum::extract::State;

use super::{Answer, Json};
use crate::app::App;
use crate::plugins::Manifest;
use crate::users::Visitor;

#[utoipa::path(get, path = "/plugins", tag = "plugins", summary = "Loaded plugins", responses((status = 200, description = "Loaded plugins", body = Vec<Manifest>)))]
pub(super) async fn list(State(app): State<App>, _: Visitor) -> Answer<Vec<Manifest>> {
    Ok(Json(app.plugins().manifests().cloned().collect()))
}
