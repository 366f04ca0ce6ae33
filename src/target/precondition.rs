//! Preconditions of the destination, and links of Tests to them.

use super::Issue;

/// How a Precondition is used.
#[derive(Clone, Debug)]
pub struct PreconditionUse {
    /// [`fingerprint_of`](crate::mapping::Precondition::fingerprint_of) what it holds.
    pub fingerprint: String,
    /// Tests that are linked to it.
    pub tests: u64,
}

/// What becomes of a Test's Preconditions; those that it does not name stay.
#[derive(Clone, Debug, Default)]
pub struct PreconditionChange {
    /// To be linked.
    pub add: Option<Issue>,
    /// To be linked no longer, as [`RemoteTest::preconditions`](super::RemoteTest::preconditions) names it.
    pub remove: Option<String>,
}
