//! What the list of cases is compared with: ledger rows and, where nothing moved at the source, how the Tests stand.

use super::{Case, Cases};
use crate::domain::{CaseRow, IssueId, Outcome, Unit, Verdict};
use crate::error::{Error, Result};
use crate::mapping::Marker;
use crate::ports::Entity;
use crate::report::Output;
use crate::state::{Entry, Lookup};
use crate::sync::READ;
use crate::sync::ctx::Ctx;
use crate::sync::decide;
use crate::sync::lookup;
use crate::sync::read;
use crate::sync::test_versions;
use crate::sync::upsert::Upsert;
use crate::target::RemoteTest;

impl Cases {
    /// Settles the cases of a page that need no details; the others are read next.
    pub(super) async fn compare(
        &mut self,
        ctx: &Ctx<'_>,
        rows: Vec<CaseRow>,
        upsert: &mut Upsert,
        output: &mut Output,
    ) -> Result<()> {
        let mut still = Vec::new();
        for (case, lookup) in with_lookups(ctx, rows, upsert, output).await? {
            if let Some(verdict) = settled(ctx, &case, &lookup) {
                output.verdict(verdict);
            } else if case.entry.is_synced() && !self.freshness.moved(&case) {
                still.push(case);
            } else {
                self.moved.push_back(case);
            }
        }
        while !still.is_empty() {
            let chunk = still.drain(..still.len().min(READ)).collect();
            self.check_still(ctx, chunk, upsert, output).await?;
        }
        Ok(())
    }

    /// Cases whose Tests are gone and that a person asks for again: each is looked up under the marker of its next life, and
    /// read in full.
    pub(super) async fn revive(
        &mut self,
        ctx: &Ctx<'_>,
        gone: Vec<(CaseRow, Entry)>,
        upsert: &mut Upsert,
        output: &mut Output,
    ) -> Result<()> {
        let lost = gone.into_iter().map(|(row, mut entry)| {
            entry.orphan();
            let marker = ctx.marker(&entry);
            Case {
                row,
                entry,
                marker,
                entered: false,
            }
        });
        let mut cases: Vec<Case> = lost.collect();
        let unlinked = cases.iter_mut();
        let mut unlinked: Vec<(&mut Entry, Marker)> =
            unlinked.map(|case| (&mut case.entry, case.marker.clone())).collect();
        let lookups = upsert.lookups.look_up(ctx, &mut unlinked, output).await?;
        for (case, lookup) in cases.into_iter().zip(lookups) {
            match settled(ctx, &case, &lookup) {
                Some(verdict) => output.verdict(verdict),
                None => self.moved.push_back(case),
            }
        }
        Ok(())
    }

    /// Cases that did not move at the source: their Tests are looked at, so that what people did there is reported.
    async fn check_still(
        &mut self,
        ctx: &Ctx<'_>,
        cases: Vec<Case>,
        upsert: &mut Upsert,
        output: &mut Output,
    ) -> Result<()> {
        let issues = cases.iter().filter_map(|case| case.entry.issue());
        let ids: Vec<IssueId> = issues.map(|issue| issue.id).collect();
        let remotes = read::tests(ctx, &ids).await?;
        let gone = remotes.iter().filter(|remote| matches!(remote, Ok(None))).count();
        upsert.mass.count(gone, ctx.job)?;
        let mut learned = Vec::new();
        for (mut case, remote) in cases.into_iter().zip(remotes) {
            match remote {
                Err(error) => output.verdict(unread(&case, &error)),
                Ok(None) if ctx.recreates() => upsert.gone.push((case.row, case.entry)),
                Ok(None) => output.verdict(ctx.orphan(case.row.id.0, &case.row.name, case.entry).await?),
                Ok(Some(remote)) if decide::marker_missing(&remote, &case.marker) => self.moved.push_back(case),
                Ok(Some(remote)) => {
                    output.verdict(unchanged(ctx, &case, &remote));
                    upsert.notice_key(case.row.id, &case.entry, &remote.issue.key);
                    if learn(&mut case, &remote) {
                        learned.push(case.entry);
                    }
                }
            }
        }
        // A row that somebody else wrote meanwhile is theirs.
        let mut learned: Vec<&mut Entry> = learned.iter_mut().collect();
        ctx.ledger.put(&mut learned).await.map(drop)
    }
}

