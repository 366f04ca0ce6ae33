//! The closing words of `plan`, `export`, `verify` and `undo`.

use std::fmt::Write as _;

use tms_sync_host::model::Outcome;

use super::text::{ATTENTION, BAD, FAINT, GOOD, HINT, STRONG, counted, duration, harmless, shortened, styled, utc};
use crate::report::{Item, OUTCOMES, Report, Stop, SyncReport, Tally, Verb};
use crate::words;

/// How many items are named on screen; `--json` names all.
const MOST_ITEMS: usize = 20;
const MOST_NAME: usize = 60;
const MOST_NOTES: usize = 10;

/// Everything about the syncs of one invocation. `config` is what to repeat in suggested commands.
pub fn report(report: &Report, config: &str) -> String {
    syncs(report) + &next(report, config)
}

/// Every sync of a report, without advice.
pub fn syncs(report: &Report) -> String {
    report
        .syncs
        .iter()
        .map(|sync| self::sync(sync, report.command) + "\n")
        .collect()
}

fn sync(sync: &SyncReport, verb: Verb) -> String {
    let mut text = String::new();
    let head = format!("{} → {}", harmless(&sync.name), harmless(&sync.project));
    let _ = writeln!(text, "{}", styled(STRONG, head));
    if let Some(reason) = &sync.disabled {
        let _ = writeln!(text, "  {}: {}", styled(ATTENTION, "disabled"), harmless(reason));
        return text;
    }
    for (entity, tally) in &sync.totals.0 {
        totals(
            &mut text,
            &harmless(words::entities(entity)),
            tally,
            sync.stopped.is_some(),
        );
    }
    if sync.resumed > 0 {
        let _ = writeln!(
            text,
            "  {} from an interrupted run settled",
            counted(sync.resumed, "item", "items")
        );
    }
    match verb {
        Verb::Plan => {
            let would_do = [Outcome::Created, Outcome::Updated, Outcome::Adopted, Outcome::Skipped];
            listed(&mut text, sync, verb, &would_do);
        }
        Verb::Verify => listed(&mut text, sync, verb, &[Outcome::Created, Outcome::Updated]),
        Verb::Undo { .. } => listed(&mut text, sync, verb, &[Outcome::Removed, Outcome::Skipped]),
        Verb::Adopt { .. } => listed(&mut text, sync, verb, &[Outcome::Adopted, Outcome::Skipped]),
        Verb::Export => {}
    }
    listed(&mut text, sync, verb, &[Outcome::Failed, Outcome::Waiting]);
    notes(&mut text, sync);
    if let Some(stop) = &sync.stopped {
        stopped(&mut text, stop);
    }
    let requests: Vec<String> = sync
        .requests
        .iter()
        .map(|made| format!("{} {}", harmless(&made.connection), made.requests))
        .collect();
    let requests = if requests.is_empty() {
        "none".to_owned()
    } else {
        requests.join(", ")
    };
    let line = format!("requests: {requests}; took {}", duration(sync.duration_ms));
    let _ = writeln!(text, "  {}", styled(FAINT, line));
    text
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

fn style(verb: Verb, outcome: Outcome) -> anstyle::Style {
    match outcome {
        Outcome::Failed => BAD,
        _ if verb.is_open(outcome) => ATTENTION,
        Outcome::Created | Outcome::Updated | Outcome::Removed | Outcome::Adopted => GOOD,
        Outcome::Unchanged | Outcome::Skipped | Outcome::Waiting => anstyle::Style::new(),
    }
}

/// The items with one of `outcomes`, in that order, at most [`MOST_ITEMS`].
fn listed(text: &mut String, sync: &SyncReport, verb: Verb, outcomes: &[Outcome]) {
    let mut items: Vec<&Item> = sync
        .items
        .iter()
        .filter(|item| outcomes.contains(&item.outcome.1))
        .collect();
    items.sort_by_key(|item| outcomes.iter().position(|outcome| *outcome == item.outcome.1));
    if items.is_empty() {
        return;
    }
    text.push('\n');
    for item in items.iter().take(MOST_ITEMS) {
        one(text, item, verb);
    }
    if let Some(more) = items.len().checked_sub(MOST_ITEMS).filter(|more| *more > 0) {
        let _ = writeln!(text, "  … and {more} more; --json names all of them");
    }
}

fn one(text: &mut String, item: &Item, verb: Verb) {
    let entity = harmless(words::entity(&item.entity));
    let outcome = item.outcome.1;
    let word = styled(style(verb, outcome), format!("{:<9}", verb.word(outcome)));
    let _ = write!(text, "  {word} {entity} {}", harmless(&item.id));
    if let Some(issue) = &item.issue {
        let _ = write!(text, " ({})", harmless(&issue.key));
    }
    let _ = write!(text, " {}", styled(STRONG, shortened(&item.name, MOST_NAME)));
    if !item.fields.is_empty() {
        let _ = write!(text, ": {}", harmless(&item.fields.join(", ")));
    }
    text.push('\n');
    if let Some(reason) = &item.reason {
        let _ = writeln!(text, "            {}", harmless(reason));
    }
}

fn notes(text: &mut String, sync: &SyncReport) {
    for note in sync.notes.iter().take(MOST_NOTES) {
        let _ = writeln!(text, "  note: {}", harmless(note));
    }
    if let Some(more) = sync.notes.len().checked_sub(MOST_NOTES).filter(|more| *more > 0) {
        let _ = writeln!(text, "  … and {more} more notes; --json has all of them");
    }
    let noted = sync.items.iter().filter(|item| !item.notes.is_empty()).count() as u64;
    if noted > 0 {
        let line = format!(
            "{} with notes on what could not be carried over; --json has them",
            counted(noted, "item", "items")
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

/// What to do next.
fn next(report: &Report, config: &str) -> String {
    let incomplete = report.syncs.iter().any(SyncReport::is_incomplete);
    let stopped = report.syncs.iter().any(|sync| sync.stopped.is_some());
    let waits = report.syncs.iter().any(|sync| sync.totals.of(Outcome::Waiting) > 0);
    let advice = match report.command {
        _ if report.syncs.iter().all(|sync| sync.disabled.is_some()) => {
            format!("Nothing was done. Once it is switched on again: tms-sync test{config}")
        }
        _ if report.exit_code == 2 => {
            format!("Once that is settled, see whether it works: tms-sync test{config}")
        }
        Verb::Plan if incomplete => {
            format!("Nothing was written. `tms-sync export{config}` does the rest all the same")
        }
        Verb::Plan => format!("Nothing was written. To do it: tms-sync export{config}"),
        Verb::Verify if incomplete || stopped => {
            format!("Nothing was written. What an export would do about it: tms-sync plan{config}")
        }
        Verb::Verify => return styled(GOOD, "No differences") + "\n",
        Verb::Undo { apply: false } if removes(report) => {
            "Nothing was deleted. To do it: the same command with --apply".to_owned()
        }
        Verb::Undo { .. } if stopped => "To go on from here: the same command again".to_owned(),
        Verb::Undo { .. } if incomplete => "What is listed as kept is for a person to decide".to_owned(),
        Verb::Undo { .. } => return styled(GOOD, "Nothing of that run is left") + "\n",
        Verb::Adopt { apply: false } => "Nothing was written. To do it: the same command with --apply".to_owned(),
        Verb::Adopt { .. } if stopped => "To go on from here: the same command again".to_owned(),
        Verb::Adopt { .. } => format!("See what an export would change: tms-sync plan{config}"),
        Verb::Export if stopped || waits => format!("To go on from here: tms-sync export{config}"),
        Verb::Export if incomplete => format!("Settle what failed, then repeat: tms-sync export{config}"),
        Verb::Export => return styled(GOOD, "Everything in scope is in step") + "\n",
    };
    format!("{}: {advice}\n", styled(HINT, "next"))
}

fn removes(report: &Report) -> bool {
    report.syncs.iter().any(|sync| sync.totals.of(Outcome::Removed) > 0)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::render::samples;

    fn plain(report: &Report) -> String {
        anstream::adapter::strip_str(&self::report(report, " -c my.toml")).to_string()
    }

    #[test]
    fn an_export_that_did_everything_is_short() {
        assert_snapshot!(plain(&samples::done()), @r#"
            main → CALC
              test cases  1 created, 1 updated
              launches    1 created
              requests: testops 9, jira 3, xray 7; took 3.2 s

            Everything in scope is in step
            "#);
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
          1 item with notes on what could not be carried over; --json has them
          requests: testops 9, jira 3, xray 7; took 3.2 s

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
          update    test case 8 (CALC-2) Divides: summary, steps
          skip      test case 9 Multiplies
                    Disable Test Case create is on

          refuse    test case 10 Subtracts
                    step 3 is longer than 8,192 characters
          requests: testops 9, jira 3, xray 7; took 3.2 s

        next: Nothing was written. `tms-sync export -c my.toml` does the rest all the same
        ");
    }

    #[test]
    fn a_stopped_export_says_whose_matter_it_is() {
        assert_snapshot!(plain(&samples::stopped()), @r#"
            main → CALC
              test cases  none reached
              launches    none reached

              stopped (Jira): Jira refused the API token of qa@example.com (401)
              hint: create a new API token and put it into JIRA_API_TOKEN
              requests: testops 9, jira 3, xray 7; took 3.2 s

            next: Once that is settled, see whether it works: tms-sync test -c my.toml
            "#);
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
        assert!(text.contains("… and 13 more; --json names all of them"), "{text}");
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
