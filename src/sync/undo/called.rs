//! Taking back Tests of shared steps that a run created, after those of cases: the ones that no Test calls any more and
//! nobody touched.

use super::READ;
use crate::domain::{IssueId, Outcome, Unit};
use crate::error::Result;
use crate::ports::Entity;
use crate::state::Entry;
use crate::sync::Run;
use std::collections::BTreeSet;

impl Run<'_> {
    /// Tells by notes what becomes of each, because the report's items are cases and launches. True where there was any.
    pub(super) async fn undo_called(&self) -> Result<bool> {
        let (mut after, mut ours) = (None, Vec::new());
        loop {
            let rows = self.ledger.scan(Entity::SharedStep, after).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id().to_owned());
            ours.extend(rows.into_iter().filter(|entry| self.is_of_this_run(entry)));
        }
        if ours.is_empty() {
            return Ok(false);
        }
        let calls = self.target.calls().await?;
        let mut gone: Vec<String> = Vec::new();
        loop {
            let is_free = |entry: &Entry| self.callers(&calls, entry) == 0;
            let (mut free, kept): (Vec<Entry>, Vec<Entry>) = ours.into_iter().partition(is_free);
            ours = kept;
            if free.is_empty() {
                break;
            }
            for chunk in free.chunks_mut(READ) {
                self.recorder.set_aside();
                let undone = self.undo_chunk(chunk, Unit::TestCase).await;
                let verdicts = self.recorder.taken();
                undone?;
                for verdict in verdicts {
                    // Of what is left, the key stands for the name.
                    match verdict.outcome {
                        Outcome::Removed => gone.push(verdict.name),
                        _ => self.stays(&verdict.name, &verdict.reason.unwrap_or_default()).await,
                    }
                }
            }
        }
        for entry in &ours {
            let key = entry.issue_key().unwrap_or_default();
            let number = self.callers(&calls, entry);
            self.stays(key, &format!("{number} Tests call it")).await;
        }
        self.tell_gone("Tests of shared steps", &gone).await;
        Ok(true)
    }

    /// Tests that call an entry's and are not taken back.
    fn callers(&self, calls: &[(IssueId, IssueId)], entry: &Entry) -> usize {
        let gone = self.gone.borrow();
        let id = entry.issue().map(|issue| issue.id);
        let callers = calls
            .iter()
            .filter(|(caller, called)| Some(called) == id.as_ref() && !gone.contains(caller));
        BTreeSet::from_iter(callers.map(|(caller, _)| caller)).len()
    }

    async fn stays(&self, key: &str, why: &str) {
        self.recorder
            .note(format!("the Test {key} of a shared step stays: {why}"))
            .await;
    }
}
