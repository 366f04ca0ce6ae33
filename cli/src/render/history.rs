//! The answer of `history`: which runs there were, and how they ended.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tms_sync_host::{Ending, Named, RunMode, RunRecord};

use super::text::{ATTENTION, BAD, FAINT, GOOD, STRONG, duration, harmless, styled, utc};
use crate::last_exports::{number, tallies};
use crate::report::{OUTCOMES, Verb};
use crate::words;

pub fn text(runs: &[RunRecord]) -> String {
    if runs.is_empty() {
        return "No run yet: nothing was planned or exported from here\n".to_owned();
    }
    let mut text = String::new();
    for run in runs {
        one(&mut text, run);
    }
    text
}

fn one(text: &mut String, run: &RunRecord) {
    let took = match run.finished_at {
        Some(at) => format!("took {}", duration(at.saturating_sub(run.started_at))),
        None => "no end was recorded".to_owned(),
    };
    let _ = writeln!(
        text,
        "{}  {:<12}  {}  {}  {}",
        utc(run.started_at),
        run.mode.name(),
        ending(run.ending.as_ref()),
        styled(STRONG, harmless(&run.export)),
        styled(FAINT, format!("{} {took}", harmless(&run.run_id))),
    );
    if let Some(undone) = &run.undoes {
        let _ = writeln!(text, "    of run {}", harmless(undone));
    }
    if let Some((kind, reason)) = reason(run.ending.as_ref()) {
        let _ = writeln!(text, "    {}{}", kind.unwrap_or_default(), harmless(reason));
    }
    if let Some(totals) = totals(run) {
        let _ = writeln!(text, "    {totals}");
    }
}

/// One line without the run's name, for lists of something else.
pub fn brief(run: &RunRecord) -> String {
    let ending = anstream::adapter::strip_str(&ending(run.ending.as_ref())).to_string();
    let totals = totals(run).map(|totals| format!("  {totals}")).unwrap_or_default();
    format!(
        "{}  {}  {}{totals}",
        utc(run.started_at),
        run.mode.name(),
        ending.trim_end()
    )
}

fn ending(ending: Option<&Ending>) -> String {
    match ending {
        None => styled(ATTENTION, "unfinished"),
        Some(Ending::Done) => styled(GOOD, "done      "),
        Some(Ending::Stopped { .. }) => styled(BAD, "stopped   "),
        Some(Ending::Ended(_)) => styled(BAD, "ended     "),
    }
}

fn reason(ending: Option<&Ending>) -> Option<(Option<String>, &str)> {
    match ending? {
        Ending::Done => None,
        Ending::Stopped { side, message, .. } => Some((Some(format!("{}: ", harmless(words::whose(side)))), message)),
        Ending::Ended(reason) => Some((None, reason)),
    }
}

