//! Launches: each becomes a Test Execution with one run for every exported case that has a result in it.

mod apply;
mod decide;
mod details;
mod evidence;
mod execution;
mod existing;
mod fields;
mod gather;
mod issues;
mod listing;
mod overview;
mod publish;
mod runs;
mod short;
mod verify;

use super::cases::Scope;
use super::ctx::Ctx;
use super::looks::Looks;
use super::lookup::Lookups;
use super::upsert::Upsert;
use super::{MOVED, Mode};
use crate::domain::{CaseId, Environment, LaunchId, LaunchRow, Outcome, Unit, Verdict};
use crate::error::{Error, Result};
use crate::ports::{Entity, Stage};
use crate::report::Output;
use crate::state::Entry;
use crate::target::Work;
use crate::testops::{Place, Unreadable};
use crate::web::Neighbours;
use existing::{Existing, Presence};
use listing::Listing;
use overview::Overview;
use publish::Publisher;
use short::Rest;
use std::collections::BTreeMap;

/// Why a launch is skipped.
const NO_RESULT: &str = "it has no result of an exported test case";

/// The export of launches, one after the other.
pub(super) struct Launches {
    scope: Scope,
    listing: Listing,
    /// What a short look leaves out.
    rest: Option<Rest>,
    /// Test Executions of the rows.
    existing: Existing,
    /// Cases that left the scope, and whether they were deleted in TestOps.
    deleted: BTreeMap<CaseId, bool>,
    publisher: Publisher,
    /// Launches that were exported one after the other.
    neighbours: Neighbours,
    /// Why the run ends with the launch at hand.
    stop: Option<Error>,
}

/// What is to be done about a launch.
enum Action {
    /// Nothing.
    Leave(Verdict),
    /// Its results are to be published.
    Publish(Box<Publish>),
}

/// A launch whose results differ from what was published.
struct Publish {
    row: LaunchRow,
    /// Values of its environment variables, once they were read.
    environment: Vec<Environment>,
    entry: Entry,
    overview: Overview,
    stamp: String,
    /// Digest of what is to be published, and of where.
    decision: String,
}

impl Launches {
    /// The launches of a scope of cases.
    pub async fn open(ctx: &Ctx<'_>, looks: &mut Looks, scope: Scope) -> Result<Self> {
        let mut launches = Launches {
            scope,
            listing: Listing::whole(),
            rest: None,
            existing: Existing::default(),
            deleted: BTreeMap::new(),
            publisher: Publisher::open(ctx, looks).await?,
            neighbours: Neighbours::default(),
            stop: None,
        };
        let moved = match looks.short {
            true => launches.look_shortly(ctx, looks).await?,
            false => None,
        };
        if let Some(rows) = moved {
            let entries: Vec<Entry> = rows.iter().map(|(_, entry)| entry.clone()).collect();
            launches.existing = Existing::read(ctx, &entries).await?;
            launches.listing = Listing::of(rows);
        }
        Ok(launches)
    }

    /// Exports the next launch; `false` after the last one.
    pub async fn step(
        &mut self,
        ctx: &Ctx<'_>,
        looks: &mut Looks,
        upsert: &mut Upsert,
        work: &mut Work,
        output: &mut Output,
    ) -> Result<bool> {
        if let Some((row, entry)) = self.listing.take() {
            let Listing { done, total, .. } = &mut self.listing;
            ctx.progress(Stage::ReadingLaunches, *done, *total).await;
            *done += 1;
            let (id, name) = (row.id, row.name.clone());
            let verdict = match self.export(ctx, &mut upsert.lookups, row, entry, work, output).await {
                Ok(verdict) => verdict,
                Err(error) => {
                    let error = self.own_error(ctx, error).await?;
                    Verdict::new(Unit::Launch, id.0, name, Outcome::Failed).because(error.to_string())
                }
            };
            output.verdict(verdict);
            return self.stop.take().map_or(Ok(true), Err);
        }
        match self.listing.next {
            Some(place) => self.next_page(ctx, place, upsert, output).await.map(|()| true),
            None if self.rest.is_some() => self.report_rest(ctx, output).await,
            None => self.close(ctx, looks).await.map(|()| false),
        }
    }

