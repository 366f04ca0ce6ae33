//! Rows of the `budget` table.

use rusqlite::{Connection, OptionalExtension, params};

use super::super::budget::{Budget, limits_of, limits_text};
use super::super::{BudgetKey, BudgetLeft, LedgerError, RateLimit, Reserved};

pub(super) fn reserve(
    db: &Connection,
    key: &BudgetKey,
    limits: &[RateLimit],
    wanted: u32,
    now: u64,
) -> Result<Reserved, LedgerError> {
    let mut budget = get(db, key)?;
    let reserved = budget.reserve(limits, wanted, now);
    let (taken, paused_until) = budget.columns();
    db.execute(
        "INSERT OR REPLACE INTO budget (origin, version, limits, taken, paused_until) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![key.origin, key.version, limits_text(limits), taken, paused_until],
    )?;
    Ok(reserved)
}

pub(super) fn pause(db: &Connection, key: &BudgetKey, ms: u64, now: u64) -> Result<(), LedgerError> {
    let mut budget = get(db, key)?;
    budget.pause(ms, now);
    let (_, paused_until) = budget.columns();
    db.execute(
        "UPDATE budget SET paused_until = ?3 WHERE origin = ?1 AND version = ?2",
        params![key.origin, key.version, paused_until],
    )?;
    Ok(())
}

pub(super) fn left(db: &Connection, now: u64) -> Result<Vec<BudgetLeft>, LedgerError> {
    let mut statement =
        db.prepare("SELECT origin, version, limits, taken, paused_until FROM budget ORDER BY origin, version")?;
    let found = statement.query_map([], |row| {
        let (limits, taken): (String, String) = (row.get(2)?, row.get(3)?);
        Ok(BudgetLeft {
            key: BudgetKey {
                origin: row.get(0)?,
                version: row.get(1)?,
            },
            left: Budget::of_columns(&taken, row.get(4)?).left(&limits_of(&limits), now),
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn get(db: &Connection, key: &BudgetKey) -> Result<Budget, LedgerError> {
    let found = db
        .query_row(
            "SELECT taken, paused_until FROM budget WHERE origin = ?1 AND version = ?2",
            params![key.origin, key.version],
            |row| Ok((row.get::<_, String>(0)?, row.get(1)?)),
        )
        .optional()?;
    Ok(found.map_or_else(Budget::default, |(taken, paused_until)| {
        Budget::of_columns(&taken, paused_until)
    }))
}
