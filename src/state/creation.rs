//! Created once: the state machine of a row, and the only code that moves one.
//!
//! ```text
//!           intend            accept             create / find          sync
//!   idle ───────────▶ intent ────────▶ acknowledged ─────────▶ linked ───────▶ synced
//!    ▲  ▲               │ give_up: nobody knows, it waits         │               │
//!    │  └── refuse ─────┘                                         └─── orphan ────┴──▶ orphaned ──▶ intend
//!    └───────────────────────────────── take_back ────────────────────────────────┘
//! ```
//!
//! The rules that hold whatever happens:
//! * A create is sent only from a row that has it durably, and never while an earlier one may still commit.
//! * A wait counts from when its create was sent, accepted or given up. Storing the row again moves nothing.
//! * A new life knows nothing of the issue of an earlier one: not what was written to it, not what was attached.
//! * After a deletion the marker changes with the generation, so that a search index that lags finds no ghost.

#[cfg(test)]
mod tests;

use super::Entry;
use super::detail::{Create, Detail};
use crate::domain::Issue;
use crate::ports::Phase;

/// How long a create can be under way after its intent, in milliseconds: waits that the server asks for, and the time-out of
/// a bulk create. A run that was killed meanwhile could not record when it gave up.
pub const SENDING: u64 = 30 * 60_000;

/// What the lookup of an entity without an issue came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The issue was there already.
    Found,
    /// Proven: there is none. A create may be sent.
    Absent,
    /// A create may still commit: it is looked for again from this time, in milliseconds since the epoch.
    Pending(u64),
    /// Not all issues that it could be were looked at: the next run goes on.
    Unread,
    /// Several issues carry the marker.
    Several(Vec<String>),
    /// It was deleted at the destination, and is not created again unless asked.
    Deleted,
    /// Somebody else wrote its ledger row meanwhile.
    Theirs,
}

impl Entry {
    /// How far the entity got.
    pub fn phase(&self) -> Phase {
        self.link.phase
    }

    /// The issue, where there is one.
    pub fn issue(&self) -> Option<Issue> {
        let linked = matches!(self.link.phase, Phase::Linked | Phase::Synced);
        let id = self.link.issue_id.clone().filter(|_| linked)?;
        Some(Issue::new(id, self.link.issue_key.clone().unwrap_or_default()))
    }

    /// The issue of an entity that is gone at the source, where it had one.
    pub fn buried_issue(&self) -> Option<Issue> {
        let id = self
            .link
            .issue_id
            .clone()
            .filter(|_| self.link.phase == Phase::Tombstone)?;
        Some(Issue::new(id, self.link.issue_key.clone().unwrap_or_default()))
    }

    /// The issue was in step when the row was last written.
    pub fn is_synced(&self) -> bool {
        self.link.phase == Phase::Synced
    }

    /// The issue is gone, and is created again only where a person asks for it.
    pub fn is_orphaned(&self) -> bool {
        self.link.phase == Phase::Orphaned
    }

    /// Generation of the marker to look for, and to create with; `recreate`: a person asks for deleted issues again.
    pub fn generation(&self, recreate: bool) -> u32 {
        self.detail.create.generation + u32::from(recreate && self.is_orphaned())
    }

    /// From when a create whose outcome nobody knows may be sent again, in milliseconds since the epoch, if nothing finds its
    /// issue until then. `quiescence`: how long after its last byte it may commit, where the server had accepted a job or
    /// not. `None`: none is under way.
    pub fn again(&self, quiescence: impl Fn(bool) -> u64) -> Option<u64> {
        let accepted = match self.link.phase {
            Phase::Intent => false,
            Phase::Acknowledged => true,
            _ => return None,
        };
        let sending = if accepted || self.detail.create.gave_up {
            0
        } else {
            SENDING
        };
        Some(self.since() + sending + quiescence(accepted))
    }

    /// When the create under way was sent, accepted or given up, in milliseconds since the epoch.
    pub fn since(&self) -> u64 {
        // Rows of versions before 0.2 have no date of their own.
        match self.detail.create.since {
            0 => self.link.updated_at,
            since => since,
        }
    }

    /// A job that was accepted and whose outcome is not recorded, and the entry's position in it.
    pub fn job(&self) -> Option<(&str, Option<usize>)> {
        let job = self.link.token.as_deref()?;
        (self.link.phase == Phase::Acknowledged).then_some((job, self.detail.create.element))
    }

