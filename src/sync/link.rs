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
}

impl Run<'_> {
    /// Settles where entries without an issue stand: first by the jobs that earlier runs left, then by marker.
    pub async fn settle(&self, entries: &mut [(&mut Entry, Marker)]) -> Result<Vec<Standing>> {
        self.settle_jobs(entries).await?;
        let mut found: BTreeMap<Marker, Vec<Issue>> = BTreeMap::new();
        let markers: Vec<Marker> = entries
            .iter()
            .filter(|(entry, _)| entry.issue().is_none())
            .map(|(_, marker)| marker.clone())
            .collect();
        for chunk in markers.chunks(LOOK_UP) {
            found.append(&mut self.target.find(chunk).await?);
        }
        let mut standings = Vec::with_capacity(entries.len());
        let mut resumed = 0;
        for (entry, marker) in entries.iter_mut() {
            let begun = matches!(entry.link.phase, Phase::Intent | Phase::Acknowledged);
            let standing = self.standing(entry, found.get(marker).map(Vec::as_slice).unwrap_or_default());
            resumed += u64::from(begun && standing == Standing::Found);
            standings.push(standing);
        }
        let mut linked: Vec<&mut Entry> = entries
            .iter_mut()
            .map(|(entry, _)| &mut **entry)
            .filter(|e| e.issue().is_some())
            .collect();
        if linked.iter().any(|entry| entry.link.key.entity == Entity::TestCase) {
            self.about_to_link().await?;
        }
        self.ledger.put(&mut linked).await?;
        if !self.job.mode.reads_only() {
            self.recorder.resumed(resumed);
        }
        Ok(standings)
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
        let accepted = entry.link.phase == Phase::Acknowledged;
        let sending = if accepted || entry.detail.gave_up { 0 } else { SENDING };
        let again = entry.link.updated_at + sending + self.target.quiescence(accepted);
        match entry.link.phase {
            Phase::Intent | Phase::Acknowledged if self.ports.clock.now() < again => Standing::Pending(again),
            Phase::Orphaned if !self.job.recreate => Standing::Deleted,
            _ => Standing::Absent,
        }
    }

    /// Jobs that were accepted and whose outcome no run has read yet.
    async fn settle_jobs(&self, entries: &mut [(&mut Entry, Marker)]) -> Result<()> {
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
