//! A sync's time comes: the run it becomes, and the next time. The same for every dispatcher.

use super::When;
use crate::id::id;
use crate::plugins::Stop;
use crate::problem::Problem;
use crate::runs::{Mode, NewRun, Origin, Run, RunOptions, Status};
use crate::settings::Sync;
use crate::store::{Statement, StoreError, TenantScope, Value, sql};

/// When a sync is due next, and the row that remembers it.
pub(super) fn next(scope: &TenantScope, sync: &Sync, when: When, now: u64) -> (Option<u64>, Statement) {
    let at = match when {
        _ if !sync.is_on() => None,
        When::AsScheduled => sync.draft.schedule.next(now, &sync.id),
        When::At(at) => Some(at),
    };
    let row = sql("UPDATE sync SET due_at = ?3 WHERE tenant = ?1 AND id = ?2");
    (at, row.bind(scope.tenant()).bind(&sync.id).bind(at))
}

/// Fires a sync that is due: once, however often its time was missed and however many try. The run and the next time are
/// written together, so that neither is there without the other. False: it is off, not due yet, or somebody else was faster.
pub(super) async fn fire(scope: &TenantScope, sync: &str, now: u64) -> Result<bool, Problem> {
    let sync = Sync::get(scope, sync).await?;
    let Some(due) = sync.due_at.filter(|due| *due <= now) else {
        return Ok(false);
    };
    let next = sync.draft.schedule.next(now, &sync.id).filter(|_| sync.is_on());
    let advance = sql("UPDATE sync SET due_at = ?3 WHERE tenant = ?1 AND id = ?2 AND due_at = ?4");
    let advance = advance.bind(&sync.id).bind(next).bind(due).must_change(1);
    if !sync.is_on() {
        return written(scope, vec![advance]).await;
    }
    let run = of_schedule(&sync);
    let rows = vec![advance.clone(), run.row(Status::Queued, now, None)];
    match scope.write(rows).await {
        Ok(_) => Ok(true),
        Err(StoreError::Stale) => Ok(false),
        Err(StoreError::Conflict(_)) => match Run::open(scope, &sync.id).await? {
            Some(open) => {
                let stop = Stop::of_host("overlap", format!("Run {} was still queued or under way.", open.id));
                let skipped = run.row(Status::Skipped, now, Some(&stop));
                written(scope, vec![advance, skipped]).await
            }
            // It ended in this moment: the sync is due still.
            None => Ok(false),
        },
        Err(error) => Err(error.into()),
    }
}

async fn written(scope: &TenantScope, rows: Vec<Statement>) -> Result<bool, Problem> {
    match scope.write(rows).await {
        Ok(_) => Ok(true),
        Err(StoreError::Stale) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn of_schedule(sync: &Sync) -> NewRun {
    NewRun {
        id: id(),
        sync: sync.id.clone(),
        mode: Mode::Export,
        origin: Origin::Schedule,
        asked_by: "schedule".to_owned(),
        options: RunOptions::default(),
        idempotency_key: None,
    }
}

/// Whether a run that was asked for waits for its turn now: the store refuses a second open one of its sync.
pub(super) async fn enqueue(scope: &TenantScope, run: &NewRun, now: u64) -> Result<super::Enqueued, Problem> {
    match scope.write(vec![run.row(Status::Queued, now, None)]).await {
        Ok(_) => Ok(super::Enqueued::Queued),
        Err(StoreError::Conflict(what)) => match Run::open(scope, &run.sync).await? {
            Some(open) => Ok(super::Enqueued::Overlaps(open.id)),
            None => Err(StoreError::Conflict(what).into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// Lets a queued run go; false where it is not queued any more.
pub(super) async fn drop_queued(scope: &TenantScope, run: &str, now: u64) -> Result<bool, StoreError> {
    let stop = Stop::of_host("cancelled", "Cancelled before it began.");
    let row = sql("UPDATE run SET status = 'stopped', finished_at = ?3, stopped = ?4 \
         WHERE tenant = ?1 AND id = ?2 AND status = 'queued'");
    let row = row.bind(run).bind(now);
    let row = row.bind(serde_json::to_string(&stop).unwrap_or_default());
    Ok(scope.write(vec![row]).await?.first() == Some(&1))
}

/// Why a run ended whose process did.
pub(crate) fn interruption() -> Stop {
    Stop {
        hint: Some("The next run settles what was begun.".to_owned()),
        ..Stop::of_host("interrupted", "The service ended in the middle of this run.")
    }
}

/// The rows that mark runs whose process is gone as interrupted, and have scheduled exports done again. `which` says which
/// runs, in a condition whose parameters begin at `?2`.
pub(super) fn interrupted(now: u64, which: &str, bound: &[Value]) -> Vec<Statement> {
    let again = format!(
        "UPDATE sync SET due_at = ?1 WHERE due_at IS NOT NULL AND disabled IS NULL AND EXISTS (SELECT 1 FROM run \
         WHERE run.tenant = sync.tenant AND run.sync = sync.id AND run.mode = 'export' AND {which})"
    );
    let last = bound.len() + 2;
    let mark = format!(
        "UPDATE run SET status = 'interrupted', finished_at = ?1, stopped = ?{last}, verdicts = (SELECT COUNT(*) \
         FROM verdict WHERE verdict.tenant = run.tenant AND verdict.run = run.id) WHERE {which}"
    );
    let row = |text: String| {
        bound
            .iter()
            .fold(sql(text).bind(now), |row, value| row.bind(value.clone()))
    };
    let stop = serde_json::to_string(&interruption()).unwrap_or_default();
    vec![row(again), row(mark).bind(stop)]
}
