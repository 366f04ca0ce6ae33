//! Reads back what was written, and records it.

use super::action::Action;
use super::{Upsert, readable};
use crate::domain::{IssueId, Outcome, Verdict};
use crate::error::{Error, Result};
use crate::mapping::{Marker, markers};
use crate::report::Output;
use crate::sync::copies::{self, Copies, Copy, Withdrawn};
use crate::sync::ctx::Ctx;
use crate::sync::decide;
use crate::sync::read;
use crate::target::{Issue, RemoteTest};
use itertools::Itertools;
use std::collections::{BTreeMap, VecDeque};

/// New Tests whose markers are to be looked up once more, which finds copies that other ledgers have created, and reads the
/// Tests back.
#[derive(Default)]
pub(super) struct Written {
    actions: Vec<Action>,
    /// Tests that carry the markers, where the creates looked them up.
    found: Option<Vec<RemoteTest>>,
}

impl Written {
    /// Adds Tests that were created with one submission.
    pub fn add(&mut self, created: Vec<Action>, found: Option<Vec<RemoteTest>>) {
        // What was found counts where it is of all.
        self.found = found.filter(|_| self.actions.is_empty());
        self.actions.extend(created);
    }

    /// True where one lookup takes no more, or none is left to be made.
    pub fn is_full(&self, ctx: &Ctx<'_>) -> bool {
        let sizes = self.actions.iter().map(|action| action.item.size());
        let number = self.actions.len();
        self.found.is_some() || number >= ctx.capability.batches.reads || readable(ctx, sizes) < number
    }
}

impl Upsert {
    /// Reads edited Tests back, records them, and gives the verdicts.
    pub(super) async fn record(&mut self, ctx: &Ctx<'_>, mut written: Vec<Action>, output: &mut Output) -> Result<()> {
        while !written.is_empty() {
            let chunk = next(ctx, &mut written);
            let issues = chunk.iter().filter_map(|action| action.item.entry.issue());
            let ids: Vec<IssueId> = issues.map(|issue| issue.id).collect();
            match read::tests(ctx, &ids).await {
                Ok(remotes) => self.store_read(ctx, chunk, remotes, output).await?,
                Err(error) => return Err(unread(error, chunk.into_iter().chain(written), output)),
            }
        }
        Ok(())
    }

    /// Looks new Tests up once more, records them, and gives the verdicts.
    pub(super) async fn record_new(&mut self, ctx: &Ctx<'_>, written: Written, output: &mut Output) -> Result<()> {
        let Written { mut actions, found } = written;
        let mut known = found.map(by_marker);
        while !actions.is_empty() {
            let mut chunk = next(ctx, &mut actions);
            match self.look_again(ctx, &mut chunk, &mut known, output).await {
                Ok(remotes) => self.store_read(ctx, chunk, remotes, output).await?,
                Err(error) => return Err(unread(error, chunk.into_iter().chain(actions), output)),
            }
        }
        Ok(())
    }

    /// Looks the markers of new Tests up once more, unless that is `known`. Those of which another ledger has created an
    /// older one are withdrawn, and have their verdicts here. Gives the others as they are now, in order.
    async fn look_again(
        &mut self,
        ctx: &Ctx<'_>,
        chunk: &mut Vec<Action>,
        known: &mut Option<Marked>,
        output: &mut Output,
    ) -> Result<Vec<Result<Option<RemoteTest>>>> {
        let created = chunk.iter().map(|action| &action.item);
        let created = created.filter_map(|item| Some((item.marker.clone(), item.entry.issue()?)));
        let created: Vec<(Marker, Issue)> = created.collect();
        let markers: Vec<Marker> = created.iter().map(|(marker, _)| marker.clone()).collect();
        let (found, large): (Marked, Vec<Marker>) = match known {
            Some(known) => {
                let found = markers.iter().filter_map(|marker| known.remove_entry(marker));
                (found.collect(), Vec::new())
            }
            None => {
                let (found, large) = read::find(ctx, &markers).await?.into_iter().partition_result();
                (by_marker(found), large)
            }
        };
        let mut issues = copies::find(ctx, &large).await?;
        issues.extend(found.iter().map(|(marker, tests)| {
            let issues = tests.iter().map(|test| test.issue.clone());
            (marker.clone(), issues.collect())
        }));
        let by_key = &mut self.lookups.by_key;
        let Copies { younger, notes } = copies::of_new(ctx, by_key, &created, issues).await?;
        output.notes.extend(notes);
        withdraw(ctx, chunk, &younger, output).await?;
        let found = found.into_values().flatten();
        let mut found = BTreeMap::from_iter(found.map(|test| (test.issue.id.clone(), Ok(Some(test)))));
        let ids = chunk.iter().filter_map(|action| action.item.entry.issue());
        let ids: Vec<IssueId> = ids.map(|issue| issue.id).collect();
        let missing: Vec<IssueId> = ids.iter().filter(|id| !found.contains_key(id)).cloned().collect();
        if !missing.is_empty() {
            let read = read::tests(ctx, &missing).await?;
            found.extend(missing.into_iter().zip(read));
        }
        Ok(ids.iter().map(|id| found.remove(id).unwrap_or(Ok(None))).collect())
    }

