//! A run in words.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::plugins::{Stop, Totals};
use crate::store::{Row, StoreError};

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Decides everything and writes nothing.
    Plan,
    /// Exports.
    Export,
    /// Compares both sides.
    Verify,
    /// Takes back what a run created.
    Undo,
    /// Shows what an undo would take back.
    UndoPlan,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Waits for its turn.
    Queued,
    /// Is under way.
    Running,
    /// Every item has a verdict.
    Done,
    /// Ended before that; `stopped` says why.
    Stopped,
    /// The service ended in the middle of it. The next run settles what was begun.
    Interrupted,
    /// Did not begin; `stopped` says why.
    Skipped,
}

/// Why a run was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Its time had come.
    Schedule,
    /// Somebody asked.
    Person,
    /// The source reported a change.
    Change,
    /// The sync was switched on again.
    Enable,
}

macro_rules! names {
    ($what:ident: $($variant:ident = $name:literal),+ $(,)?) => {
        impl $what {
            /// As it is stored and sent.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// From its name.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }

            fn column(row: &Row, column: &str) -> Result<Self, StoreError> {
                let name: String = row.get(column)?;
                Self::named(&name).ok_or_else(|| StoreError::Unavailable(format!("column `{column}` has `{name}`")))
            }
        }
    };
}

names!(Mode: Plan = "plan", Export = "export", Verify = "verify", Undo = "undo", UndoPlan = "undo-plan");
names!(Status: Queued = "queued", Running = "running", Done = "done", Stopped = "stopped",
    Interrupted = "interrupted", Skipped = "skipped");
names!(Origin: Schedule = "schedule", Person = "person", Change = "change", Enable = "enable");

impl Mode {
    /// Whether it writes at the destination.
    pub fn writes(self) -> bool {
        matches!(self, Self::Export | Self::Undo)
    }
}

impl Status {
    /// Whether nothing more happens.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// How a run is made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct RunOptions {
    /// Create issues again that were deleted at the destination.
    pub recreate: bool,
    /// Read every case in full.
    pub full: bool,
    /// A person has agreed to the changes at the destination that paused an earlier run.
    pub accept_changes: bool,
    /// The run that an undo takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
}

/// A run to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// Id.
    pub id: String,
    /// Id of the sync.
    pub sync: String,
    /// What it does.
    pub mode: Mode,
    /// Why it is made.
    pub origin: Origin,
    /// Who asked.
    pub asked_by: String,
    /// How.
    pub options: RunOptions,
    /// A second request with the same key is the same run.
    pub idempotency_key: Option<String>,
}

/// A run of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Run {
    /// Id; the ledger's history has it under the same name.
    pub id: String,
    /// Id of the sync.
    pub sync: String,
    /// What it does.
    pub mode: Mode,
    /// How it stands.
    pub status: Status,
    /// Why it was made.
    pub origin: Origin,
    /// Who asked.
    pub asked_by: String,
    /// How it was made.
    pub options: RunOptions,
    /// When it was asked for, in milliseconds since the Unix epoch.
    pub asked_at: u64,
    /// When it began.
    pub started_at: Option<u64>,
    /// When it ended.
    pub finished_at: Option<u64>,
    /// Why it ended early or did not begin.
    pub stopped: Option<Stop>,
    /// What it came to.
    pub summary: Summary,
    /// Verdicts that are kept; 0 once they were removed for their age or the tenant's quota.
    pub verdicts: u64,
}

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", default)]
pub struct Summary {
    /// By entity and outcome.
    pub totals: Totals,
    /// Items that an interrupted run had begun and this one settled.
    pub resumed: u64,
    /// About the run as a whole.
    pub notes: Vec<String>,
    /// What could not be carried over: each note on items, and how many items have it. The 50 most frequent.
    pub lost: Vec<crate::plugins::Count>,
    /// By connection.
    pub requests: Vec<Requests>,
    /// From its beginning to its end.
    pub duration_ms: u64,
}

/// Requests over one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Requests {
    /// Which.
    pub connection: String,
    /// How many, token exchanges included.
    pub requests: u64,
    /// Answers by the first digit of their status, 1 to 5; the rest had none.
    #[serde(default)]
    pub answers: [u64; 5],
    /// How long the run waited before requests, as the servers asked.
    #[serde(default)]
    pub waited_ms: u64,
}

pub(super) const COLUMNS: &str = "id, sync, mode, status, origin, asked_by, options, asked_at, started_at, finished_at, stopped, summary, \
     verdicts";

impl Run {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            sync: row.get("sync")?,
            mode: Mode::column(row, "mode")?,
            status: Status::column(row, "status")?,
            origin: Origin::column(row, "origin")?,
            asked_by: row.get("asked_by")?,
            options: row.json("options")?,
            asked_at: row.get("asked_at")?,
            started_at: row.get("started_at")?,
            finished_at: row.get("finished_at")?,
            stopped: row
                .get::<Option<String>>("stopped")?
                .and_then(|text| serde_json::from_str(&text).ok()),
            summary: row.json("summary")?,
            verdicts: row.get("verdicts")?,
        })
    }
}
