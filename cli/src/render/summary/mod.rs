//! The closing words of `plan`, `export`, `verify` and `undo`.

mod items;
mod next;
mod values;
mod view;

use std::fmt::Write as _;

use tms_sync_host::model::Outcome;

use super::diagnostic::Diagnostic;
use super::text::{ATTENTION, BAD, FAINT, GOOD, HINT, STRONG, counted, duration, harmless, shortened, styled, utc};
use crate::report::{Item, OUTCOMES, Report, Stop, SyncReport, Tally, Verb, Waited};
use crate::words;
pub use view::{Notes, View};

/// Notes about the run as a whole that are shown; `--json` has all.
const MOST_NOTES: usize = 10;
/// Items that standard error names as failed.
const MOST_FAILURES: usize = 20;
/// Characters of an item's name.
const MOST_NAME: usize = 60;

/// Everything about the syncs of one command, and what to do next.
pub fn report(report: &Report, view: &View) -> String {
    syncs(report, view) + &next::advice(report, view)
}

/// Every sync of a report, without advice.
pub fn syncs(report: &Report, view: &View) -> String {
    report
        .syncs
        .iter()
        .map(|sync| self::sync(sync, report.command, view) + "\n")
        .collect()
}

fn sync(sync: &SyncReport, verb: Verb, view: &View) -> String {
    let mut text = String::new();
    let head = format!("{} → {}", harmless(&sync.name), harmless(&sync.project));
    let _ = writeln!(text, "{}", styled(STRONG, head));
    if let Some(reason) = &sync.disabled {
        let _ = writeln!(text, "  {}: {}", styled(ATTENTION, "disabled"), harmless(reason));
        return text;
    }
    all_totals(&mut text, sync);
    if sync.resumed > 0 {
        let _ = writeln!(
            text,
            "  {} from an interrupted run settled",
            counted(sync.resumed, "item", "items")
        );
    }
    let listed = items::listed(sync, verb, view);
    text.push_str(&listed);
    notes(&mut text, sync, view);
    if let Some(stop) = &sync.stopped {
        stopped(&mut text, stop);
    }
    if !listed.is_empty() {
        text.push('\n');
        all_totals(&mut text, sync);
    }
    let _ = writeln!(text, "  {}", styled(FAINT, requests(sync)));
    if let (Verb::Export, Some(run)) = (verb, &sync.run) {
        let _ = writeln!(text, "  {}", styled(FAINT, named(sync, &harmless(run), &view.config)));
    }
    text
}

/// The run's name, and how to take it back where it created something.
fn named(sync: &SyncReport, run: &str, config: &str) -> String {
    match sync.totals.of(Outcome::Created) {
        0 => format!("run: {run}"),
        _ => format!("run: {run}; to take it back: tms-sync undo {run}{config}"),
    }
}

fn requests(sync: &SyncReport) -> String {
    let made = |made: &crate::report::Requests| format!("{} {}", harmless(&made.connection), made.requests);
    let requests: Vec<String> = sync.requests.iter().map(made).collect();
    let requests = if requests.is_empty() {
        "none".to_owned()
    } else {
        requests.join(", ")
    };
    let waited = |it: &Waited| format!("{} for {}", duration(it.milliseconds), harmless(&it.connection));
    let waits: Vec<String> = sync.waits.iter().map(waited).collect();
    let waits = match waits.as_slice() {
        [] => String::new(),
        waits => format!(", of that waited {}", waits.join(", ")),
    };
    format!("requests: {requests}; took {}{waits}", duration(sync.duration_ms))
}

fn all_totals(text: &mut String, sync: &SyncReport) {
    for (entity, tally) in &sync.totals.0 {
        totals(text, &harmless(words::entities(entity)), tally, sync.stopped.is_some());
    }
}

