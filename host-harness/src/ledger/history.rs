//! Which runs there were.

use rusqlite::{Connection, params};

use super::{LedgerError, RunRecord, Scope};

pub(super) fn record(db: &Connection, scope: &Scope, run: &RunRecord) -> Result<(), LedgerError> {
    db.execute(
        "INSERT OR REPLACE INTO run (tenant, integration, run_id, export, settings_digest, started_at, finished_at, \
         outcome, totals) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            scope.tenant,
            scope.integration,
            run.run_id,
            run.export,
            run.settings_digest,
            run.started_at.cast_signed(),
            run.finished_at.map(u64::cast_signed),
            run.outcome,
            run.totals,
        ],
    )?;
    Ok(())
}

pub(super) fn latest(db: &Connection, scope: &Scope, limit: u32) -> Result<Vec<RunRecord>, LedgerError> {
    let mut statement = db.prepare_cached(
        "SELECT run_id, export, settings_digest, started_at, finished_at, outcome, totals FROM run \
         WHERE tenant = ?1 AND integration = ?2 ORDER BY started_at DESC, run_id DESC LIMIT ?3",
    )?;
    let rows = statement.query_map(params![scope.tenant, scope.integration, limit], |row| {
        Ok(RunRecord {
            run_id: row.get(0)?,
            export: row.get(1)?,
            settings_digest: row.get(2)?,
            started_at: row.get::<_, i64>(3)?.cast_unsigned(),
            finished_at: row.get::<_, Option<i64>>(4)?.map(i64::cast_unsigned),
            outcome: row.get(5)?,
            totals: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
