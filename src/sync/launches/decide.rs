//! What is to be done about a launch: nothing, or its results are to be published.

use super::overview::{Overview, overview};
use super::verify::has_missing_runs;
use super::{Action, Launches, NO_RESULT, Publish};
use crate::digest;
use crate::domain::{CaseId, LaunchRow, Outcome, Unit, Verdict};
use crate::error::Result;
use crate::mapping::options::Fields;
use crate::ports::{Entity, Phase};
use crate::report::Output;
use crate::state::{Entry, Lookup};
use crate::sync::Mode;
use crate::sync::ctx::Ctx;
use crate::sync::lookup::{self, Lookups};
use crate::target::Issue;

/// Cases whose results were left out that a launch's row names.
const OUTSIDE: usize = 100;

impl Launches {
    /// Compares a launch with what was published of it.
    pub(super) async fn decide(
        &mut self,
        ctx: &Ctx<'_>,
        lookups: &mut Lookups,
        row: LaunchRow,
        mut entry: Entry,
        output: &mut Output,
    ) -> Result<Action> {
        let more_cases = self.more_cases(ctx, &entry).await?;
        if let Some(verdict) = by_row(ctx, &row, &mut entry, more_cases).await? {
            return Ok(Action::Leave(verdict));
        }
        if entry.issue().is_none() {
            let marker = ctx.marker(&entry);
            let found = lookups.look_up(ctx, &mut [(&mut entry, marker)], output).await?;
            let lookup = found.into_iter().next().unwrap_or(Lookup::Theirs);
            if let Some(verdict) = lookup::verdict(&lookup, Unit::Launch, row.id.0, &row.name) {
                return Ok(Action::Leave(verdict));
            }
        }
        let mut overview = overview(ctx, row.id, &self.scope).await?;
        if let Some(verdict) = self
            .by_results(ctx, &row, &mut overview, &mut entry, more_cases)
            .await?
        {
            return Ok(Action::Leave(verdict));
        }
        let stamp = stamp(ctx, &row);
        let execution = entry.issue().unwrap_or_default().id;
        let decision = digest::short(format!("{stamp} {} {execution}", overview.results).as_bytes());
        Ok(Action::Publish(Box::new(Publish {
            row,
            environment: Vec::new(),
            entry,
            overview,
            stamp,
            decision,
        })))
    }

    /// The verdict where the results show that nothing is to be done.
    async fn by_results(
        &mut self,
        ctx: &Ctx<'_>,
        row: &LaunchRow,
        overview: &mut Overview,
        entry: &mut Entry,
        more_cases: bool,
    ) -> Result<Option<Verdict>> {
        if let Some(issue) = published(ctx, entry)
            && self.stands(ctx, row, overview, entry, &issue).await?
            && !owes_files(ctx, entry)
        {
            if more_cases {
                self.note_outside(overview, entry);
                ctx.ledger.put_one(entry).await?;
            }
            let mut same = unchanged(row, entry, &issue);
            same.counts = overview.counts(overview.cases.len() as u64);
            return Ok(Some(same));
        }
        if entry.issue().is_some() || !overview.cases.is_empty() {
            return Ok(None);
        }
        if entry.phase() == Phase::Idle && overview.unreadable.is_empty() {
            self.note(row, overview, entry);
            entry.detail.launch.skipped = true;
            entry.stamped(&stamp(ctx, row), String::new());
            ctx.ledger.put_one(entry).await?;
        }
        let mut none = skipped(row);
        none.counts = overview.counts(0);
        Ok(Some(none))
    }

    /// True where the Test Execution has what the results say. Results of deleted cases stay, also where more is published.
    async fn stands(
        &mut self,
        ctx: &Ctx<'_>,
        row: &LaunchRow,
        overview: &mut Overview,
        entry: &Entry,
        issue: &Issue,
    ) -> Result<bool> {
        let stamp = stamp(ctx, row);
        let is_same = |overview: &Overview| entry.fingerprint() == fingerprint(&stamp, overview);
        if !is_same(overview) {
            // A case that was deleted in TestOps changes nothing about its results.
            let kept = overview.keep_deleted(ctx, &mut self.deleted).await?;
            if !kept || !is_same(overview) {
                return Ok(false);
            }
        }
        Ok(row.closed || !has_missing_runs(ctx, overview, issue).await?)
    }

