//! What a destination can do, and how much of it at a time: values that the engine reads, instead of answers that it asks for.

use crate::mapping::Dialect;

/// What a destination can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability {
    /// How formatted text is written there.
    pub dialect: Dialect,
    /// Name of the link type from a Test to an issue that it covers, where no option names another.
    pub coverage_link: &'static str,
    /// How much one request takes.
    pub batches: Batches,
    /// How long a create may still commit.
    pub quiescence: Quiescence,
    /// Creates may be accepted as a job whose outcome is collected later, see [`Tests::collect`](super::Tests::collect).
    pub jobs: bool,
    /// A create links its Test to a Precondition; otherwise [`Tests::link`](super::Tests::link) does.
    pub creates_link_preconditions: bool,
    /// Tests can call others.
    pub calls: bool,
    /// A create of many Tests carries Xray's own fields of their steps.
    pub creates_step_fields: bool,
}

/// Most items of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batches {
    /// Tests that are read.
    pub reads: usize,
    /// Tests that are created together.
    pub together: usize,
    /// Tests that are created singly: those that call others, and few.
    pub singly: usize,
    /// Preconditions that are created.
    pub preconditions: usize,
    /// Runs of one import.
    pub runs: usize,
    /// Runs that are read back.
    pub recorded: usize,
}

impl Batches {
    /// Most Tests of one submission; all of one are created singly, or none.
    pub fn tests(&self, singly: bool) -> usize {
        if singly { self.singly } else { self.together }
    }
}

/// How long after its last byte a create may still commit, in milliseconds. Until then a miss proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiescence {
    /// Where the answer was lost.
    pub sent: u64,
    /// Where the server had accepted a job.
    pub accepted: u64,
}

impl Quiescence {
    /// The wait for a create that was accepted as a job, or not.
    pub fn of(&self, accepted: bool) -> u64 {
        if accepted { self.accepted } else { self.sent }
    }
}