/// Rows with their ledger rows, and what the lookup of those without an issue came to.
async fn with_lookups(
    ctx: &Ctx<'_>,
    rows: Vec<CaseRow>,
    upsert: &mut Upsert,
    output: &mut Output,
) -> Result<Vec<(Case, Lookup)>> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let entries = ctx.ledger.get(Entity::TestCase, &ids).await?;
    let case = |(row, mut entry): (CaseRow, Entry)| Case {
        entered: entry.detail.source.place(&ctx.scope, true),
        marker: ctx.marker(&entry),
        row,
        entry,
    };
    let mut cases: Vec<Case> = rows.into_iter().zip(entries).map(case).collect();
    for key in cases.iter().filter_map(|case| case.entry.issue_key()) {
        upsert.lookups.notice(ctx, &key.into());
    }
    let open: Vec<bool> = cases.iter().map(|case| case.entry.issue().is_none()).collect();
    let unlinked = cases.iter_mut().filter(|case| case.entry.issue().is_none());
    let mut unlinked: Vec<(&mut Entry, Marker)> = unlinked.map(|case| (&mut case.entry, case.marker.clone())).collect();
    let mut lookups = upsert.lookups.look_up(ctx, &mut unlinked, output).await?.into_iter();
    let lookup = |open: bool| match open {
        true => lookups.next().unwrap_or(Lookup::Theirs),
        false => Lookup::Found,
    };
    let lookups: Vec<Lookup> = open.into_iter().map(lookup).collect();
    Ok(cases.into_iter().zip(lookups).collect())
}

/// The verdict about a case that a lookup ends for this run; `None` where it goes on.
fn settled(ctx: &Ctx<'_>, case: &Case, lookup: &Lookup) -> Option<Verdict> {
    let Case { row, .. } = case;
    let not_now = || {
        let skipped = Verdict::new(Unit::TestCase, row.id.0, &row.name, Outcome::Skipped);
        skipped.because("it was not exported before, and Disable Test Case create is on")
    };
    let no_create = *lookup == Lookup::Absent && ctx.job.switches.no_create;
    lookup::verdict(lookup, Unit::TestCase, row.id.0, &row.name).or_else(|| no_create.then(not_now))
}

/// Takes note of how a Test stands that needs nothing. True where that is new.
fn learn(case: &mut Case, remote: &RemoteTest) -> bool {
    let renamed = case.entry.rename(&remote.issue.key);
    let named = case.entry.take_name(&case.row.name);
    let versioned = test_versions::keep(&mut case.entry, remote);
    case.entered
        | renamed
        | named
        | versioned
        | (std::mem::replace(&mut case.entry.detail.test.updated, remote.updated) != remote.updated)
}

/// The verdict about a case whose Test cannot be read.
fn unread(case: &Case, error: &Error) -> Verdict {
    let verdict = Verdict::new(Unit::TestCase, case.row.id.0, &case.row.name, Outcome::Failed);
    Verdict {
        issue: case.entry.issue(),
        ..verdict.because(error.to_string())
    }
}

fn unchanged(ctx: &Ctx<'_>, case: &Case, remote: &RemoteTest) -> Verdict {
    let mut verdict = Verdict::new(Unit::TestCase, case.row.id.0, &case.row.name, Outcome::Unchanged);
    let policies = &ctx.job.options.policies;
    verdict.notes = decide::edits(&case.entry, remote, policies, &ctx.destination.plan);
    verdict.notes.extend(test_versions::note(remote, &ctx.job.options));
    verdict.notes.extend(ctx.moved_away(remote));
    verdict.notes.extend(case.entry.detail.files.owed.notes());
    verdict.issue(&remote.issue)
}
