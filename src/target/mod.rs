//! What the engine asks of a destination. It names no vendor: Xray Cloud and Xray Data Center are behind it.
//!
//! | part | what |
//! | --- | --- |
//! | [`Capability`] | what the destination can do, as values |
//! | [`Target`] | checks before the first write, and the forecast |
//! | [`Tests`] | reads, creates and updates Tests and Preconditions |
//! | [`Executions`] | Test Executions, their runs and evidence |
//!
//! What is plain Jira (labels, attachments, links, the workflow) the engine asks of [`crate::jira`] itself.

mod capability;
mod check;
mod destination;
mod draft;
mod forecast;
mod precondition;
mod remote_test;
mod runs;

pub use crate::domain::Issue;
pub use crate::jira::{Updated, Updates};
pub use capability::{Batches, Capability, Quiescence};
pub use check::Check;
pub use destination::{Destination, Setup, XrayPlan};
pub use draft::{Creation, Draft, NewPrecondition, Submission};
pub use forecast::{Forecast, Work};
pub use precondition::{PreconditionChange, PreconditionUse};
pub use remote_test::{Associations, RemoteStep, RemoteTest, Update, UsedVersion};
pub use runs::{Evidence, RecordedRun, RunFiles, RunPage, RunRows};

use crate::domain::{IssueId, IssueKey};
use crate::error::{Error, Kind, Result, Side};
use crate::mapping::{Execution, Marker, StepText, TestRun};
use crate::ports::Pending;
use std::collections::BTreeMap;

/// How long an export waits for a job of its own, in milliseconds; then the run ends, and the next one goes on.
pub const JOB_PATIENCE: u64 = 20 * 60_000;

/// A destination. Errors of the outer results end the run; inner ones concern their item.
pub trait Target {
    /// What it can do.
    fn capability(&self) -> Capability;

    /// Everything that can fail before the first write, in the order in which it is checked. Without a destination
    /// project, what can be checked of the site.
    fn checks(&self) -> Vec<Check<'_>>;

    /// Makes the checks that an export begins with, and returns what they found out.
    fn open(&self) -> Pending<'_, Result<Destination>>;

    /// Its Tests and Preconditions.
    fn tests(&self) -> &dyn Tests;

    /// Its Test Executions.
    fn executions(&self) -> &dyn Executions;

    /// What an export of so much takes, by connection, where this run has made its reads and none of its writes.
    fn forecast(&self, work: &Work) -> Vec<Forecast>;
}

/// Tests and Preconditions.
pub trait Tests {
    /// Tests by id, in order; absent: proven to be gone or invisible. At most so many ids per call as [`Batches::reads`]
    /// says.
    fn read<'a>(&'a self, ids: &'a [IssueId]) -> Pending<'a, Result<Vec<Option<RemoteTest>>>>;

    /// Tests of the destination project that carry one of these markers, as far as the search index shows them. At most so
    /// many markers per call as [`Batches::reads`] says.
    fn find<'a>(&'a self, markers: &'a [Marker]) -> Pending<'a, Result<Vec<RemoteTest>>>;

