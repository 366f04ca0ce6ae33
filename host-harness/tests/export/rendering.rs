//! Runs as a person reads them, for snapshots: every verdict with its notes, and how the run ended. What differs from
//! one start to the next (ports) is named instead.

use std::fmt::{self, Debug, Display, Write as _};

use tms_sync_host::model::{Change, Fault, Tally, TestResult, Verdict};

use crate::rig::{Done, Rig};

/// More verdicts than this are shown in groups, as far as they say nothing.
const LISTED: usize = 20;

impl Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut verdicts: Vec<&Verdict> = self.verdicts.iter().collect();
        let kinds: Vec<&str> = self.report.tallies.iter().map(|of| of.entity.as_str()).collect();
        let kind = |verdict: &Verdict| kinds.iter().position(|kind| *kind == verdict.entity);
        verdicts.sort_by_key(|verdict| (kind(verdict), verdict.id.parse::<u64>().ok(), verdict.id.clone()));
        let mut text = if verdicts.len() > LISTED {
            grouped(&verdicts)
        } else {
            verdicts.into_iter().map(verdict).collect()
        };
        for of in &self.report.tallies {
            writeln!(text, "{}: {}", of.entity, counted(&of.tally))?;
        }
        if self.report.resumed > 0 {
            writeln!(text, "resumed: {}", self.report.resumed)?;
        }
        for note in &self.notes {
            writeln!(text, "note: {note}")?;
        }
        if let Some(stopped) = &self.report.stopped {
            write!(text, "stopped: {}", fault(stopped))?;
        }
        f.write_str(&named(text, &self.places))
    }
}

fn verdict(verdict: &Verdict) -> String {
    let mut text = format!(
        "{} {} {} “{}”",
        word(verdict.outcome),
        verdict.entity,
        verdict.id,
        verdict.name
    );
    if let Some(issue) = &verdict.issue {
        let _ = write!(text, " → {}", issue.key);
    }
    text.push('\n');
    for change in &verdict.changes {
        let _ = writeln!(text, "    {}", changed(change));
    }
    if let Some(reason) = &verdict.reason {
        let _ = writeln!(text, "    reason: {reason}");
    }
    for note in &verdict.notes {
        let _ = writeln!(text, "    note: {note}");
    }
    for count in &verdict.counts {
        let _ = writeln!(text, "    {}: {}", count.what, count.number);
    }
    text
}

/// A field, with its values where the run has them.
fn changed(change: &Change) -> String {
    let shown = |value: &Option<String>| value.as_ref().map_or("?".to_owned(), |value| format!("“{value}”"));
    match (&change.before, &change.after) {
        (None, None) => change.field.clone(),
        (before, after) => format!("{}: {} → {}", change.field, shown(before), shown(after)),
    }
}

/// Verdicts of one outcome that say nothing in one line of ids, and the others.
fn grouped(verdicts: &[&Verdict]) -> String {
    let silent = |verdict: &&Verdict| {
        verdict.changes.is_empty() && verdict.reason.is_none() && verdict.notes.is_empty() && verdict.counts.is_empty()
    };
    let (quiet, others): (Vec<&Verdict>, Vec<&Verdict>) = verdicts.iter().copied().partition(silent);
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for verdict in quiet {
        let head = format!("{} {}", word(verdict.outcome), verdict.entity);
        match groups.iter_mut().find(|(known, _)| *known == head) {
            Some((_, ids)) => ids.push(&verdict.id),
            None => groups.push((head, vec![&verdict.id])),
        }
    }
    let lines = groups.iter().map(|(head, ids)| format!("{head} {}\n", ids.join(" ")));
    lines.chain(others.into_iter().map(verdict)).collect()
}

fn counted(tally: &Tally) -> String {
    let counts = [
        ("created", tally.created),
        ("updated", tally.updated),
        ("unchanged", tally.unchanged),
        ("waiting", tally.waiting),
        ("skipped", tally.skipped),
        ("failed", tally.failed),
        ("removed", tally.removed),
    ];
    let some: Vec<String> = counts
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(outcome, number)| format!("{number} {outcome}"))
        .collect();
    if some.is_empty() {
        "none".to_owned()
    } else {
        some.join(", ")
    }
}

/// Why something ended, in lines.
pub fn fault(fault: &Fault) -> String {
    let mut text = format!("{} ({})\n    {}\n", word(fault.kind), fault.side, fault.message);
    if let Some(hint) = &fault.hint {
        let _ = writeln!(text, "    hint: {hint}");
    }
    if fault.retry_at.is_some() {
        text.push_str("    another try makes sense later\n");
    }
    text
}

impl Rig {
    /// A connection test, check by check.
    pub fn checks(&self, result: &TestResult) -> String {
        let mut text = format!("{}\n", result.summary);
        for check in &result.checks {
            let kind = check.kind.map(|kind| format!(", {}", word(kind))).unwrap_or_default();
            let about = format!("{} ({}{kind})", check.name, check.side);
            let _ = writeln!(text, "{} {about}: {}", word(check.status), check.message);
            if let Some(hint) = &check.hint {
                let _ = writeln!(text, "    hint: {hint}");
            }
        }
        named(text, &self.places())
    }

    /// Something that holds addresses, with the servers by name.
    pub fn shown(&self, what: impl Display) -> String {
        named(what.to_string(), &self.places())
    }

    /// Why something ended, with the servers by name.
    pub fn fault(&self, fault: &Fault) -> String {
        named(self::fault(fault), &self.places())
    }
}

/// Servers by name instead of by address.
fn named(mut text: String, places: &[(String, &'static str)]) -> String {
    for (url, name) in places {
        text = text.replace(url, name);
        text = text.replace(url.trim_start_matches("http://"), name.trim_start_matches("http://"));
    }
    text
}

/// The contract's word for a case of an enum.
fn word(case: impl Debug) -> String {
    let debugged = format!("{case:?}");
    let mut word = String::new();
    for letter in debugged.rsplit("::").next().unwrap().chars() {
        if letter.is_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.extend(letter.to_lowercase());
    }
    word
}
