//! Which issues that TestOps names are the destination's own: asked once each.

use super::Run;
use crate::domain::IssueLink;
use crate::error::Result;
use std::collections::BTreeSet;

impl Run<'_> {
    /// Finds out about issues that nothing is known of yet.
    pub(super) async fn learn_issues(&self, issues: BTreeSet<IssueLink>) -> Result<()> {
        let known = |issue: &IssueLink| self.issues.borrow().contains_key(issue);
        let new: Vec<IssueLink> = issues.into_iter().filter(|issue| !known(issue)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let own = self.target.own_issues(&new).await?;
        let found = |issue: IssueLink| {
            let is_own = own.contains_key(&issue);
            (issue, is_own)
        };
        self.issues.borrow_mut().extend(new.into_iter().map(found));
        Ok(())
    }

    /// True where an issue is the destination's own, as far as was learned.
    pub(super) fn is_own(&self, issue: &IssueLink) -> bool {
        self.issues.borrow().get(issue).copied().unwrap_or(false)
    }
}
