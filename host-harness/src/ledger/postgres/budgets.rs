//! Rows of the `budget` table.

use deadpool_postgres::{GenericClient, Transaction};

use super::super::budget::{Budget, limits_of, limits_text};
use super::super::{BudgetKey, BudgetLeft, LedgerError, RateLimit, Reserved};
use super::cluster::now;

pub(super) async fn reserve(
    db: &Transaction<'_>,
    key: &BudgetKey,
    limits: &[RateLimit],
    wanted: u32,
) -> Result<Reserved, LedgerError> {
    let mut budget = locked(db, key).await?;
    let reserved = budget.reserve(limits, wanted, now(db).await?);
    store(db, key, &budget, &limits_text(limits)).await?;
    Ok(reserved)
}

pub(super) async fn pause(db: &Transaction<'_>, key: &BudgetKey, ms: u64) -> Result<(), LedgerError> {
    let mut budget = locked(db, key).await?;
    budget.pause(ms, now(db).await?);
    store(db, key, &budget, "").await
}

pub(super) async fn left(db: &impl GenericClient) -> Result<Vec<BudgetLeft>, LedgerError> {
    let now = now(db).await?;
    let query = "SELECT origin, version, limits, taken, paused_until FROM budget ORDER BY origin, version";
    let found = db.query(query, &[]).await?;
    let left = found.iter().map(|row| {
        let (limits, taken): (String, String) = (row.try_get(2)?, row.try_get(3)?);
        Ok(BudgetLeft {
            key: BudgetKey {
                origin: row.try_get(0)?,
                version: row.try_get(1)?,
            },
            left: Budget::of_columns(&taken, row.try_get(4)?).left(&limits_of(&limits), now),
        })
    });
    left.collect()
}

/// The budget, which nobody else changes until the transaction ends.
async fn locked(db: &Transaction<'_>, key: &BudgetKey) -> Result<Budget, LedgerError> {
    let first = db
        .prepare_cached("INSERT INTO budget VALUES ($1, $2, '', '', 0) ON CONFLICT DO NOTHING")
        .await?;
    db.execute(&first, &[&key.origin, &key.version]).await?;
    let statement = db
        .prepare_cached("SELECT taken, paused_until FROM budget WHERE origin = $1 AND version = $2 FOR UPDATE")
        .await?;
    let found = db.query_one(&statement, &[&key.origin, &key.version]).await?;
    let taken: String = found.try_get(0)?;
    Ok(Budget::of_columns(&taken, found.try_get(1)?))
}

/// Writes it. Limits that are not known stay.
async fn store(db: &Transaction<'_>, key: &BudgetKey, budget: &Budget, limits: &str) -> Result<(), LedgerError> {
    let statement = db
        .prepare_cached(
            "UPDATE budget SET taken = $3, paused_until = $4, limits = coalesce(nullif($5, ''), limits) \
             WHERE origin = $1 AND version = $2",
        )
        .await?;
    let (taken, paused_until) = budget.columns();
    db.execute(&statement, &[&key.origin, &key.version, &taken, &paused_until, &limits])
        .await?;
    Ok(())
}
