//! A launch and its results as TestOps has them.

/// A row of the launch list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchRow {
    /// TestOps id.
    pub id: u64,
    /// Name.
    pub name: String,
    /// No more results are expected. A closed launch can be reopened.
    pub closed: bool,
    /// Tag names.
    pub tags: Vec<String>,
    /// Milliseconds since the epoch.
    pub created: Option<u64>,
    /// Milliseconds since the epoch.
    pub last_modified: Option<u64>,
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

/// One result of a launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// TestOps id.
    pub id: u64,
    /// The case; absent while TestOps has not linked one.
    pub case_id: Option<u64>,
    /// Name.
    pub name: String,
    /// Absent: in progress, or not run.
    pub status: Option<Status>,
    /// An older attempt that a retry replaced.
    pub hidden: bool,
    /// Error message.
    pub message: Option<String>,
    /// Stack trace; lists often leave it out.
    pub trace: Option<String>,
    /// Milliseconds since the epoch.
    pub start: Option<u64>,
    /// Milliseconds since the epoch.
    pub stop: Option<u64>,
    /// Visible parameters, as `name = value`.
    pub parameters: Vec<String>,
}
