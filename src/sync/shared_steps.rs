//! Shared steps as Tests of their own that the Tests of cases call. Each is found, created and brought in step by the same
//! code as the Test of a case, before those that call it. What cannot be called now stays expanded where it is called, so
//! that nothing is lost, and is called by a later run.
//!
//! A report's items are cases and launches: what becomes of these Tests is in notes and with their callers.

use super::ctx::Ctx;
use super::lookup;
use super::upsert::{Item, Queue, Upsert};
use crate::domain::{CaseRow, Change, Outcome, TestCase, Unit, Verdict};
use crate::error::Result;
use crate::mapping::Marker;
use crate::mapping::options::{Options, Scenario, TestType};
use crate::ports::Entity;
use crate::report::Output;
use crate::state::{Entry, Lookup};
use crate::target::Issue;
use std::collections::{BTreeMap, BTreeSet};

/// Tests in a chain of calls, the one of the case included (docs.getxray.app, Modular Tests).
const CHAIN: usize = 5;
/// Called Tests of one Test, those that they call included (the same page).
const CALLED: usize = 200;

/// A shared step that was looked after in this run.
#[derive(Clone, Debug, Default)]
struct SharedStep {
    name: String,
    /// Its Test, where it can be called.
    test: Option<Issue>,
    /// Why it cannot.
    why: Option<String>,
    /// Something about it is left to the next run.
    open: bool,
    /// Its Test differs from the shared step.
    differs: bool,
    /// Tests in the longest chain that begins with it.
    chain: usize,
    /// Calls that come with a call of it, that one included.
    calls: usize,
}

/// What is known of shared steps in this run.
#[derive(Default)]
pub(super) struct SharedSteps {
    known: BTreeMap<u64, SharedStep>,
    /// Tests that were created, or would be.
    created: u64,
    /// Tests that were updated, or would be.
    updated: u64,
}

impl SharedSteps {
    /// Brings the Tests of the shared steps that items call in step, and puts calls in their place.
    pub async fn settle(
        &mut self,
        ctx: &Ctx<'_>,
        upsert: &mut Upsert,
        items: &mut [Item],
        output: &mut Output,
    ) -> Result<()> {
        let wanted = items.iter().flat_map(|item| item.content.procedure.calls()).collect();
        let mut open = self.read(ctx, wanted).await?;
        while !open.is_empty() {
            let waiting: BTreeSet<u64> = open.iter().map(|item| item.row.id.0).collect();
            let is_ready = |item: &Item| !item.content.procedure.calls().any(|id| waiting.contains(&id));
            let (mut ready, rest): (Vec<Item>, Vec<Item>) = open.into_iter().partition(is_ready);
            open = rest;
            if ready.is_empty() {
                // They call each other in a circle, which no Tests can: there they stay expanded.
                ready.append(&mut open);
            }
            self.settle_wave(ctx, upsert, ready, output).await?;
        }
        for item in items {
            self.call(item);
        }
        Ok(())
    }

    /// How many Tests of shared steps were written, or would be.
    pub fn note(&self, ctx: &Ctx<'_>) -> Option<String> {
        let (created, updated) = (self.created, self.updated);
        let how = if ctx.applies() { "were" } else { "would be" };
        (created + updated > 0).then(|| format!("of shared steps, {created} Tests {how} created and {updated} updated"))
    }

    /// Shared steps of which nothing is known yet, and those that they call.
    async fn read(&mut self, ctx: &Ctx<'_>, mut wanted: Vec<u64>) -> Result<Vec<Item>> {
        let mut open: Vec<Item> = Vec::new();
        while let Some(id) = wanted.pop() {
            if self.known.contains_key(&id) || open.iter().any(|item| item.row.id.0 == id) {
                continue;
            }
            let mut step = SharedStep::default();
            let found = match ctx.source.shared_step(id).await {
                Err(error) if error.concerns_one_item() => {
                    step.open = true;
                    step.why = Some(error.to_string());
                    None
                }
                found => found?,
            };
            let item = match found {
                Some(case) => Some(item(ctx, case).await?).filter(|item| !item.content.procedure.steps.is_empty()),
                None => None,
            };
            match item {
                Some(item) => {
                    wanted.extend(item.content.procedure.calls());
                    open.push(item);
                }
                // One without steps is a step, and one that was deleted is not there.
                None => drop(self.known.insert(id, step)),
            }
        }
        Ok(open)
    }

