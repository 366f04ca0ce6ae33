//! Brings Tests in step: compares, decides, and applies or shows what is to be done. Cases and shared steps alike.

mod action;
mod apply;
mod compare;
mod create;
mod files;
mod item;
mod record;
mod test_keys;
mod workflow;

pub(super) use item::{Calls, Candidates, Item, Workflow};

use super::MOVED;
use super::ctx::Ctx;
use super::lookup::Lookups;
use super::mass_change::MassChange;
use crate::domain::{CaseId, CaseRow, IssueKey, Outcome};
use crate::error::Result;
use crate::ports::Stage;
use crate::report::Output;
use crate::state::Entry;
use crate::target::Work;
use action::Action;
use files::Files;
use record::Written;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use test_keys::TestKeys;

/// Requests that few creates may take: a job takes as many, with the looks at it.
const FEW: usize = 4;

/// Bytes of content that one request reads.
const BYTES: usize = 8 << 20;

/// What is to be kept between the Tests of a run.
#[derive(Default)]
pub(super) struct Upsert {
    pub lookups: Lookups,
    pub mass: MassChange,
    /// What an export like a plan takes.
    pub work: Work,
    /// Cases that a plan would create: their results would be published too.
    pub planned: BTreeSet<CaseId>,
    /// Keys of Tests that the ledger does not have, because their project was renamed.
    pub renamed: BTreeMap<CaseId, IssueKey>,
    /// Cases and shared steps whose Tests are gone and are to be created again.
    pub gone: Vec<(CaseRow, Entry)>,
    files: Files,
    test_keys: TestKeys,
}

/// Items that wait for their turn: those whose Tests exist, and those to create.
#[derive(Default)]
pub(super) struct Queue {
    known: VecDeque<Item>,
    together: VecDeque<Item>,
    alone: VecDeque<Item>,
    /// Created, and not looked up once more yet.
    written: Written,
    /// Creates that were begun, and all of them.
    begun: (u64, u64),
}

impl Queue {
    /// Items, of which those that cannot be created have their verdicts here.
    pub fn new(ctx: &Ctx<'_>, items: Vec<Item>, output: &mut Output) -> Self {
        let (known, new): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| item.entry.issue().is_some());
        let new = compare::complete(new, output);
        let (few, all) = (new.len() <= FEW * ctx.capability.batches.singly, new.len() as u64);
        let singly = |item: &Item| item.is_single(&ctx.capability) || few && !item.is_case();
        let (alone, together): (Vec<Item>, Vec<Item>) = new.into_iter().partition(singly);
        Queue {
            known: known.into(),
            together: together.into(),
            alone: alone.into(),
            written: Written::default(),
            begun: (0, all),
        }
    }

    /// Items that wait: those to create, and those whose Tests exist.
    pub fn left(&self) -> (u64, u64) {
        let new = self.together.len() + self.alone.len();
        (new as u64, self.known.len() as u64)
    }
}

impl Upsert {
    /// Brings a chunk of a queue in step; `false` where it is empty.
    pub async fn step(&mut self, ctx: &Ctx<'_>, queue: &mut Queue, output: &mut Output) -> Result<bool> {
        let known = readable(ctx, queue.known.iter().map(Item::size));
        let known: Vec<Item> = queue.known.drain(..known).collect();
        if !known.is_empty() {
            let actions = as_approved(ctx, self.compare(ctx, known, output).await?, output);
            match ctx.applies() {
                true => self.apply(ctx, actions, output).await?,
                false => self.show(ctx, actions, output),
            }
            return Ok(true);
        }
        let singly = queue.together.is_empty();
        let group = if singly { &mut queue.alone } else { &mut queue.together };
        let most = ctx.capability.batches.tests(singly);
        let new: Vec<Item> = group.drain(..group.len().min(most)).collect();
        if new.is_empty() {
            return Ok(false);
        }
        let last = group.is_empty();
        let new = as_approved(ctx, new.into_iter().map(Action::create).collect(), output);
        if !ctx.applies() {
            self.show(ctx, new, output);
            return Ok(true);
        }
        ctx.progress(Stage::WritingCases, queue.begun.0, Some(queue.begun.1))
            .await;
        queue.begun.0 += new.len() as u64;
        let created = self.create(ctx, new, singly, &mut queue.written, output).await;
        if created.is_err() || last || queue.written.is_full(ctx) {
            let written = std::mem::take(&mut queue.written);
            self.record_new(ctx, written, output).await?;
        }
        created?;
        Ok(true)
    }

    /// Takes note of the key that the Test of a case has now.
    pub fn notice_key(&mut self, case: CaseId, entry: &Entry, key: &IssueKey) {
        if entry.issue_key() != Some(key.as_str()) {
            self.renamed.insert(case, key.clone());
        }
    }

    fn show(&mut self, ctx: &Ctx<'_>, actions: Vec<Action>, output: &mut Output) {
        for action in actions {
            let new = action.item.is_case() && action.write == action::Write::Create;
            self.planned.extend(new.then_some(action.item.row.id));
            output.verdict(action.shown(ctx, &mut self.work));
        }
    }
}

/// Splits off actions other than those that a person approved, with their verdicts. Shared steps are no items of a plan.
fn as_approved(ctx: &Ctx<'_>, actions: Vec<Action>, output: &mut Output) -> Vec<Action> {
    let Some(approved) = &ctx.job.approved else {
        return actions;
    };
    let as_planned = |action: &Action| {
        let decision = approved.test_cases.get(&action.item.row.id.0);
        !action.item.is_case() || action.decision.is_empty() || decision == Some(&action.decision)
    };
    let (approved, moved): (Vec<Action>, Vec<Action>) = actions.into_iter().partition(as_planned);
    for Action { item, decision, .. } in moved {
        output.verdict(item.verdict(Outcome::Skipped).because(MOVED).decided(decision));
    }
    approved
}

/// How many of the first Tests one request reads, by their sizes; one at least, where there is one.
fn readable(ctx: &Ctx<'_>, sizes: impl Iterator<Item = usize>) -> usize {
    let mut bytes = 0;
    let fits = |(at, size): &(usize, usize)| {
        bytes += size;
        *at == 0 || bytes <= BYTES
    };
    let sizes = sizes.take(ctx.capability.batches.reads);
    sizes.enumerate().take_while(fits).count()
}
