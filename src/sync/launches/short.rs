//! The short look at launches: those that TestOps lists as changed since the last run, and those that the ledger knows to
//! have something open. All others stand as the ledger has them.

use super::decide::stamp;
use super::{Launches, NO_RESULT};
use crate::domain::{LaunchId, LaunchRow, Outcome, Unit, Verdict};
use crate::error::Result;
use crate::ports::Entity;
use crate::report::Output;
use crate::state::{Entry, Lookup};
use crate::sync::ctx::Ctx;
use crate::sync::looks::{self, Looks};
use crate::sync::lookup;
use crate::testops::Place;
use std::collections::BTreeSet;

/// Launches as the ledger has them.
#[derive(Default)]
struct Known {
    /// Those in scope.
    ids: BTreeSet<LaunchId>,
    /// Those that are looked at, whether or not they moved.
    open: BTreeSet<LaunchId>,
}

/// How far launches that did not move were reported.
pub(super) struct Rest {
    /// Those that are looked at.
    looked: BTreeSet<LaunchId>,
    /// Last row of the ledger that was reported.
    after: Option<String>,
}

impl Launches {
    /// Looks at what moved. Gives the rows to be exported; absent where numbers do not add up.
    pub(super) async fn look_shortly(
        &mut self,
        ctx: &Ctx<'_>,
        looks: &mut Looks,
    ) -> Result<Option<Vec<(LaunchRow, Entry)>>> {
        let known = self.known(ctx, looks).await?;
        let Some(rows) = listed(ctx, looks, &known).await? else {
            return Ok(None);
        };
        self.rest = Some(Rest {
            looked: rows.iter().map(|(row, _)| row.id).collect(),
            after: None,
        });
        Ok(Some(rows))
    }

    async fn known(&self, ctx: &Ctx<'_>, looks: &Looks) -> Result<Known> {
        let (mut known, mut after) = (Known::default(), None);
        while let Some(entries) = ctx.ledger.page(Entity::Launch, &mut after).await? {
            for entry in entries.iter().filter(|entry| entry.detail.source.is_in(&ctx.scope)) {
                let id = LaunchId(entry.number());
                known.ids.insert(id);
                if !self.is_at_rest(ctx, looks, entry).await? {
                    known.open.insert(id);
                }
            }
        }
        Ok(known)
    }

    /// True where nothing is to be done about a launch as long as it does not move.
    async fn is_at_rest(&self, ctx: &Ctx<'_>, looks: &Looks, entry: &Entry) -> Result<bool> {
        let settled = entry.is_synced() || entry.is_orphaned() || entry.detail.launch.skipped;
        let owes = entry.detail.files.pending && entry.detail.files.owed.is_due(ctx.now());
        let shown = entry.issue().and_then(|issue| looks.changed.get(&issue.id));
        let marker = ctx.marker(entry);
        let marked = shown.is_none_or(|issue| issue.labels().iter().any(|label| label.eq_ignore_ascii_case(&marker.0)));
        let still = settled && !owes && !entry.detail.launch.open && (marked || entry.detail.launch.of_people);
        Ok(still && !self.more_cases(ctx, entry).await?)
    }

    /// Records, after a whole look, which launches are in scope, and which no longer, for runs that do not list them. Costs no
    /// request.
    pub(super) async fn close(&self, ctx: &Ctx<'_>, looks: &mut Looks) -> Result<()> {
        looks.rest().newest_launch = self.listing.newest;
        let mut after = None;
        while let Some(mut entries) = ctx.ledger.page(Entity::Launch, &mut after).await? {
            let mut moved = Vec::new();
            for entry in &mut entries {
                let is_in = self.listing.contains(LaunchId(entry.number()));
                if entry.detail.source.place(&ctx.scope, is_in) {
                    // The row's date moves, and no longer says which cases the launch was exported with.
                    entry.detail.launch.scope.clear();
                    moved.push(entry);
                }
            }
            ctx.ledger.put(&mut moved).await?;
        }
        Ok(())
    }

    /// Gives the next launches that did not move their verdicts; false after the last one.
    pub(super) async fn report_rest(&mut self, ctx: &Ctx<'_>, output: &mut Output) -> Result<bool> {
        let Some(Rest { looked, after }) = &mut self.rest else {
            return Ok(false);
        };
        let Some(entries) = ctx.ledger.page(Entity::Launch, after).await? else {
            return Ok(false);
        };
        for entry in entries {
            if entry.detail.source.is_in(&ctx.scope) && !looked.contains(&LaunchId(entry.number())) {
                output.verdict(at_rest(&entry));
            }
        }
        Ok(true)
    }
}

/// Rows of launches that moved, are new in scope, or are open: up to a page of which none did and none is left to be found.
/// Absent where the list is not ordered by its dates, or has more or fewer launches than are known.
async fn listed(ctx: &Ctx<'_>, looks: &mut Looks, known: &Known) -> Result<Option<Vec<(LaunchRow, Entry)>>> {
    let (mut open, mut seen, mut fresh) = (known.open.clone(), BTreeSet::new(), 0);
    let (mut rows, mut last, mut total) = (Vec::new(), None, None);
    let mut place = Some(Place::default());
    while let Some(at) = place {
        let Some(page) = ctx.source.newest_launches(&ctx.job.launches_aql, at).await? else {
            return Ok(None);
        };
        let dates = page.rows.iter().map(|row| row.last_modified);
        if !page.unreadable.is_empty() || !looks::in_order(dates, &mut last, looks.rest().newest_launch) {
            return Ok(None);
        }
        let newest = page.rows.first().and_then(|row| row.last_modified).unwrap_or(0);
        looks.rest().newest_launch = looks.rest().newest_launch.max(newest);
        let ids: Vec<String> = page.rows.iter().map(|row| row.id.to_string()).collect();
        let entries = ctx.ledger.get(Entity::Launch, &ids).await?;
        let before = rows.len();
        for (row, mut entry) in page.rows.into_iter().zip(entries) {
            entry.detail.source.place(&ctx.scope, true);
            let is_known = known.ids.contains(&row.id);
            if !seen.insert(row.id) {
                continue;
            }
            fresh += u64::from(!is_known);
            if open.remove(&row.id) || !is_known || entry.stamp() != stamp(ctx, &row) {
                rows.push((row, entry));
            }
        }
        let goes_on = rows.len() > before || !open.is_empty();
        (place, total) = (page.next.filter(|_| goes_on), page.total.or(total));
    }
    rows.sort_by_key(|(row, _)| row.id);
    let adds_up = open.is_empty() && total == Some(known.ids.len() as u64 + fresh);
    Ok(adds_up.then_some(rows))
}

/// The verdict about a launch that did not move.
fn at_rest(entry: &Entry) -> Verdict {
    let (id, name) = (entry.number(), &entry.detail.source.name);
    let verdict = |outcome| Verdict::new(Unit::Launch, id, name, outcome);
    let Some(issue) = entry.issue() else {
        let deleted = || lookup::verdict(&Lookup::Deleted, Unit::Launch, id, name);
        let gone = entry.is_orphaned().then(deleted).flatten();
        return gone.unwrap_or_else(|| verdict(Outcome::Skipped).because(NO_RESULT));
    };
    let mut same = verdict(Outcome::Unchanged).issue(&issue);
    same.notes = entry.detail.files.owed.notes().collect();
    same
}