    /// Highest key number of the project that was known before the create under way: its issue is above.
    pub fn above(&self) -> u64 {
        self.detail.create.above
    }

    /// What a lookup means that found these issues by the entry's marker, or by its job. One issue is linked.
    pub fn judge(&mut self, found: &[Issue], now: u64, recreate: bool, quiescence: impl Fn(bool) -> u64) -> Lookup {
        if self.issue().is_some() {
            return Lookup::Found;
        }
        match found {
            [issue] => {
                self.link_to(issue);
                return Lookup::Found;
            }
            [] => {}
            several => return Lookup::Several(several.iter().map(|issue| issue.key.to_string()).collect()),
        }
        match self.again(quiescence) {
            Some(again) if now < again => Lookup::Pending(again),
            _ if self.is_orphaned() && !recreate => Lookup::Deleted,
            _ => Lookup::Absent,
        }
    }

    /// A create is about to be sent, by a run. `above`: highest key number of the project that is known. An earlier create
    /// that nobody has seen may still be found: where its issue would be stays as it is.
    pub fn intend(&mut self, run: &str, now: u64, above: u64) {
        let begun = matches!(self.link.phase, Phase::Intent | Phase::Acknowledged);
        let create = Create {
            generation: self.generation(true),
            above: if begun { self.detail.create.above } else { above },
            since: now,
            ..Create::default()
        };
        self.detail = Detail {
            create,
            source: std::mem::take(&mut self.detail.source),
            ..Detail::default()
        };
        let link = &mut self.link;
        link.phase = Phase::Intent;
        link.attempt += 1;
        (link.token, link.issue_id, link.issue_key) = (None, None, None);
        link.created_by = Some(run.to_owned());
    }

    /// The server accepted the create as an element of a job.
    pub fn accept(&mut self, job: &str, element: usize, now: u64) {
        self.link.phase = Phase::Acknowledged;
        self.link.token = Some(job.to_owned());
        self.detail.create.element = Some(element);
        self.detail.create.since = now;
    }

    /// Nobody knows what became of the create, and nothing of it is sent any more.
    pub fn give_up(&mut self, now: u64) {
        if !std::mem::replace(&mut self.detail.create.gave_up, true) {
            self.detail.create.since = now;
        }
    }

    /// The server refused the create: there is no issue.
    pub fn refuse(&mut self) {
        self.link.phase = Phase::Idle;
        self.settle();
    }

    /// All keys up to this number were looked at; the issue of the create under way is above.
    pub fn looked_up_to(&mut self, number: u64) {
        self.detail.create.above = number;
    }

    /// The issue is there: created now, or recognised by its marker.
    pub fn link_to(&mut self, issue: &Issue) {
        self.link.phase = Phase::Linked;
        self.link.issue_id = Some(issue.id.to_string());
        self.link.issue_key = Some(issue.key.to_string());
        self.settle();
    }

    /// The issue that an export into another project, or from another address, has made is this entity's from now on. Where
    /// it is the same issue, what was written to it is known.
    pub fn take_over(&mut self, issue: &Issue, before: Option<&Entry>) {
        self.link_to(issue);
        let same = before.filter(|before| before.link.issue_id.as_deref() == Some(issue.id.as_str()));
        if let Some(before) = same {
            let generation = self.detail.create.generation;
            self.detail = before.detail.clone();
            self.detail.create.generation = generation;
            self.settle();
            self.link.created_by.clone_from(&before.link.created_by);
        }
    }

    /// The issue is in step.
    pub fn sync(&mut self) {
        self.link.phase = Phase::Synced;
    }

    /// The issue is gone.
    pub fn orphan(&mut self) {
        self.link.phase = Phase::Orphaned;
    }

    /// The entity is gone at the source; its issue stays, and is found again by its marker should the entity return.
    pub fn bury(&mut self) {
        self.link.phase = Phase::Tombstone;
    }

    /// We deleted the issue ourselves: the entity is as if it had never been exported.
    pub fn take_back(&mut self) {
        let generation = self.detail.create.generation + 1;
        self.detail = Detail::default();
        self.detail.create.generation = generation;
        let link = &mut self.link;
        link.phase = Phase::Idle;
        (link.token, link.issue_id, link.issue_key, link.created_by) = (None, None, None, None);
    }

    /// No create is under way any more.
    fn settle(&mut self) {
        self.link.token = None;
        self.detail.create.element = None;
        self.detail.create.gave_up = false;
        self.detail.create.since = 0;
    }
}
