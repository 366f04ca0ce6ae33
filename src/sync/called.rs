//! Shared steps as Tests of their own that the Tests of cases call. Each is found, created and brought in step by the same
//! code as the Test of a case, before those that call it. What cannot be called now stays expanded where it is called, so
//! that nothing is lost, and is called by a later run.
//!
//! A report's items are cases and launches: what becomes of these Tests is told in notes and with their callers.

use super::cases::Item;
use super::lookup;
use super::preconditions::Link;
use super::{Mode, Run};
use crate::domain::{CaseRow, Outcome, Unit, Verdict};
use crate::error::Result;
use crate::mapping::options::{Options, Scenario, TestType};
use crate::mapping::{self, Marker};
use crate::ports::{Entity, Pending};
use crate::state::{Entry, Lookup};
use crate::target::Issue;
use std::collections::{BTreeMap, BTreeSet};

/// Tests in a chain of calls, the one of the case included (docs.getxray.app, Modular Tests).
const CHAIN: usize = 5;
/// Called Tests of one Test, those that they call included (the same page).
const CALLED: usize = 200;

/// A shared step that was looked after in this run.
#[derive(Clone, Debug, Default)]
pub(super) struct Called {
    name: String,
    /// Its Test, where it can be called.
    test: Option<Issue>,
    /// Why it cannot.
    why: Option<String>,
    /// Something about it is left to the next run.
    open: bool,
    /// Its Test says something else than the shared step.
    differs: bool,
    /// Tests in the longest chain that begins with it.
    chain: usize,
    /// Calls that come with a call of it, that one included.
    calls: usize,
}

/// Numbers for a plan.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CalledWork {
    /// Tests of shared steps to create.
    pub created: u64,
    /// Tests of shared steps to update.
    pub updated: u64,
    /// Tests of cases to create that call others.
    pub calling: u64,
}

