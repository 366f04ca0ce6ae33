//! The search index: what queries see, which may lag behind what was written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::id::{IssueId, Millis, ProjectId};
use super::issue::Issue;

/// How far the index is behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lag {
    /// A search sees every write at once.
    #[default]
    None,
    /// A write is seen this many milliseconds later.
    After(Millis),
    /// Writes are not seen until [`Index::catch_up`].
    Never,
}

/// A write on its way: the issue, or `None` when it was deleted.
type Pending = (IssueId, Option<Arc<Issue>>);

/// Snapshots of issues as searches see them.
#[derive(Clone, Debug, Default)]
pub struct Index {
    lag: Lag,
    documents: BTreeMap<IssueId, Arc<Issue>>,
    by_project: HashMap<ProjectId, BTreeSet<IssueId>>,
    by_label: HashMap<String, BTreeSet<IssueId>>,
    pending: BTreeMap<(Millis, u64), Pending>,
    sequence: u64,
    applied: HashMap<IssueId, u64>,
}

impl Index {
    /// Sets the lag of writes from now on.
    pub fn set_lag(&mut self, lag: Lag) {
        self.lag = lag;
    }

    /// Takes note of a written (or with `None` deleted) issue.
    pub fn write(&mut self, now: Millis, id: IssueId, issue: Option<Arc<Issue>>) {
        self.sequence += 1;
        let due = match self.lag {
            Lag::None => return self.apply(self.sequence, id, issue),
            Lag::After(delay) => now.saturating_add(delay),
            Lag::Never => Millis::MAX,
        };
        self.pending.insert((due, self.sequence), (id, issue));
    }

    /// Applies every write whose time has come.
    pub fn advance(&mut self, now: Millis) {
        while let Some(entry) = self.pending.first_entry().filter(|entry| entry.key().0 <= now) {
            let ((_, sequence), (id, issue)) = entry.remove_entry();
            self.apply(sequence, id, issue);
        }
    }

    /// Applies every write, due or not.
    pub fn catch_up(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        for ((_, sequence), (id, issue)) in pending {
            self.apply(sequence, id, issue);
        }
    }

    fn apply(&mut self, sequence: u64, id: IssueId, issue: Option<Arc<Issue>>) {
        let newest = self.applied.entry(id).or_default();
        if *newest > sequence {
            return;
        }
        *newest = sequence;
        if let Some(old) = self.documents.remove(&id) {
            self.unlist(&old);
        }
        if let Some(issue) = issue {
            self.by_project.entry(issue.project).or_default().insert(id);
            for label in &issue.labels {
                self.by_label.entry(label.to_lowercase()).or_default().insert(id);
            }
            self.documents.insert(id, issue);
        }
    }

    fn unlist(&mut self, old: &Issue) {
        if let Some(ids) = self.by_project.get_mut(&old.project) {
            ids.remove(&old.id);
        }
        for label in &old.labels {
            if let Some(ids) = self.by_label.get_mut(&label.to_lowercase()) {
                ids.remove(&old.id);
            }
        }
    }

    /// The snapshot of an issue.
    #[must_use]
    pub fn get(&self, id: IssueId) -> Option<&Arc<Issue>> {
        self.documents.get(&id)
    }

    /// Ids of all snapshots, ascending.
    pub fn ids(&self) -> impl Iterator<Item = IssueId> {
        self.documents.keys().copied()
    }

    /// Ids of the snapshots in a project.
    #[must_use]
    pub fn in_project(&self, project: ProjectId) -> BTreeSet<IssueId> {
        self.by_project.get(&project).cloned().unwrap_or_default()
    }

    /// Ids of the snapshots with a label, compared without case.
    #[must_use]
    pub fn with_label(&self, label: &str) -> BTreeSet<IssueId> {
        self.by_label.get(&label.to_lowercase()).cloned().unwrap_or_default()
    }
}
