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
    /// Values of Xray's own fields that are filled, as a text of [`digests`](crate::mapping::fields::digests); absent where the
    /// answer does not hold them.
    pub fields: Option<String>,
}

/// Runs of an execution that are asked for.
#[derive(Clone, Copy, Debug)]
pub struct RunRows {
    /// Number of the first page, from 0.
    pub page: usize,
    /// Runs of a page; a site may answer fewer.
    pub limit: usize,
    /// Runs that there should be: as many pages as hold them may be read at once. 0: one page.
    pub expected: usize,
}

impl RunRows {
    /// The first of so many runs, on pages of a target's size.
    #[must_use]
    pub fn of(expected: usize, limit: usize) -> Self {
        RunRows {
            page: 0,
            limit,
            expected,
        }
    }

    /// The page behind one that held so many runs. A site that answers fewer than were asked for counts its pages in its own
    /// size, so the first page decides what the others are.
    #[must_use]
    pub fn after(self, held: usize) -> Self {
        let limit = if self.page == 0 {
            held.clamp(1, self.limit)
        } else {
            self.limit
        };
        RunRows {
            page: self.page + 1,
            limit,
            ..self
        }
    }

    /// Smaller pages, one at a time, from the first.
    #[must_use]
    pub fn smaller(self) -> Self {
        RunRows {
            page: 0,
            limit: self.limit / 2,
            expected: 0,
        }
    }
}

/// Runs of an execution, and those that follow, where there may be some.
pub type RunPage = (Vec<RecordedRun>, Option<RunRows>);

/// Files that a run has as evidence: their names, and their sizes in bytes where the server returns them.
pub type Evidence = Vec<(String, Option<u64>)>;
