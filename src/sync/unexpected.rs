//! The mass-change breaker: many deletions or edits at once are more likely an accident (a permission, a wrong project, a
//! bulk change) than many decisions. The run pauses and asks.

use super::Run;
use crate::error::{Error, Kind, Result, Side};

/// So many unexpected changes are taken for decisions of people, however small the export.
const AT_LEAST: u64 = 20;

impl Run<'_> {
    /// Counts deletions, and edits that would be overwritten; an error where they are more than a person would expect.
    pub(super) fn unexpected(&self, number: usize) -> Result<()> {
        let sum = self.unexpected.get() + number as u64;
        self.unexpected.set(sum);
        let most = AT_LEAST.max(self.in_scope.get() / 20);
        if sum <= most || self.job.accept_changes || self.job.mode.reads_only() {
            return Ok(());
        }
        let message =
            format!("more than {most} exported issues were deleted, hidden or edited in Jira since the last run");
        Err(Error::new(Kind::MassChange, Side::Jira, message)
            .hint("look at `tms-sync verify`; if that is what people meant to do, export with --accept-changes"))
    }
}
