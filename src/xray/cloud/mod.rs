//! Xray Cloud: Tests are created by bulk import, read and updated by aliased GraphQL, results are imported.

mod bulk;
mod call;
mod create;
mod evidence;
mod execution;
mod folder;
mod graphql;
mod open;
mod precondition;
mod read;
mod update;

pub(super) use bulk::MOST;
pub(super) use create::MOST as AT_ONCE;
pub(super) use execution::RUNS_READ;
pub(super) use read::MOST as READ;

use crate::domain::{IssueId, IssueKey};
use crate::error::{self, Error, Result, Side};
use crate::jira::Jira;
use crate::mapping::options::XrayPlan;
use crate::mapping::{Dialect, Execution, Marker, StepText, TestKind, TestRun};
use crate::ports::{Pending, Ports, Response};
use crate::target::{
    Batches, Capability, Check, Creation, Destination, Draft, Evidence, Executions, Forecast, Issue, NewPrecondition,
    PreconditionUse, Quiescence, RemoteTest, RunFiles, RunPage, RunRows, Setup, Submission, Target, Tests, Update,
    Updates, Work,
};
use crate::web::{Allowance, Client, words};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The plan's requests in 5 minutes, REST and GraphQL together, less a tenth for other clients of the site
/// (docs.getxray.app, REST API). Xray answers slowly rather than in parallel: two in flight.
fn allowance(plan: XrayPlan) -> Allowance {
    Allowance {
        requests: match plan {
            XrayPlan::Standard => 270,
            XrayPlan::Enterprise => 900,
        },
        window_ms: 300_000,
        in_flight: 2,
    }
}

/// What Xray Cloud can do.
const CAPABILITY: Capability = Capability {
    dialect: Dialect::Adf,
    coverage_link: "Test",
    batches: Batches {
        reads: read::MOST,
        together: bulk::MOST,
        singly: create::MOST,
        preconditions: create::MOST,
        runs: super::RUNS,
    },
    // Jira Cloud's search index lags by seconds to minutes (Atlassian, search and reconcile); a job may take long.
    quiescence: Quiescence {
        sent: 15 * 60_000,
        accepted: 60 * 60_000,
    },
    jobs: true,
    creates_link_preconditions: false,
    calls: true,
};

/// What the preflight learned.
#[derive(Clone, Debug, Default)]
struct ProjectSchema {
    /// What was found out for the engine; its project is absent until a check has found it.
    destination: Destination,
    /// Names of the test types for manual and for automated cases, and for scenarios where the project has one.
    manual: String,
    generic: String,
    cucumber: Option<String>,
    /// Names of step statuses.
    step_statuses: Vec<String>,
    /// The Test Plan that executions belong to, where one is configured.
    plan: Option<Issue>,
    /// What every new execution has in further fields.
    execution_fields: Map<String, Value>,
}

impl ProjectSchema {
    fn test_type(&self, kind: TestKind) -> &str {
        match kind {
            TestKind::Manual => &self.manual,
            TestKind::Generic => &self.generic,
            TestKind::Cucumber => self.cucumber.as_deref().unwrap_or(kind.name()),
        }
    }
}

/// Xray Cloud.
pub struct Cloud<'a> {
    jira: &'a Jira<'a>,
    xray: Client<'a>,
    setup: Setup,
    schema: RefCell<ProjectSchema>,
    /// Folders that are there: paths that this run made or tried to.
    folders: RefCell<BTreeSet<String>>,
    /// The import job that this run began last.
    job: RefCell<Option<String>>,
}

impl<'a> Cloud<'a> {
    /// The destination.
    pub fn new(jira: &'a Jira<'a>, ports: Ports<'a>, setup: Setup) -> Self {
        Cloud {
            jira,
            xray: Client::new(
                ports,
                "xray",
                Side::Xray,
                allowance(setup.options.xray_plan),
                refused_access,
            ),
            setup,
            schema: RefCell::default(),
            folders: RefCell::default(),
            job: RefCell::default(),
        }
    }

    fn destination(&self) -> Destination {
        self.schema.borrow().destination.clone()
    }

    /// Name of the link type with which a Test covers an issue.
    fn link_type(&self) -> Option<&str> {
        self.setup.options.coverage.link_type(CAPABILITY.coverage_link)
    }
}

/// Which of the two Xray's 401 is about shows in its text: the credential or the licence.
fn refused_access(response: &Response) -> Error {
    let words = words(response);
    let lower = words.to_ascii_lowercase();
    let (kind, hint) = if lower.contains("licen") {
        (error::Kind::Product, "ask a Jira administrator about the Xray licence")
    } else if response.status == 403 || lower.contains("impersonate") || lower.contains("permission") {
        (
            error::Kind::Permission,
            "the user of the Xray API key needs an active Jira account with access to the project",
        )
    } else {
        (
            error::Kind::Credential,
            "make a new API key in Jira settings → Apps → Xray → API Keys and store it",
        )
    };
    Error::new(kind, Side::Xray, format!("Xray does not accept the request ({words})"))
        .hint(hint)
        .status(response.status)
}

impl Target for Cloud<'_> {
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
        let (jira, xray) = super::forecast::on_cloud(work);
        [(self.jira.client(), jira), (&self.xray, xray)]
            .map(|(client, more)| Forecast::of(client.connection(), client.forecast(more)))
            .to_vec()
    }
}

impl Tests for Cloud<'_> {
    fn read<'a>(&'a self, ids: &'a [IssueId]) -> Pending<'a, Result<Vec<Option<RemoteTest>>>> {
        Box::pin(self.read_tests(ids))
    }

    fn find<'a>(&'a self, markers: &'a [Marker]) -> Pending<'a, Result<Vec<RemoteTest>>> {
        Box::pin(self.find_tests(markers))
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
        Box::pin(self.read_calls())
    }
}

impl Executions for Cloud<'_> {
    fn create_execution<'a>(&'a self, marker: &'a Marker, draft: &'a Execution) -> Pending<'a, Result<Issue>> {
        Box::pin(self.new_execution(marker, draft))
    }

    fn update_execution<'a>(&'a self, issue: &'a Issue, draft: &'a Execution) -> Pending<'a, Result<()>> {
        Box::pin(async move {
            let edit = super::edit::execution_edit(draft, Map::new());
            self.jira.edit(&issue.id, &edit).await
        })
    }

    fn complete_execution<'a>(&'a self, issue: &'a Issue, draft: &'a Execution) -> Pending<'a, Result<Vec<String>>> {
        Box::pin(self.complete(issue, draft))
    }

    fn step_statuses(&self) -> Pending<'_, Result<Vec<String>>> {
        Box::pin(async { Ok(self.schema.borrow().step_statuses.clone()) })
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
