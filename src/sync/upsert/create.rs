//! Applies actions that create Tests.

use super::Upsert;
use super::action::Action;
use super::record::Written;
use crate::domain::{IssueId, Outcome};
use crate::error::Result;
use crate::report::Output;
use crate::sync::creation::{Created, Creations};
use crate::sync::ctx::Ctx;
use crate::sync::test_sets;
use crate::target::Draft;

impl Upsert {
    /// Creates a chunk of Tests; adds what was created to `written`, to be looked up once more and read back.
    pub(super) async fn create(
        &mut self,
        ctx: &Ctx<'_>,
        mut actions: Vec<Action>,
        singly: bool,
        written: &mut Written,
        output: &mut Output,
    ) -> Result<()> {
        let creates = actions.iter_mut().map(|Action { item, .. }| {
            let draft = Draft {
                marker: &item.marker,
                content: &item.content,
                source: ctx.source.case_url(item.row.id),
                precondition: item.link.of_new(),
                singly,
            };
            (&mut item.entry, draft)
        });
        let send = async |drafts: Vec<Draft<'_>>| ctx.target.tests().submit(&drafts).await;
        let creations = self.lookups.create_tests(ctx, creates.collect(), send).await?;
        let Creations {
            outcomes, found, stop, ..
        } = creations;
        let mut created = Vec::with_capacity(actions.len());
        for (action, outcome) in actions.into_iter().zip(outcomes) {
            let (outcome, why) = match outcome {
                Created::Issue(_) => {
                    created.push(action);
                    continue;
                }
                Created::Refused(why) => (Outcome::Failed, why),
                Created::Waiting(why) => (Outcome::Waiting, why),
                Created::Unsent => continue,
            };
            output.verdict(action.item.verdict(outcome).because(why).decided(action.decision));
        }
        let placed = self.place(ctx, &mut created).await;
        // What was found before the Tests were put into sets does not show them there.
        written.add(created, found.filter(|_| matches!(placed, Ok(false))));
        placed?;
        stop.map_or(Ok(()), Err)
    }
}

impl Upsert {
    /// Links new Tests to what their creates could not. True where any was put into a Test Set.
    async fn place(&self, ctx: &Ctx<'_>, created: &mut [Action]) -> Result<bool> {
        link(ctx, created).await?;
        let mut items: Vec<_> = created.iter_mut().map(|action| &mut action.item).collect();
        test_sets::add(ctx, &mut items).await
    }
}

/// Links new Tests to their Preconditions, where their create could not. An item's refusal shows when the Test is read back.
async fn link(ctx: &Ctx<'_>, created: &[Action]) -> Result<()> {
    if ctx.capability.creates_link_preconditions {
        return Ok(());
    }
    let links = created.iter().filter_map(|Action { item, .. }| {
        let (test, precondition) = (item.entry.issue()?, item.link.of_new()?);
        Some((test.id, precondition.id.clone()))
    });
    let links: Vec<(IssueId, IssueId)> = links.collect();
    match links.is_empty() {
        true => Ok(()),
        false => ctx.target.tests().link(&links).await,
    }
}
