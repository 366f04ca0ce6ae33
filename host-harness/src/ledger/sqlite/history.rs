//! Which runs there were.

use rusqlite::{Connection, OptionalExtension, params};

use super::super::columns::EndingColumns;
use super::super::{LedgerError, RunMode, RunRecord, Scope};
use super::codec::Case;

const COLUMNS: &str = "run_id, mode, export, undoes, settings_digest, started_at, finished_at, outcome, fault, side, \
                       reason, totals";

pub(super) fn record(db: &Connection, scope: &Scope, run: &RunRecord) -> Result<(), LedgerError> {
    let ending = EndingColumns::of(run.ending.as_ref());
    db.prepare_cached(&format!(
        "INSERT OR REPLACE INTO run (tenant, integration, {COLUMNS}) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
    ))?
    .execute(params![
        scope.tenant,
        scope.integration,
        run.run_id,
        Case(run.mode),
        run.export,
        run.undoes,
        run.settings_digest,
        run.started_at.cast_signed(),
        run.finished_at.map(u64::cast_signed),
        ending.outcome,
        ending.fault,
        ending.side,
        ending.reason,
        run.totals,
    ])?;
    Ok(())
}

pub(super) fn latest(db: &Connection, scope: &Scope, limit: u32) -> Result<Vec<RunRecord>, LedgerError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM run WHERE tenant = ?1 AND integration = ?2 \
         ORDER BY started_at DESC, run_id DESC LIMIT ?3"
    ))?;
    let rows = statement.query_map(params![scope.tenant, scope.integration, limit], row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn named(db: &Connection, scope: &Scope, run_id: &str) -> Result<Option<RunRecord>, LedgerError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM run WHERE tenant = ?1 AND integration = ?2 AND run_id = ?3"
    ))?;
    let found = statement.query_row(params![scope.tenant, scope.integration, run_id], row);
    Ok(found.optional()?)
}

fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<RunRecord> {
    Ok(RunRecord {
        run_id: row.get(0)?,
        mode: row.get::<_, Case<RunMode>>(1)?.0,
        export: row.get(2)?,
        undoes: row.get(3)?,
        settings_digest: row.get(4)?,
        started_at: row.get::<_, i64>(5)?.cast_unsigned(),
        finished_at: row.get::<_, Option<i64>>(6)?.map(i64::cast_unsigned),
        ending: EndingColumns {
            outcome: row.get(7)?,
            fault: row.get(8)?,
            side: row.get(9)?,
            reason: row.get(10)?,
        }
        .ending(),
        totals: row.get(11)?,
    })
}
