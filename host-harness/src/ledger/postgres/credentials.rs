//! Rows of the `standing` table, the key that versions are made with, and where secrets go.

use std::collections::BTreeMap;

use deadpool_postgres::GenericClient;
use serde_json::json;
use tokio_postgres::Row;

use super::super::columns::{StateColumns, joined, times};
use super::super::health::{CredentialHealth, CredentialKey, DestinationAccess};
use super::super::{LedgerError, Scope};

/// Columns in the order that [`health`] reads.
const COLUMNS: &str = "origin, version, access, destination, connection, state, kind, side, message, hint, since, seen, refused, \
                       trial_by, trial_until, proved_at, cleared_at, revision, gateway, asked_at";

/// The ledger's key, made on first use.
pub(super) async fn digest_key(db: &impl GenericClient) -> Result<[u8; 32], LedgerError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| LedgerError::Unavailable(error.to_string()))?;
    stored_key(db, key).await
}

/// The ledger's key: `key` where none was made before.
pub(super) async fn stored_key(db: &impl GenericClient, key: [u8; 32]) -> Result<[u8; 32], LedgerError> {
    let insert = "INSERT INTO digest_key VALUES (1, $1) ON CONFLICT DO NOTHING";
    db.execute(insert, &[&key.as_slice()]).await?;
    let stored: Vec<u8> = db.query_one("SELECT key FROM digest_key", &[]).await?.try_get(0)?;
    let stored = stored.try_into();
    stored.map_err(|_| LedgerError::Unavailable("the key of digests is none".into()))
}

pub(super) async fn all(db: &impl GenericClient, tenant: &str) -> Result<Vec<CredentialHealth>, LedgerError> {
    let statement = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM standing WHERE tenant = $1 ORDER BY origin, version, access, destination"
        ))
        .await?;
    db.query(&statement, &[&tenant]).await?.iter().map(health).collect()
}

pub(super) async fn get(
    db: &impl GenericClient,
    tenant: &str,
    key: &CredentialKey,
) -> Result<Option<CredentialHealth>, LedgerError> {
    let statement = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM standing WHERE tenant = $1 AND origin = $2 AND version = $3 AND access = $4 \
             AND destination = $5"
        ))
        .await?;
    let (access, destination) = access_columns(key);
    let found = db
        .query_opt(&statement, &[&tenant, &key.origin, &key.version, &access, &destination])
        .await?;
    found.as_ref().map(health).transpose()
}

/// Whether the row was written: nobody wrote since it was read.
pub(super) async fn put(db: &impl GenericClient, tenant: &str, health: &CredentialHealth) -> Result<bool, LedgerError> {
    let statement = db
        .prepare_cached(
            "INSERT INTO standing SELECT new.* FROM json_populate_record(NULL::standing, $1::text::json) AS new \
             WHERE $2::bigint = 0 OR EXISTS (SELECT FROM standing AS old WHERE old.tenant = new.tenant \
               AND old.origin = new.origin AND old.version = new.version AND old.access = new.access \
               AND old.destination = new.destination) \
             ON CONFLICT (tenant, origin, version, access, destination) DO UPDATE SET \
             (connection, state, kind, side, message, hint, since, seen, refused, trial_by, trial_until, proved_at, \
              cleared_at, revision, gateway, asked_at) = \
             (excluded.connection, excluded.state, excluded.kind, excluded.side, excluded.message, excluded.hint, \
              excluded.since, excluded.seen, excluded.refused, excluded.trial_by, excluded.trial_until, \
              excluded.proved_at, excluded.cleared_at, excluded.revision, excluded.gateway, excluded.asked_at) \
             WHERE standing.revision = $2",
        )
        .await?;
    let (access, destination) = access_columns(&health.key);
    let state = StateColumns::of(&health.state);
    let row = json!({
        "tenant": tenant,
        "origin": health.key.origin,
        "version": health.key.version,
        "access": access,
        "destination": destination,
        "connection": health.connection,
        "state": state.state,
        "kind": state.kind,
        "side": state.side,
        "message": state.message,
        "hint": state.hint,
        "since": state.since,
        "seen": state.seen,
        "refused": joined(&health.refused),
        "trial_by": health.trial.as_ref().map(|(holder, _)| holder),
        "trial_until": health.trial.as_ref().map(|(_, until)| until),
        "proved_at": health.proved_at,
        "cleared_at": health.cleared_at,
        "revision": health.revision + 1,
        "gateway": health.by_gateway,
        "asked_at": health.asked_at,
    });
    let written = db
        .execute(&statement, &[&row.to_string(), &health.revision.cast_signed()])
        .await?;
    Ok(written == 1)
}

/// The side that grants an access, by its name, and the destination; both empty for the credential itself.
fn access_columns(key: &CredentialKey) -> (&str, &str) {
    match &key.access {
        None => ("", ""),
        Some(access) => (&access.side, &access.destination),
    }
}

fn health(row: &Row) -> Result<CredentialHealth, LedgerError> {
    let time = |column: usize| Ok::<_, LedgerError>(row.try_get::<_, Option<i64>>(column)?.map(i64::cast_unsigned));
    let state = StateColumns {
        state: row.try_get(5)?,
        kind: row.try_get(6)?,
        side: row.try_get(7)?,
        message: row.try_get(8)?,
        hint: row.try_get(9)?,
        since: row.try_get(10)?,
        seen: row.try_get(11)?,
    };
    let side: String = row.try_get(2)?;
    let destination: String = row.try_get(3)?;
    let refused: String = row.try_get(12)?;
    let holder: Option<String> = row.try_get(13)?;
    Ok(CredentialHealth {
        key: CredentialKey {
            origin: row.try_get(0)?,
            version: row.try_get(1)?,
            access: (!side.is_empty()).then_some(DestinationAccess { destination, side }),
        },
        connection: row.try_get(4)?,
        state: state.state(),
        refused: times(&refused),
        trial: holder.zip(time(14)?),
        proved_at: time(15)?,
        cleared_at: time(16)?,
        revision: row.try_get::<_, i64>(17)?.cast_unsigned(),
        by_gateway: row.try_get(18)?,
        asked_at: time(19)?,
    })
}

pub(super) async fn origins(db: &impl GenericClient, scope: &Scope) -> Result<BTreeMap<String, String>, LedgerError> {
    let query = "SELECT secret, origin FROM origin WHERE tenant = $1 AND integration = $2";
    let found = db.query(query, &[&scope.tenant, &scope.integration]).await?;
    found.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

pub(super) async fn bind_origins(
    db: &impl GenericClient,
    scope: &Scope,
    origins: &BTreeMap<String, String>,
) -> Result<(), LedgerError> {
    let (secrets, origins): (Vec<&str>, Vec<&str>) = origins
        .iter()
        .map(|(secret, origin)| (secret.as_str(), origin.as_str()))
        .unzip();
    let statement = "INSERT INTO origin SELECT $1, $2, * FROM unnest($3::text[], $4::text[]) \
                     ON CONFLICT (tenant, integration, secret) DO UPDATE SET origin = excluded.origin";
    db.execute(statement, &[&scope.tenant, &scope.integration, &secrets, &origins])
        .await?;
    Ok(())
}
