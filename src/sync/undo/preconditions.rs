//! Taking back Preconditions that a run created, after its Tests: those that no Test names any more and nobody touched.

use super::{Fate, Removal, Undo, note_gone, touched};
use crate::domain::IssueId;
use crate::error::Result;
use crate::ports::Entity;
use crate::report::Output;
use crate::state::Entry;
use crate::sync::READ;
use crate::sync::ctx::Ctx;
use crate::target::PreconditionUse;

impl Undo {
    /// Notes what becomes of each, because the report's items are cases and launches.
    pub(super) async fn preconditions(&mut self, ctx: &Ctx<'_>, output: &mut Output) -> Result<()> {
        let (mut gone, mut left) = (Vec::new(), 0);
        while let Some(mut created) = self.created(ctx, Entity::Precondition).await? {
            if !ctx.job.options.scenario.preconditions {
                left += created.len();
                continue;
            }
            while !created.is_empty() {
                let chunk = created.drain(..created.len().min(READ)).collect();
                for removal in self.free(ctx, chunk).await? {
                    let key = removal.issue.key.to_string();
                    match self.apply(ctx, removal).await? {
                        Fate::Removed => gone.push(key),
                        Fate::Stays(why) | Fate::Failed(why) => {
                            output.note(format!("Precondition {key} stays: {why}"));
                        }
                    }
                }
            }
        }
        if left > 0 {
            output.note(format!(
                "{left} Preconditions of the run stay, because the mapping option precondition is not issue"
            ));
        }
        note_gone(ctx, "Preconditions", &gone, output);
        Ok(())
    }

    /// Which Preconditions go, at most 100.
    async fn free(&self, ctx: &Ctx<'_>, entries: Vec<Entry>) -> Result<Vec<Removal>> {
        let issues: Vec<_> = entries.iter().filter_map(Entry::issue).collect();
        let ids: Vec<IssueId> = issues.iter().map(|issue| issue.id.clone()).collect();
        let traces = ctx.jira.traces(&ids).await?;
        let uses = ctx.target.tests().precondition_uses(&issues).await?;
        let all = entries.into_iter().zip(issues).zip(traces).zip(uses);
        let removal = |(((entry, issue), traces), found): (((Entry, _), Option<_>), Option<PreconditionUse>)| {
            let touched = traces.as_ref().and_then(|traces| touched(traces, &entry, None));
            let stays = touched.or_else(|| found.and_then(|found| self.used(ctx, &entry, &found)));
            Removal {
                entry,
                issue,
                summary: traces.and_then(|traces| traces.summary),
                stays,
            }
        };
        Ok(all.map(removal).collect())
    }

    /// Why a Precondition is in use; `None` where it is not.
    fn used(&self, ctx: &Ctx<'_>, entry: &Entry, found: &PreconditionUse) -> Option<String> {
        // Where nothing is applied, the Tests that go first are still there.
        let going = match ctx.applies() {
            true => 0,
            false => self.going.get(entry.id()).copied().unwrap_or(0),
        };
        let others = found.tests.saturating_sub(going);
        if others > 0 {
            return Some(format!("{others} Tests are linked to it"));
        }
        (found.fingerprint != entry.fingerprint()).then(|| "its text was edited".to_owned())
    }
}
