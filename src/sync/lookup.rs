//! Which issue belongs to which entity: jobs of earlier runs, look-up by marker, and what to think of a miss.

use super::Run;
use crate::domain::{Outcome, Unit, Verdict};
use crate::error::Result;
use crate::mapping::Marker;
use crate::ports::Entity;
use crate::state::{Entry, Lookup};
use crate::target::{Creation, Issue};
use std::collections::BTreeMap;

/// Markers a look-up.
const LOOK_UP: usize = 100;
/// Why an entity waits whose ledger row somebody else wrote after we read it.
pub(super) const THEIRS: &str = "another run works on it at the moment, and what that one recorded stands";
/// Row that tells when cases were last linked.
const LINKS: &str = "links";

/// Entries without an issue, with the markers to find them by.
pub(super) type Entries<'e> = [(&'e mut Entry, Marker)];

impl Run<'_> {
    /// Looks up the issues of entries that have none: first by the jobs that earlier runs left, then by marker.
    pub async fn look_up(&self, entries: &mut Entries<'_>) -> Result<Vec<Lookup>> {
        self.collect_jobs(entries).await?;
        let mut found: BTreeMap<Marker, Vec<Issue>> = BTreeMap::new();
        let markers: Vec<Marker> = entries
            .iter()
            .filter(|(entry, _)| entry.issue().is_none())
            .map(|(_, marker)| marker.clone())
            .collect();
        for chunk in markers.chunks(LOOK_UP) {
            found.extend(self.jira.find(&self.destination.project_id, chunk).await?);
        }
        let unread = self.look_by_key(entries, &mut found).await?;
        let begun: Vec<bool> = entries.iter().map(|(entry, _)| self.again(entry).is_some()).collect();
        let now = self.ports.clock.now();
        let mut lookups: Vec<Lookup> = entries
            .iter_mut()
            .map(|(entry, marker)| {
                let issues = found.get(marker).map(Vec::as_slice).unwrap_or_default();
                match unread.contains(marker) {
                    true => Lookup::Unread,
                    false => entry.judge(issues, now, self.job.recreate, |accepted| {
                        self.target.quiescence(accepted)
                    }),
                }
            })
            .collect();
        self.record_lookups(entries, &mut lookups).await?;
        let found = begun.iter().zip(&lookups);
        let resumed = found.filter(|(begun, lookup)| **begun && **lookup == Lookup::Found);
        if !self.job.mode.reads_only() {
            self.recorder.resumed(resumed.count() as u64);
        }
        Ok(lookups)
    }

    /// Makes durable what the look-up found. A row that somebody else wrote meanwhile is theirs. What waits is not written:
    /// there is nothing new about it.
    async fn record_lookups(&self, entries: &mut Entries<'_>, lookups: &mut [Lookup]) -> Result<()> {
        let settled = entries.iter_mut().zip(lookups).filter_map(|((entry, _), lookup)| {
            matches!(lookup, Lookup::Found | Lookup::Unread).then_some((&mut **entry, lookup))
        });
        let (mut rows, places): (Vec<&mut Entry>, Vec<&mut Lookup>) = settled.unzip();
        for entry in &rows {
            entry.issue().into_iter().for_each(|issue| self.notice(&issue.key));
        }
        let linked = |entry: &&mut Entry| entry.entity() == Entity::TestCase && entry.issue().is_some();
        if rows.iter().any(linked) {
            self.about_to_link().await?;
        }
        let stored = self.ledger.put(&mut rows).await?;
        for (lookup, stored) in places.into_iter().zip(stored) {
            if !stored {
                *lookup = Lookup::Theirs;
            }
        }
        Ok(())
    }

    /// Makes durable that cases are being linked, before the first of a run is: results that launches left out can be
    /// exported then, also where this run does not live to see it.
    pub(super) async fn about_to_link(&self) -> Result<()> {
        if self.linking.replace(true) {
            return Ok(());
        }
        let mut links = self.ledger.one(Entity::Checkpoint, LINKS).await?;
        links.detail.linked_at = self.ports.clock.now();
        self.ledger.put_one(&mut links).await
    }

    /// When a run last began to link cases, in milliseconds since the epoch.
    pub(super) async fn linked_at(&self) -> Result<u64> {
        Ok(self.ledger.one(Entity::Checkpoint, LINKS).await?.detail.linked_at)
    }

    /// From when a create whose outcome nobody knows may be sent again; `None`: none is under way.
    pub(super) fn again(&self, entry: &Entry) -> Option<u64> {
        entry.again(|accepted| self.target.quiescence(accepted))
    }

    /// Jobs that were accepted and whose outcome no run has read yet.
    async fn collect_jobs(&self, entries: &mut Entries<'_>) -> Result<()> {
        let mut jobs: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, (entry, _)) in entries.iter().enumerate() {
            if let Some((job, _)) = entry.job() {
                jobs.entry(job.to_owned()).or_default().push(index);
            }
        }
        for (job, members) in jobs {
            let Some(mut outcomes) = self.target.collect(&job).await? else {
                continue;
            };
            for index in members {
                let Some((entry, _)) = entries.get_mut(index) else {
                    continue;
                };
                let element = entry.job().and_then(|(_, element)| element);
                match element.and_then(|element| outcomes.remove(&element)) {
                    Some(Creation::Created(issue)) => {
                        entry.link_to(&issue);
                        if !self.job.mode.reads_only() {
                            self.recorder.resumed(1);
                        }
                    }
                    Some(Creation::Refused(_)) => entry.refuse(),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// The verdict of a look-up that ends the matter for this run; `None` where it goes on.
pub fn verdict(lookup: &Lookup, unit: Unit, id: u64, name: &str) -> Option<Verdict> {
    let verdict = |outcome| Verdict::new(unit, id, name, outcome);
    match lookup {
        Lookup::Found | Lookup::Absent => None,
        Lookup::Theirs => Some(verdict(Outcome::Waiting).because(THEIRS)),
        Lookup::Pending(at) => Some(verdict(Outcome::Waiting).because(format!(
            "a create was sent whose answer never came; it is not sent again before {}",
            crate::mapping::timestamp(*at)
        ))),
        Lookup::Unread => Some(verdict(Outcome::Waiting).because(
            "a create was sent whose answer never came; the next run goes on looking for its issue among the newest ones",
        )),
        Lookup::Several(keys) => Some(verdict(Outcome::Failed).because(format!(
            "several issues carry its marker: {}; delete the copies or take the label off them",
            keys.join(", ")
        ))),
        Lookup::Deleted => Some(
            verdict(Outcome::Skipped)
                .because("its issue was deleted in Jira; it is created again only with --recreate"),
        ),
    }
}
