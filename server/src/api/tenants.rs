//! `/tenants`, as their members see them.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Json};
use crate::app::App;
use crate::audit::AuditEntry;
use crate::portable;
use crate::problem::Problem;
use crate::store::Before;
use crate::users::{Entered, Member, Quotas, Role, Visitor};

/// A tenant of the visitor's.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct OwnTenant {
    /// Its name in paths.
    name: String,
    /// How people call it.
    title: String,
    /// What the visitor may do.
    role: Role,
    /// How much it may use.
    quotas: Quotas,
}

impl From<Entered> for OwnTenant {
    fn from(entered: Entered) -> Self {
        Self {
            name: entered.scope.tenant().to_owned(),
            title: entered.title,
            role: entered.role,
            quotas: entered.quotas,
        }
    }
}

#[utoipa::path(get, path = "/tenants", tag = "tenants", summary = "Tenants of the visitor", responses((status = 200, description = "Tenants of the visitor", body = Vec<OwnTenant>)))]
pub(super) async fn list(State(app): State<App>, visitor: Visitor) -> Answer<Vec<OwnTenant>> {
    let mut names: Vec<String> = visitor.tenants().map(|(name, _)| name.to_owned()).collect();
    if visitor.is_administrator() {
        names = app
            .users()
            .tenants()
            .await?
            .into_iter()
            .map(|tenant| tenant.name)
            .collect();
    }
    let mut tenants = Vec::new();
    for name in names {
        tenants.push(visitor.enter(app.users(), &name).await?.into());
    }
    Ok(Json(tenants))
}

#[utoipa::path(get, path = "/", tag = "tenants", summary = "A tenant", responses((status = 200, description = "A tenant", body = OwnTenant)))]
pub(super) async fn show(entered: Entered) -> Json<OwnTenant> {
    Json(entered.into())
}

/// Everything that is stored of the tenant but secrets, as JSON lines: `{"type": "sync", …}`.
#[utoipa::path(get, path = "/export", tag = "tenants", summary = "Everything that is stored, as JSON lines", responses((status = 200, description = "Everything that is stored, as JSON lines", content_type = "application/x-ndjson", body = String)))]
pub(super) async fn export(State(app): State<App>, entered: Entered) -> Result<Response, Problem> {
    entered.need(Role::Owner)?;
    let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((kind, Body::from_stream(portable::lines(app, entered.scope))).into_response())
}

#[utoipa::path(get, path = "/members", tag = "tenants", summary = "Members of the tenant", responses((status = 200, description = "Members of the tenant", body = Vec<Member>)))]
pub(super) async fn members(State(app): State<App>, entered: Entered) -> Answer<Vec<Member>> {
    Ok(Json(app.users().members(entered.scope.tenant()).await?))
}

#[derive(Deserialize)]
pub(super) struct WhichEntries {
    #[serde(default)]
    before: Before,
    limit: Option<u32>,
}

/// Who changed what, newest first.
#[utoipa::path(get, path = "/audit", tag = "tenants", summary = "Who changed what", responses((status = 200, description = "Who changed what", body = Vec<AuditEntry>)))]
pub(super) async fn audit(entered: Entered, Query(which): Query<WhichEntries>) -> Answer<Vec<AuditEntry>> {
    entered.need(Role::Owner)?;
    let limit = which.limit.unwrap_or(100).clamp(1, 1_000);
    Ok(Json(AuditEntry::list(&entered.scope, &which.before, limit).await?))
}

/// A role to have.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleBody {
    /// Which.
    pub(super) role: Role,
}

/// Changes the role of a member. (An administrator makes members.)
#[utoipa::path(put, path = "/members/{account}", tag = "tenants", summary = "Change the role of a member", responses((status = 204, description = "Change the role of a member")))]
pub(super) async fn admit(
    State(app): State<App>,
    entered: Entered,
    Path((_, account)): Path<(String, String)>,
    Json(body): Json<RoleBody>,
) -> Result<StatusCode, Problem> {
    app.users().change_role(&entered, &account, body.role).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(delete, path = "/members/{account}", tag = "tenants", summary = "End a membership", responses((status = 204, description = "End a membership")))]
pub(super) async fn dismiss(
    State(app): State<App>,
    entered: Entered,
    Path((_, account)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    app.users().end_membership(&entered, &account).await?;
    Ok(StatusCode::NO_CONTENT)
}
