//! Which issue belongs to which entity: jobs of earlier runs, look-up by marker, and what to think of a miss.

use super::Run;
use crate::domain::{Outcome, Unit, Verdict};
use crate::error::Result;
use crate::mapping::Marker;
use crate::ports::{Entity, Phase};
use crate::state::Entry;
use crate::target::{Creation, Issue};
use std::collections::BTreeMap;

/// Markers a look-up.
const LOOK_UP: usize = 100;
/// How long a create can be under way after its intent, in milliseconds: waits that the server asks for, and the time-out of
/// a bulk create. A run that was killed meanwhile could not say when it gave up.
pub(super) const SENDING: u64 = 30 * 60_000;
/// Why an entity waits whose ledger row somebody else wrote after we read it.
pub(super) const THEIRS: &str = "another run works on it at the moment, and what that one recorded stands";
/// Row that tells when cases were last linked.
const LINKS: &str = "links";

/// How an entity without a linked issue stands after the look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The issue was there already.
    Found,
    /// Proven: there is none. A create may be sent.
    Absent,
    /// A create may still commit: it is looked for again from this time, in milliseconds since the epoch.
    Pending(u64),
    /// Several issues carry the marker.
    Several(Vec<String>),
    /// It was deleted at the destination, and is not created again unless asked.
    Deleted,
    /// Somebody else wrote its ledger row meanwhile.
    Theirs,
}

/// Entries without an issue, with the markers to find them by.
pub(super) type Entries<'e> = [(&'e mut Entry, Marker)];

impl Run<'_> {
    /// Settles where entries without an issue stand: first by the jobs that earlier runs left, then by marker.
    pub async fn settle(&self, entries: &mut Entries<'_>) -> Result<Vec<Standing>> {
        self.settle_jobs(entries).await?;
        let mut found: BTreeMap<Marker, Vec<Issue>> = BTreeMap::new();
        let markers: Vec<Marker> = entries
            .iter()
            .filter(|(entry, _)| entry.issue().is_none())
            .map(|(_, marker)| marker.clone())
            .collect();
        for chunk in markers.chunks(LOOK_UP) {
            found.extend(self.target.find(chunk).await?);
        }
        self.look_by_key(entries, &mut found).await?;
        let begun: Vec<bool> = entries.iter().map(|(entry, _)| self.again(entry).is_some()).collect();
        let mut standings: Vec<Standing> = entries
            .iter_mut()
            .map(|(entry, marker)| self.standing(entry, found.get(marker).map(Vec::as_slice).unwrap_or_default()))
            .collect();
        self.record_standings(entries, &mut standings).await?;
        let found = begun.iter().zip(&standings);
        let resumed = found.filter(|(begun, standing)| **begun && **standing == Standing::Found);
        if !self.job.mode.reads_only() {
            self.recorder.resumed(resumed.count() as u64);
        }
        Ok(standings)
    }

    /// Makes durable what the look-up found. A row that somebody else wrote meanwhile is theirs.
    async fn record_standings(&self, entries: &mut Entries<'_>, standings: &mut [Standing]) -> Result<()> {
        let settled = entries.iter_mut().zip(standings).filter_map(|((entry, _), standing)| {
            matches!(standing, Standing::Found | Standing::Pending(_)).then_some((&mut **entry, standing))
        });
        let (mut rows, places): (Vec<&mut Entry>, Vec<&mut Standing>) = settled.unzip();
        for entry in &rows {
            entry.issue().into_iter().for_each(|issue| self.notice(&issue.key));
        }
        let linked = |entry: &&mut Entry| entry.link.key.entity == Entity::TestCase && entry.issue().is_some();
        if rows.iter().any(linked) {
            self.about_to_link().await?;
        }
        let stored = self.ledger.put(&mut rows).await?;
        for (standing, stored) in places.into_iter().zip(stored) {
            if !stored {
                *standing = Standing::Theirs;
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

    fn standing(&self, entry: &mut Entry, found: &[Issue]) -> Standing {
        if entry.issue().is_some() {
            return Standing::Found;
        }
        match found {
            [issue] => {
                entry.link_to(issue);
                return Standing::Found;
            }
            [] => {}
            several => return Standing::Several(several.iter().map(|issue| issue.key.clone()).collect()),
        }
        match self.again(entry) {
            Some(again) if self.ports.clock.now() < again => Standing::Pending(again),
            _ if entry.link.phase == Phase::Orphaned && !self.job.recreate => Standing::Deleted,
            _ => Standing::Absent,
        }
    }

    /// From when a create whose outcome nobody knows may be sent again, in milliseconds since the epoch, if nothing finds
    /// its issue until then. `None`: none is under way.
    pub(super) fn again(&self, entry: &Entry) -> Option<u64> {
        let accepted = match entry.link.phase {
            Phase::Intent => false,
            Phase::Acknowledged => true,
            _ => return None,
        };
        let sending = if accepted || entry.detail.gave_up { 0 } else { SENDING };
        Some(entry.link.updated_at + sending + self.target.quiescence(accepted))
    }

    /// Jobs that were accepted and whose outcome no run has read yet.
    async fn settle_jobs(&self, entries: &mut Entries<'_>) -> Result<()> {
        let mut jobs: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, (entry, _)) in entries.iter().enumerate() {
            if let (Phase::Acknowledged, Some(job)) = (entry.link.phase, &entry.link.token) {
                jobs.entry(job.clone()).or_default().push(index);
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
                match entry.detail.element.and_then(|element| outcomes.remove(&element)) {
                    Some(Creation::Created(issue)) => {
                        entry.link_to(&issue);
                        if !self.job.mode.reads_only() {
                            self.recorder.resumed(1);
                        }
                    }
                    Some(Creation::Refused(_)) => entry.link.phase = Phase::Idle,
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// The verdict of a standing that ends the matter for this run; `None` where it goes on.
pub fn verdict(standing: &Standing, unit: Unit, id: u64, name: &str) -> Option<Verdict> {
    let verdict = |outcome| Verdict::new(unit, id, name, outcome);
    match standing {
        Standing::Found | Standing::Absent => None,
        Standing::Theirs => Some(verdict(Outcome::Waiting).because(THEIRS)),
        Standing::Pending(at) => Some(verdict(Outcome::Waiting).because(format!(
            "a create was sent whose answer never came; it is not sent again before {}",
            crate::mapping::timestamp(*at)
        ))),
        Standing::Several(keys) => Some(verdict(Outcome::Failed).because(format!(
            "several issues carry its marker: {}; delete the copies or take the label off them",
            keys.join(", ")
        ))),
        Standing::Deleted => Some(
            verdict(Outcome::Skipped)
                .because("its issue was deleted in Jira; it is created again only with --recreate"),
        ),
    }
}
