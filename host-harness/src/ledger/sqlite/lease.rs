//! Rows of the `lease` table.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::super::lease::{Claim, Hold, claim, never_taken, taken_over};
use super::super::{Lease, LedgerError, Scope};

/// The outer error rolls back.
pub(super) fn take(
    db: &Connection,
    scope: &Scope,
    destination: String,
    holder: String,
    now: u64,
    ttl_ms: u64,
) -> Result<Result<Lease, LedgerError>, LedgerError> {
    let found = db
        .query_row(
            "SELECT holder, epoch, expires_at FROM lease WHERE tenant = ?1 AND integration = ?2 AND destination = ?3",
            params![scope.tenant, scope.integration, destination],
            |row| {
                Ok(Hold {
                    holder: row.get(0)?,
                    epoch: row.get::<_, i64>(1)?.cast_unsigned(),
                    expires_at: row.get::<_, i64>(2)?.cast_unsigned(),
                })
            },
        )
        .optional()?;
    match claim(found.as_ref(), &holder, now, ttl_ms) {
        Claim::Refused { ends_at, error } => {
            db.execute(
                "UPDATE lease SET expires_at = ?4 WHERE tenant = ?1 AND integration = ?2 AND destination = ?3",
                params![scope.tenant, scope.integration, destination, ends_at.cast_signed()],
            )?;
            Ok(Err(error))
        }
        Claim::Taken(hold) => {
            db.execute(
                "INSERT OR REPLACE INTO lease (tenant, integration, destination, holder, epoch, expires_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    scope.tenant,
                    scope.integration,
                    destination,
                    hold.holder,
                    hold.epoch.cast_signed(),
                    hold.expires_at.cast_signed()
                ],
            )?;
            Ok(Ok(Lease {
                destination,
                holder,
                epoch: hold.epoch,
            }))
        }
    }
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
        let lease = leases.iter().find(|lease| lease.destination == *destination);
        let lease = lease.ok_or_else(never_taken)?;
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
            return Err(taken_over());
        }
    }
    Ok(())
}
