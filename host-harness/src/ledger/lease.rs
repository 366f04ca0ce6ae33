//! One writer at a time per destination project.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::{Lease, LedgerError, Scope, holder::is_gone};

/// A free lease, an own one, one whose time has passed and one whose holder is certainly gone can be taken. The epoch
/// grows with every change of holder, so that a holder taken for gone could still write nothing. The outer error rolls back.
pub(super) fn take(
    db: &Connection,
    scope: &Scope,
    destination: String,
    holder: String,
    now: u64,
    ttl_ms: u64,
) -> Result<Result<Lease, LedgerError>, LedgerError> {
    let found: Option<(String, i64, i64)> = db
        .query_row(
            "SELECT holder, epoch, expires_at FROM lease WHERE tenant = ?1 AND integration = ?2 AND destination = ?3",
            params![scope.tenant, scope.integration, destination],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let epoch = match found {
        None => 1,
        Some((current, epoch, _)) if current == holder => epoch,
        Some((current, epoch, expires_at)) if expires_at.cast_unsigned() <= now || is_gone(&current) => epoch + 1,
        Some((_, epoch, expires_at)) => {
            // A holder whose clock was wrong may not keep others away for longer than one with a right one.
            let expires_at = expires_at.min((now + ttl_ms).cast_signed());
            db.execute(
                "UPDATE lease SET expires_at = ?5 WHERE tenant = ?1 AND integration = ?2 AND destination = ?3 AND epoch = ?4",
                params![scope.tenant, scope.integration, destination, epoch, expires_at],
            )?;
            let seconds = expires_at.cast_unsigned().saturating_sub(now).div_ceil(1_000);
            return Ok(Err(LedgerError::LeaseLost(format!(
                "its hold ends in {seconds} s unless it goes on"
            ))));
        }
    };
    db.execute(
        "INSERT OR REPLACE INTO lease (tenant, integration, destination, holder, epoch, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            scope.tenant,
            scope.integration,
            destination,
            holder,
            epoch,
            (now + ttl_ms).cast_signed()
        ],
    )?;
    Ok(Ok(Lease {
        destination,
        holder,
        epoch: epoch.cast_unsigned(),
    }))
}

/// The row stays with an empty holder, so that the epoch goes on growing.
pub(super) fn release(db: &Connection, scope: &Scope, lease: &Lease) -> Result<(), LedgerError> {
    db.execute(
        "UPDATE lease SET holder = '', expires_at = 0 WHERE tenant = ?1 AND integration = ?2 AND destination = ?3 \
         AND holder = ?4 AND epoch = ?5",
        params![
            scope.tenant,
            scope.integration,
            lease.destination,
            lease.holder,
            lease.epoch.cast_signed()
        ],
    )?;
    Ok(())
}

/// Whether `leases` still hold, by holder and epoch, for all `destinations`. A lease whose time has passed but which
/// nobody took is still the holder's.
pub(super) fn check_all(
    db: &Connection,
    scope: &Scope,
    leases: &[Lease],
    destinations: &BTreeSet<&str>,
) -> Result<(), LedgerError> {
    for destination in destinations {
        let Some(lease) = leases.iter().find(|lease| lease.destination == *destination) else {
            return Err(LedgerError::LeaseLost("no lease was taken".into()));
        };
        let held = db
            .prepare_cached(
                "SELECT 1 FROM lease WHERE tenant = ?1 AND integration = ?2 AND destination = ?3 AND holder = ?4 \
                 AND epoch = ?5",
            )?
            .exists(params![
                scope.tenant,
                scope.integration,
                destination,
                lease.holder,
                lease.epoch.cast_signed()
            ])?;
        if !held {
            return Err(LedgerError::LeaseLost("it was taken over".into()));
        }
    }
    Ok(())
}
