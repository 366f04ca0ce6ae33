//! Taking back Preconditions that a run created, after its Tests: those that no Test names any more and nobody touched.

use super::{READ, touched};
use crate::domain::IssueId;
use crate::error::{Kind, Result};
use crate::ports::Entity;
use crate::state::Entry;
use crate::sync::{Mode, Run};

impl Run<'_> {
    /// Tells by notes what becomes of each, because the report's items are cases and launches. True where there was any.
    pub(super) async fn undo_preconditions(&self) -> Result<bool> {
        let (mut after, mut any) = (None, false);
        let (mut gone, mut left) = (Vec::new(), 0);
        loop {
            let rows = self.ledger.scan(Entity::Precondition, after).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id().to_owned());
            let mut ours: Vec<Entry> = rows.into_iter().filter(|entry| self.is_of_this_run(entry)).collect();
            any |= !ours.is_empty();
            if !self.job.options.scenario.preconditions {
                left += ours.len();
                continue;
            }
            for chunk in ours.chunks_mut(READ) {
                self.undo_some(chunk, &mut gone).await?;
            }
        }
        if left > 0 {
            let note =
                format!("{left} Preconditions of the run stay, because the mapping option precondition is not issue");
            self.recorder.note(note).await;
        }
        self.tell_gone("Preconditions", &gone).await;
        Ok(any)
    }

    async fn undo_some(&self, entries: &mut [Entry], gone: &mut Vec<String>) -> Result<()> {
        let issues: Vec<_> = entries.iter().filter_map(Entry::issue).collect();
        let ids: Vec<IssueId> = issues.iter().map(|issue| issue.id.clone()).collect();
        let traces = self.jira.traces(&ids).await?;
        let uses = self.target.precondition_uses(&issues).await?;
        for (((entry, issue), traces), uses) in entries.iter_mut().zip(&issues).zip(traces).zip(uses) {
            let mut why = traces.and_then(|traces| touched(&traces, entry, None));
            if let (None, Some(found)) = (&why, uses) {
                // A dry run still sees the Tests that go first.
                let going = match self.job.mode {
                    Mode::Undo { apply: true } => 0,
                    _ => self.going.borrow().get(entry.id()).copied().unwrap_or(0),
                };
                let others = found.tests.saturating_sub(going);
                if others > 0 {
                    why = Some(format!("{others} Tests are linked to it"));
                } else if found.fingerprint != entry.fingerprint() {
                    why = Some("its text was edited".to_owned());
                }
            }
            if let Some(why) = why {
                self.recorder
                    .note(format!("Precondition {} stays: {why}", issue.key))
                    .await;
                continue;
            }
            if !self.job.mode.reads_only() {
                match self.jira.delete(&issue.id).await {
                    Ok(()) => {}
                    Err(error) if error.concerns_one_item() || error.kind == Kind::Permission => {
                        self.recorder
                            .note(format!("Precondition {} stays: {error}", issue.key))
                            .await;
                        continue;
                    }
                    Err(error) => return Err(error),
                }
                entry.take_back();
                self.ledger.put_one(entry).await?;
            }
            gone.push(issue.key.to_string());
        }
        Ok(())
    }
}
