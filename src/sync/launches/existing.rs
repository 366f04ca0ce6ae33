//! Whether the Test Executions of earlier exports are still there, by one request per hundred launches; and the marker on
//! them, which a rename of TestOps' address changes.

use crate::digest;
use crate::domain::{Change, Issue, IssueId, Outcome, Verdict};
use crate::error::Result;
use crate::jira::FoundIssue;
use crate::mapping::Marker;
use crate::state::Entry;
use crate::sync::ctx::Ctx;
use crate::sync::{Mode, copies};
use std::collections::BTreeMap;

/// Issues per request.
const LOOK_UP: usize = 100;

/// Test Executions of a page of launches, as Jira shows them.
#[derive(Default)]
pub(super) struct Existing {
    by_id: BTreeMap<IssueId, FoundIssue>,
    /// All issues that carry the markers of the launches, where copies are looked for.
    by_marker: BTreeMap<Marker, Vec<Issue>>,
}

/// What became of the Test Execution of an earlier export.
pub(super) enum Presence {
    /// There was none.
    Never,
    /// It was deleted, or is hidden from the account.
    Gone(Issue),
    /// It is there.
    There(Issue, Option<Unmarked>),
}

/// A Test Execution that could not be found again if the ledger were lost.
pub(super) struct Unmarked {
    issue: Issue,
    marker: Marker,
}

impl Existing {
    /// Looks at the Test Executions of launches.
    pub async fn read(ctx: &Ctx<'_>, entries: &[Entry]) -> Result<Self> {
        let ids: Vec<IssueId> = entries.iter().filter_map(Entry::issue).map(|issue| issue.id).collect();
        let mut found = BTreeMap::new();
        for chunk in ids.chunks(LOOK_UP) {
            found.extend(ctx.jira.existing(chunk).await?);
        }
        let linked = entries
            .iter()
            .filter(|entry| ctx.looks_for_copies() && entry.issue().is_some());
        let markers: Vec<Marker> = linked.map(|entry| ctx.marker(entry)).collect();
        Ok(Existing {
            by_id: found,
            by_marker: copies::find(ctx, &markers).await?,
        })
    }

    /// Reports issues that carry the marker of a launch too.
    pub fn report_copies(&self, ctx: &Ctx<'_>, marker: &Marker, verdict: &mut Verdict) {
        let Some(issue) = &verdict.issue else { return };
        let Some((note, change)) = copies::reported(&copies::beside(&self.by_marker, marker, issue)) else {
            return;
        };
        verdict.notes.push(note);
        if ctx.job.mode == Mode::Verify {
            verdict.outcome = Outcome::Updated;
            verdict.changes.push(change);
        }
    }

    /// What became of the Test Execution of a launch.
    pub fn of(&self, ctx: &Ctx<'_>, entry: &Entry) -> Presence {
        let Some(issue) = entry.issue() else {
            return Presence::Never;
        };
        let Some(found) = self.by_id.get(&issue.id) else {
            return Presence::Gone(issue);
        };
        let (now, marker) = (found.issue(), ctx.marker(entry));
        let is_marked = found.labels().iter().any(|label| label.eq_ignore_ascii_case(&marker.0));
        // One of people carries no marker: several launches may go into it.
        let unmarked = (!is_marked && !entry.detail.launch.of_people).then(|| Unmarked {
            issue: now.clone(),
            marker,
        });
        Presence::There(now, unmarked)
    }
}

impl Unmarked {
    /// Puts the marker back, or shows that an export would, and returns the verdict that reports it too.
    pub async fn mark(self, ctx: &Ctx<'_>, mut verdict: Verdict) -> Result<Verdict> {
        let alone = verdict.outcome == Outcome::Unchanged;
        if !alone && verdict.outcome != Outcome::Updated {
            return Ok(verdict);
        }
        if alone {
            verdict.outcome = Outcome::Updated;
            verdict = verdict.decided(digest::short(format!("mark {}", self.marker.0).as_bytes()));
        }
        if alone && !ctx.job.approves_launch(verdict.id, &verdict.decision) {
            verdict.outcome = Outcome::Skipped;
            return Ok(verdict.because(super::MOVED));
        }
        if ctx.applies() {
            ctx.jira.label(&self.issue.id, &self.marker.0).await?;
        }
        verdict.changes.push(Change {
            field: "labels",
            before: None,
            after: Some(self.marker.0),
        });
        Ok(verdict)
    }
}