    /// Results that were left out can be exported once their cases are. Costs no request: the ledger knows the cases.
    pub(super) async fn more_cases(&self, ctx: &Ctx<'_>, entry: &Entry) -> Result<bool> {
        let launch = &entry.detail.launch;
        let same_scope = self.scope.linked_at <= entry.updated_at() && launch.scope == self.scope.digest();
        if launch.outside == 0 || same_scope {
            return Ok(false);
        }
        let ids: Vec<String> = launch.cases_outside.iter().map(u64::to_string).collect();
        let entries = ctx.ledger.get(Entity::TestCase, &ids).await?;
        let has_test = |entry: &Entry| self.scope.test_of(CaseId(entry.number()), entry).is_some();
        Ok(launch.cases_outside.is_empty() || entries.iter().any(has_test))
    }

    /// Takes note of what decides whether the launch is looked at again.
    pub(super) fn note(&self, row: &LaunchRow, overview: &Overview, entry: &mut Entry) {
        entry.take_name(&row.name);
        entry.detail.launch.open = !row.closed;
        entry.detail.launch.skipped = false;
        self.note_outside(overview, entry);
    }

    /// Takes note of the results that are left out, and why.
    fn note_outside(&self, overview: &Overview, entry: &mut Entry) {
        let launch = &mut entry.detail.launch;
        launch.outside = overview.left_out.outside;
        launch.scope = match overview.left_out.outside {
            0 => String::new(),
            _ => self.scope.digest(),
        };
        let cases = overview.cases_outside.iter().map(|case| case.0);
        launch.cases_outside = match overview.cases_outside.len() <= OUTSIDE {
            true => cases.collect(),
            false => Vec::new(),
        };
    }
}

/// The verdict where the row of the list alone shows that nothing is to be done.
async fn by_row(ctx: &Ctx<'_>, row: &LaunchRow, entry: &mut Entry, more_cases: bool) -> Result<Option<Verdict>> {
    let still = row.closed && entry.stamp() == stamp(ctx, row) && !more_cases && !ctx.job.switches.full;
    if !still {
        return Ok(None);
    }
    if let Some(issue) = published(ctx, entry)
        && !owes_files(ctx, entry)
    {
        if entry.take_name(&row.name) && entry.detail.launch.outside == 0 {
            ctx.ledger.put_one(entry).await?;
        }
        return Ok(Some(unchanged(row, entry, &issue)));
    }
    let skips = entry.detail.launch.skipped && ctx.job.mode != Mode::Verify;
    Ok(skips.then(|| skipped(row)))
}

/// The Test Execution of a launch that was published whole; a verification looks at every launch.
fn published(ctx: &Ctx<'_>, entry: &Entry) -> Option<Issue> {
    let counts = entry.is_synced() && ctx.job.mode != Mode::Verify;
    entry.issue().filter(|_| counts)
}

/// True where files of it are to be tried again now.
fn owes_files(ctx: &Ctx<'_>, entry: &Entry) -> bool {
    entry.detail.files.pending && entry.detail.files.owed.is_due(ctx.now())
}

fn unchanged(row: &LaunchRow, entry: &Entry, issue: &Issue) -> Verdict {
    let mut same = Verdict::new(Unit::Launch, row.id.0, &row.name, Outcome::Unchanged).issue(issue);
    same.notes = entry.detail.files.owed.notes().collect();
    same
}

fn skipped(row: &LaunchRow) -> Verdict {
    Verdict::new(Unit::Launch, row.id.0, &row.name, Outcome::Skipped).because(NO_RESULT)
}

/// Digest of the launch's row in its list, as far as it is exported, and of the options that fill fields of its runs.
pub(super) fn stamp(ctx: &Ctx<'_>, row: &LaunchRow) -> String {
    let mut text = format!(
        "{}|{}|{:?}|{}|{:?}|{:?}",
        row.name,
        row.closed,
        row.last_modified,
        row.tags.join(","),
        row.links,
        row.issues
    );
    let of_runs = &ctx.job.options.issues.xray_fields.runs;
    if *of_runs != Fields::default() {
        text.push_str(&format!("|{of_runs:?}"));
    }
    digest::short(text.as_bytes())
}

pub(super) fn fingerprint(stamp: &str, overview: &Overview) -> String {
    digest::short(format!("{stamp}{}", overview.digest).as_bytes())
}
