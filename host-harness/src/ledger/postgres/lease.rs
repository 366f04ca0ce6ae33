//! Rows of the `lease` table.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::{GenericClient, Transaction};

use super::super::lease::{Claim, Hold, claim, never_taken, taken_over};
use super::super::{Lease, LedgerError, Scope};
use super::cluster::now;

/// Takes or renews a lease, in a transaction that is to be committed where it is refused, too.
pub(super) async fn take(
    db: &Transaction<'_>,
    scope: &Scope,
    destination: String,
    holder: String,
    ttl_ms: u64,
) -> Result<Result<Lease, LedgerError>, LedgerError> {
    // A row that nobody had yet, so that two who want it first wait for each other.
    let first = db
        .prepare_cached("INSERT INTO lease VALUES ($1, $2, $3, '', 0, 0) ON CONFLICT DO NOTHING")
        .await?;
    let row: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&scope.tenant, &scope.integration, &destination];
    db.execute(&first, &row).await?;
    let locked = db
        .prepare_cached(
            "SELECT holder, epoch, expires_at FROM lease WHERE tenant = $1 AND integration = $2 AND destination = $3 \
             FOR UPDATE",
        )
        .await?;
    let found = db.query_one(&locked, &row).await?;
    // Read after the lock: whoever waited for it judges by the time at which it got it.
    let now = now(db).await?;
    let found = Hold {
        holder: found.try_get(0)?,
        epoch: found.try_get::<_, i64>(1)?.cast_unsigned(),
        expires_at: found.try_get::<_, i64>(2)?.cast_unsigned(),
    };
    let write = db
        .prepare_cached(
            "UPDATE lease SET holder = $4, epoch = $5, expires_at = $6 \
             WHERE tenant = $1 AND integration = $2 AND destination = $3",
        )
        .await?;
    let (hold, result) = match claim(Some(&found), &holder, now, ttl_ms) {
        Claim::Taken(hold) => {
            let lease = Lease {
                destination: destination.clone(),
                holder,
                epoch: hold.epoch,
            };
            (hold, Ok(lease))
        }
        Claim::Refused { ends_at, error } => {
            let hold = Hold {
                expires_at: ends_at,
                ..found
            };
            (hold, Err(error))
        }
    };
    let (epoch, expires_at) = (hold.epoch.cast_signed(), hold.expires_at.cast_signed());
    db.execute(
        &write,
        &[
            &scope.tenant,
            &scope.integration,
            &destination,
            &hold.holder,
            &epoch,
            &expires_at,
        ],
    )
    .await?;
    Ok(result)
}

/// The row stays with an empty holder, so that the epoch goes on growing.
pub(super) async fn release(db: &impl GenericClient, scope: &Scope, lease: &Lease) -> Result<(), LedgerError> {
    let statement = db
        .prepare_cached(
            "UPDATE lease SET holder = '', expires_at = 0 WHERE tenant = $1 AND integration = $2 AND destination = $3 \
             AND holder = $4 AND epoch = $5",
        )
        .await?;
    let epoch = lease.epoch.cast_signed();
    db.execute(
        &statement,
        &[
            &scope.tenant,
            &scope.integration,
            &lease.destination,
            &lease.holder,
            &epoch,
        ],
    )
    .await?;
    Ok(())
}

/// Whether `leases` still hold, by holder and epoch, for all `destinations`, and that they do until the transaction ends:
/// their rows are locked, in one order for everybody. A lease whose time has passed but which nobody took is still the
/// holder's.
pub(super) async fn check_all(
    db: &Transaction<'_>,
    scope: &Scope,
    leases: &[Lease],
    destinations: &BTreeSet<String>,
) -> Result<(), LedgerError> {
    let statement = db
        .prepare_cached(
            "SELECT destination, holder, epoch FROM lease WHERE tenant = $1 AND integration = $2 \
             AND destination = ANY ($3) ORDER BY destination FOR UPDATE",
        )
        .await?;
    let wanted: Vec<&String> = destinations.iter().collect();
    let found = db
        .query(&statement, &[&scope.tenant, &scope.integration, &wanted])
        .await?;
    let mut held: BTreeMap<String, (String, i64)> = BTreeMap::new();
    for row in found {
        held.insert(row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?));
    }
    for destination in destinations {
        let lease = leases.iter().find(|lease| lease.destination == *destination);
        let lease = lease.ok_or_else(never_taken)?;
        let holds = held
            .get(destination)
            .is_some_and(|(holder, epoch)| *holder == lease.holder && *epoch == lease.epoch.cast_signed());
        if !holds {
            return Err(taken_over());
        }
    }
    Ok(())
}
