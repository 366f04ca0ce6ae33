//! Applies actions about Tests that exist: the fields that differ, then what is beside them.

use super::Upsert;
use super::action::Action;
use super::item::Item;
use super::record::unsettled;
use super::{files, workflow};
use crate::domain::{Change, Outcome};
use crate::error::Result;
use crate::mapping::Field;
use crate::report::Output;
use crate::sync::ctx::Ctx;
use crate::sync::lookup::THEIRS;
use crate::sync::test_sets;
use crate::target::{Update, Updated, Updates};

impl Upsert {
    pub(super) async fn apply(&mut self, ctx: &Ctx<'_>, actions: Vec<Action>, output: &mut Output) -> Result<()> {
        let (settled, changed): (Vec<Action>, Vec<Action>) =
            actions.into_iter().partition(|action| action.fields().is_empty());
        self.settle(ctx, settled, output).await?;
        self.update(ctx, changed, output).await
    }

    /// Records Tests that are in step, and brings in step what is beside their fields.
    async fn settle(&mut self, ctx: &Ctx<'_>, mut settled: Vec<Action>, output: &mut Output) -> Result<()> {
        for action in &mut settled {
            if let Some(remote) = action.item.remote.take() {
                action.item.synced(&remote, &[], &ctx.destination);
            }
        }
        self.store(ctx, settled, output).await
    }

    async fn update(&mut self, ctx: &Ctx<'_>, changed: Vec<Action>, output: &mut Output) -> Result<()> {
        let updates = changed.iter().filter_map(|action| {
            Some(Update {
                remote: action.item.remote.as_ref()?,
                content: &action.item.content,
                fields: action.fields(),
                precondition: &action.item.link.change,
                marker: &action.item.marker,
            })
        });
        let updates: Vec<Update<'_>> = updates.collect();
        if updates.is_empty() {
            return Ok(());
        }
        let Updates { each, stop } = ctx.target.tests().update(&updates).await;
        drop(updates);
        let mut done = Vec::with_capacity(changed.len());
        for (action, updated) in changed.into_iter().zip(each) {
            match updated {
                Updated::Done => done.push(action),
                Updated::Failed(error) => {
                    let failed = action.item.verdict(Outcome::Failed).because(error.to_string());
                    output.verdict(failed.decided(action.decision));
                }
                Updated::Unsent => {}
            }
        }
        let written = done
            .iter_mut()
            .filter(|action| action.fields().contains(&Field::TestSets));
        let added = test_sets::add(ctx, &mut written.map(|action| &mut action.item).collect::<Vec<_>>()).await;
        self.record(ctx, done, output).await?;
        stop.map_or(added.map(drop), Err)
    }

    /// Stores the rows of Tests that are in step, brings in step what is beside their fields, and gives the verdicts. What
    /// ends the run leaves what is beside them to the next one.
    pub(super) async fn store(&mut self, ctx: &Ctx<'_>, mut actions: Vec<Action>, output: &mut Output) -> Result<()> {
        let mut entries: Vec<_> = actions.iter_mut().map(|action| &mut action.item.entry).collect();
        let stored = match ctx.ledger.put(&mut entries).await {
            Ok(stored) => stored,
            Err(error) => {
                let unrecorded = |action| unsettled(action, "it was not recorded before the run ended");
                output.verdicts.extend(actions.into_iter().map(unrecorded));
                return Err(error);
            }
        };
        let items = actions.iter_mut().map(|action| &mut action.item);
        self.test_keys.write(ctx, items, output).await;
        let mut stop = None;
        for (mut action, stored) in actions.into_iter().zip(stored) {
            let beside = match stored && stop.is_none() {
                true => self.beside(ctx, &mut action.item).await,
                false => Ok(Vec::new()),
            };
            let beside = beside.unwrap_or_else(|error| {
                stop = Some(error);
                Vec::new()
            });
            let mut verdict = action.written(beside);
            // What is reported is what the servers hold, also where the row is somebody else's by now.
            verdict.notes.extend((!stored).then(|| THEIRS.to_owned()));
            output.verdict(verdict);
        }
        stop.map_or(Ok(()), Err)
    }

    /// Brings in step what is not written with the fields: files first, because a status may forbid edits. Gives what
    /// changed.
    async fn beside(&mut self, ctx: &Ctx<'_>, item: &mut Item) -> Result<Vec<Change>> {
        let files = files::change(ctx, item);
        let attached = self.files.attach(ctx, item).await?;
        let status = workflow::apply(ctx, item).await?;
        Ok(files.filter(|_| attached).into_iter().chain(status).collect())
    }
}
