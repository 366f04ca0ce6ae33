//! How the latest exports of a sync went: whether a person must act, and when it was last all right.

use serde_json::Value;
use tms_sync_host::model::Outcome;
use tms_sync_host::{Ending, RunMode, RunRecord};

use crate::report::Verb;
use crate::words;

/// The latest export, and the latest one that did everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastExports {
    pub latest: Option<RunRecord>,
    /// When the latest one ended that left nothing failed, in milliseconds since the Unix epoch.
    pub success_at: Option<u64>,
    pub trouble: Option<Trouble>,
}

/// Why a person must act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The latest export could not run, or ended early.
    Stopped(String),
    /// The latest export ran, and so many items failed.
    Failed(u64),
    /// None succeeded within so many milliseconds.
    Late(u64),
}

impl LastExports {
    /// From runs of one sync, newest first. `max_age` is how old the latest success may be, in milliseconds.
    pub fn of<'a>(runs: impl Iterator<Item = &'a RunRecord>, now: u64, max_age: Option<u64>) -> Self {
        let exports: Vec<&RunRecord> = runs.filter(|run| run.mode == RunMode::Export).collect();
        let success = exports.iter().find(|run| is_success(run));
        let success_at = success.and_then(|run| run.finished_at);
        let is_late = |most: &u64| success_at.is_none_or(|at| now.saturating_sub(at) > *most);
        let late = max_age.filter(is_late).map(Trouble::Late);
        let latest = exports.first().copied();
        Self {
            trouble: latest.and_then(trouble).or(late),
            latest: latest.cloned(),
            success_at,
        }
    }
}

fn trouble(run: &RunRecord) -> Option<Trouble> {
    match run.ending.as_ref()? {
        Ending::Stopped { side, message, .. } => Some(Trouble::Stopped(format!("{}: {message}", words::whose(side)))),
        Ending::Ended(reason) => Some(Trouble::Stopped(reason.clone())),
        Ending::Done => Some(failed(run)).filter(|failed| *failed > 0).map(Trouble::Failed),
    }
}

fn is_success(run: &RunRecord) -> bool {
    run.ending == Some(Ending::Done) && failed(run) == 0
}

fn failed(run: &RunRecord) -> u64 {
    tallies(run)
        .iter()
        .map(|(_, tally)| number(tally, Outcome::Failed))
        .sum()
}

/// The tallies of a run by entity, as its record holds them.
pub fn tallies(run: &RunRecord) -> Vec<(String, Value)> {
    let totals: Value = serde_json::from_str(&run.totals).unwrap_or_default();
    let of = |it: &Value| Some((it.get("entity")?.as_str()?.to_owned(), it.get("tally")?.clone()));
    match totals.get("tallies").and_then(Value::as_array) {
        Some(tallies) => tallies.iter().filter_map(of).collect(),
        // A run of contract 0.1.
        None => [("test-cases", "test-case"), ("launches", "launch")]
            .into_iter()
            .filter_map(|(member, entity)| Some((entity.to_owned(), totals.get(member)?.clone())))
            .collect(),
    }
}

/// How many items of a tally have an outcome.
pub fn number(tally: &Value, outcome: Outcome) -> u64 {
    let of = tally.get(Verb::Export.word(outcome));
    of.and_then(Value::as_u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use tms_sync_host::model::FaultKind;

    use super::*;

    const HOUR: u64 = 3_600_000;

    fn run(hour: u64, mode: RunMode, ending: Option<Ending>, failed: u64) -> RunRecord {
        let totals = format!(r#"{{"tallies":[{{"entity":"test-case","tally":{{"created":1,"failed":{failed}}}}}]}}"#);
        RunRecord {
            run_id: format!("run-{hour}"),
            mode,
            export: "main".to_owned(),
            undoes: None,
            settings_digest: String::new(),
            started_at: hour * HOUR,
            finished_at: ending.as_ref().map(|_| hour * HOUR + 1),
            ending,
            totals,
        }
    }

    fn stopped() -> Ending {
        Ending::Stopped {
            kind: FaultKind::Credential,
            side: "tracker".into(),
            message: "refused".into(),
        }
    }

    #[test]
    fn a_stopped_export_is_trouble_until_the_next_one_succeeds() {
        let good = run(1, RunMode::Export, Some(Ending::Done), 0);
        let bad = run(2, RunMode::Export, Some(stopped()), 0);
        let plan = run(3, RunMode::Plan, Some(Ending::Done), 0);
        let found = LastExports::of([&plan, &bad, &good].into_iter(), 4 * HOUR, None);
        assert_eq!(found.trouble, Some(Trouble::Stopped("Jira: refused".to_owned())));
        assert_eq!(found.success_at, Some(HOUR + 1));
        let again = run(4, RunMode::Export, Some(Ending::Done), 0);
        assert_eq!(
            LastExports::of([&again, &bad].into_iter(), 5 * HOUR, None).trouble,
            None
        );
    }

    #[test]
    fn items_that_failed_are_trouble() {
        let run = run(1, RunMode::Export, Some(Ending::Done), 3);
        assert_eq!(
            LastExports::of([&run].into_iter(), 2 * HOUR, None).trouble,
            Some(Trouble::Failed(3))
        );
    }

    #[test]
    fn an_export_that_was_due_and_did_not_happen_is_trouble() {
        let good = run(1, RunMode::Export, Some(Ending::Done), 0);
        let killed = run(20, RunMode::Export, None, 0);
        let at = |hour: u64| LastExports::of([&killed, &good].into_iter(), hour * HOUR, Some(26 * HOUR)).trouble;
        assert_eq!(at(26), None);
        assert_eq!(at(28), Some(Trouble::Late(26 * HOUR)));
        let never = LastExports::of([].into_iter(), HOUR, Some(26 * HOUR));
        assert_eq!(never.trouble, Some(Trouble::Late(26 * HOUR)));
    }
}