fn totals(text: &mut String, what: &str, tally: &Tally, stopped: bool) {
    let part = |outcome| match tally.verb {
        Verb::Plan | Verb::Undo { apply: false } | Verb::Adopt { apply: false } => {
            format!("{} {}", tally.verb.word(outcome), tally.of(outcome))
        }
        Verb::Export | Verb::Verify | Verb::Undo { apply: true } | Verb::Adopt { apply: true } => {
            format!("{} {}", tally.of(outcome), tally.verb.word(outcome))
        }
    };
    let parts: Vec<String> = OUTCOMES
        .into_iter()
        .filter(|outcome| tally.of(*outcome) > 0)
        .map(|outcome| styled(style(tally.verb, outcome), part(outcome)))
        .collect();
    let parts = match (parts.is_empty(), stopped) {
        (false, _) => parts.join(", "),
        (true, true) => "none reached".to_owned(),
        (true, false) if matches!(tally.verb, Verb::Undo { .. }) => "none left of that run".to_owned(),
        (true, false) => "none in scope".to_owned(),
    };
    let _ = writeln!(text, "  {what:<10}  {parts}");
}

pub(super) fn style(verb: Verb, outcome: Outcome) -> anstyle::Style {
    match outcome {
        Outcome::Failed => BAD,
        _ if verb.is_open(outcome) => ATTENTION,
        Outcome::Created | Outcome::Updated | Outcome::Removed | Outcome::Adopted => GOOD,
        Outcome::Unchanged | Outcome::Skipped | Outcome::Waiting => anstyle::Style::new(),
    }
}

fn notes(text: &mut String, sync: &SyncReport, view: &View) {
    for note in sync.notes.iter().take(MOST_NOTES) {
        let _ = writeln!(text, "  note: {}", harmless(note));
    }
    if let Some(more) = sync.notes.len().checked_sub(MOST_NOTES).filter(|more| *more > 0) {
        let _ = writeln!(text, "  … and {more} more notes; --json has all of them");
    }
    let is_silent = |item: &&Item| view.notes == Notes::Changed && item.outcome.1 == Outcome::Unchanged;
    let silent = sync.items.iter().filter(is_silent);
    let noted = silent.filter(|item| !item.notes.is_empty()).count() as u64;
    if noted > 0 {
        let line = format!(
            "{} with notes; --notes all shows them",
            counted(noted, "unchanged item", "unchanged items")
        );
        let _ = writeln!(text, "  {}", styled(FAINT, line));
    }
}

fn stopped(text: &mut String, stop: &Stop) {
    let _ = writeln!(
        text,
        "\n  {} ({}): {}",
        styled(BAD, "stopped"),
        harmless(words::whose(&stop.side)),
        harmless(&stop.message)
    );
    if let Some(hint) = &stop.hint {
        let _ = writeln!(text, "  {}: {}", styled(HINT, "hint"), harmless(hint));
    }
    if let Some(at) = stop.retry_at {
        let _ = writeln!(text, "  not before {}", utc(at));
    }
}

/// Why the syncs of a report are not all done, for standard error.
pub fn failures(report: &Report) -> Vec<Diagnostic> {
    let mut failures = Vec::new();
    for sync in &report.syncs {
        let open = |item: &&Item| matches!(item.outcome.1, Outcome::Failed | Outcome::Waiting);
        let open: Vec<&Item> = sync.items.iter().filter(open).collect();
        failures.extend(open.iter().take(MOST_FAILURES).map(|item| failure(&sync.name, item)));
        if let Some(more) = open.len().checked_sub(MOST_FAILURES).filter(|more| *more > 0) {
            failures.push(Diagnostic::new(format!("{}: … and {more} more", sync.name)).of(""));
        }
        failures.extend(sync.stopped.as_ref().map(|stop| {
            let stopped = Diagnostic::new(format!("{}: {}", sync.name, stop.message));
            Diagnostic {
                hint: stop.hint.clone(),
                ..stopped.of(&stop.side)
            }
        }));
    }
    failures
}

