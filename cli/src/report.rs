//! What `plan`, `export`, `verify`, `undo` and `adopt` report. Serialised it is the `--json` object of docs/cli.md: members are added, never
//! renamed or removed.

use serde::{Serialize, Serializer, ser::SerializeMap};
use tms_sync_host::Named;
use tms_sync_host::model::{Entity, FaultKind, Outcome, Side};

use super::words;

/// Which command made the report; those that write nothing show what would be done, or what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Plan,
    Export,
    Verify,
    Undo { apply: bool },
    Adopt { apply: bool },
}

/// What a run can come to, in the order reports list it.
pub const OUTCOMES: [Outcome; 8] = [
    Outcome::Created,
    Outcome::Updated,
    Outcome::Unchanged,
    Outcome::Removed,
    Outcome::Adopted,
    Outcome::Skipped,
    Outcome::Failed,
    Outcome::Waiting,
];

impl Serialize for Verb {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Verb {
    /// The word of a report: what became of an item, or in a plan what would.
    pub fn word(self, outcome: Outcome) -> &'static str {
        match (self, outcome) {
            (Self::Verify, Outcome::Created) => "missing",
            (Self::Verify, Outcome::Updated) => "different",
            (Self::Verify, Outcome::Unchanged) => "same",
            (Self::Undo { apply: true }, Outcome::Skipped) => "kept",
            (Self::Undo { apply: false }, Outcome::Skipped) => "keep",
            (Self::Plan | Self::Adopt { apply: false }, Outcome::Adopted) => "adopt",
            (Self::Plan, Outcome::Created) => "create",
            (Self::Plan, Outcome::Updated) => "update",
            (Self::Plan | Self::Adopt { apply: false }, Outcome::Unchanged) => "leave",
            (Self::Plan | Self::Adopt { apply: false }, Outcome::Skipped) => "skip",
            (Self::Plan | Self::Undo { apply: false } | Self::Adopt { apply: false }, Outcome::Failed) => "refuse",
            (Self::Plan | Self::Undo { apply: false }, Outcome::Waiting) => "wait",
            (Self::Plan | Self::Undo { apply: false }, Outcome::Removed) => "remove",
            (_, Outcome::Created) => "created",
            (_, Outcome::Updated) => "updated",
            (_, Outcome::Unchanged) => "unchanged",
            (_, Outcome::Skipped) => "skipped",
            (_, Outcome::Failed) => "failed",
            (_, Outcome::Waiting) => "waiting",
            (_, Outcome::Removed) => "removed",
            (_, Outcome::Adopted) => "adopted",
        }
    }

    /// The command.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Export => "export",
            Self::Verify => "verify",
            Self::Undo { .. } => "undo",
            Self::Adopt { .. } => "adopt",
        }
    }

    /// Outcomes that a person must know of: they make exit code 1, and text names the items.
    pub fn is_open(self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Failed | Outcome::Waiting => true,
            Outcome::Created | Outcome::Updated => self == Self::Verify,
            Outcome::Skipped => matches!(self, Self::Undo { .. }),
            Outcome::Unchanged | Outcome::Removed | Outcome::Adopted => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    pub command: Verb,
    /// What the process exits with: 0, 1 or 2.
    pub exit_code: u8,
    /// The integration's name in the configuration.
    pub integration: String,
    pub plugin: Plugin,
    pub syncs: Vec<SyncReport>,
    pub duration_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plugin {
    pub name: String,
    pub version: String,
    /// SHA-256 of the component, in hex.
    pub digest: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SyncReport {
    pub name: String,
    pub project: String,
    /// Name of this run in the ledger; absent where nothing ran.
    pub run: Option<String>,
    /// Why nothing was exported; absent where something was tried.
    pub disabled: Option<String>,
    /// Why the run ended before every item had a verdict; absent where it did not.
    pub stopped: Option<Stop>,
    pub totals: Totals,
    /// Items that an interrupted run had begun and this one settled.
    pub resumed: u64,
    /// Items of the plan that was to be applied which moved since, or are not in scope any more.
    #[serde(skip_serializing_if = "is_zero")]
    pub left_of_plan: u64,
    /// One verdict per item in scope, in the order they were reached.
    pub items: Vec<Item>,
    /// About the run as a whole.
    pub notes: Vec<String>,
    /// Requests that an export takes, as a plan expects; 0 where it was none.
    #[serde(skip_serializing_if = "is_zero")]
    pub expected_requests: u64,
    /// By connection, token exchanges included.
    pub requests: Vec<Requests>,
    /// How long was waited, by connection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<Waited>,
    pub duration_ms: u64,
}

/// Numbers by entity, in the order of the plugin's report; serialised as an object whose members are plurals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals(pub Vec<(Entity, Tally)>);

impl Totals {
    /// Items of all entities with this outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.0.iter().map(|(_, tally)| tally.of(outcome)).sum()
    }
}

impl Serialize for Totals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (entity, tally) in &self.0 {
            map.serialize_entry(&words::entities(entity).replace(' ', "-"), tally)?;
        }
        map.end()
    }
}

