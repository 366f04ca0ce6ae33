//! Test cases: list, look up, read what moved, decide, write.
//!
//! What is held at a time is a page of rows and one batch of contents, never the whole export. Of the whole export only the
//! ids of the cases in scope are kept, eight bytes each, for the launches.

mod adopt;
mod compare;
mod departed;
mod freshness;
mod known;
mod read;
mod resolve;
mod scope;
mod short;

use super::ctx::Ctx;
use super::estimate::Left;
use super::looks::Looks;
use super::lookup;
use super::preconditions::Preconditions;
use super::shared_steps::SharedSteps;
use super::test_sets::TestSets;
use super::upsert::{Item, Queue, Upsert};
use crate::domain::{CaseId, CaseRow, Outcome, Unit};
use crate::error::Result;
use crate::mapping::Marker;
use crate::ports::Stage;
use crate::report::Output;
use crate::state::Entry;
use crate::target::Work;
use crate::testops::{Place, Unreadable};
use crate::web::Neighbours;
use freshness::Freshness;
use known::Known;
use resolve::Resolver;
pub(super) use scope::Scope;
use short::Short;
use std::collections::VecDeque;

/// Contents that are held before they are written.
const BATCH: usize = 1_000;
/// Bytes of content that are held before they are written.
const BATCH_BYTES: usize = 8 << 20;

/// A case with its ledger row.
struct Case {
    row: CaseRow,
    entry: Entry,
    marker: Marker,
    /// It was not known to be in scope.
    entered: bool,
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

/// Which cases are looked at.
enum Look {
    /// All.
    Whole {
        /// The next page; absent after the last one.
        next: Option<Place>,
        /// The last change of any so far, in milliseconds since the epoch.
        newest: u64,
    },
    /// Those that moved since the last run.
    Short(Short),
}

/// The export of test cases, one bounded step after the other.
pub(super) struct Cases {
    freshness: Freshness,
    look: Look,
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
    /// Decides what is looked at.
    pub async fn open(ctx: &Ctx<'_>, looks: &mut Looks) -> Result<Self> {
        let mut freshness = Freshness::open(ctx, looks).await?;
        let known = match looks.short && !freshness.full {
            true => Known::read(ctx).await?,
            false => None,
        };
        // Where no case calls shared steps, none of them matters.
        if known.as_ref().is_none_or(|known| known.shared) {
            freshness.see_shared_steps(looks, ctx.source.shared_steps_stamp().await?);
        }
        let short = match known.filter(|_| !freshness.shared_moved) {
            Some(known) => Short::take(ctx, looks, known).await?,
            None => {
                looks.short = false;
                None
            }
        };
        let (look, ids) = match short {
            Some((short, ids)) => (Look::Short(short), ids),
            None => {
                let (next, newest) = (Some(Place::default()), 0);
                (Look::Whole { next, newest }, Vec::new())
            }
        };
        Ok(Cases {
            freshness,
            look,
            moved: VecDeque::new(),
            neighbours: Neighbours::default(),
            batch: Batch::default(),
            queue: Queue::default(),
            scope: Scope {
                ids,
                ..Scope::default()
            },
            resolver: Resolver::default(),
            preconditions: Preconditions::default(),
            shared_steps: SharedSteps::default(),
            test_sets: TestSets::default(),
        })
    }

    /// No run of this ledger has come to the end of the cases yet.
    pub fn is_first(&self) -> bool {
        self.freshness.is_first()
    }

    /// Does the next bounded piece of work; `false` after the last one.
    pub async fn step(
        &mut self,
        ctx: &Ctx<'_>,
        looks: &mut Looks,
        upsert: &mut Upsert,
        output: &mut Output,
    ) -> Result<bool> {
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
        } else if self.look_on(ctx, upsert, output).await? {
            return Ok(true);
        } else if !self.batch.items.is_empty() {
            self.complete(ctx, upsert, output).await?;
        } else {
            self.close(ctx, looks, output).await?;
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
        let scope = Scope {
            planned: std::mem::take(&mut upsert.planned),
            renamed: std::mem::take(&mut upsert.renamed),
            ..self.scope
        };
        (scope, work)
    }

    /// What is known of the work that is left.
    pub fn left(&self, upsert: &Upsert) -> Left {
        let moved = self.moved.iter().map(|case| &case.entry);
        let entries = moved.chain(self.batch.items.iter().map(|item| &item.entry));
        let (mut created, mut updated) = self.queue.left();
        for entry in entries {
            match entry.issue() {
                None => created += 1,
                Some(_) => updated += 1,
            }
        }
        let listed = self.scope.ids.len() as u64;
        Left {
            listed: (listed, upsert.mass.in_scope),
            unread: self.moved.len() as u64,
            work: Work {
                created,
                updated,
                ..Work::default()
            },
        }
    }

    /// Looks at the next cases; false after the last ones.
    async fn look_on(&mut self, ctx: &Ctx<'_>, upsert: &mut Upsert, output: &mut Output) -> Result<bool> {
        let rows = match &mut self.look {
            Look::Whole { next: None, .. } => return Ok(false),
            Look::Whole { next: Some(place), .. } => {
                let place = *place;
                self.next_page(ctx, place, upsert, output).await?;
                return Ok(true);
            }
            Look::Short(short) => short.next_rows(),
        };
        if !rows.is_empty() {
            let read = self.scope.ids.len() as u64;
            upsert.mass.in_scope = read;
            ctx.progress(Stage::ReadingCases, read, Some(read)).await;
            self.compare(ctx, rows, upsert, output).await?;
            return Ok(true);
        }
        match &mut self.look {
            Look::Short(short) => short.report_rest(ctx, &self.scope.ids, output).await,
            Look::Whole { .. } => Ok(false),
        }
    }

    async fn next_page(&mut self, ctx: &Ctx<'_>, place: Place, upsert: &mut Upsert, output: &mut Output) -> Result<()> {
        let rows = ctx.source.cases(&ctx.job.test_case_aql, place).await?;
        if let Look::Whole { next, newest } = &mut self.look {
            *next = rows.next;
            *newest = rows.rows.iter().filter_map(|row| row.modified).fold(*newest, u64::max);
        }
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

    async fn close(&mut self, ctx: &Ctx<'_>, looks: &mut Looks, output: &mut Output) -> Result<()> {
        if let Look::Whole { newest, .. } = self.look {
            looks.rest().newest_case = newest;
            departed::mark(ctx, &self.scope).await?;
        }
        let Freshness {
            checkpoint,
            full,
            mapped,
            began,
            ..
        } = &mut self.freshness;
        if *full {
            // A case whose id cannot be read is in scope all the same.
            if !self.scope.unnamed {
                departed::note(ctx, &self.scope, output).await?;
            }
            checkpoint.detail.checkpoint.full_at = *began;
            looks.rest().full_at = *began;
            looks.rest().mapped.clone_from(mapped);
        }
        ctx.ledger.put_one(checkpoint).await?;
        looks.cases_were_read(ctx).await?;
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
