//! Rows of the `run` table.

use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

use super::super::columns::EndingColumns;
use super::super::{LedgerError, RunMode, RunRecord, Scope};
use crate::names::Named;

/// Columns in the order that [`record_of`] reads.
const COLUMNS: &str = "run_id, mode, export, undoes, settings_digest, started_at, finished_at, outcome, fault, side, reason, \
                       totals";

pub(super) async fn record(db: &impl GenericClient, scope: &Scope, run: &RunRecord) -> Result<(), LedgerError> {
    let statement = db
        .prepare_cached(&format!(
            "INSERT INTO run (tenant, integration, {COLUMNS}) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
             ON CONFLICT (tenant, integration, run_id) DO UPDATE SET \
             (mode, export, undoes, settings_digest, started_at, finished_at, outcome, fault, side, reason, totals) = \
             (excluded.mode, excluded.export, excluded.undoes, excluded.settings_digest, excluded.started_at, \
              excluded.finished_at, excluded.outcome, excluded.fault, excluded.side, excluded.reason, excluded.totals)"
        ))
        .await?;
    let ending = EndingColumns::of(run.ending.as_ref());
    db.execute(
        &statement,
        &[
            &scope.tenant,
            &scope.integration,
            &run.run_id,
            &run.mode.name(),
            &run.export,
            &run.undoes,
            &run.settings_digest,
            &run.started_at.cast_signed(),
            &run.finished_at.map(u64::cast_signed),
            &ending.outcome,
            &ending.fault,
            &ending.side,
            &ending.reason,
            &run.totals,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn latest(db: &impl GenericClient, scope: &Scope, limit: u32) -> Result<Vec<RunRecord>, LedgerError> {
    let statement = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM run WHERE tenant = $1 AND integration = $2 ORDER BY started_at DESC, run_id DESC LIMIT $3"
        ))
        .await?;
    let limit = i64::from(limit);
    let found = db
        .query(&statement, &[&scope.tenant, &scope.integration, &limit])
        .await?;
    found.iter().map(record_of).collect()
}

pub(super) async fn named(
    db: &impl GenericClient,
    scope: &Scope,
    run_id: &str,
) -> Result<Option<RunRecord>, LedgerError> {
    let statement = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM run WHERE tenant = $1 AND integration = $2 AND run_id = $3"
        ))
        .await?;
    let found = db
        .query_opt(&statement, &[&scope.tenant, &scope.integration, &run_id])
        .await?;
    found.as_ref().map(record_of).transpose()
}

fn record_of(row: &Row) -> Result<RunRecord, LedgerError> {
    let mode: String = row.try_get(1)?;
    let mode = RunMode::of_name(&mode);
    let ending = EndingColumns {
        outcome: row.try_get(7)?,
        fault: row.try_get(8)?,
        side: row.try_get(9)?,
        reason: row.try_get(10)?,
    };
    Ok(RunRecord {
        run_id: row.try_get(0)?,
        mode: mode.ok_or_else(|| LedgerError::Unavailable("a run has a mode of a newer host".into()))?,
        export: row.try_get(2)?,
        undoes: row.try_get(3)?,
        settings_digest: row.try_get(4)?,
        started_at: row.try_get::<_, i64>(5)?.cast_unsigned(),
        finished_at: row.try_get::<_, Option<i64>>(6)?.map(i64::cast_unsigned),
        ending: ending.ending(),
        totals: row.try_get(11)?,
    })
}
