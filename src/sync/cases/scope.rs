//! Which cases are exported.

use crate::domain::{CaseId, IssueKey};
use crate::state::Entry;
use crate::target::Issue;
use std::collections::{BTreeMap, BTreeSet};

/// The cases in scope.
#[derive(Default)]
pub(in crate::sync) struct Scope {
    /// Ascending ids.
    pub ids: Vec<CaseId>,
    /// When a run last began to link cases, in milliseconds since the epoch.
    pub linked_at: u64,
    /// Cases that a plan would create.
    pub planned: BTreeSet<CaseId>,
    /// Keys of Tests that the ledger does not have, because their project was renamed.
    pub renamed: BTreeMap<CaseId, IssueKey>,
    /// There are cases whose ids cannot be read.
    pub unnamed: bool,
}

impl Scope {
    /// True where a case is in it.
    pub fn contains(&self, id: CaseId) -> bool {
        self.ids.binary_search(&id).is_ok()
    }

    /// The Test that results of a case go to.
    pub fn test_of(&self, case: CaseId, entry: &Entry) -> Option<Issue> {
        let planned = self.planned.contains(&case);
        let known = match self.contains(case) {
            true => entry.issue().or_else(|| planned.then(Issue::to_be)),
            false => entry.buried_issue(),
        }?;
        let key = self.renamed.get(&case).cloned();
        Some(Issue {
            key: key.unwrap_or(known.key),
            ..known
        })
    }

    /// Digest of the cases in it.
    pub fn digest(&self) -> String {
        let ids: Vec<u8> = self.ids.iter().flat_map(|id| id.0.to_le_bytes()).collect();
        crate::digest::short(&ids)
    }
}
