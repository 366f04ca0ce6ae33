//! The mass-change breaker: many deletions or edits at once are more likely an accident (a permission, a wrong project, a
//! bulk change) than many decisions. The run pauses and asks.

use super::Job;
use crate::error::{Error, Kind, Result, Side};

/// So many unexpected changes are taken for decisions of people, however small the export.
const AT_LEAST: u64 = 20;

/// Deletions and edits at the destination that no export made.
#[derive(Debug, Default)]
pub(super) struct MassChange {
    unexpected: u64,
    /// Test cases in scope, as far as the source has listed them.
    pub in_scope: u64,
}

impl MassChange {
    /// Counts deletions, and edits that would be overwritten; an error where they are more than a person would expect.
    pub fn count(&mut self, number: usize, job: &Job) -> Result<()> {
        self.unexpected += number as u64;
        let most = AT_LEAST.max(self.in_scope / 20);
        if self.unexpected <= most || job.switches.accept_changes || job.mode.reads_only() {
            return Ok(());
        }
        let message =
            format!("more than {most} exported issues were deleted, hidden or edited in Jira since the last run");
        Err(Error::new(Kind::MassChange, Side::Jira, message)
            .hint("look at `tms-sync verify`; if that is what people meant to do, export with --accept-changes"))
    }
}
