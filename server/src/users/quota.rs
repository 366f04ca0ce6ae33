//! How much a tenant may use.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Limits of a tenant; an administrator sets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Quotas {
    /// Syncs.
    pub syncs: u64,
    /// Runs under way at once.
    pub runs_at_once: u64,
    /// Verdicts that are kept; those of the oldest runs go first.
    pub stored_verdicts: u64,
    /// Days for which verdicts are kept.
    pub verdict_days: u64,
    /// Days for which runs and the log are kept.
    pub history_days: u64,
    /// Requests to the API and the pages, per hour.
    pub requests_per_hour: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            syncs: 100,
            runs_at_once: 2,
            stored_verdicts: 1_000_000,
            verdict_days: 90,
            history_days: 730,
            requests_per_hour: 36_000,
        }
    }
}
