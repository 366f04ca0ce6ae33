//! Cases that were exported and are no longer in scope: left out by the filter, or deleted in TestOps. Their Tests stay as
//! they are; a person is told.

use super::Run;
use super::cases::Scope;
use crate::error::Result;
use crate::ports::{Entity, Phase};

/// Ids that are named in the note.
const NAMED: usize = 20;

impl Run<'_> {
    /// Tells which exported cases left the scope. Asks TestOps about each once, so it belongs to a full pass.
    pub(super) async fn tell_departed(&self, scope: &Scope) -> Result<()> {
        let (mut left, mut deleted, mut after) = (0u64, Vec::new(), None);
        loop {
            let mut entries = self.ledger.scan(Entity::TestCase, after).await?;
            let Some(last) = entries.last() else { break };
            after = Some(last.link.key.id.clone());
            for entry in &mut entries {
                let id: u64 = entry.link.key.id.parse().unwrap_or(0);
                if entry.issue().is_none() || scope.ids.binary_search(&id).is_ok() {
                    continue;
                }
                if self.source.is_there(id).await? {
                    left += 1;
                    continue;
                }
                deleted.push(id);
                // Restored in TestOps, the case is found again by its marker.
                entry.link.phase = Phase::Tombstone;
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
            let named: Vec<String> = deleted.iter().take(NAMED).map(u64::to_string).collect();
            let number = deleted.len();
            let note = format!(
                "{number} exported test cases were deleted in TestOps ({}); their Tests stay",
                named.join(", ")
            );
            self.recorder.note(note).await;
        }
        Ok(())
    }
}