/// `test cases 3 created, 1 failed; launches 1 created`, in the words of the run's own report.
fn totals(run: &RunRecord) -> Option<String> {
    let verb = verb(run.mode);
    let part = |tally: &Value, name: &str| {
        let counted = OUTCOMES.into_iter().filter_map(|outcome| {
            let number = number(tally, outcome);
            let text = match verb {
                Verb::Plan | Verb::Undo { apply: false } | Verb::Adopt { apply: false } => {
                    format!("{} {number}", verb.word(outcome))
                }
                Verb::Export | Verb::Verify | Verb::Undo { apply: true } | Verb::Adopt { apply: true } => {
                    format!("{number} {}", verb.word(outcome))
                }
            };
            (number > 0).then_some(text)
        });
        let counted: Vec<String> = counted.collect();
        (!counted.is_empty()).then(|| format!("{} {}", harmless(name), counted.join(", ")))
    };
    let tallies = tallies(run);
    let parts: Vec<String> = tallies
        .iter()
        .filter_map(|(entity, tally)| part(tally, words::entities(entity)))
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn verb(mode: RunMode) -> Verb {
    match mode {
        RunMode::Export => Verb::Export,
        RunMode::Plan => Verb::Plan,
        RunMode::Verify => Verb::Verify,
        RunMode::Undo => Verb::Undo { apply: true },
        RunMode::UndoDryRun => Verb::Undo { apply: false },
        RunMode::Adopt => Verb::Adopt { apply: true },
        RunMode::AdoptDryRun => Verb::Adopt { apply: false },
    }
}

pub fn json(runs: &[RunRecord]) -> Value {
    runs.iter().map(one_json).collect()
}

fn one_json(run: &RunRecord) -> Value {
    let (outcome, fault, side, reason) = match &run.ending {
        None => (None, None, None, None),
        Some(Ending::Done) => (Some("done"), None, None, None),
        Some(Ending::Stopped { kind, side, message }) => {
            (Some("stopped"), Some(kind.name()), Some(side), Some(message))
        }
        Some(Ending::Ended(reason)) => (Some("ended"), None, None, Some(reason)),
    };
    json!({
        "run": run.run_id,
        "mode": run.mode.name(),
        "sync": run.export,
        "undoes": run.undoes,
        "started-at": run.started_at,
        "finished-at": run.finished_at,
        "outcome": outcome,
        "kind": fault,
        "side": side,
        "reason": reason,
        "totals": serde_json::from_str(&run.totals).ok().map(by_entity),
    })
}

/// Totals as the reports of runs have them: an object whose members are plurals. Runs of contract 0.1 stored them so.
fn by_entity(totals: Value) -> Value {
    let Some(tallies) = totals.get("tallies").and_then(Value::as_array) else {
        return totals;
    };
    let of = |it: &Value| {
        let name = words::entities(it.get("entity")?.as_str()?).replace(' ', "-");
        Some((name, it.get("tally")?.clone()))
    };
    Value::Object(tallies.iter().filter_map(of).collect())
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use tms_sync_host::model::FaultKind;

    use super::*;

    fn run(mode: RunMode, ending: Option<Ending>) -> RunRecord {
        RunRecord {
            run_id: "5e5e".to_owned(),
            mode,
            export: "main".to_owned(),
            undoes: (mode == RunMode::UndoDryRun).then(|| "4d4d".to_owned()),
            settings_digest: String::new(),
            started_at: 1_787_000_000_000,
            finished_at: ending.as_ref().map(|_| 1_787_000_003_240),
            totals: match ending {
                Some(Ending::Done) => r#"{"test-cases":{"created":0,"removed":2},"launches":{"created":0}}"#.to_owned(),
                _ => String::new(),
            },
            ending,
        }
    }

    fn sample() -> Vec<RunRecord> {
        let stopped = Ending::Stopped {
            kind: FaultKind::Credential,
            side: "tracker".into(),
            message: "Jira does not accept the credential".to_owned(),
        };
        vec![
            run(RunMode::UndoDryRun, Some(Ending::Done)),
            run(RunMode::Export, Some(stopped)),
            run(RunMode::Plan, Some(Ending::Ended("the plugin broke".to_owned()))),
            run(RunMode::Verify, None),
        ]
    }

    #[test]
    fn a_run_is_a_line_and_why_it_ended_stands_below() {
        assert_snapshot!(anstream::adapter::strip_str(&text(&sample())).to_string(), @r#"
            2026-08-17 20:53:20Z  undo-dry-run  done        main  5e5e took 3.2 s
                of run 4d4d
                test cases remove 2
            2026-08-17 20:53:20Z  export        stopped     main  5e5e took 3.2 s
                Jira: Jira does not accept the credential
            2026-08-17 20:53:20Z  plan          ended       main  5e5e took 3.2 s
                the plugin broke
            2026-08-17 20:53:20Z  verify        unfinished  main  5e5e no end was recorded
            "#);
    }

    #[test]
    fn json_has_every_member_of_a_run() {
        assert_snapshot!(json(&sample()).get(1).unwrap(), @r#"{"finished-at":1787000003240,"kind":"credential","mode":"export","outcome":"stopped","reason":"Jira does not accept the credential","run":"5e5e","side":"tracker","started-at":1787000000000,"sync":"main","totals":null,"undoes":null}"#);
    }
}
