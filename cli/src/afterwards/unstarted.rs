//! The line in the history of a run that could not start: without it, a night in which nothing happened looks like one in
//! which nothing was to be done.

use tms_sync_host::model::FaultKind;
use tms_sync_host::{Clock as _, Ending, LedgerError, RunMode, RunRecord, SystemClock};

use super::Place;
use crate::render::diagnostic::Diagnostic;

pub async fn record(place: &Place, mode: RunMode, problems: &[Diagnostic]) -> Result<(), LedgerError> {
    let now = SystemClock.now();
    let Some(problem) = problems.iter().find(|problem| problem.is_error()) else {
        return Ok(());
    };
    for (number, sync) in place.syncs.iter().enumerate() {
        let record = RunRecord {
            // Like other names of runs it is never used again: one process starts once.
            run_id: format!("not-started-{now}-{}-{number}", std::process::id()),
            mode,
            export: sync.clone(),
            undoes: None,
            settings_digest: String::new(),
            started_at: now,
            finished_at: Some(now),
            ending: Some(Ending::Stopped {
                kind: FaultKind::Configuration,
                side: problem.side.clone(),
                message: format!("could not start: {}", problem.message),
            }),
            totals: String::new(),
        };
        place.ledger.record(&place.scope, record).await?;
    }
    Ok(())
}
