//! Compares items with their Tests, and decides what is to be done about each.

use super::Upsert;
use super::action::Action;
use super::item::Item;
use crate::domain::{IssueId, Outcome, Verdict};
use crate::error::Result;
use crate::mapping::{Field, Marker};
use crate::ports::Stage;
use crate::report::Output;
use crate::sync::copies;
use crate::sync::ctx::Ctx;
use crate::sync::decide;
use crate::sync::preconditions;
use crate::sync::read;
use crate::sync::{test_sets, test_versions};
use crate::target::RemoteTest;
use std::collections::BTreeMap;

impl Upsert {
    /// Actions for items whose Tests exist, at most as many as are read at a time. A Test that is gone has its verdict here.
    pub(super) async fn compare(
        &mut self,
        ctx: &Ctx<'_>,
        items: Vec<Item>,
        output: &mut Output,
    ) -> Result<Vec<Action>> {
        ctx.progress(Stage::Comparing, items.len() as u64, None).await;
        let issues = items.iter().filter_map(|item| item.entry.issue());
        let ids: Vec<IssueId> = issues.map(|issue| issue.id).collect();
        let remotes = read::tests(ctx, &ids).await?;
        self.mass.count(
            remotes.iter().filter(|remote| matches!(remote, Ok(None))).count(),
            ctx.job,
        )?;
        let markers: Vec<Marker> = items.iter().map(|item| item.marker.clone()).collect();
        let found = match ctx.looks_for_copies() {
            true => copies::find(ctx, &markers).await?,
            false => BTreeMap::new(),
        };
        let mut actions = Vec::with_capacity(items.len());
        for (item, remote) in items.into_iter().zip(remotes) {
            match remote {
                Err(error) => {
                    let verdict = item.verdict(Outcome::Failed).because(error.to_string());
                    let issue = item.entry.issue();
                    output.verdict(Verdict { issue, ..verdict });
                }
                Ok(Some(remote)) => {
                    let others = copies::beside(&found, &item.marker, &remote.issue);
                    actions.push(self.decide(ctx, item, remote)?.beside(others));
                }
                Ok(None) if ctx.recreates() => self.gone.push((item.row, item.entry)),
                Ok(None) => output.verdict(ctx.orphan(item.row.id.0, &item.row.name, item.entry).await?),
            }
        }
        Ok(actions)
    }

    fn decide(&mut self, ctx: &Ctx<'_>, mut item: Item, mut remote: RemoteTest) -> Result<Action> {
        let policies = &ctx.job.options.policies;
        if item.is_case() {
            self.notice_key(item.row.id, &item.entry, &remote.issue.key);
        }
        item.entry.rename(&remote.issue.key);
        item.workflow.there.clone_from(&remote.status);
        let mut decision = decide::fields(&item.content, &item.entry, &remote, &item.marker, policies);
        preconditions::relink(ctx, &mut item, &remote, &mut decision);
        test_sets::decide(ctx, &item, &mut remote, &mut decision);
        test_versions::restrict(&remote, &mut decision);
        item.content
            .losses
            .extend(test_versions::note(&remote, &ctx.job.options));
        self.mass.count(usize::from(decision.overwrites()), ctx.job)?;
        item.content.losses.append(&mut decision.notes(&ctx.destination.plan));
        if decision.write.contains(&Field::Steps) {
            let added = decide::added_steps(&mut remote, &item.entry, policies);
            item.content.losses.extend(added);
        }
        item.content.fields.keep(&decision.members);
        item.content.losses.extend(ctx.moved_away(&remote));
        let mut differing = decision.differing();
        // Steps of Tests that it calls are steps of this one.
        if item.calls.differ && !differing.contains(&Field::Steps) {
            differing.push(Field::Steps);
        }
        item.remote = Some(remote);
        Ok(Action::update(ctx, item, decision.write, &differing))
    }
}

/// Splits off items that Jira would refuse for fields without a value, with their verdicts.
pub(super) fn complete(items: Vec<Item>, output: &mut Output) -> Vec<Item> {
    let (items, lacking): (Vec<Item>, Vec<Item>) = items
        .into_iter()
        .partition(|item| item.content.fields.missing.is_empty());
    for item in lacking {
        let fields = item.content.fields.missing.join("; ");
        let why = format!(
            "the destination requires fields that the case has no value for: {fields}; set defaults.… for them, of steps \
             step-defaults.…"
        );
        output.verdict(item.verdict(Outcome::Failed).because(why));
    }
    items
}
