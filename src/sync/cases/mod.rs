//! Test cases: list, look up, read what moved, decide, write.
//!
//! What is held at a time is a page of rows and one batch of contents, never the whole export. Of the whole export only the
//! ids of the cases in scope are kept, eight bytes each, for the launches.

mod adopt;
mod compare;
mod departed;
mod read;
mod resolve;

use super::Mode;
use super::ctx::Ctx;
use super::lookup;
use super::preconditions::Preconditions;
use super::shared_steps::SharedSteps;
use super::test_sets::TestSets;
use super::upsert::{Item, Queue, Upsert};
use crate::domain::{CaseId, CaseRow, Outcome, Unit};
use crate::error::Result;
use crate::mapping::Marker;
use crate::ports::{Entity, Stage};
use crate::report::Output;
use crate::state::Entry;
use crate::target::{Issue, Work};
use crate::testops::{Place, Unreadable};
use crate::web::Neighbours;
use resolve::Resolver;
use std::collections::{BTreeSet, VecDeque};

/// Contents that are held before they are written.
const BATCH: usize = 1_000;
/// Bytes of content that are held before they are written.
const BATCH_BYTES: usize = 8 << 20;
/// All cases are read in full after so long, in milliseconds: some edits move no date in TestOps.
const FULL_EVERY: u64 = 24 * 60 * 60_000;

/// The cases in scope.
#[derive(Default)]
pub(super) struct Scope {
    /// Ascending ids.
    pub ids: Vec<CaseId>,
    /// When a run last began to link cases, in milliseconds since the epoch.
    pub linked_at: u64,
    /// Cases that a plan would create.
    pub planned: BTreeSet<CaseId>,
    /// There are cases whose ids cannot be read.
    pub unnamed: bool,
}

impl Scope {
    /// True where a case is in it.
    pub fn contains(&self, id: CaseId) -> bool {
        self.ids.binary_search(&id).is_ok()
    }

    /// The Test that results of a case go to.
    pub fn test_of(&self, case: CaseId, entry: &Entry) -> Option<Issue> {
        let planned = self.planned.contains(&case);
        match self.contains(case) {
            true => entry.issue().or_else(|| planned.then(Issue::to_be)),
            false => entry.buried_issue(),
        }
    }

    /// Digest of the cases in it.
    pub fn digest(&self) -> String {
        let ids: Vec<u8> = self.ids.iter().flat_map(|id| id.0.to_le_bytes()).collect();
        crate::digest::short(&ids)
    }
}

/// A case with its ledger row.
struct Case {
    row: CaseRow,
    entry: Entry,
    marker: Marker,
}

/// Which cases are read in full.
struct Freshness {
    checkpoint: Entry,
    /// All are.
    full: bool,
    /// Those that use shared steps are.
    shared_moved: bool,
    began: u64,
}

impl Freshness {
    fn moved(&self, case: &Case) -> bool {
        let Case { row, entry, .. } = case;
        self.full
            || entry.stamp() != row.stamp
            || entry.detail.unfinished(self.began)
            || (self.shared_moved && entry.detail.shared)
    }
}

/// What is collected until it is written.
#[derive(Default)]
struct Batch {
    items: Vec<Item>,
    bytes: usize,
}

impl Batch {
    fn add(&mut self, item: Item) {
        self.bytes += item.size();
        self.items.push(item);
    }

    fn is_full(&self) -> bool {
        self.items.len() >= BATCH || self.bytes >= BATCH_BYTES
    }
}

/// The export of test cases, one bounded step after the other.
pub(super) struct Cases {
    freshness: Freshness,
    /// The next page; absent after the last one.
    next: Option<Place>,
    /// Cases that moved, of which nothing is read yet.
    moved: VecDeque<Case>,
    /// Those whose details were read one after the other.
    neighbours: Neighbours,
    batch: Batch,
    queue: Queue,
    scope: Scope,
    resolver: Resolver,
    preconditions: Preconditions,
    shared_steps: SharedSteps,
    test_sets: TestSets,
}

impl Cases {
    pub async fn open(ctx: &Ctx<'_>) -> Result<Self> {
        let mut checkpoint = ctx.ledger.one(Entity::Checkpoint, "test-cases").await?;
        let stamp = ctx.source.shared_steps_stamp().await?;
        let began = ctx.now();
        let full = ctx.job.full
            || ctx.job.mode == Mode::Verify
            || began.saturating_sub(checkpoint.detail.checkpoint.full_at) > FULL_EVERY;
        let shared_moved = checkpoint.detail.checkpoint.shared_steps != stamp;
        checkpoint.detail.checkpoint.shared_steps = stamp;
        Ok(Cases {
            freshness: Freshness {
                checkpoint,
                full,
                shared_moved,
                began,
            },
            next: Some(Place::default()),
            moved: VecDeque::new(),
            neighbours: Neighbours::default(),
            batch: Batch::default(),
            queue: Queue::default(),
            scope: Scope::default(),
            resolver: Resolver::default(),
            preconditions: Preconditions::default(),
            shared_steps: SharedSteps::default(),
            test_sets: TestSets::default(),
        })
    }

    /// No run of this ledger has come to the end of the cases yet.
    pub fn is_first(&self) -> bool {
        self.freshness.checkpoint.detail.checkpoint.full_at == 0
    }

