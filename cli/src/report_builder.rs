//! A run's events and its ending, builder into a report.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tms_sync_host::model::{self, Approval, Entity, FaultKind, Outcome, Verdict};
use tms_sync_host::{CallError, EndReason, Facts, RunOutcome};

use super::render::text::counted;
use super::report::{Change, Count, Issue, Item, Requests, Stop, SyncReport, Tally, Totals, Verb, Waited};

/// Collects while a run is going.
#[derive(Debug)]
pub struct ReportBuilder {
    verb: Verb,
    name: String,
    project: String,
    items: Vec<Item>,
    notes: Vec<String>,
    /// Entity and id of what a kept plan lists and no verdict was about yet; absent where no plan is applied.
    planned: Option<BTreeSet<(Entity, String)>>,
    waits: Vec<Waited>,
}

impl ReportBuilder {
    pub fn new(verb: Verb, sync: &model::ExportConfig) -> Self {
        let (name, project) = (sync.name.clone(), sync.project.clone());
        Self {
            verb,
            name,
            project,
            items: Vec::new(),
            notes: Vec::new(),
            planned: None,
            waits: Vec::new(),
        }
    }

    /// Reports the application of a plan that was kept.
    pub fn planned(self, approved: &[Approval]) -> Self {
        let planned = approved.iter().map(|of| (of.entity.clone(), of.id.clone())).collect();
        Self {
            planned: Some(planned),
            ..self
        }
    }

    pub fn verdict(&mut self, verdict: Verdict) {
        let key = (verdict.entity.clone(), verdict.id.clone());
        let is_approved = self.planned.as_mut().is_some_and(|planned| planned.remove(&key));
        self.items.push(Item {
            is_approved,
            ..item(self.verb, verdict)
        });
    }

    /// Milliseconds that were waited for connections, rate limits for the most part.
    pub fn waited(&mut self, waited: BTreeMap<String, u64>) {
        let wait = |(connection, milliseconds)| Waited {
            connection,
            milliseconds,
        };
        self.waits = waited.into_iter().map(wait).collect();
    }

    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// The report of a run that was not made.
    pub fn disabled(self, reason: impl Into<String>) -> SyncReport {
        SyncReport {
            disabled: Some(reason.into()),
            ..self.without_run(None)
        }
    }

    /// The report of a run that could not even begin.
    pub fn refused(self, error: &CallError) -> SyncReport {
        self.without_run(Some(stop(error)))
    }

    fn without_run(self, stopped: Option<Stop>) -> SyncReport {
        SyncReport {
            run: None,
            disabled: None,
            stopped,
            totals: totals(self.verb, &[], &self.items),
            resumed: 0,
            left_of_plan: 0,
            expected_requests: 0,
            name: self.name,
            project: self.project,
            items: self.items,
            notes: self.notes,
            requests: Vec::new(),
            waits: self.waits,
            duration_ms: 0,
        }
    }

    /// The report of a run that ended, well or not. Totals are counted from the verdicts, which are what was reported.
    pub fn ended(mut self, outcome: RunOutcome) -> SyncReport {
        let mut counted = totals(self.verb, &[], &self.items);
        let mut expected_requests = 0;
        let (stopped, resumed) = match &outcome.result {
            Ok(report) => {
                expected_requests = report.forecast.iter().map(|forecast| forecast.requests).sum();
                let entities: Vec<Entity> = report.tallies.iter().map(|of| of.entity.clone()).collect();
                counted = totals(self.verb, &entities, &self.items);
                if !counted
                    .0
                    .iter()
                    .all(|(entity, tally)| agrees(tally, &report.tally(entity)))
                {
                    self.notes
                        .push("the plugin's totals differ from its verdicts, which is a bug of the plugin".to_owned());
                }
                (report.stopped.as_ref().map(fault), report.resumed)
            }
            Err(error) => (Some(stop(error)), 0),
        };
        let left_of_plan = self.left_of_plan(stopped.is_none());
        SyncReport {
            run: Some(outcome.run_id),
            resumed,
            left_of_plan,
            expected_requests,
            requests: requests(&outcome.facts),
            duration_ms: milliseconds(outcome.facts.duration),
            totals: counted,
            ..self.without_run(stopped)
        }
    }
}

impl ReportBuilder {
    /// Items of the plan that were left. Those without a verdict are out of scope where the run came to its end.
    fn left_of_plan(&mut self, is_whole: bool) -> u64 {
        let left = |item: &&Item| item.is_approved && item.outcome.1 == Outcome::Skipped;
        let moved = self.items.iter().filter(left).count();
        let gone = self.planned.as_ref().map_or(0, BTreeSet::len);
        if is_whole && gone > 0 {
            let items = counted(gone as u64, "item of the plan is", "items of the plan are");
            self.notes.push(format!("{items} not in scope any more"));
        }
        (moved + if is_whole { gone } else { 0 }) as u64
    }
}

pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn item(verb: Verb, verdict: Verdict) -> Item {
    Item {
        entity: verdict.entity,
        id: verdict.id,
        name: verdict.name,
        outcome: (verb, verdict.outcome),
        issue: verdict.issue.map(|issue| Issue {
            id: issue.id,
            key: issue.key,
            url: issue.url,
        }),
        source_url: verdict.source_url,
        fields: fields(verdict.outcome, &verdict.changes),
        changes: changes(verdict.changes),
        decision: verdict.decision,
        is_approved: false,
        reason: verdict.reason,
        notes: verdict.notes,
        counts: verdict
            .counts
            .into_iter()
            .map(|count| Count {
                what: count.what,
                number: count.number,
            })
            .collect(),
    }
}

/// Fields that differ. A new issue has nothing to differ from.
fn fields(outcome: Outcome, changes: &[model::Change]) -> Vec<String> {
    match outcome {
        Outcome::Created => Vec::new(),
        _ => changes.iter().map(|change| change.field.clone()).collect(),
    }
}

/// Those with a value on either side: the names alone stand in `fields`.
fn changes(changes: Vec<model::Change>) -> Vec<Change> {
    let valued = changes
        .into_iter()
        .filter(|change| change.before.is_some() || change.after.is_some());
    let change = |change: model::Change| Change {
        field: change.field,
        before: change.before,
        after: change.after,
    };
    valued.map(change).collect()
}

/// Of these entities, in this order, and of what else there are items of.
fn totals(verb: Verb, entities: &[Entity], items: &[Item]) -> Totals {
    let mut totals: Vec<(Entity, Tally)> = entities.iter().map(|it| (it.clone(), Tally::none(verb))).collect();
    for item in items {
        let at = totals.iter().position(|(entity, _)| *entity == item.entity);
        let at = at.unwrap_or_else(|| {
            totals.push((item.entity.clone(), Tally::none(verb)));
            totals.len() - 1
        });
        if let Some((_, tally)) = totals.get_mut(at) {
            tally.add(item.outcome.1);
        }
    }
    Totals(totals)
}

fn agrees(counted: &Tally, reported: &model::Tally) -> bool {
    counted.created == reported.created
        && counted.updated == reported.updated
        && counted.unchanged == reported.unchanged
        && counted.skipped == reported.skipped
        && counted.failed == reported.failed
        && counted.waiting == reported.waiting
        && counted.removed == reported.removed
        && counted.adopted == reported.adopted
}

fn requests(facts: &Facts) -> Vec<Requests> {
    let one = |(connection, traffic): (&String, &tms_sync_host::Traffic)| Requests {
        connection: connection.clone(),
        requests: traffic.requests + traffic.token_exchanges,
    };
    facts.connections.iter().map(one).collect()
}

fn stop(error: &CallError) -> Stop {
    match error {
        CallError::Fault(of) => fault(of),
        CallError::Ended(ended) if ended.reason == EndReason::Killed => Stop {
            kind: FaultKind::Cancelled,
            side: model::HOST.to_owned(),
            message: "ended at once, as asked".to_owned(),
            hint: Some("what was begun is settled by the next run".to_owned()),
            retry_at: None,
        },
        CallError::Ended(ended) => Stop {
            kind: FaultKind::Internal,
            side: model::HOST.to_owned(),
            message: ended.to_string(),
            hint: None,
            retry_at: None,
        },
    }
}

fn fault(fault: &model::Fault) -> Stop {
    Stop {
        kind: fault.kind,
        side: fault.side.clone(),
        message: fault.message.clone(),
        hint: fault.hint.clone(),
        retry_at: fault.retry_at,
    }
}

/// What the process exits with: 0 everything done, 1 ran and some items failed or wait, 2 could not run.
pub fn exit_code(syncs: &[SyncReport]) -> u8 {
    // A sync that is switched off among others that ran is as it was meant to be.
    let all_disabled = syncs.iter().all(|sync| sync.disabled.is_some());
    let code = |sync: &SyncReport| match &sync.stopped {
        Some(stop) if stop.kind == FaultKind::Cancelled => 1,
        Some(stop) if sync.items.is_empty() || ends_it(stop.kind) => 2,
        Some(_) => 1,
        None => u8::from(sync.is_incomplete()),
    };
    if all_disabled {
        2
    } else {
        syncs.iter().map(code).max().unwrap_or(0)
    }
}

