//! Private or plain servers that tenants may name. Administrators enter them, beside those of the service's options.

use tms_sync_host::EgressPolicy;

use crate::app::App;
use crate::audit::did;
use crate::problem::Problem;
use crate::store::{StoreError, sql};

/// Servers that administrators entered, as `host:port`.
///
/// # Errors
///
/// The store's.
pub(crate) async fn allowed(app: &App) -> Result<Vec<String>, StoreError> {
    let query = sql("SELECT server FROM allowed_server ORDER BY server");
    let rows = app.store().read(query).await?;
    rows.iter().map(|row| row.get("server")).collect()
}

/// Allows one more.
///
/// # Errors
///
/// It is no host and port.
pub(crate) async fn allow(app: &App, server: &str, by: &str) -> Result<(), Problem> {
    let server = server.trim();
    let parsed = app.egress().clone().allow(server);
    parsed.map_err(|error| Problem::invalid(error.to_string()))?;
    let row = sql("INSERT INTO allowed_server (server, added_at) VALUES (?1, ?2) ON CONFLICT (server) DO NOTHING");
    let row = row.bind(server).bind(app.now());
    let what = did("allow server", server, "");
    Ok(app.users().write(by, None, vec![row], what).await?)
}

/// Allows it no more.
///
/// # Errors
///
/// It was not allowed, or by the options of the start.
pub(crate) async fn forbid(app: &App, server: &str, by: &str) -> Result<(), Problem> {
    let row = sql("DELETE FROM allowed_server WHERE server = ?1")
        .bind(server)
        .must_change(1);
    let what = did("forbid server", server, "");
    app.users()
        .write(by, None, vec![row], what)
        .await
        .map_err(Problem::missing)
}

/// What tenants may reach beside the public internet.
pub(crate) async fn egress(app: &App) -> Result<EgressPolicy, StoreError> {
    let mut policy = app.egress().clone();
    for server in allowed(app).await? {
        // What is stored was read as a host and a port when it was entered.
        if let Ok(wider) = policy.clone().allow(&server) {
            policy = wider;
        }
    }
    Ok(policy)
}
