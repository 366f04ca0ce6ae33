//! Creates whose answer was lost, looked for without the search index: before one is sent again, the issues that were
//! created since are read key by key. An index that never catches up makes no second issue.

use super::Run;
use super::lookup::Entries;
use crate::domain::IssueKey;
use crate::error::Result;
use crate::mapping::Marker;
use crate::state::{Entry, SENDING};
use crate::target::{Issue, Newer, Since};
use std::collections::{BTreeMap, BTreeSet};

/// What was read, and what it answers.
pub(super) struct Look {
    since: Since,
    /// When it began, in milliseconds since the epoch.
    at: u64,
    /// When what it was asked for was written, in milliseconds since the epoch.
    written: u64,
    newer: Newer,
}

impl Look {
    /// True where it answers another question too: one about creates that could commit until `quiet`.
    fn answers(&self, since: Since, written: u64, quiet: u64) -> bool {
        let reaches_back = match self.since.key {
            0 => self.written <= written,
            key => since.key >= key,
        };
        reaches_back && self.at >= quiet
    }
}

impl Run<'_> {
    /// Takes note of a key that the project has handed out.
    pub(super) fn notice(&self, key: &IssueKey) {
        let number = self.destination.number(key).unwrap_or(0);
        self.highest_key.set(self.highest_key.get().max(number));
    }

    /// Adds to what a search found the issues that only their keys lead to, for entries whose create could be sent again
    /// now. Gives the markers of those that wait because not all keys could be looked at; the next look goes on from there.
    pub(super) async fn look_by_key(
        &self,
        entries: &mut Entries<'_>,
        found: &mut BTreeMap<Marker, Vec<Issue>>,
    ) -> Result<BTreeSet<Marker>> {
        let mut unread = BTreeSet::new();
        let now = self.ports.clock.now();
        let doubtful = |(entry, marker): &&mut (&mut Entry, Marker)| {
            !found.contains_key(marker) && self.again(entry).is_some_and(|again| again <= now)
        };
        let mut doubtful: Vec<&mut (&mut Entry, Marker)> = entries.iter_mut().filter(doubtful).collect();
        let Some(written) = doubtful.iter().map(|(entry, _)| entry.since()).min() else {
            return Ok(unread);
        };
        let quiet = doubtful
            .iter()
            .filter_map(|(entry, _)| self.again(entry))
            .max()
            .unwrap_or(now);
        let since = Since {
            key: doubtful.iter().map(|(entry, _)| entry.above()).min().unwrap_or(0),
            // The date can be from when the sender gave up.
            age: now.saturating_sub(written) + 2 * SENDING,
        };
        self.look(since, written, quiet, doubtful.len()).await?;
        let look = self.look.borrow();
        let Some(Look { newer, .. }) = &*look else {
            return Ok(unread);
        };
        for (entry, marker) in &mut doubtful {
            match newer.found.get(marker) {
                Some(issues) => drop(found.insert(marker.clone(), issues.clone())),
                None if !newer.whole => {
                    entry.looked_up_to(newer.to);
                    unread.insert(marker.clone());
                }
                None => {}
            }
        }
        Ok(unread)
    }

    async fn look(&self, since: Since, written: u64, quiet: u64, creates: usize) -> Result<()> {
        let answered = |look: &Look| look.answers(since, written, quiet);
        if self.look.borrow().as_ref().is_some_and(answered) {
            return Ok(());
        }
        let at = self.ports.clock.now();
        let newer = self.jira.newer(&self.destination, since).await?;
        let project = &self.destination.project_key;
        let rest = if newer.whole {
            ""
        } else {
            "; the next run looks at those above"
        };
        self.recorder
            .note(format!(
                "the answer to {creates} creates was lost and no search finds them: issues {project}-{} to {project}-{} were \
                 looked at one by one{rest}",
                newer.from + 1,
                newer.to.max(newer.from + 1),
            ))
            .await;
        self.look.replace(Some(Look {
            since,
            at,
            written,
            newer,
        }));
        Ok(())
    }
}