/// Whether repeating is useless until a person has done something.
fn ends_it(kind: FaultKind) -> bool {
    match kind {
        FaultKind::Configuration
        | FaultKind::Credential
        | FaultKind::Locked
        | FaultKind::Permission
        | FaultKind::Product
        | FaultKind::Ledger
        | FaultKind::Unsupported
        | FaultKind::Internal => true,
        FaultKind::Unreachable | FaultKind::RateLimited | FaultKind::MassChange | FaultKind::Cancelled => false,
    }
}

#[cfg(test)]
mod tests {
    use tms_sync_host::Ended;

    use super::*;

    fn sync() -> model::ExportConfig {
        model::ExportConfig::everything("main", "CALC")
    }

    fn verdict(outcome: Outcome) -> Verdict {
        Verdict {
            entity: "test-case".into(),
            id: "7".into(),
            name: "Adds".into(),
            outcome,
            issue: None,
            source_url: None,
            changes: Vec::new(),
            decision: String::new(),
            reason: None,
            notes: Vec::new(),
            counts: Vec::new(),
        }
    }

    fn report(created: u64, failed: u64, stopped: Option<FaultKind>) -> model::Report {
        let none = model::Tally {
            created: 0,
            updated: 0,
            unchanged: 0,
            skipped: 0,
            failed: 0,
            waiting: 0,
            removed: 0,
            adopted: 0,
        };
        let fault = |kind| model::Fault {
            kind,
            side: "tracker".into(),
            message: "a reason".into(),
            hint: None,
            retry_at: None,
        };
        model::Report {
            tallies: vec![model::EntityTally {
                entity: "test-case".into(),
                tally: model::Tally {
                    created,
                    failed,
                    ..none
                },
            }],
            resumed: 0,
            forecast: Vec::new(),
            stopped: stopped.map(fault),
        }
    }

    fn ended(outcomes: &[Outcome], report: model::Report) -> SyncReport {
        let mut builder = ReportBuilder::new(Verb::Export, &sync());
        for outcome in outcomes {
            builder.verdict(verdict(*outcome));
        }
        builder.ended(RunOutcome {
            run_id: "run-1".into(),
            result: Ok(report),
            facts: Facts::default(),
        })
    }

    #[test]
    fn exit_codes_distinguish_done_partial_and_impossible() {
        let done = ended(&[Outcome::Created], report(1, 0, None));
        let partial = ended(&[Outcome::Failed], report(0, 1, None));
        let cancelled = ended(&[Outcome::Created], report(1, 0, Some(FaultKind::Cancelled)));
        let refused = ended(&[Outcome::Created], report(1, 0, Some(FaultKind::Credential)));
        let cut_off = ended(&[Outcome::Created], report(1, 0, Some(FaultKind::Unreachable)));
        let never_reached = ended(&[], report(0, 0, Some(FaultKind::Unreachable)));
        let disabled = ReportBuilder::new(Verb::Export, &sync()).disabled("off");
        assert_eq!(exit_code(std::slice::from_ref(&done)), 0);
        assert_eq!(exit_code(&[done.clone(), partial]), 1);
        assert_eq!(exit_code(&[cancelled]), 1);
        assert_eq!(exit_code(&[cut_off]), 1);
        assert_eq!(exit_code(&[never_reached]), 2);
        assert_eq!(exit_code(&[done.clone(), refused]), 2);
        assert_eq!(exit_code(std::slice::from_ref(&disabled)), 2);
        assert_eq!(exit_code(&[done, disabled]), 0);
    }

    #[test]
    fn a_run_that_was_killed_on_demand_is_cancelled_not_broken() {
        let killed = Ended {
            reason: EndReason::Killed,
            detail: "as asked".into(),
        };
        let outcome = RunOutcome {
            run_id: "run-1".into(),
            result: Err(killed.into()),
            facts: Facts::default(),
        };
        let sync = ReportBuilder::new(Verb::Export, &sync()).ended(outcome);
        assert_eq!(sync.stopped.as_ref().map(|stop| stop.kind), Some(FaultKind::Cancelled));
        assert_eq!(exit_code(&[sync]), 1);
    }

    #[test]
    fn totals_are_counted_from_the_verdicts() {
        let sync = ended(&[Outcome::Created, Outcome::Created], report(2, 0, None));
        assert_eq!((sync.totals.of(Outcome::Created), sync.notes.len()), (2, 0));
        let lying = ended(&[Outcome::Created], report(2, 0, None));
        assert_eq!((lying.totals.of(Outcome::Created), lying.notes.len()), (1, 1));
    }

    #[test]
    fn a_run_that_could_not_begin_exits_with_2_whatever_the_reason() {
        let fault = report(0, 0, Some(FaultKind::Unreachable)).stopped.unwrap();
        let refused = ReportBuilder::new(Verb::Export, &sync()).refused(&CallError::Fault(fault));
        assert_eq!(exit_code(&[refused]), 2);
    }
}
