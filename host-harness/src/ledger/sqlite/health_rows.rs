//! Rows of the `standing` table, and the key that versions are made with.

use rusqlite::{Connection, OptionalExtension, params};

use super::super::LedgerError;
use super::super::columns::{StateColumns, joined, times};
use crate::ledger::health::{CredentialHealth, CredentialKey, DestinationAccess};

const COLUMNS: &str = "origin, version, access, destination, connection, state, kind, side, message, hint, since, seen, refused, \
                       trial_by, trial_until, proved_at, cleared_at, revision, gateway, asked_at";

/// The ledger's key, made on first use. One that cannot be stored knows no credential.
pub(super) fn digest_key(db: &Connection) -> Result<[u8; 32], LedgerError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| LedgerError::Unavailable(error.to_string()))?;
    if db.is_readonly("main")? {
        let stored = db
            .query_row("SELECT key FROM digest_key", [], |row| row.get(0))
            .optional()?;
        return Ok(stored.unwrap_or(key));
    }
    db.execute(
        "INSERT OR IGNORE INTO digest_key (one, key) VALUES (1, ?1)",
        params![key],
    )?;
    Ok(db.query_row("SELECT key FROM digest_key", [], |row| row.get(0))?)
}

pub(super) fn all(db: &Connection, tenant: &str) -> Result<Vec<CredentialHealth>, LedgerError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM standing WHERE tenant = ?1 ORDER BY origin, version, access, destination"
    ))?;
    let rows = statement.query_map(params![tenant], row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn get(db: &Connection, tenant: &str, key: &CredentialKey) -> Result<Option<CredentialHealth>, LedgerError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM standing WHERE tenant = ?1 AND origin = ?2 AND version = ?3 AND access = ?4 \
         AND destination = ?5"
    ))?;
    let (access, destination) = access_columns(key);
    let found = statement.query_row(params![tenant, key.origin, key.version, access, destination], row);
    Ok(found.optional()?)
}

/// Whether the row was written: nobody wrote since it was read.
pub(super) fn put(db: &Connection, tenant: &str, health: &CredentialHealth) -> Result<bool, LedgerError> {
    let stored = get(db, tenant, &health.key)?.map_or(0, |row| row.revision);
    if stored != health.revision {
        return Ok(false);
    }
    let (access, destination) = access_columns(&health.key);
    let state = StateColumns::of(&health.state);
    db.prepare_cached(&format!(
        "INSERT OR REPLACE INTO standing (tenant, {COLUMNS}) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)"
    ))?
    .execute(params![
        tenant,
        health.key.origin,
        health.key.version,
        access,
        destination,
        health.connection,
        state.state,
        state.kind,
        state.side,
        state.message,
        state.hint,
        state.since,
        state.seen,
        joined(&health.refused),
        health.trial.as_ref().map(|(holder, _)| holder),
        health.trial.as_ref().map(|(_, until)| until.cast_signed()),
        health.proved_at.map(u64::cast_signed),
        health.cleared_at.map(u64::cast_signed),
        (health.revision + 1).cast_signed(),
        health.by_gateway,
        health.asked_at.map(u64::cast_signed),
    ])?;
    Ok(true)
}

/// The side that grants an access, by its name, and the destination; both empty for the credential itself.
fn access_columns(key: &CredentialKey) -> (&str, &str) {
    match &key.access {
        None => ("", ""),
        Some(access) => (&access.side, &access.destination),
    }
}

fn access(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<DestinationAccess>> {
    let side: String = row.get(2)?;
    if side.is_empty() {
        return Ok(None);
    }
    Ok(Some(DestinationAccess {
        side,
        destination: row.get(3)?,
    }))
}

fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<CredentialHealth> {
    let time = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(i64::cast_unsigned));
    let state = StateColumns {
        state: row.get(5)?,
        kind: row.get(6)?,
        side: row.get(7)?,
        message: row.get(8)?,
        hint: row.get(9)?,
        since: row.get(10)?,
        seen: row.get(11)?,
    };
    let refused: String = row.get(12)?;
    let holder: Option<String> = row.get(13)?;
    Ok(CredentialHealth {
        key: CredentialKey {
            origin: row.get(0)?,
            version: row.get(1)?,
            access: access(row)?,
        },
        connection: row.get(4)?,
        state: state.state(),
        refused: times(&refused),
        trial: holder.zip(time(14)?),
        proved_at: time(15)?,
        cleared_at: time(16)?,
        revision: row.get::<_, i64>(17)?.cast_unsigned(),
        by_gateway: row.get(18)?,
        asked_at: time(19)?,
    })
}