    /// Finds, creates and updates the Tests of shared steps whose own calls are settled.
    async fn settle_wave(
        &mut self,
        ctx: &Ctx<'_>,
        upsert: &mut Upsert,
        mut items: Vec<Item>,
        output: &mut Output,
    ) -> Result<()> {
        for item in &mut items {
            let (chain, calls) = self.call(item);
            let step = SharedStep {
                name: item.row.name.clone(),
                chain: chain + 1,
                calls: calls + 1,
                ..SharedStep::default()
            };
            self.known.insert(item.row.id.0, step);
        }
        let mut done = Output::default();
        let mut ids = Vec::new();
        let written = self.write(ctx, upsert, items, &mut ids, &mut done).await;
        for verdict in std::mem::take(&mut done.verdicts) {
            output.notes.extend(self.remember(ctx, verdict));
        }
        output.notes.append(&mut done.notes);
        output.resumed += done.resumed;
        written?;
        if ctx.applies() {
            for entry in ctx.ledger.get(Entity::SharedStep, &ids).await? {
                let open = !entry.is_synced() || entry.detail.unfinished(ctx.now());
                self.known.entry(entry.number()).or_default().open |= open;
            }
        }
        Ok(())
    }

    /// Finds, creates and updates Tests, and adds their shared steps to `ids`. Those that are gone and that a person asks for
    /// again are read anew, and created.
    async fn write(
        &self,
        ctx: &Ctx<'_>,
        upsert: &mut Upsert,
        mut items: Vec<Item>,
        ids: &mut Vec<String>,
        output: &mut Output,
    ) -> Result<()> {
        while !items.is_empty() {
            let found = with_issue_or_none(ctx, upsert, std::mem::take(&mut items), output).await?;
            ids.extend(found.iter().map(|item| item.row.id.to_string()));
            let mut queue = Queue::new(ctx, found, output);
            while upsert.step(ctx, &mut queue, output).await? {}
            for (row, mut entry) in std::mem::take(&mut upsert.gone) {
                entry.orphan();
                if let Some(case) = ctx.source.shared_step(row.id.0).await? {
                    let mut item = item_of(ctx, case, entry);
                    self.call(&mut item);
                    items.push(item);
                }
            }
        }
        Ok(())
    }

    /// Remembers what became of a Test, and returns the notes that its callers do not have.
    fn remember(&mut self, ctx: &Ctx<'_>, verdict: Verdict) -> Vec<String> {
        let step = self.known.entry(verdict.id).or_default();
        let would_be = (!ctx.applies() && verdict.outcome == Outcome::Created).then(Issue::to_be);
        step.test = match verdict.outcome {
            Outcome::Waiting | Outcome::Skipped => None,
            _ => verdict.issue.or(would_be),
        };
        let (created, updated) = (verdict.outcome == Outcome::Created, verdict.outcome == Outcome::Updated);
        let settled = created || updated || verdict.outcome == Outcome::Unchanged;
        step.open |= !settled && verdict.outcome != Outcome::Skipped;
        step.differs = created || updated;
        self.created += u64::from(created);
        self.updated += u64::from(updated);
        let key = step.test.as_ref().map(|test| test.key.as_str()).unwrap_or_default();
        let first = match verdict.outcome {
            Outcome::Updated if !ctx.applies() => Some(format!("it differs: {}", fields(&verdict.changes))),
            Outcome::Failed if step.test.is_some() => verdict.reason.clone(),
            _ => None,
        };
        let all = first.into_iter().chain(verdict.notes);
        let notes = all
            .map(|text| format!("shared step “{}”, Test {key}: {text}", step.name))
            .collect();
        step.why = verdict.reason.filter(|_| step.test.is_none());
        notes
    }

