//! Test Runs of a Test Execution, and their evidence.

use crate::jira::Upload;
use crate::mapping::TestRun;

/// A run with files to show as its evidence.
pub struct RunFiles<'a> {
    /// The run as it was published.
    pub run: &'a TestRun,
    /// The files.
    pub files: Vec<Upload>,
}

/// A run as the server recorded it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedRun {
    /// Test id, or Test key where the server returns no id.
    pub test: String,
    /// Status name.
    pub status: String,
    /// Status names of the steps; absent where the answer does not hold them.
    pub steps: Option<Vec<String>>,
    /// Number of iterations; absent where the answer does not hold them.
    pub iterations: Option<usize>,
}

/// A page of the runs of an execution.
#[derive(Clone, Copy, Debug)]
pub struct RunRows {
    /// Its number, from 0.
    pub page: usize,
    /// Runs that are asked for, at most 100.
    pub limit: usize,
}

/// Runs of an execution, and whether no page follows.
pub type RunPage = (Vec<RecordedRun>, bool);

/// Files that a run has as evidence: their names, and their sizes in bytes where the server returns them.
pub type Evidence = Vec<(String, Option<u64>)>;
