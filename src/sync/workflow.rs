//! The status of a Test in Jira's workflow follows the status of its case, where options say which it is.

use super::Run;
use super::cases::Item;
use crate::error::Result;
use crate::text::same;

impl Run<'_> {
    /// Brings an issue to the status that its case asks for. True where it was moved, or would be in a plan. A status that
    /// people chose in Jira stays until the case's own changes.
    pub(super) async fn advance(&self, item: &mut Item) -> Result<bool> {
        let (Some(wanted), Some(there), true) = (&item.status, &item.there, item.entry.is_synced()) else {
            return Ok(false);
        };
        let (asked, told) = &item.entry.detail.workflow;
        let mut now = (wanted.clone(), there.clone());
        let mut moved = false;
        if !same(wanted, there) {
            if same(asked, wanted) && !same(told, there) {
                let kept = format!("status: it was changed to {there} in Jira, and stays");
                item.content.losses.push(kept);
                return Ok(false);
            }
            if self.job.mode.reads_only() {
                self.advanced.set(self.advanced.get() + 1);
                return Ok(true);
            }
            let Some(issue) = item.entry.issue() else {
                return Ok(false);
            };
            match self.jira.advance(&issue.id, wanted).await {
                Ok(()) => {
                    moved = true;
                    now.1.clone_from(wanted);
                }
                Err(error) if error.concerns_one_item() => item.content.losses.push(format!("status: {error}")),
                Err(error) => return Err(error),
            }
        }
        if item.entry.detail.workflow != now {
            item.entry.detail.workflow = now;
            self.ledger.put_one(&mut item.entry).await?;
        }
        Ok(moved)
    }
}