impl Run<'_> {
    /// Brings the Tests of the shared steps that items call in step, and puts calls in their place. Boxed like
    /// [`Run::resolve`].
    pub(super) fn settle_calls<'r>(&'r self, items: &'r mut [Item]) -> Pending<'r, Result<()>> {
        Box::pin(async move {
            let wanted = items.iter().flat_map(|item| item.content.calls().collect::<Vec<_>>());
            self.settle_called(wanted.collect()).await?;
            for item in items {
                self.put_calls(item);
            }
            Ok(())
        })
    }

    /// Looks after shared steps and those that they call, the innermost first.
    async fn settle_called(&self, mut wanted: Vec<u64>) -> Result<()> {
        let mut open: Vec<Item> = Vec::new();
        while let Some(id) = wanted.pop() {
            let known = self.called.borrow().contains_key(&id);
            if !known && !open.iter().any(|item| item.row.id.0 == id) {
                let item = self.shared_step(id).await?;
                wanted.extend(item.iter().flat_map(|item| item.content.calls()));
                open.extend(item);
            }
        }
        while !open.is_empty() {
            let waiting = BTreeSet::from_iter(open.iter().map(|item| item.row.id.0));
            let is_ready = |item: &Item| !item.content.calls().any(|id| waiting.contains(&id));
            let (mut ready, rest): (Vec<Item>, Vec<Item>) = open.into_iter().partition(is_ready);
            open = rest;
            if ready.is_empty() {
                // They call each other in a circle, which no Tests can: there they stay expanded.
                ready.append(&mut open);
            }
            self.settle_wave(ready).await?;
        }
        Ok(())
    }

    /// A shared step as an item; nothing where it cannot become a Test, which is remembered.
    async fn shared_step(&self, id: u64) -> Result<Option<Item>> {
        let mut called = Called::default();
        let found = match self.source.shared_step(id).await {
            Err(error) if error.concerns_one_item() => {
                called.open = true;
                called.why = Some(error.to_string());
                None
            }
            found => found?,
        };
        let item = match found {
            Some(case) => Some(self.shared_item(case).await?).filter(|item| !item.content.steps.is_empty()),
            None => None,
        };
        if item.is_none() {
            // One without steps is a step, and one that was deleted is not there.
            self.called.borrow_mut().insert(id, called);
        }
        Ok(item)
    }

    async fn shared_item(&self, mut case: crate::domain::TestCase) -> Result<Item> {
        let entry = self.ledger.one(Entity::SharedStep, &case.id.to_string()).await?;
        let options = Options {
            scenario: Scenario {
                test_type: TestType::Manual,
                ..self.job.options.scenario
            },
            ..self.job.options.clone()
        };
        mapping::choose_files(&mut case, &options.files);
        let text = format!("Shared step {}. The Tests of cases that use it call this one.", case.id);
        case.description = Some(text);
        let url = self.source.project_url();
        let content = mapping::test(&case, &self.context(&url, &options));
        let mut content = content.restricted(&options.policies, entry.issue().is_some());
        let name = format!("shared-step-{}", case.id);
        mapping::with_full_text(&mut case.files, &mut content, &name, &options.files);
        let row = CaseRow {
            id: case.id,
            name: case.name,
            stamp: String::new(),
        };
        Ok(Item {
            marker: self.shared_marker(&entry, row.id.0),
            row,
            entry,
            content,
            files: case.files,
            shared: false,
            test_keys: Vec::new(),
            status: None,
            there: None,
            link: Link::default(),
            calls_open: false,
            calls_differ: false,
            remote: None,
        })
    }

    fn shared_marker(&self, entry: &Entry, id: u64) -> Marker {
        let generation = entry.generation(self.job.recreate);
        Marker::shared_step(self.source.identity(), &self.destination.project_id, id, generation)
    }

    /// Finds, creates and updates the Tests of shared steps whose own calls are settled.
    async fn settle_wave(&self, mut items: Vec<Item>) -> Result<()> {
        for item in &mut items {
            let (chain, calls) = self.put_calls(item);
            let called = Called {
                name: item.row.name.clone(),
                chain: chain + 1,
                calls: calls + 1,
                ..Called::default()
            };
            self.called.borrow_mut().insert(item.row.id.0, called);
        }
        let unlinked = items.iter_mut().filter(|item| item.entry.issue().is_none());
        let mut unlinked: Vec<(u64, &mut Entry, Marker)> = unlinked
            .map(|item| (item.row.id.0, &mut item.entry, item.marker.clone()))
            .collect();
        let mut entries: Vec<(&mut Entry, Marker)> = unlinked
            .iter_mut()
            .map(|(_, entry, marker)| (&mut **entry, marker.clone()))
            .collect();
        let mut left = BTreeMap::new();
        if !entries.is_empty() {
            let lookups = self.look_up(&mut entries).await?;
            for ((id, ..), standing) in unlinked.iter().zip(lookups) {
                let none = lookup::verdict(&standing, Unit::TestCase, *id, "");
                let why = "Disable Test Case create is on";
                let not_now = || Verdict::new(Unit::TestCase, *id, "", Outcome::Skipped).because(why);
                let verdict = none.or_else(|| (standing == Lookup::Absent && self.job.no_create).then(not_now));
                left.extend(verdict.map(|verdict| (*id, verdict)));
            }
        }
        items.retain(|item| !left.contains_key(&item.row.id.0));
        let ids: Vec<String> = items.iter().map(|item| item.row.id.to_string()).collect();
        self.recorder.set_aside();
        let written = self.write_items(items).await;
        let verdicts = self.recorder.taken();
        written?;
        self.told(left.into_values().chain(verdicts)).await;
        if self.job.mode == Mode::Run {
            for entry in self.ledger.get(Entity::SharedStep, &ids).await? {
                let open = !entry.is_synced() || entry.detail.unfinished();
                self.called.borrow_mut().entry(entry.number()).or_default().open |= open;
            }
        }
        Ok(())
    }

    /// Tells how many Tests of shared steps were written, or would be.
    pub(super) async fn tell_called(&self) {
        let CalledWork { created, updated, .. } = self.called_work.get();
        if created + updated > 0 {
            let how = if self.job.mode.reads_only() { "would be" } else { "were" };
            let note = format!("of shared steps, {created} Tests {how} created and {updated} updated");
            self.recorder.note(note).await;
        }
    }

    pub(super) fn count_called(&self, add: impl FnOnce(&mut CalledWork)) {
        let mut work = self.called_work.get();
        add(&mut work);
        self.called_work.set(work);
    }

    /// Remembers what became of Tests, and tells what their callers do not.
    async fn told(&self, verdicts: impl Iterator<Item = Verdict>) {
        let mut notes = Vec::new();
        for verdict in verdicts {
            let mut all = self.called.borrow_mut();
            let called = all.entry(verdict.id).or_default();
            let would_be = (self.job.mode.reads_only() && verdict.outcome == Outcome::Created).then(Issue::to_be);
            called.test = match verdict.outcome {
                Outcome::Waiting | Outcome::Skipped => None,
                _ => verdict.issue.or(would_be),
            };
            let settled = matches!(
                verdict.outcome,
                Outcome::Created | Outcome::Updated | Outcome::Unchanged
            );
            called.open |= !settled && verdict.outcome != Outcome::Skipped;
            called.differs = matches!(verdict.outcome, Outcome::Created | Outcome::Updated);
            self.count_called(|work| {
                work.created += u64::from(verdict.outcome == Outcome::Created);
                work.updated += u64::from(verdict.outcome == Outcome::Updated);
            });
            let name = &called.name;
            let key = called.test.as_ref().map(|test| test.key.as_str()).unwrap_or_default();
            let fields = verdict.fields.join(", ");
            let said = match verdict.outcome {
                Outcome::Updated if self.job.mode.reads_only() => Some(format!("it differs: {fields}")),
                Outcome::Failed if called.test.is_some() => verdict.reason.clone(),
                _ => None,
            };
            let said = said.into_iter().chain(verdict.notes);
            notes.extend(said.map(|words| format!("shared step “{name}”, Test {key}: {words}")));
            called.why = verdict.reason.filter(|_| called.test.is_none());
        }
        for note in notes {
            self.recorder.note(note).await;
        }
    }

    /// Puts calls in the place of shared steps that can be called. Gives the Tests of the longest chain below, and the
    /// number of calls.
    fn put_calls(&self, item: &mut Item) -> (usize, usize) {
        if item.content.calling.is_empty() {
            return (0, 0);
        }
        let known = self.called.borrow();
        // A shared step has at least one caller.
        let longest = CHAIN - 1 - usize::from(!item.is_case());
        let (mut chain, mut calls) = (0, 0);
        let mut notes = BTreeSet::new();
        let settled = item.content.call(|id| {
            let called = known.get(&id)?;
            item.calls_open |= called.open;
            item.calls_differ |= called.differs;
            let limit = called.chain > longest || calls + called.calls > CALLED;
            let why = called.why.as_deref();
            let why = why.or(limit.then_some("Xray takes no longer chain and no more calls"));
            if let Some(why) = why {
                notes.insert(format!("shared step “{}” stands expanded: {why}", called.name));
            }
            let test = called.test.as_ref().filter(|_| !limit)?;
            chain = chain.max(called.chain);
            calls += called.calls;
            Some(test.id.to_string())
        });
        item.content.losses.extend(notes);
        if settled {
            item.files.retain(|file| !file.called);
        }
        (chain, calls)
    }
}
