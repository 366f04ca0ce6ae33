//! What the engine asks of Tests and Pre-Conditions on Data Center.

use super::create;
use super::folder::Folders;
use super::site::Site;
use crate::domain::IssueId;
use crate::error::Result;
use crate::mapping::Marker;
use crate::ports::Pending;
use crate::target::{Draft, Issue, NewPrecondition, PreconditionUse, RemoteTest, Submission, Tests, Update, Updates};
use std::cell::RefCell;
use std::rc::Rc;

/// Tests and Pre-Conditions.
pub(super) struct DataCenterTests<'a> {
    pub(super) site: Rc<Site<'a>>,
    /// Folders of the project, once they were read.
    pub(super) folders: RefCell<Option<Folders>>,
}

impl<'a> DataCenterTests<'a> {
    pub(super) fn new(site: Rc<Site<'a>>) -> Self {
        DataCenterTests {
            site,
            folders: RefCell::default(),
        }
    }

    async fn update_each(&self, updates: &[Update<'_>]) -> Updates {
        let schema = self.site.schema();
        let edit = |update| create::edit(update, &schema, self.site.link_type());
        let edits: Vec<_> = updates.iter().map(edit).collect();
        let begun: Vec<bool> = edits.iter().map(Option::is_some).collect();
        let ids = updates.iter().map(|update| &update.remote.issue.id);
        let project = &schema.destination.project.key;
        let mut done = self.site.jira.edit_each(project, ids.zip(edits).collect()).await;
        self.move_tests(updates, &begun, &mut done).await;
        self.site.write_versions(updates, &mut done).await;
        done
    }
}

impl Tests for DataCenterTests<'_> {
    fn read<'a>(&'a self, ids: &'a [IssueId]) -> Pending<'a, Result<Vec<Option<RemoteTest>>>> {
        Box::pin(self.site.read_tests(ids))
    }

    fn find<'a>(&'a self, markers: &'a [Marker]) -> Pending<'a, Result<Vec<RemoteTest>>> {
        Box::pin(self.site.find_tests(markers))
    }

    fn submit<'a>(&'a self, drafts: &'a [Draft<'a>]) -> Pending<'a, Result<Submission>> {
        Box::pin(self.create_bulk(drafts))
    }

    fn update<'a>(&'a self, updates: &'a [Update<'a>]) -> Pending<'a, Updates> {
        Box::pin(self.update_each(updates))
    }

    fn create_preconditions<'a>(&'a self, drafts: &'a [NewPrecondition<'a>]) -> Pending<'a, Result<Submission>> {
        Box::pin(self.new_preconditions(drafts))
    }

    fn precondition_uses<'a>(&'a self, issues: &'a [Issue]) -> Pending<'a, Result<Vec<Option<PreconditionUse>>>> {
        Box::pin(self.uses(issues))
    }

    fn test_sets(&self) -> Pending<'_, Result<Vec<(Issue, String)>>> {
        Box::pin(self.site.list_test_sets())
    }

    fn add_to_test_sets<'a>(
        &'a self,
        additions: &'a [(Issue, Vec<Issue>)],
    ) -> Pending<'a, Result<Vec<Option<String>>>> {
        Box::pin(self.site.add_tests(additions))
    }
}
