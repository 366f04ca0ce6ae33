//! `/admin`: what the keepers of the instance do. For everybody else it does not exist.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::tenants::RoleBody;
use super::{Answer, Json};
use crate::app::App;
use crate::audit::AuditEntry;
use crate::gate::Administrator;
use crate::portable::remove;
use crate::problem::Problem;
use crate::settings::servers;
use crate::store::Before;
use crate::users::{Account, NewAccount, Quotas, TenantRow};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(tenants, add_tenant))
        .routes(routes!(change_tenant, remove_tenant))
        .routes(routes!(admit))
        .routes(routes!(accounts, add_account))
        .routes(routes!(change_account))
        .routes(routes!(link))
        .routes(routes!(allowed, allow))
        .routes(routes!(forbid))
        .routes(routes!(entries))
}

#[utoipa::path(get, path = "/tenants", tag = "administration", summary = "All tenants", responses((status = 200, description = "All tenants", body = Vec<TenantRow>)))]
async fn tenants(State(app): State<App>, _: Administrator) -> Answer<Vec<TenantRow>> {
    Ok(Json(app.users().tenants().await?))
}

/// A tenant to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTenant {
    /// Its name in paths: lower-case letters, digits and hyphens.
    name: String,
    /// How people call it.
    #[serde(default)]
    title: String,
    /// How much it may use.
    #[serde(default)]
    quotas: Quotas,
}

#[utoipa::path(post, path = "/tenants", tag = "administration", summary = "Add a tenant", responses((status = 201, description = "Add a tenant", body = TenantRow)))]
async fn add_tenant(
    State(app): State<App>,
    by: Administrator,
    Json(new): Json<NewTenant>,
) -> Result<(StatusCode, Json<TenantRow>), Problem> {
    let tenant = app
        .users()
        .add_tenant(&new.name, &new.title, new.quotas, &by.0.actor())
        .await?;
    Ok((StatusCode::CREATED, Json(tenant)))
}

/// What can be changed of a tenant.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantBody {
    /// How people call it.
    title: String,
    /// How much it may use.
    quotas: Quotas,
}

#[utoipa::path(put, path = "/tenants/{tenant}", tag = "administration", summary = "Change a tenant", responses((status = 204, description = "Change a tenant")))]
async fn change_tenant(
    State(app): State<App>,
    by: Administrator,
    Path(tenant): Path<String>,
    Json(body): Json<TenantBody>,
) -> Result<StatusCode, Problem> {
    app.users()
        .change_tenant(&tenant, &body.title, body.quotas, &by.0.actor())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a tenant: settings, secrets, history, links. What is at destinations stays.
#[utoipa::path(delete, path = "/tenants/{tenant}", tag = "administration", summary = "Remove a tenant with everything it has", responses((status = 204, description = "Remove a tenant with everything it has")))]
async fn remove_tenant(
    State(app): State<App>,
    by: Administrator,
    Path(tenant): Path<String>,
) -> Result<StatusCode, Problem> {
    remove(&app, &tenant, &by.0.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(put, path = "/tenants/{tenant}/members/{account}", tag = "administration", summary = "Make an account a member", responses((status = 204, description = "Make an account a member")))]
async fn admit(
    State(app): State<App>,
    by: Administrator,
    Path((tenant, account)): Path<(String, String)>,
    Json(body): Json<RoleBody>,
) -> Result<StatusCode, Problem> {
    let by = by.0.actor();
    app.users().admit(&tenant, &account, body.role, &by).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(get, path = "/accounts", tag = "administration", summary = "All accounts", responses((status = 200, description = "All accounts", body = Vec<Account>)))]
async fn accounts(State(app): State<App>, _: Administrator) -> Answer<Vec<Account>> {
    Ok(Json(app.users().all().await?))
}

#[utoipa::path(post, path = "/accounts", tag = "administration", summary = "Add an account", responses((status = 201, description = "Add an account", body = Account)))]
async fn add_account(
    State(app): State<App>,
    by: Administrator,
    Json(new): Json<NewAccount>,
) -> Result<(StatusCode, Json<Account>), Problem> {
    let account = app.users().add(new, &by.0.actor()).await?;
    Ok((StatusCode::CREATED, Json(account)))
}

/// What can be changed of an account.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct AccountBody {
    /// Whether they keep the instance.
    is_administrator: bool,
    /// Whether they cannot log in.
    is_off: bool,
}

#[utoipa::path(put, path = "/accounts/{account}", tag = "administration", summary = "Change an account", responses((status = 204, description = "Change an account")))]
async fn change_account(
    State(app): State<App>,
    by: Administrator,
    Path(account): Path<String>,
    Json(body): Json<AccountBody>,
) -> Result<StatusCode, Problem> {
    let by = by.0.actor();
    app.users()
        .change(&account, body.is_administrator, body.is_off, &by)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A link by which a person sets a password.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LinkBody {
    /// It works once, for three days.
    url: String,
}

#[utoipa::path(post, path = "/accounts/{account}/link", tag = "administration", summary = "A link by which a person sets a password", responses((status = 200, description = "A link by which a person sets a password", body = LinkBody)))]
async fn link(State(app): State<App>, by: Administrator, Path(account): Path<String>) -> Answer<LinkBody> {
    let proof = app.users().invite(&account, &by.0.actor()).await?;
    Ok(Json(LinkBody {
        url: app.url(&format!("/link/{}", *proof)),
    }))
}

/// A private or plain server that tenants may name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerBody {
    /// Host and port, for example `jira.internal:443`.
    server: String,
}

#[utoipa::path(get, path = "/servers", tag = "administration", summary = "Private or plain servers that tenants may name", responses((status = 200, description = "Private or plain servers that tenants may name", body = Vec<ServerBody>)))]
async fn allowed(State(app): State<App>, _: Administrator) -> Answer<Vec<ServerBody>> {
    let allowed = servers::allowed(&app).await?;
    Ok(Json(allowed.into_iter().map(|server| ServerBody { server }).collect()))
}

#[utoipa::path(post, path = "/servers", tag = "administration", summary = "Allow a server", responses((status = 204, description = "Allow a server")))]
async fn allow(State(app): State<App>, by: Administrator, Json(body): Json<ServerBody>) -> Result<StatusCode, Problem> {
    servers::allow(&app, &body.server, &by.0.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(delete, path = "/servers/{server}", tag = "administration", summary = "Forbid a server", responses((status = 204, description = "Forbid a server")))]
async fn forbid(State(app): State<App>, by: Administrator, Path(server): Path<String>) -> Result<StatusCode, Problem> {
    servers::forbid(&app, &server, &by.0.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(get, path = "/audit", tag = "administration", summary = "Who changed what in the instance", responses((status = 200, description = "Who changed what in the instance", body = Vec<AuditEntry>)))]
async fn entries(State(app): State<App>, _: Administrator) -> Answer<Vec<AuditEntry>> {
    Ok(Json(
        AuditEntry::of_instance(app.store(), &Before::default(), 1_000).await?,
    ))
}
