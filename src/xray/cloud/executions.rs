//! What the engine asks of Test Executions on Cloud.

use super::super::edit::execution_edit;
use super::super::import;
use super::site::Site;
use crate::domain::{IssueId, IssueKey};
use crate::error::Result;
use crate::mapping::{Execution, Marker, StepText, TestRun};
use crate::ports::Pending;
use crate::target::{Evidence, Executions, Issue, RunFiles, RunPage, RunRows};
use serde_json::Map;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Test Executions.
pub(super) struct CloudExecutions<'a> {
    pub(super) site: Rc<Site<'a>>,
    /// Runs of one import.
    pub(super) together: Cell<usize>,
}

impl<'a> CloudExecutions<'a> {
    pub(super) fn new(site: Rc<Site<'a>>) -> Self {
        CloudExecutions {
            site,
            together: Cell::new(import::MOST),
        }
    }
}

impl Executions for CloudExecutions<'_> {
    fn create_execution<'a>(&'a self, marker: &'a Marker, draft: &'a Execution) -> Pending<'a, Result<Issue>> {
        Box::pin(self.new_execution(marker, draft))
    }

    fn update_execution<'a>(&'a self, issue: &'a Issue, draft: &'a Execution) -> Pending<'a, Result<()>> {
        Box::pin(async move {
            let edit = execution_edit(draft, Map::new());
            self.site.jira.edit(&issue.id, &edit).await
        })
    }

    fn complete_execution<'a>(&'a self, issue: &'a Issue, draft: &'a Execution) -> Pending<'a, Result<Vec<String>>> {
        Box::pin(self.complete(issue, draft))
    }

    fn step_statuses(&self) -> Pending<'_, Result<Vec<String>>> {
        Box::pin(async { Ok(self.site.schema.borrow().step_statuses.clone()) })
    }

    fn steps<'a>(
        &'a self,
        execution: &'a Issue,
        again: bool,
        tests: &'a [IssueId],
    ) -> Pending<'a, Result<BTreeMap<IssueId, Vec<StepText>>>> {
        Box::pin(self.steps_of(execution, again, tests))
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
