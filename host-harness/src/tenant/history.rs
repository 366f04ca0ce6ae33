//! A run's entry in the ledger.

use std::sync::Arc;

use serde_json::json;

use crate::call::outcome::CallError;
use crate::clock::Clock;
use crate::ledger::{Ending, Ledger, LedgerError, RunRecord, Scope};
use crate::model::{Report, Tally};

pub(crate) struct History {
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) scope: Scope,
    pub(crate) record: RunRecord,
}

impl History {
    /// Before the first request, so that a run that kills its host has left a trace.
    pub(crate) async fn started(&self) -> Result<(), LedgerError> {
        self.ledger.record(&self.scope, self.record.clone()).await
    }

    pub(crate) async fn finished(&self, result: &Result<Report, CallError>) -> Result<(), LedgerError> {
        let ending = match result {
            Ok(Report { stopped: None, .. }) => Ending::Done,
            Ok(Report {
                stopped: Some(fault), ..
            })
            | Err(CallError::Fault(fault)) => Ending::Stopped {
                kind: fault.kind,
                side: fault.side.clone(),
                message: fault.message.clone(),
            },
            Err(CallError::Ended(ended)) => Ending::Ended(ended.reason.to_string()),
        };
        let record = RunRecord {
            finished_at: Some(self.clock.now()),
            ending: Some(ending),
            totals: result.as_ref().map(totals).unwrap_or_default(),
            ..self.record.clone()
        };
        self.ledger.record(&self.scope, record).await
    }
}

fn totals(report: &Report) -> String {
    let tally = |tally: &Tally| {
        json!({
            "created": tally.created,
            "updated": tally.updated,
            "unchanged": tally.unchanged,
            "skipped": tally.skipped,
            "failed": tally.failed,
            "waiting": tally.waiting,
            "removed": tally.removed,
            "adopted": tally.adopted,
        })
    };
    // Contract 0.1 wrote the same with two members, whose names were plurals.
    let tallies = report
        .tallies
        .iter()
        .map(|of| json!({"entity": of.entity, "tally": tally(&of.tally)}));
    let totals = json!({
        "tallies": tallies.collect::<Vec<_>>(),
        "resumed": report.resumed,
    });
    totals.to_string()
}