/// Numbers by outcome; serialised under the words of the report's verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub verb: Verb,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub skipped: u64,
    pub failed: u64,
    pub waiting: u64,
    pub removed: u64,
    pub adopted: u64,
}

impl Tally {
    pub fn none(verb: Verb) -> Self {
        Self {
            verb,
            created: 0,
            updated: 0,
            unchanged: 0,
            skipped: 0,
            failed: 0,
            waiting: 0,
            removed: 0,
            adopted: 0,
        }
    }

    pub fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Created => self.created,
            Outcome::Updated => self.updated,
            Outcome::Unchanged => self.unchanged,
            Outcome::Skipped => self.skipped,
            Outcome::Failed => self.failed,
            Outcome::Waiting => self.waiting,
            Outcome::Removed => self.removed,
            Outcome::Adopted => self.adopted,
        }
    }

    /// Counts one more.
    pub fn add(&mut self, outcome: Outcome) {
        let number = match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Failed => &mut self.failed,
            Outcome::Waiting => &mut self.waiting,
            Outcome::Removed => &mut self.removed,
            Outcome::Adopted => &mut self.adopted,
        };
        *number += 1;
    }
}

impl Serialize for Tally {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(OUTCOMES.len()))?;
        for outcome in OUTCOMES {
            map.serialize_entry(self.verb.word(outcome), &self.of(outcome))?;
        }
        map.end()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Item {
    pub entity: Entity,
    /// The TestOps id.
    pub id: String,
    pub name: String,
    /// Where a person can look at it in TestOps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_url: Option<String>,
    #[serde(serialize_with = "word")]
    pub outcome: (Verb, Outcome),
    pub issue: Option<Issue>,
    /// Which fields differ, where it is updated.
    pub fields: Vec<String>,
    /// The same with values, where the plugin gives them; in a plan also the values of what is to be created.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Digest of what was decided, for `export --plan`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub decision: String,
    /// Whether it is part of the plan that is applied.
    #[serde(skip)]
    pub is_approved: bool,
    pub reason: Option<String>,
    /// What could not be carried over, and what a person should look at.
    pub notes: Vec<String>,
    /// For launches: runs published, results left out.
    pub counts: Vec<Count>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn word<S: Serializer>((verb, outcome): &(Verb, Outcome), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(verb.word(*outcome))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn fault_kind<S: Serializer>(kind: &FaultKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issue {
    pub id: String,
    pub key: String,
    /// Where a person can look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub field: String,
    /// At the destination, shortened.
    pub before: Option<String>,
    /// As exported, shortened.
    pub after: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    pub what: String,
    pub number: u64,
}

/// Why a run ended early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Stop {
    #[serde(serialize_with = "fault_kind")]
    pub kind: FaultKind,
    pub side: Side,
    pub message: String,
    pub hint: Option<String>,
    /// When another try makes sense, in milliseconds since the Unix epoch.
    pub retry_at: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Requests {
    pub connection: String,
    pub requests: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waited {
    pub connection: String,
    pub milliseconds: u64,
}

impl SyncReport {
    /// Whether a person must know of something: see [`Verb::is_open`].
    pub fn is_incomplete(&self) -> bool {
        let open = |tally: &Tally| {
            OUTCOMES
                .into_iter()
                .any(|outcome| tally.verb.is_open(outcome) && tally.of(outcome) > 0)
        };
        self.left_of_plan > 0 || self.totals.0.iter().any(|(_, tally)| open(tally))
    }
}

#[cfg(test)]
mod tests {
    use crate::render::samples;

    /// docs/cli.md shows this very object.
    #[test]
    fn the_json_report_is_the_one_that_is_documented() {
        let shown = serde_json::to_string_pretty(&samples::done()).unwrap();
        let documentation = include_str!("../../docs/cli.md");
        assert!(documentation.contains(&shown), "docs/cli.md must show:\n{shown}");
    }

    #[test]
    fn a_plan_has_the_words_of_a_plan() {
        let json = serde_json::to_value(samples::plan()).unwrap();
        let outcomes: Vec<&str> = json
            .pointer("/syncs/0/items")
            .unwrap()
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|item| item["outcome"].as_str())
            .collect();
        assert_eq!(outcomes, ["create", "update", "skip", "refuse"]);
        assert_eq!(json.pointer("/syncs/0/totals/test-cases/refuse").unwrap(), 1);
    }
}
