//! Xray Data Center: Tests are Jira issues whose steps are in a custom field, results are imported over raven.

mod create;
mod evidence;
mod execution;
mod folder;
mod open;
mod precondition;
mod read;
mod screens;

pub(super) use create::MOST;
pub(super) use read::MOST as READ;

use crate::domain::{IssueId, IssueKey};
use crate::error::Result;
use crate::jira::Jira;
use crate::mapping::{Dialect, Execution, Marker, StepText, TestKind, TestRun};
use crate::ports::Pending;
use crate::target::{
    Batches, Capability, Check, Destination, Draft, Evidence, Executions, Forecast, Issue, NewPrecondition,
    PreconditionUse, Quiescence, RemoteTest, RunFiles, RunPage, RunRows, Setup, Submission, Target, Tests, Update,
    Updates, Work,
};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Path of Xray's resources. Version 2.0 answers since Xray 4.
pub const RAVEN: &str = "/rest/raven/2.0";

/// What Xray Data Center can do. It works while a request waits and has no jobs, and nothing that an export makes is called.
const CAPABILITY: Capability = Capability {
    dialect: Dialect::Wiki,
    coverage_link: "Tests",
    batches: Batches {
        reads: read::MOST,
        together: create::MOST,
        singly: create::MOST,
        preconditions: create::MOST,
        runs: super::RUNS,
    },
    // A request that a proxy gave up on may be worked on for long; other nodes' indexes follow within minutes.
    quiescence: Quiescence {
        sent: 30 * 60_000,
        accepted: 30 * 60_000,
    },
    jobs: false,
    creates_link_preconditions: true,
    calls: false,
};

/// What the preflight learned.
#[derive(Clone, Debug, Default)]
struct ProjectSchema {
    /// What was found out for the engine; its project is absent until a check has found it.
    destination: Destination,
    test_type_id: String,
    execution_type_id: String,
    fields: FieldIds,
    /// Values of the Test Type field for manual and for automated cases.
    manual: String,
    generic: String,
    /// Scenarios, where the server and the screen take them.
    cucumber: Option<Cucumber>,
    /// Preconditions, where they are mapped.
    preconditions: Option<Preconditions>,
    /// The Test Plan that executions belong to, where one is configured.
    plan: Option<Issue>,
    /// What every new execution has in further fields.
    execution_fields: Map<String, Value>,
}

/// How scenarios are written.
#[derive(Clone, Debug)]
struct Cucumber {
    /// Value of the Test Type field.
    name: String,
    /// Id of the field that shows whether it is an outline.
    scenario_type: String,
    /// Id of the field with the scenario.
    scenario: String,
}

/// How Preconditions are written.
#[derive(Clone, Debug)]
struct Preconditions {
    /// Id of the issue type.
    issue_type: String,
    /// Id of the field with the type, and its values for those of Manual Tests and, where it has one, of Cucumber Tests.
    kind: String,
    manual: String,
    cucumber: Option<String>,
    /// Id of the field with the text.
    text: String,
    /// Id of the field of a Test with the keys of its Preconditions.
    of_test: String,
}

impl ProjectSchema {
    fn test_type(&self, kind: TestKind) -> &str {
        match (kind, &self.cucumber) {
            (TestKind::Manual, _) => &self.manual,
            (TestKind::Generic, _) => &self.generic,
            (TestKind::Cucumber, Some(cucumber)) => &cucumber.name,
            (TestKind::Cucumber, None) => kind.name(),
        }
    }

    /// Id of the field that holds the definition of a Test of this kind.
    fn definition_field(&self, kind: Option<TestKind>) -> &str {
        match (kind, &self.cucumber) {
            (Some(TestKind::Cucumber), Some(cucumber)) => &cucumber.scenario,
            _ => &self.fields.definition,
        }
    }

    /// The kind that a value of the Test Type field stands for.
    fn kind(&self, name: &str) -> Option<TestKind> {
        [TestKind::Manual, TestKind::Generic, TestKind::Cucumber]
            .into_iter()
            .find(|kind| self.test_type(*kind) == name)
    }
}

/// Ids of Xray's custom fields.
#[derive(Clone, Debug, Default)]
struct FieldIds {
    test_type: String,
    steps: String,
    definition: String,
    /// Test Repository Path, where it is on the screen.
    folder: Option<String>,
    /// Of Test Executions, where they are on the screen.
    environments: Option<String>,
    begin: Option<String>,
    end: Option<String>,
}

/// Xray Data Center.
pub struct DataCenter<'a> {
    jira: &'a Jira<'a>,
    setup: Setup,
    schema: RefCell<ProjectSchema>,
    /// Folders of the project, once they were read.
    folders: RefCell<Option<folder::Folders>>,
}

impl<'a> DataCenter<'a> {
    /// The destination.
    pub fn new(jira: &'a Jira<'a>, setup: Setup) -> Self {
        DataCenter {
            jira,
            setup,
            schema: RefCell::default(),
            folders: RefCell::default(),
        }
    }

    fn schema(&self) -> ProjectSchema {
        self.schema.borrow().clone()
    }

    /// Name of the link type with which a Test covers an issue.
    fn link_type(&self) -> Option<&str> {
        self.setup.options.coverage.link_type(CAPABILITY.coverage_link)
    }

    /// The field of the folder, where folders are mapped and Xray's field is on the screen.
    fn folder_field<'f>(&self, fields: &'f FieldIds) -> Option<&'f str> {
        let mapped = !self.setup.options.folder.levels.is_empty();
        fields.folder.as_deref().filter(|_| mapped)
    }

    async fn update_each(&self, updates: &[Update<'_>]) -> Updates {
        let schema = self.schema();
        let edit = |update| create::edit(update, &schema, self.link_type());
        let edits: Vec<_> = updates.iter().map(edit).collect();
        let begun: Vec<bool> = edits.iter().map(Option::is_some).collect();
        let ids = updates.iter().map(|update| &update.remote.issue.id);
        let project = &schema.destination.project.key;
        let mut done = self.jira.edit_each(project, ids.zip(edits).collect()).await;
        self.move_tests(updates, &begun, &mut done).await;
        done
    }
}

impl Target for DataCenter<'_> {
    fn capability(&self) -> Capability {
        CAPABILITY
    }

    fn checks(&self) -> Vec<Check<'_>> {
        self.list_checks()
    }

    fn open(&self) -> Pending<'_, Result<Destination>> {
        Box::pin(self.preflight())
    }

    fn forecast(&self, work: &Work) -> Vec<Forecast> {
        let client = self.jira.client();
        let forecast = client.forecast(super::forecast::on_dc(work));
        vec![Forecast::of(client.connection(), forecast)]
    }
}

impl Tests for DataCenter<'_> {
    fn read<'a>(&'a self, ids: &'a [IssueId]) -> Pending<'a, Result<Vec<Option<RemoteTest>>>> {
        Box::pin(self.read_tests(ids))
    }

    fn find<'a>(&'a self, markers: &'a [Marker]) -> Pending<'a, Result<Vec<RemoteTest>>> {
        Box::pin(self.find_tests(markers))
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
}

impl Executions for DataCenter<'_> {
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
        Box::pin(self.status_names("teststepstatuses"))
    }

    fn steps<'a>(
        &'a self,
        _execution: &'a Issue,
        _again: bool,
        tests: &'a [IssueId],
    ) -> Pending<'a, Result<BTreeMap<IssueId, Vec<StepText>>>> {
        // An import empties a run and takes the Test as it is now.
        Box::pin(self.read_steps(tests))
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
