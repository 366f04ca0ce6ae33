//! `/tenants`, as their members see them.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Json};
use crate::app::App;
use crate::problem::Problem;
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

pub(super) async fn show(entered: Entered) -> Json<OwnTenant> {
    Json(entered.into())
}

pub(super) async fn members(State(app): State<App>, entered: Entered) -> Answer<Vec<Member>> {
    Ok(Json(app.users().members(entered.scope.tenant()).await?))
}

/// A role to have.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleBody {
    /// Which.
    role: Role,
}

/// Changes the role of a member. (An administrator makes members.)
pub(super) async fn admit(
    State(app): State<App>,
    entered: Entered,
    Path((tenant, account)): Path<(String, String)>,
    Json(body): Json<RoleBody>,
) -> Result<StatusCode, Problem> {
    is_member(&app, &entered, &account).await?;
    entered.need_person()?;
    entered.need(Role::Owner)?;
    app.users().admit(&tenant, &account, body.role).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn dismiss(
    State(app): State<App>,
    entered: Entered,
    Path((tenant, account)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    is_member(&app, &entered, &account).await?;
    entered.need_person()?;
    entered.need(Role::Owner)?;
    app.users().dismiss(&tenant, &account).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Accounts that are none of the tenant's members do not exist for it.
async fn is_member(app: &App, entered: &Entered, account: &str) -> Result<(), Problem> {
    let members = app.users().members(entered.scope.tenant()).await?;
    if members.iter().any(|member| member.account == account) {
        return Ok(());
    }
    Err(Problem::not_found())
}
