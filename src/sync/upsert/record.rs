//! Reads back what was written, and records it.

use super::Upsert;
use super::action::Action;
use crate::domain::{IssueId, Verdict};
use crate::error::Result;
use crate::report::Output;
use crate::sync::READ;
use crate::sync::ctx::Ctx;
use crate::sync::decide;
use crate::sync::read;
use crate::target::RemoteTest;

impl Upsert {
    /// Reads Tests back, records them, and gives the verdicts.
    pub(super) async fn record(&mut self, ctx: &Ctx<'_>, mut written: Vec<Action>, output: &mut Output) -> Result<()> {
        while !written.is_empty() {
            let mut chunk: Vec<Action> = written.drain(..written.len().min(READ)).collect();
            let issues = chunk.iter().filter_map(|action| action.item.entry.issue());
            let ids: Vec<IssueId> = issues.map(|issue| issue.id).collect();
            let remotes = match read::tests(ctx, &ids).await {
                Ok(remotes) => remotes,
                Err(error) => {
                    written.splice(..0, chunk);
                    let unread = |action| unsettled(action, "it was not read back before the run ended");
                    output.verdicts.extend(written.into_iter().map(unread));
                    return Err(error);
                }
            };
            for (action, remote) in chunk.iter_mut().zip(remotes) {
                read_back(ctx, action, remote);
            }
            self.store(ctx, chunk, output).await?;
        }
        Ok(())
    }
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
