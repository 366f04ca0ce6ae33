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
use crate::audit::{self, AuditEntry};
use crate::gate::Administrator;
use crate::problem::Problem;
use crate::store::sql;
use crate::users::{Account, NewAccount, Quotas, TenantRow};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(tenants, add_tenant))
        .routes(routes!(change_tenant))
        .routes(routes!(admit))
        .routes(routes!(accounts, add_account))
        .routes(routes!(change_account))
        .routes(routes!(link))
        .routes(routes!(servers, allow))
        .routes(routes!(forbid))
        .routes(routes!(entries))
}

async fn note(app: &App, by: &Administrator, action: &str, subject: &str, detail: &str) -> Result<(), Problem> {
    let entry = audit::of_instance(&by.0.actor(), app.now(), action, subject, detail);
    app.store().write(vec![entry]).await?;
    Ok(())
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
    let tenant = app.users().add_tenant(&new.name, &new.title, new.quotas).await?;
    note(&app, &by, "add tenant", &tenant.name, &tenant.title).await?;
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
    app.users().change_tenant(&tenant, &body.title, body.quotas).await?;
    note(&app, &by, "change tenant", &tenant, &body.title).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(put, path = "/tenants/{tenant}/members/{account}", tag = "administration", summary = "Make an account a member", responses((status = 204, description = "Make an account a member")))]
async fn admit(
    State(app): State<App>,
    by: Administrator,
    Path((tenant, account)): Path<(String, String)>,
    Json(body): Json<RoleBody>,
) -> Result<StatusCode, Problem> {
    app.users().admit(&tenant, &account, body.role).await?;
    note(
        &app,
        &by,
        "admit to tenant",
        &tenant,
        &format!("{account} as {}", body.role.name()),
    )
    .await?;
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
    let account = app.users().add(new).await?;
    note(&app, &by, "add account", &account.login, "").await?;
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
    app.users().change(&account, body.is_administrator, body.is_off).await?;
    let detail = format!("administrator: {}, off: {}", body.is_administrator, body.is_off);
    note(&app, &by, "change account", &account, &detail).await?;
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
    let proof = app.users().invite(&account).await?;
    note(&app, &by, "make link", &account, "").await?;
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
async fn servers(State(app): State<App>, _: Administrator) -> Answer<Vec<ServerBody>> {
    let rows = app
        .store()
        .read(sql("SELECT server FROM allowed_server ORDER BY server"))
        .await?;
    let servers = rows.iter().map(|row| {
        Ok(ServerBody {
            server: row.get("server")?,
        })
    });
    Ok(Json(servers.collect::<Result<_, Problem>>()?))
}

#[utoipa::path(post, path = "/servers", tag = "administration", summary = "Allow a server", responses((status = 204, description = "Allow a server")))]
async fn allow(State(app): State<App>, by: Administrator, Json(body): Json<ServerBody>) -> Result<StatusCode, Problem> {
    let server = body.server.trim();
    app.egress()
        .clone()
        .allow(server)
        .map_err(|error| Problem::invalid(error.to_string()))?;
    let row = sql("INSERT INTO allowed_server (server, added_at) VALUES (?1, ?2) ON CONFLICT (server) DO NOTHING");
    app.store().write(vec![row.bind(server).bind(app.now())]).await?;
    note(&app, &by, "allow server", server, "").await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(delete, path = "/servers/{server}", tag = "administration", summary = "Forbid a server", responses((status = 204, description = "Forbid a server")))]
async fn forbid(State(app): State<App>, by: Administrator, Path(server): Path<String>) -> Result<StatusCode, Problem> {
    let row = sql("DELETE FROM allowed_server WHERE server = ?1")
        .bind(&server)
        .must_change(1);
    app.store().write(vec![row]).await.map_err(Problem::missing)?;
    note(&app, &by, "forbid server", &server, "").await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(get, path = "/audit", tag = "administration", summary = "Who changed what in the instance", responses((status = 200, description = "Who changed what in the instance", body = Vec<AuditEntry>)))]
async fn entries(State(app): State<App>, _: Administrator) -> Answer<Vec<AuditEntry>> {
    Ok(Json(AuditEntry::of_instance(app.store(), u64::MAX, 1_000).await?))
}
