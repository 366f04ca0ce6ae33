//! Cases that were exported and are no longer in scope: left out by the filter, or deleted in TestOps. Their Tests stay as
//! they are; a person is told.

use super::Run;
use super::cases::Scope;
use crate::domain::{CaseId, Issue};
use crate::error::Result;
use crate::ports::Entity;

/// Ids that are named in the note.
const NAMED: usize = 20;

impl Run<'_> {
    /// Tells which exported cases left the scope. Asks TestOps about each once, so it belongs to a full pass.
    pub(super) async fn tell_departed(&self, scope: &Scope) -> Result<()> {
        let (mut left, mut deleted, mut after) = (0u64, Vec::new(), None);
        loop {
            let mut entries = self.ledger.scan(Entity::TestCase, after).await?;
            let Some(last) = entries.last() else { break };
            after = Some(last.id().to_owned());
            for entry in &mut entries {
                let id = CaseId(entry.number());
                if entry.issue().is_none() || scope.ids.binary_search(&id).is_ok() {
                    continue;
                }
                if self.source.is_there(id).await? {
                    left += 1;
                    continue;
                }
                deleted.push(id);
                if let (Some(label), Some(issue)) = (&self.job.options.deleted_label, entry.issue())
                    && !self.label_deleted(&issue, label).await?
                {
                    continue;
                }
                // Restored in TestOps, the case is found again by its marker.
                entry.bury();
                self.ledger.put_one(entry).await?;
            }
        }
        if left > 0 {
            self.recorder
                .note(format!(
                    "{left} exported test cases are no longer in scope; their Tests stay as they are"
                ))
                .await;
        }
        if !deleted.is_empty() {
            let named: Vec<String> = deleted.iter().take(NAMED).map(CaseId::to_string).collect();
            let number = deleted.len();
            let note = format!(
                "{number} exported test cases were deleted in TestOps ({}); their Tests stay",
                named.join(", ")
            );
            self.recorder.note(note).await;
        }
        Ok(())
    }

    /// Puts the label on the issue of a case that was deleted; false where Jira refuses, and the next full pass tries again.
    async fn label_deleted(&self, issue: &Issue, label: &str) -> Result<bool> {
        if self.job.mode.reads_only() {
            return Ok(true);
        }
        match self.jira.label(&issue.id, label).await {
            Ok(()) => Ok(true),
            Err(error) if error.concerns_one_item() => {
                let note = format!("{} could not be given the label {label}: {error}", issue.key);
                self.recorder.note(note).await;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
