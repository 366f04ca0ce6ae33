//! What to do after a report.

use tms_sync_host::model::Outcome;

use super::super::text::{ATTENTION, GOOD, HINT, counted, harmless, styled};
use super::View;
use crate::report::{OUTCOMES, Report, SyncReport, Verb};

/// One line: that all is well, or the next command.
pub fn advice(report: &Report, view: &View) -> String {
    if report.exit_code == 0 && matches!(report.command, Verb::Export | Verb::Verify) && is_of_nothing(report) {
        return styled(
            ATTENTION,
            "Nothing is in scope: no test case and no launch matches the filters",
        ) + "\n";
    }
    match command(report, view) {
        Some(advice) => format!("{}: {advice}\n", styled(HINT, "next")),
        None => format!("{}{}\n", styled(GOOD, all_is_well(report.command)), left_out(report)),
    }
}

/// What was in scope and is not exported on purpose.
fn left_out(report: &Report) -> String {
    match (report.command, of(report, Outcome::Skipped)) {
        (Verb::Export, left @ 1..) => format!(", but for {} left out on purpose", counted(left, "item", "items")),
        _ => String::new(),
    }
}

fn all_is_well(verb: Verb) -> &'static str {
    match verb {
        Verb::Verify => "No differences",
        Verb::Undo { .. } => "Nothing of that run is left",
        Verb::Plan | Verb::Export | Verb::Adopt { .. } => "Everything in scope is in step",
    }
}

fn command(report: &Report, view: &View) -> Option<String> {
    let config = &view.config;
    let incomplete = report.syncs.iter().any(SyncReport::is_incomplete);
    let stopped = report.syncs.iter().any(|sync| sync.stopped.is_some());
    let all_disabled = report.syncs.iter().all(|sync| sync.disabled.is_some());
    match report.command {
        _ if all_disabled => Some(format!(
            "Nothing was done. Once it is switched on again: tms-sync test{config}"
        )),
        _ if report.exit_code == 2 => Some(format!("Once that is settled, check it: tms-sync test{config}")),
        Verb::Plan => Some(after_plan(view, incomplete)),
        Verb::Verify if incomplete || stopped => Some(format!(
            "Nothing was written. What an export would do about it: tms-sync plan{config}"
        )),
        Verb::Undo { apply: false } if of(report, Outcome::Removed) > 0 => {
            Some("Nothing was deleted. To delete: the same command with --apply".to_owned())
        }
        Verb::Undo { .. } if stopped => Some("To go on from here: the same command again".to_owned()),
        Verb::Undo { .. } if incomplete => Some("Decide about the issues that are listed as kept".to_owned()),
        Verb::Adopt { apply: false } => Some("Nothing was written. To write: the same command with --apply".to_owned()),
        Verb::Adopt { .. } if stopped => Some("To go on from here: the same command again".to_owned()),
        Verb::Adopt { .. } => Some(format!("See what an export would change: tms-sync plan{config}")),
        Verb::Export if stopped || of(report, Outcome::Waiting) > 0 => {
            Some(format!("To go on from here: tms-sync export{config}"))
        }
        Verb::Export if report.syncs.iter().any(|sync| sync.left_of_plan > 0) => Some(format!(
            "Some items moved since the plan was made. To see them: tms-sync plan{config}"
        )),
        Verb::Export if incomplete => Some(format!("Settle what failed, then repeat: tms-sync export{config}")),
        Verb::Verify | Verb::Undo { .. } | Verb::Export => None,
    }
}

fn after_plan(view: &View, incomplete: bool) -> String {
    let config = &view.config;
    match (&view.plan, incomplete) {
        (Some(plan), _) => format!(
            "Nothing was written. To do exactly this: tms-sync export{config} --plan {}",
            harmless(plan)
        ),
        (None, true) => format!("Nothing was written. `tms-sync export{config}` does the rest all the same"),
        (None, false) => format!("Nothing was written. To do it: tms-sync export{config}"),
    }
}

fn of(report: &Report, outcome: Outcome) -> u64 {
    report.syncs.iter().map(|sync| sync.totals.of(outcome)).sum()
}

fn is_of_nothing(report: &Report) -> bool {
    OUTCOMES.into_iter().all(|outcome| of(report, outcome) == 0)
}
