//! For which server each secret was entered. Never the secret.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::super::{LedgerError, Scope};

pub(super) fn all(db: &Connection, scope: &Scope) -> Result<BTreeMap<String, String>, LedgerError> {
    let mut statement =
        db.prepare_cached("SELECT secret, origin FROM origin WHERE tenant = ?1 AND integration = ?2")?;
    let rows = statement.query_map(params![scope.tenant, scope.integration], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn bind(db: &Connection, scope: &Scope, origins: &BTreeMap<String, String>) -> Result<(), LedgerError> {
    for (secret, origin) in origins {
        db.execute(
            "INSERT OR REPLACE INTO origin (tenant, integration, secret, origin) VALUES (?1, ?2, ?3, ?4)",
            params![scope.tenant, scope.integration, secret, origin],
        )?;
    }
    Ok(())
}