    /// Does the next bounded piece of work; `false` after the last one.
    pub async fn step(&mut self, ctx: &Ctx<'_>, upsert: &mut Upsert, output: &mut Output) -> Result<bool> {
        if upsert.step(ctx, &mut self.queue, output).await? {
            return Ok(true);
        }
        let gone = std::mem::take(&mut upsert.gone);
        if !gone.is_empty() {
            self.revive(ctx, gone, upsert, output).await?;
        } else if self.batch.is_full() {
            self.complete(ctx, upsert, output).await?;
        } else if !self.moved.is_empty() {
            self.read(ctx, output).await?;
        } else if let Some(place) = self.next {
            self.next_page(ctx, place, upsert, output).await?;
        } else if !self.batch.items.is_empty() {
            self.complete(ctx, upsert, output).await?;
        } else {
            self.close(ctx, output).await?;
            return Ok(false);
        }
        Ok(true)
    }

    /// The scope for the launches, and what an export of the cases takes.
    pub fn finish(self, upsert: &mut Upsert) -> (Scope, Work) {
        let work = Work {
            preconditions: self.preconditions.planned(),
            ..upsert.work
        };
        let planned = std::mem::take(&mut upsert.planned);
        (Scope { planned, ..self.scope }, work)
    }

    async fn next_page(&mut self, ctx: &Ctx<'_>, place: Place, upsert: &mut Upsert, output: &mut Output) -> Result<()> {
        let rows = ctx.source.cases(&ctx.job.test_case_aql, place).await?;
        self.next = rows.next;
        let before = self.scope.ids.last().copied();
        let fresh = unseen(rows.rows, before);
        let mut ids: Vec<CaseId> = fresh.iter().map(|row| row.id).collect();
        self.scope.unnamed |= rows.unreadable.iter().any(|row| row.id.is_none());
        ids.extend(unreadable(rows.unreadable, before, output));
        ids.sort_unstable();
        self.scope.ids.extend(ids);
        let read = self.scope.ids.len() as u64;
        upsert.mass.in_scope = rows.total.unwrap_or(0).max(read);
        ctx.progress(Stage::ReadingCases, read, rows.total).await;
        self.compare(ctx, fresh, upsert, output).await
    }

    /// Completes the contents of a batch by what only the destination knows, and lets it be written.
    async fn complete(&mut self, ctx: &Ctx<'_>, upsert: &mut Upsert, output: &mut Output) -> Result<()> {
        let items = approved(ctx, std::mem::take(&mut self.batch).items, output);
        let mut items = adopt::adopt(ctx, &mut upsert.lookups, items, output).await?;
        self.resolver.resolve(ctx, &mut items).await?;
        self.test_sets.resolve(ctx, &mut items).await?;
        self.preconditions
            .settle(ctx, &mut upsert.lookups, &mut items, output)
            .await?;
        self.shared_steps.settle(ctx, upsert, &mut items, output).await?;
        self.queue = Queue::new(ctx, items, output);
        Ok(())
    }

    async fn close(&mut self, ctx: &Ctx<'_>, output: &mut Output) -> Result<()> {
        let Freshness {
            checkpoint,
            full,
            began,
            ..
        } = &mut self.freshness;
        if *full {
            // A case whose id cannot be read is in scope all the same.
            if !self.scope.unnamed {
                departed::note(ctx, &self.scope, output).await?;
            }
            checkpoint.detail.checkpoint.full_at = *began;
        }
        ctx.ledger.put_one(checkpoint).await?;
        self.scope.linked_at = lookup::linked_at(ctx).await?;
        output.notes.extend(self.shared_steps.note(ctx));
        Ok(())
    }
}

/// Splits off cases of which a person approved nothing, with their verdicts: nothing is created for them either.
fn approved(ctx: &Ctx<'_>, items: Vec<Item>, output: &mut Output) -> Vec<Item> {
    let Some(approved) = &ctx.job.approved else {
        return items;
    };
    let decided = |item: &Item| {
        approved
            .test_cases
            .get(&item.row.id.0)
            .is_some_and(|decision| !decision.is_empty())
    };
    let (approved, left): (Vec<Item>, Vec<Item>) = items.into_iter().partition(decided);
    let skipped = |item: Item| {
        item.verdict(Outcome::Skipped)
            .because("nothing about it is in the plan that was approved")
    };
    output.verdicts.extend(left.into_iter().map(skipped));
    approved
}

/// Gives cases whose rows cannot be read their verdicts. Gives their ids: they are in scope all the same.
fn unreadable(rows: Vec<Unreadable>, before: Option<CaseId>, output: &mut Output) -> Vec<CaseId> {
    let mut ids = Vec::new();
    for row in rows {
        let id = row.id.map(CaseId);
        if id.is_some_and(|id| before.is_some_and(|before| id <= before)) {
            continue;
        }
        ids.extend(id);
        output.verdict(row.verdict(Unit::TestCase));
    }
    ids
}

/// Rows that no earlier page had. Pages drift while cases are deleted; the order is by ascending id.
fn unseen(rows: Vec<CaseRow>, last: Option<CaseId>) -> Vec<CaseRow> {
    rows.into_iter()
        .filter(|row| last.is_none_or(|last| row.id > last))
        .collect()
}