    /// Shows how far the run is as a whole.
    pub async fn show(&self, ctx: &Ctx<'_>) {
        if let Some(total) = self.listing.total {
            let cases = self.scope.ids.len() as u64;
            ctx.estimate.launches(ctx, self.listing.done, total, cases).await;
        }
    }

    async fn next_page(&mut self, ctx: &Ctx<'_>, place: Place, upsert: &mut Upsert, output: &mut Output) -> Result<()> {
        let launches = ctx.source.launches(&ctx.job.launches_aql, place).await?;
        self.listing.next = launches.next;
        self.listing.total = launches.total;
        unreadable(launches.unreadable, self.listing.last_id, output);
        let ids: Vec<String> = launches.rows.iter().map(|row| row.id.to_string()).collect();
        let entries = ctx.ledger.get(Entity::Launch, &ids).await?;
        self.existing = Existing::read(ctx, &entries).await?;
        let gone = entries.iter().map(|entry| self.existing.of(ctx, entry));
        let gone = gone.filter(|presence| matches!(presence, Presence::Gone(_))).count();
        upsert.mass.count(gone, ctx.job)?;
        for (row, mut entry) in launches.rows.into_iter().zip(entries) {
            entry.detail.source.place(&ctx.scope, true);
            self.listing.add(row, entry);
        }
        Ok(())
    }

    /// The error of a launch alone; otherwise that of the run.
    async fn own_error(&self, ctx: &Ctx<'_>, error: Error) -> Result<Error> {
        self.neighbours.failed(ctx.narrowed(error).await)
    }

    async fn export(
        &mut self,
        ctx: &Ctx<'_>,
        lookups: &mut Lookups,
        row: LaunchRow,
        mut entry: Entry,
        work: &mut Work,
        output: &mut Output,
    ) -> Result<Verdict> {
        let unmarked = match self.existing.of(ctx, &entry) {
            Presence::There(issue, unmarked) => {
                // A row that waits for cases keeps its date, which says when it was last published.
                if entry.rename(&issue.key) && entry.detail.launch.outside == 0 {
                    ctx.ledger.put_one(&mut entry).await?;
                }
                unmarked
            }
            Presence::Gone(issue) => {
                if !ctx.recreates() {
                    return ctx.lose_execution(&row, &issue, entry).await;
                }
                // What comes now is created: nothing of the deleted one counts any more.
                entry.orphan();
                ctx.ledger.put_one(&mut entry).await?;
                None
            }
            Presence::Never => None,
        };
        let marker = ctx.marker(&entry);
        let mut verdict = self.settle(ctx, lookups, row, entry, work, output).await?;
        self.existing.report_copies(ctx, &marker, &mut verdict);
        match unmarked {
            Some(unmarked) => unmarked.mark(ctx, verdict).await,
            None => Ok(verdict),
        }
    }

    /// Decides about a launch, and applies or shows it.
    async fn settle(
        &mut self,
        ctx: &Ctx<'_>,
        lookups: &mut Lookups,
        row: LaunchRow,
        entry: Entry,
        work: &mut Work,
        output: &mut Output,
    ) -> Result<Verdict> {
        match self.decide(ctx, lookups, row, entry, output).await? {
            Action::Leave(verdict) => Ok(verdict),
            Action::Publish(publish) => match (ctx.job.mode, publish.entry.issue()) {
                (Mode::Verify, Some(issue)) => publish.differences(ctx, &issue).await,
                _ if !ctx.applies() => Ok(publish.shown(work)),
                _ if !ctx.job.approves_launch(publish.row.id.0, &publish.decision) => {
                    Ok(publish.verdict(Outcome::Skipped).because(MOVED))
                }
                _ => self.apply(ctx, lookups, *publish).await,
            },
        }
    }
}

/// Gives launches whose rows cannot be read their verdicts.
fn unreadable(rows: Vec<Unreadable>, before: Option<LaunchId>, output: &mut Output) {
    let is_new = |row: &Unreadable| {
        row.id
            .map(LaunchId)
            .is_none_or(|id| before.is_none_or(|before| id > before))
    };
    let rows = rows.into_iter().filter(is_new);
    output.verdicts.extend(rows.map(|row| row.verdict(Unit::Launch)));
}
