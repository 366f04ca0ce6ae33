//! What runs say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tms_sync_host::model::{self, Event, Verdict};
use utoipa::ToSchema;

/// What became of an item; in a plan, what would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Created.
    Created,
    /// Updated.
    Updated,
    /// In step already.
    Unchanged,
    /// Deleted at the destination by an undo.
    Removed,
    /// An issue that was there already is its issue from now on.
    Adopted,
    /// Left out on purpose.
    Skipped,
    /// Could not be exported.
    Failed,
    /// Cannot be settled now; the next run goes on.
    Waiting,
}

impl Outcome {
    /// All, in the order reports list them.
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Updated,
        Self::Unchanged,
        Self::Removed,
        Self::Adopted,
        Self::Skipped,
        Self::Failed,
        Self::Waiting,
    ];

    /// As it is stored and sent.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Removed => "removed",
            Self::Adopted => "adopted",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
        }
    }

    /// From its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

impl From<model::Outcome> for Outcome {
    fn from(outcome: model::Outcome) -> Self {
        match outcome {
            model::Outcome::Created => Self::Created,
            model::Outcome::Updated => Self::Updated,
            model::Outcome::Unchanged => Self::Unchanged,
            model::Outcome::Skipped => Self::Skipped,
            model::Outcome::Failed => Self::Failed,
            model::Outcome::Waiting => Self::Waiting,
            model::Outcome::Removed => Self::Removed,
            model::Outcome::Adopted => Self::Adopted,
        }
    }
}

/// The verdict of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Item {
    /// What it is: a word of the plugin's own.
    pub entity: String,
    /// Its id in TestOps.
    pub id: String,
    /// Its name in TestOps.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Where it is at the destination.
    pub issue: Option<Issue>,
    /// Where it is in TestOps.
    pub source_url: Option<String>,
    /// What differs, where it is updated.
    pub changes: Vec<Change>,
    /// Why it was left out or failed.
    pub reason: Option<String>,
    /// What could not be carried over, and what a person should look at.
    pub notes: Vec<String>,
    /// For launches: runs published, results left out.
    pub counts: Vec<Count>,
    /// Digest of what was decided, to approve it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub decision: String,
}

/// An issue at the destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Issue {
    /// Numeric id.
    pub id: String,
    /// Key.
    pub key: String,
    /// Where to look at it.
    pub url: Option<String>,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// Which.
    pub field: String,
    /// At the destination.
    pub before: Option<String>,
    /// What it becomes.
    pub after: Option<String>,
}

/// A number with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Count {
    /// Of what.
    pub what: String,
    /// How many.
    pub number: u64,
}

impl From<Verdict> for Item {
    fn from(verdict: Verdict) -> Self {
        let change = |change: model::Change| Change {
            field: change.field,
            before: change.before,
            after: change.after,
        };
        Self {
            entity: verdict.entity,
            id: verdict.id,
            name: verdict.name,
            outcome: verdict.outcome.into(),
            issue: verdict.issue.map(|issue| Issue {
                id: issue.id,
                key: issue.key,
                url: issue.url,
            }),
            source_url: verdict.source_url,
            changes: verdict.changes.into_iter().map(change).collect(),
            reason: verdict.reason,
            notes: verdict.notes,
            counts: verdict
                .counts
                .into_iter()
                .map(|count| Count {
                    what: count.what,
                    number: count.number,
                })
                .collect(),
            decision: verdict.decision,
        }
    }
}

/// Numbers by outcome; absent ones are zero.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Tally(pub BTreeMap<Outcome, u64>);

impl Tally {
    /// The number of an outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.0.get(&outcome).copied().unwrap_or_default()
    }
}

/// Tallies by entity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Totals(pub BTreeMap<String, Tally>);

impl Totals {
    /// Counts one more.
    pub fn count(&mut self, entity: &str, outcome: Outcome) {
        let tally = self.0.entry(entity.to_owned()).or_default();
        *tally.0.entry(outcome).or_default() += 1;
    }

    /// The number of an outcome, all entities together.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.0.values().map(|tally| tally.of(outcome)).sum()
    }
}

/// Where a run is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// The phase: a word of the plugin's own.
    pub phase: String,
    /// Items done in it.
    pub done: u64,
    /// Items there are, where that is known.
    pub total: Option<u64>,
}

/// What a run waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Wait {
    /// Connection that is waited for.
    pub connection: String,
    /// How long.
    pub milliseconds: u64,
    /// Why.
    pub reason: String,
}

/// An event of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Progress(Progress),
    Waiting(Wait),
    Verdict(Box<Item>),
    Note(String),
}

impl From<Event> for Heard {
    fn from(event: Event) -> Self {
        match event {
            Event::Progress(progress) => Self::Progress(Progress {
                phase: progress.phase,
                done: progress.done,
                total: progress.total,
            }),
            Event::Waiting(wait) => Self::Waiting(Wait {
                connection: wait.connection,
                milliseconds: wait.milliseconds,
                reason: wait.reason,
            }),
            Event::Verdict(verdict) => Self::Verdict(Box::new(verdict.into())),
            Event::Note(note) => Self::Note(note),
        }
    }
}
