//! What the engine asks of Test Executions on Data Center.

use super::super::import;
use super::site::Site;
use crate::domain::{IssueId, IssueKey};
use crate::error::Result;
use crate::mapping::{Execution, Marker, StepText, TestRun};
use crate::ports::Pending;
use crate::target::{Evidence, Executions, Issue, RunFiles, RunPage, RunRows};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Test Executions.
pub(super) struct DataCenterExecutions<'a> {
    pub(super) site: Rc<Site<'a>>,
    /// Runs of one import.
    pub(super) together: Cell<usize>,
}

impl<'a> DataCenterExecutions<'a> {
    pub(super) fn new(site: Rc<Site<'a>>) -> Self {
        DataCenterExecutions {
            site,
            together: Cell::new(import::MOST),
        }
    }
}

impl Executions for DataCenterExecutions<'_> {
    fn create_execution<'a>(&'a self, marker: &'a Marker, draft: &'a Execution) -> Pending<'a, Result<Issue>> {
        Box::pin(self.new_execution(marker, draft))
    }

    fn update_execution<'a>(&'a self, issue: &'a Issue, draft: &'a Execution) -> Pending<'a, Result<()>> {
        Box::pin(self.edit_execution(issue, draft))
    }

    fn complete_execution<'a>(&'a self, issue: &'a Issue, draft: &'a Execution) -> Pending<'a, Result<Vec<String>>> {
        Box::pin(self.complete(issue, draft))
    }

    fn step_statuses(&self) -> Pending<'_, Result<Vec<String>>> {
        Box::pin(self.site.status_names("teststepstatuses"))
    }

    fn steps<'a>(
        &'a self,
        _execution: &'a Issue,
        _again: bool,
        tests: &'a [IssueId],
    ) -> Pending<'a, Result<BTreeMap<IssueId, Vec<StepText>>>> {
        // An import empties a run and takes the Test as it is now.
        Box::pin(self.site.read_steps(tests))
    }

    fn publish<'a>(
        &'a self,
        execution: &'a Issue,
        runs: &'a [TestRun],
    ) -> Pending<'a, Result<BTreeMap<IssueKey, String>>> {
        Box::pin(self.import_runs(execution, runs))
    }

    fn evidence<'a>(&'a self, execution: &'a Issue, tests: &'a [Issue]) -> Pending<'a, Result<Vec<Evidence>>> {
        Box::pin(self.read_evidence(execution, tests))
    }

    fn publish_evidence<'a>(
        &'a self,
        execution: &'a Issue,
        runs: &'a [RunFiles<'a>],
    ) -> Pending<'a, Result<Option<String>>> {
        Box::pin(self.import_evidence(execution, runs))
    }

    fn runs<'a>(&'a self, execution: &'a Issue, rows: RunRows, detailed: bool) -> Pending<'a, Result<RunPage>> {
        Box::pin(self.read_runs(execution, rows, detailed))
    }
}