fn failure(sync: &str, item: &Item) -> Diagnostic {
    let name = shortened(&item.name, MOST_NAME);
    let reason = item.reason.as_deref().unwrap_or("no reason was given");
    let message = format!("{sync}: {} {} “{name}”: {reason}", words::entity(&item.entity), item.id);
    let failure = Diagnostic::new(message).of("");
    match item.outcome.1 {
        Outcome::Waiting => failure.warning(),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::render::samples;

    fn plain(report: &Report) -> String {
        shown(report, &View::default())
    }

    fn shown(report: &Report, view: &View) -> String {
        let view = View {
            config: " -c my.toml".to_owned(),
            ..view.clone()
        };
        anstream::adapter::strip_str(&self::report(report, &view)).to_string()
    }

    #[test]
    fn an_export_that_did_everything_is_short() {
        assert_snapshot!(plain(&samples::done()), @"
        main → CALC
          test cases  1 created, 1 updated
          launches    1 created
          requests: testops 9, jira 3, xray 7; took 3.2 s
          run: main-2026-08-23T10-00-00Z; to take it back: tms-sync undo main-2026-08-23T10-00-00Z -c my.toml

        Everything in scope is in step
        ");
    }

    #[test]
    fn failed_and_waiting_items_are_named_with_their_reasons() {
        assert_snapshot!(plain(&samples::partial()), @"
        main → CALC
          test cases  1 unchanged, 1 failed
          launches    1 waiting
          1 item from an interrupted run settled

          failed    test case 12 Opens a file of 2 GB
                    Jira: Components is required.
          waiting   launch 32 (CALC-9) Smoke
                    the search index has not caught up; the next run looks again
          note: 1 launch is still running in TestOps
          1 unchanged item with notes; --notes all shows them

          test cases  1 unchanged, 1 failed
          launches    1 waiting
          requests: testops 9, jira 3, xray 7; took 3.2 s
          run: main-2026-08-23T10-00-00Z

        next: To go on from here: tms-sync export -c my.toml
        ");
    }

    #[test]
    fn a_plan_lists_what_it_would_do_and_why_not() {
        assert_snapshot!(plain(&samples::plan()), @"
        main → CALC
          test cases  create 1, update 1, skip 1, refuse 1
          launches    none in scope

          create    test case 7 Adds two numbers
                    summary  Adds two numbers
                    steps    1. Type 1 + 1
                             2. Press = → 2
                    note: a nested table became text
          update    test case 8 (CALC-2) Divides
                    summary  Divide → Divides
                    steps    - 2. Press =
                             + 2. Press = → 3
                    fields   differs
          skip      test case 9 Multiplies
                    Disable Test Case create is on

          refuse    test case 10 Subtracts
                    step 3 is longer than 8,192 characters

          test cases  create 1, update 1, skip 1, refuse 1
          launches    none in scope
          requests: testops 9, jira 3, xray 7; took 3.2 s

        next: Nothing was written. `tms-sync export -c my.toml` does the rest all the same
        ");
    }

    #[test]
    fn a_stopped_export_says_whose_matter_it_is() {
        assert_snapshot!(plain(&samples::stopped()), @"
        main → CALC
          test cases  none reached
          launches    none reached

          stopped (Jira): Jira refused the API token of qa@example.com (401)
          hint: create a new API token and put it into JIRA_API_TOKEN
          requests: testops 9, jira 3, xray 7; took 3.2 s
          run: main-2026-08-23T10-00-00Z

        next: Once that is settled, check it: tms-sync test -c my.toml
        ");
    }

    #[test]
    fn a_disabled_sync_gives_its_reason() {
        assert_snapshot!(plain(&samples::disabled()), @r#"
            main → CALC
              disabled: `disable-export` is true

            next: Nothing was done. Once it is switched on again: tms-sync test -c my.toml
            "#);
    }

    #[test]
    fn the_screen_names_twenty_and_counts_the_rest() {
        let mut report = samples::partial();
        let sync = report.syncs.first_mut().unwrap();
        let failed = sync
            .items
            .iter()
            .find(|item| item.outcome.1 == Outcome::Failed)
            .unwrap()
            .clone();
        sync.items = vec![failed; 33];
        let text = plain(&report);
        assert_eq!(text.matches("failed    test case").count(), 20);
        assert!(
            text.contains("… and 13 more; --full-values shows all of them"),
            "{text}"
        );
    }

    #[test]
    fn names_from_a_server_cannot_drive_the_terminal() {
        let mut report = samples::partial();
        for item in &mut report.syncs.first_mut().unwrap().items {
            item.name = "\u{1b}]0;owned\u{7}".to_owned();
            item.reason = Some("\u{1b}[2J".to_owned());
        }
        let text = plain(&report);
        assert!(
            !text.contains(|character: char| character.is_control() && character != '\n'),
            "{text:?}"
        );
    }
}