    /// Stores the rows of Tests that were read, and gives the verdicts.
    async fn store_read(
        &mut self,
        ctx: &Ctx<'_>,
        mut chunk: Vec<Action>,
        remotes: Vec<Result<Option<RemoteTest>>>,
        output: &mut Output,
    ) -> Result<()> {
        for (action, remote) in chunk.iter_mut().zip(remotes) {
            read_back(ctx, action, remote);
        }
        self.store(ctx, chunk, output).await
    }
}

/// Tests by the markers on them.
type Marked = BTreeMap<Marker, Vec<RemoteTest>>;

fn by_marker(tests: Vec<RemoteTest>) -> Marked {
    let mut marked = Marked::new();
    for test in tests {
        for marker in markers(test.labels.iter().map(String::as_str)) {
            marked.entry(marker).or_default().push(test.clone());
        }
    }
    marked
}

/// The next Tests, as many as one request reads.
fn next(ctx: &Ctx<'_>, actions: &mut Vec<Action>) -> Vec<Action> {
    let number = readable(ctx, actions.iter().map(|action| action.item.size()));
    actions.drain(..number).collect()
}

/// Withdraws new Tests of which there are older ones, and gives their verdicts.
async fn withdraw(
    ctx: &Ctx<'_>,
    chunk: &mut Vec<Action>,
    younger: &BTreeMap<Marker, Copy>,
    output: &mut Output,
) -> Result<()> {
    let copies = chunk.extract_if(.., |action| younger.contains_key(&action.item.marker));
    let mut copies: VecDeque<Action> = copies.collect();
    while let Some(mut action) = copies.pop_front() {
        let Some(copy) = younger.get(&action.item.marker) else {
            continue;
        };
        let (outcome, why) = match copies::withdraw(ctx, &mut action.item.entry, copy).await {
            Ok(Withdrawn::Gone(why)) => (Outcome::Waiting, why),
            Ok(Withdrawn::Stays(why)) => (Outcome::Failed, why),
            Err(error) => {
                chunk.push(action);
                chunk.extend(copies);
                return Err(error);
            }
        };
        output.verdict(action.item.verdict(outcome).because(why).decided(action.decision));
    }
    Ok(())
}

/// Gives the verdicts of what could not be read back, and the error that the run ends with.
fn unread(error: Error, actions: impl Iterator<Item = Action>, output: &mut Output) -> Error {
    let open = |action| unsettled(action, "it was not read back before the run ended");
    output.verdicts.extend(actions.map(open));
    error
}

/// The verdict about what was written where the run ends before it is settled.
pub(super) fn unsettled(mut action: Action, open: &str) -> Verdict {
    action.item.content.losses.push(format!("{open}; the next run does it"));
    action.written(Vec::new())
}

fn read_back(ctx: &Ctx<'_>, action: &mut Action, remote: Result<Option<RemoteTest>>) {
    let fields = action.fields().to_vec();
    let item = &mut action.item;
    let loss = match remote {
        Ok(Some(remote)) if decide::marker_missing(&remote, &item.marker) => {
            "the issue does not carry its marker; another run may have written it".to_owned()
        }
        Ok(Some(remote)) => {
            item.content.losses.extend(decide::misplaced(&item.content, &remote));
            item.workflow.there.clone_from(&remote.status);
            item.synced(&remote, &fields, &ctx.destination);
            return;
        }
        Ok(None) => "the issue could not be read back yet; the next run does".to_owned(),
        Err(error) => format!("the issue could not be read back: {error}"),
    };
    item.content.losses.push(loss);
}
