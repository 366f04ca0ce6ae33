//! What an export has to write.

pub use crate::domain::Forecast;

/// What an export has to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Tests to create.
    pub created: u64,
    /// Tests to update.
    pub updated: u64,
    /// Those of them whose type, definition or steps change, which are not Jira's own fields.
    pub restructured: u64,
    /// Tests to bring to another status.
    pub advanced: u64,
    /// Further Tests to create, which call others or are called.
    pub singly: u64,
    /// Preconditions to create.
    pub preconditions: u64,
    /// Test Executions to create.
    pub executions: u64,
    /// Test Executions to update.
    pub refreshed: u64,
    /// Runs to publish.
    pub runs: u64,
}
