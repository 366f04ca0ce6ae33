//! Everything of a ledger, copied into an empty one: how a file becomes a database and back.

use std::collections::BTreeSet;

use super::{Lease, Ledger, LedgerError, PutOutcome, Quota, Scope, Shelf, Write};

/// Rows of one step.
const PAGE: u32 = 500;
/// How long a step holds a destination, in milliseconds.
const HOLD_MS: u64 = 10 * 60_000;
/// What was within its limits in one ledger is in the other.
const NO_LIMIT: Quota = Quota {
    rows: u64::MAX,
    row_bytes: usize::MAX,
};

/// What was copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    /// Links.
    pub rows: u64,
    /// Runs of the history.
    pub runs: u64,
    /// Credentials of which something is known.
    pub credentials: u64,
}

/// Why a ledger was not copied, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// The target is another's.
    #[error("the ledger to copy to is not empty")]
    NotEmpty,
    /// The copy is not complete.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Copies links, history, the health of credentials and where secrets go. Versions of rows and epochs of leases begin anew.
/// Every destination is held meanwhile: a run that works on one ends the copy, and none can begin.
///
/// # Errors
///
/// The target is not empty, a run is under way, or a store failed. What was copied until then stays: empty the target
/// before the next attempt.
pub async fn copy(from: &dyn Ledger, to: &dyn Ledger) -> Result<Copied, CopyError> {
    if !to.scopes().await?.is_empty() {
        return Err(CopyError::NotEmpty);
    }
    if !to.set_digest_key(from.digest_key().await?).await? {
        return Err(CopyError::NotEmpty);
    }
    let (mut copied, mut tenants) = (Copied::default(), BTreeSet::new());
    for scope in from.scopes().await? {
        tenants.insert(scope.tenant.clone());
        copied.rows += copy_rows(from, to, &scope).await?;
        // Oldest first: a copy that breaks off has no gap.
        for run in from.runs(&scope, u32::MAX).await?.into_iter().rev() {
            to.record(&scope, run).await?;
            copied.runs += 1;
        }
        to.bind_origins(&scope, from.origins(&scope).await?).await?;
    }
    for tenant in tenants {
        for mut health in from.credentials(tenant.clone()).await? {
            health.revision = 0;
            copied.credentials += u64::from(to.put_credential(tenant.clone(), health).await?);
        }
    }
    Ok(copied)
}

async fn copy_rows(from: &dyn Ledger, to: &dyn Ledger, scope: &Scope) -> Result<u64, LedgerError> {
    let shelves = from.shelves(scope).await?;
    let destinations: BTreeSet<&str> = shelves.iter().map(|shelf| shelf.destination.as_str()).collect();
    let mut leases = Vec::new();
    for destination in destinations {
        leases.push((
            hold(from, scope, destination).await?,
            hold(to, scope, destination).await?,
        ));
    }
    let mut copied = 0;
    for shelf in &shelves {
        copied += copy_shelf(from, to, scope, shelf).await?;
    }
    for (ours, theirs) in leases {
        from.release(scope, ours).await?;
        to.release(scope, theirs).await?;
    }
    Ok(copied)
}

async fn hold(ledger: &dyn Ledger, scope: &Scope, destination: &str) -> Result<Lease, LedgerError> {
    let holder = super::holder::name("copy");
    ledger.lease(scope, destination.to_owned(), holder, HOLD_MS).await
}

async fn copy_shelf(from: &dyn Ledger, to: &dyn Ledger, scope: &Scope, shelf: &Shelf) -> Result<u64, LedgerError> {
    let (mut copied, mut after) = (0, None);
    loop {
        let (entity, destination) = (shelf.entity.clone(), shelf.destination.clone());
        let rows = from.scan(scope, entity, destination, after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(copied) };
        after = Some(last.link.key.id.clone());
        // Renewed with every page, however many there are.
        hold(from, scope, &shelf.destination).await?;
        let lease = hold(to, scope, &shelf.destination).await?;
        let writes = rows.into_iter().map(|row| Write {
            link: row.link,
            expected: 0,
        });
        let outcomes = to.put_many(scope, vec![lease], NO_LIMIT, writes.collect()).await?;
        copied += outcomes
            .iter()
            .filter(|outcome| matches!(outcome, PutOutcome::Stored(_)))
            .count() as u64;
    }
}
