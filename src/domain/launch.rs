//! A launch as TestOps has it.

use super::{IssueLink, LaunchId, Link};

/// A row of the launch list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaunchRow {
    /// TestOps id.
    pub id: LaunchId,
    /// Name.
    pub name: String,
    /// No more results are expected. A closed launch can be reopened.
    pub closed: bool,
    /// Tag names.
    pub tags: Vec<String>,
    /// Links.
    pub links: Vec<Link>,
    /// Issues of connected trackers.
    pub issues: Vec<IssueLink>,
    /// Milliseconds since the epoch.
    pub created: Option<u64>,
    /// Milliseconds since the epoch.
    pub last_modified: Option<u64>,
}

/// A value of an environment variable of a launch; a variable may have several.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Environment {
    /// Name of the variable, for example `Browser`.
    pub variable: String,
    /// Value, for example `Firefox`.
    pub value: String,
}

/// Status of a result, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// An assertion failed.
    Failed,
    /// The test itself broke.
    Broken,
    /// No verdict.
    Unknown,
    /// Left out.
    Skipped,
    /// Passed.
    Passed,
}

impl Status {
    /// All of them, in the order people read them.
    pub const ALL: [Status; 5] = [
        Status::Passed,
        Status::Failed,
        Status::Broken,
        Status::Skipped,
        Status::Unknown,
    ];

    /// The word TestOps uses.
    pub fn word(self) -> &'static str {
        match self {
            Status::Failed => "failed",
            Status::Broken => "broken",
            Status::Unknown => "unknown",
            Status::Skipped => "skipped",
            Status::Passed => "passed",
        }
    }
}