    /// Sends creates, once.
    fn submit<'a>(&'a self, drafts: &'a [Draft<'a>]) -> Pending<'a, Result<Submission>>;

    /// Updates Tests.
    fn update<'a>(&'a self, updates: &'a [Update<'a>]) -> Pending<'a, Updates>;

    /// Sends creates of Preconditions of Manual Tests, once.
    fn create_preconditions<'a>(&'a self, drafts: &'a [NewPrecondition<'a>]) -> Pending<'a, Result<Submission>>;

    /// How Preconditions are used, in order; absent: gone. At most 100 per call.
    fn precondition_uses<'a>(&'a self, issues: &'a [Issue]) -> Pending<'a, Result<Vec<Option<PreconditionUse>>>>;

    /// Waits for a job, at most so many milliseconds, and returns its outcomes by the position of the draft; positions that
    /// it leaves out are unknown. Of kind `RateLimited` where the job is not done by then. `None`: the server no longer knows
    /// the job, or works on one of an earlier run for long. Where the capability has [`jobs`](Capability::jobs).
    fn collect<'a>(&'a self, _job: &'a str, _patience: u64) -> Pending<'a, Result<Option<BTreeMap<usize, Creation>>>> {
        Box::pin(async { Err(lacks("jobs")) })
    }

    /// Links new Tests to Preconditions, by ids; repeatable. What is not linked shows when the Tests are read. Where the
    /// capability lacks [`creates_link_preconditions`](Capability::creates_link_preconditions).
    fn link<'a>(&'a self, _links: &'a [(IssueId, IssueId)]) -> Pending<'a, Result<()>> {
        Box::pin(async { Err(lacks("links that follow a create")) })
    }

    /// The Test Sets of the project, with their summaries. Costs a request per hundred of them.
    fn test_sets(&self) -> Pending<'_, Result<Vec<(Issue, String)>>>;

    /// Adds Tests to Test Sets; repeatable. Returns for each what the server refuses about it.
    fn add_to_test_sets<'a>(&'a self, additions: &'a [(Issue, Vec<Issue>)])
    -> Pending<'a, Result<Vec<Option<String>>>>;

    /// Which Tests of the project call which, by ids. Costs a request per hundred Tests of the project. Where the
    /// capability has [`calls`](Capability::calls).
    fn calls(&self) -> Pending<'_, Result<Vec<(IssueId, IssueId)>>> {
        Box::pin(async { Err(lacks("calls of Tests")) })
    }
}

/// Test Executions.
pub trait Executions {
    /// Creates a Test Execution without runs.
    fn create_execution<'a>(&'a self, marker: &'a Marker, draft: &'a Execution) -> Pending<'a, Result<Issue>>;

    /// Writes a Test Execution's own fields.
    fn update_execution<'a>(&'a self, issue: &'a Issue, draft: &'a Execution) -> Pending<'a, Result<()>>;

    /// Adds what neither a create nor an edit carries; safe to repeat. Returns what could not be added, for people.
    fn complete_execution<'a>(&'a self, issue: &'a Issue, draft: &'a Execution) -> Pending<'a, Result<Vec<String>>>;

    /// Names of the server's step statuses.
    fn step_statuses(&self) -> Pending<'_, Result<Vec<String>>>;

    /// Steps that results of these Tests will stand beside, by Test id; at most as many as one import takes. `again`: the
    /// execution may have runs of them, which keep the steps they were created with.
    fn steps<'a>(
        &'a self,
        execution: &'a Issue,
        again: bool,
        tests: &'a [IssueId],
    ) -> Pending<'a, Result<BTreeMap<IssueId, Vec<StepText>>>>;

    /// Publishes runs into a Test Execution, replacing those of the same Tests. Returns what the server refused, by the
    /// Test's key.
    fn publish<'a>(
        &'a self,
        execution: &'a Issue,
        runs: &'a [TestRun],
    ) -> Pending<'a, Result<BTreeMap<IssueKey, String>>>;

    /// Names and sizes of the evidence that an execution's runs of these Tests have, in their order.
    fn evidence<'a>(&'a self, execution: &'a Issue, tests: &'a [Issue]) -> Pending<'a, Result<Vec<Evidence>>>;

    /// Publishes runs again, with files. Returns the server's message where it refuses. An error of kind `Unknown` may
    /// have added them.
    fn publish_evidence<'a>(
        &'a self,
        execution: &'a Issue,
        runs: &'a [RunFiles<'a>],
    ) -> Pending<'a, Result<Option<String>>>;

    /// Some of an execution's runs, and the page where the next ones begin. `detailed`: with their steps and iterations.
    fn runs<'a>(&'a self, execution: &'a Issue, rows: RunRows, detailed: bool) -> Pending<'a, Result<RunPage>>;
}

/// The engine asked for what the capability denies.
fn lacks(what: &str) -> Error {
    Error::new(Kind::Internal, Side::Xray, format!("the destination has no {what}"))
}