    /// Puts calls in the place of shared steps that can be called. Gives the Tests of the longest chain below, and the
    /// number of calls.
    fn call(&self, item: &mut Item) -> (usize, usize) {
        if item.content.procedure.calling.is_empty() {
            return (0, 0);
        }
        // A shared step has at least one caller.
        let longest = CHAIN - 1 - usize::from(!item.is_case());
        let (mut chain, mut calls) = (0, 0);
        let mut notes = BTreeSet::new();
        let settled = item.content.procedure.call(|id| {
            let step = self.known.get(&id)?;
            item.calls.open |= step.open;
            item.calls.differ |= step.differs;
            let limit = step.chain > longest || calls + step.calls > CALLED;
            let why = step.why.as_deref();
            let why = why.or(limit.then_some("Xray takes no longer chain and no more calls"));
            if let Some(why) = why {
                notes.insert(format!("shared step “{}” stands expanded: {why}", step.name));
            }
            let test = step.test.as_ref().filter(|_| !limit)?;
            chain = chain.max(step.chain);
            calls += step.calls;
            Some(test.id.to_string())
        });
        item.content.losses.extend(notes);
        if settled {
            item.files.retain(|file| !file.called);
        }
        (chain, calls)
    }
}

fn fields(changes: &[Change]) -> String {
    let fields: Vec<&str> = changes.iter().map(|change| change.field).collect();
    fields.join(", ")
}

async fn item(ctx: &Ctx<'_>, case: TestCase) -> Result<Item> {
    let entry = ctx.ledger.one(Entity::SharedStep, &case.id.to_string()).await?;
    Ok(item_of(ctx, case, entry))
}

fn item_of(ctx: &Ctx<'_>, mut case: TestCase, entry: Entry) -> Item {
    let options = Options {
        scenario: Scenario {
            test_type: TestType::Manual,
            ..ctx.job.options.scenario
        },
        ..ctx.job.options.clone()
    };
    let text = format!("Shared step {}. The Tests of cases that use it call this one.", case.id);
    case.texts.description = Some(text);
    let (url, name) = (ctx.source.project_url(), format!("shared-step-{}", case.id));
    let content = ctx.content(&mut case, &entry, &url, &name, &options);
    let row = CaseRow {
        id: case.id,
        name: case.name,
        stamp: String::new(),
        modified: None,
    };
    let marker = ctx.marker(&entry);
    Item::new(row, entry, marker, content, case.files)
}

/// Looks up Tests. Those that can be neither updated nor created now have their verdicts, and are left out.
async fn with_issue_or_none(
    ctx: &Ctx<'_>,
    upsert: &mut Upsert,
    mut items: Vec<Item>,
    output: &mut Output,
) -> Result<Vec<Item>> {
    let unlinked = items.iter_mut().filter(|item| item.entry.issue().is_none());
    let (ids, mut entries): (Vec<u64>, Vec<(&mut Entry, Marker)>) = unlinked
        .map(|item| (item.row.id.0, (&mut item.entry, item.marker.clone())))
        .unzip();
    if entries.is_empty() {
        return Ok(items);
    }
    let lookups = upsert.lookups.look_up(ctx, &mut entries, output).await?;
    let mut left = BTreeSet::new();
    for (id, lookup) in ids.into_iter().zip(lookups) {
        let none = lookup::verdict(&lookup, Unit::TestCase, id, "");
        let not_now = || {
            let skipped = Verdict::new(Unit::TestCase, id, "", Outcome::Skipped);
            skipped.because("Disable Test Case create is on")
        };
        let no_create = lookup == Lookup::Absent && ctx.job.switches.no_create;
        if let Some(verdict) = none.or_else(|| no_create.then(not_now)) {
            output.verdict(verdict);
            left.insert(id);
        }
    }
    items.retain(|item| !left.contains(&item.row.id.0));
    Ok(items)
}
