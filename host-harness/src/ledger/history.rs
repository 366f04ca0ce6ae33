//! Which runs there were.

use rusqlite::{Connection, OptionalExtension, params};

use super::codec::Case;
use super::{Ending, FaultKind, LedgerError, RunMode, RunRecord, Scope};

const COLUMNS: &str = "run_id, mode, export, undoes, settings_digest, started_at, finished_at, outcome, fault, side, \
                       reason, totals";

const DONE: &str = "done";
const STOPPED: &str = "stopped";
const ENDED: &str = "ended";

pub(super) fn record(db: &Connection, scope: &Scope, run: &RunRecord) -> Result<(), LedgerError> {
    let (outcome, fault, side, reason) = match &run.ending {
        None => (None, None, None, None),
        Some(Ending::Done) => (Some(DONE), None, None, None),
        Some(Ending::Stopped { kind, side, message }) => (Some(STOPPED), Some(Case(*kind)), Some(side), Some(message)),
        Some(Ending::Ended(reason)) => (Some(ENDED), None, None, Some(reason)),
    };
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
        outcome,
        fault,
        side,
        reason,
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
        ending: ending(row)?,
        totals: row.get(11)?,
    })
}

fn ending(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Ending>> {
    let Some(outcome) = row.get::<_, Option<String>>(7)? else {
        return Ok(None);
    };
    let reason: Option<String> = row.get(10)?;
    Ok(Some(match outcome.as_str() {
        DONE => Ending::Done,
        STOPPED => Ending::Stopped {
            kind: row.get::<_, Case<FaultKind>>(8)?.0,
            side: row.get(9)?,
            message: reason.unwrap_or_default(),
        },
        _ => Ending::Ended(reason.unwrap_or_default()),
    }))
}
