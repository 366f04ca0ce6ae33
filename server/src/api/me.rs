//! `/me`: who is asking.

use serde::Serialize;
use utoipa::ToSchema;

use super::Json;
use crate::users::Visitor;

/// Who is asking.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Me {
    /// Login of the account, or name of the token.
    name: String,
    /// Whether they keep the instance.
    is_administrator: bool,
    /// What requests of a session have to send as `x-csrf-token`; absent for tokens.
    csrf: Option<String>,
}

#[utoipa::path(get, path = "/me", tag = "me", summary = "Who is asking", responses((status = 200, description = "Who is asking", body = Me)))]
pub(super) async fn show(visitor: Visitor) -> Json<Me> {
    Json(Me {
        name: visitor.actor(),
        is_administrator: visitor.is_administrator(),
        csrf: visitor.csrf().map(str::to_owned),
    })
}
