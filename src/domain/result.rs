//! Results of a launch.

use super::{CaseId, Status};

/// One result of a launch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestResult {
    /// TestOps id.
    pub id: u64,
    /// The case; absent while TestOps has not linked one.
    pub case_id: Option<CaseId>,
    /// Name.
    pub name: String,
    /// Absent: in progress, or not run.
    pub status: Option<Status>,
    /// An older attempt that a retry replaced.
    pub hidden: bool,
    /// Why it did not pass.
    pub failure: Failure,
    /// When it ran.
    pub period: Period,
    /// Visible parameters.
    pub parameters: Vec<Parameter>,
    /// What TestOps notes about it.
    pub flags: Flags,
    /// Whose it is.
    pub testers: Testers,
    /// Linked defects, where they were read.
    pub defects: Vec<Defect>,
    /// What was executed, where it was read.
    pub steps: Vec<ResultStep>,
}

/// Why a result did not pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// Error message.
    pub message: Option<String>,
    /// Stack trace; lists often leave it out.
    pub trace: Option<String>,
}

/// When a result ran, in milliseconds since the epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// When it began.
    pub start: Option<u64>,
    /// When it ended; absent where that would lie before the start.
    pub stop: Option<u64>,
    /// TestOps has a stop before the start, as clocks of two machines make it.
    pub stops_early: bool,
}

/// What TestOps notes about a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Passes and fails without a change.
    pub flaky: bool,
    /// Muted when it ran: it does not count in TestOps' statistics.
    pub muted: bool,
    /// A defect is linked.
    pub known: bool,
}

/// User names of whose a result is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Testers {
    /// Who ran it.
    pub tested_by: Option<String>,
    /// Whose task it is.
    pub assignee: Option<String>,
}

/// A parameter of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// A defect that is linked to a result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defect {
    /// Title.
    pub name: String,
    /// The tracker's issue.
    pub issue: Option<super::IssueLink>,
}

/// An executed step, with what is below it. Attachments are no steps here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultStep {
    /// What was done, plain text.
    pub action: String,
    /// Absent: not run.
    pub status: Option<Status>,
    /// Error message.
    pub message: Option<String>,
    /// Stack trace.
    pub trace: Option<String>,
    /// Expected results that were judged, plain text.
    pub expected: Vec<ResultStep>,
    /// Steps below this one.
    pub children: Vec<ResultStep>,
}
