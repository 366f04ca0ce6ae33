//! What the engine asks of Tests and Preconditions on Cloud.

use super::site::Site;
use crate::domain::IssueId;
use crate::error::Result;
use crate::mapping::Marker;
use crate::ports::Pending;
use crate::target::{
    Creation, Draft, Issue, NewPrecondition, PreconditionUse, RemoteTest, Submission, Tests, Update, Updates,
};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Tests and Preconditions.
pub(super) struct CloudTests<'a> {
    pub(super) site: Rc<Site<'a>>,
    /// Folders that are there: paths that this run made or tried to.
    pub(super) folders: RefCell<BTreeSet<String>>,
    /// The import job that this run began last.
    pub(super) job: RefCell<Option<String>>,
}

impl<'a> CloudTests<'a> {
    pub(super) fn new(site: Rc<Site<'a>>) -> Self {
        CloudTests {
            site,
            folders: RefCell::default(),
            job: RefCell::default(),
        }
    }
}

impl Tests for CloudTests<'_> {
    fn read<'a>(&'a self, ids: &'a [IssueId]) -> Pending<'a, Result<Vec<Option<RemoteTest>>>> {
        Box::pin(self.site.read_tests(ids))
    }

    fn find<'a>(&'a self, markers: &'a [Marker]) -> Pending<'a, Result<Vec<RemoteTest>>> {
        Box::pin(self.site.find_tests(markers))
    }

    fn submit<'a>(&'a self, drafts: &'a [Draft<'a>]) -> Pending<'a, Result<Submission>> {
        match drafts.iter().any(|draft| draft.singly) {
            true => Box::pin(self.submit_each(drafts)),
            false => Box::pin(self.submit_bulk(drafts)),
        }
    }

    fn update<'a>(&'a self, updates: &'a [Update<'a>]) -> Pending<'a, Updates> {
        Box::pin(self.update_tests(updates))
    }

    fn create_preconditions<'a>(&'a self, drafts: &'a [NewPrecondition<'a>]) -> Pending<'a, Result<Submission>> {
        Box::pin(self.new_preconditions(drafts))
    }

    fn precondition_uses<'a>(&'a self, issues: &'a [Issue]) -> Pending<'a, Result<Vec<Option<PreconditionUse>>>> {
        Box::pin(self.uses(issues))
    }

    fn collect<'a>(&'a self, job: &'a str, patience: u64) -> Pending<'a, Result<Option<BTreeMap<usize, Creation>>>> {
        Box::pin(self.collect_bulk(job, patience))
    }

    fn link<'a>(&'a self, links: &'a [(IssueId, IssueId)]) -> Pending<'a, Result<()>> {
        Box::pin(self.link_tests(links))
    }

    fn calls(&self) -> Pending<'_, Result<Vec<(IssueId, IssueId)>>> {
        Box::pin(self.site.read_calls())
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
