//! What the engine asks of a destination. It names no vendor: Xray Cloud and Xray Data Center stand behind it.

pub use crate::domain::Issue;
use crate::domain::{IssueId, IssueKey, IssueLink};
use crate::error::{Result, Side};
use crate::mapping::fields::Planned;
use crate::mapping::{
    Content, Dialect, Execution, Field, Kind, Marker, Options, Precondition, Statuses, StepText, TestRun,
};
use crate::ports::{Pending, Piece};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Where an export goes, and how.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Key of the destination project, as a person configured it.
    pub project: String,
    /// Address of the Jira site, as a person types it.
    pub site: String,
    /// How cases and launches are mapped.
    pub options: Options,
}

/// What the preflight found out about the destination.
#[derive(Clone, Debug, Default)]
pub struct Destination {
    /// Numeric id of the project.
    pub project_id: String,
    /// Key of the project now; a renamed project still answers to its old key.
    pub project_key: String,
    /// It has Cucumber Tests.
    pub cucumber: bool,
    /// Run statuses of the server.
    pub statuses: Statuses,
    /// Jira fields of a Test that the configuration fills.
    pub plan: Rc<[Planned]>,
}

impl Destination {
    /// Number of an issue key of the project.
    pub fn number(&self, key: &IssueKey) -> Option<u64> {
        let (project, number) = key.as_str().rsplit_once('-')?;
        number.parse().ok().filter(|_| project == self.project_key)
    }
}

/// From where issues are looked at without the search index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// Above this key number; 0: none is known.
    pub key: u64,
    /// Where no key is known: issues younger than this, in milliseconds.
    pub age: u64,
}

/// What was found without the search index.
#[derive(Clone, Debug, Default)]
pub struct Newer {
    /// Issues by the markers on them.
    pub found: BTreeMap<Marker, Vec<Issue>>,
    /// Key number above which was looked.
    pub from: u64,
    /// Highest key number that has an issue.
    pub to: u64,
    /// All keys that have an issue were looked at; otherwise those above `to` are left.
    pub whole: bool,
}

/// A Test to create.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// Identifies the case; becomes a label.
    pub marker: &'a Marker,
    /// What it holds.
    pub content: &'a Content,
    /// Link to the case, for the issue's property.
    pub source: String,
    /// The Precondition that it is to be linked to; not every create can say it, see [`Target::link`].
    pub precondition: Option<&'a Issue>,
    /// It calls other Tests, which the create of many does not say, or it comes with few others.
    pub singly: bool,
}

/// A Precondition to create.
#[derive(Clone, Debug)]
pub struct NewPrecondition<'a> {
    /// Identifies the text; becomes a label.
    pub marker: &'a Marker,
    /// What it holds.
    pub content: &'a Precondition,
}

/// How a Precondition stands.
#[derive(Clone, Debug)]
pub struct PreconditionUse {
    /// [`Precondition::fingerprint_of`] what it holds.
    pub fingerprint: String,
    /// Tests that are linked to it.
    pub tests: u64,
}

/// What becomes of a Test's Preconditions; those that it does not name stay.
#[derive(Clone, Debug, Default)]
pub struct PreconditionChange {
    /// To be linked.
    pub add: Option<Issue>,
    /// To be linked no longer, as [`RemoteTest::preconditions`] tells it.
    pub remove: Option<String>,
}

/// What became of a draft.
#[derive(Clone, Debug)]
pub enum Creation {
    /// The issue; verified to carry the marker only where the target says so by finding it again.
    Created(Issue),
    /// Refused; nothing was created.
    Refused(String),
    /// Nobody knows.
    Unknown(String),
}

/// What a submission came to.
#[derive(Clone, Debug)]
pub enum Submission {
    /// The server works on it under this job id.
    Accepted(String),
    /// Outcomes in the order of the drafts.
    Done(Vec<Creation>),
}

/// How a Test stands at the destination.
#[derive(Clone, Debug)]
pub struct RemoteTest {
    /// The issue.
    pub issue: Issue,
    /// Numeric id of the project it is in now.
    pub project_id: String,
    /// Labels.
    pub labels: Vec<String>,
    /// Its test type; absent where it is none of those that are exported.
    pub kind: Option<Kind>,
    /// Keys of the issues that it covers.
    pub covers: Vec<String>,
    /// Its Preconditions, where they are mapped: by id, or by key where the server tells no ids.
    pub preconditions: Vec<String>,
    /// Digest of each field as the destination tells it, to see whether somebody changed it.
    pub digests: BTreeMap<Field, String>,
    /// Fields as people read them, shortened.
    pub shown: BTreeMap<Field, String>,
    /// Its steps in order.
    pub steps: Vec<RemoteStep>,
    /// Its status in the workflow, where statuses are mapped.
    pub status: Option<String>,
}

/// A step as it stands.
#[derive(Clone, Debug)]
pub struct RemoteStep {
    /// Id; empty where steps are replaced as a whole.
    pub id: String,
    /// Action, data and expected result.
    pub text: crate::mapping::StepText,
    /// Further columns, by name, where steps are written as a whole.
    pub further: Map<String, Value>,
    /// Somebody added it in Jira, and it is to stay.
    pub kept: bool,
}

/// What people leave on an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// Labels.
    pub labels: Vec<String>,
    /// Comments.
    pub comments: usize,
    /// Links to other issues.
    pub links: usize,
    /// Attached files.
    pub attachments: Vec<Attached>,
}

/// A file of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// In bytes.
    pub size: u64,
}

/// A run with files to show as its evidence.
pub struct RunFiles<'a> {
    /// The run as it was published.
    pub run: &'a TestRun,
    /// The files.
    pub files: Vec<Upload>,
}

/// A file to attach.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Name, safe to stand in quotes.
    pub name: String,
    /// Media type, safe to stand in a header.
    pub content_type: String,
    /// Content, as the body that it goes into takes it.
    pub content: Piece,
}

/// A Test to update.
pub struct Update<'a> {
    /// How it stands.
    pub remote: &'a RemoteTest,
    /// What it should hold.
    pub content: &'a Content,
    /// Fields that differ.
    pub fields: &'a [Field],
    /// What becomes of its Preconditions.
    pub precondition: &'a PreconditionChange,
    /// Identifies the case; put back where somebody removed it.
    pub marker: &'a Marker,
}

/// What an export has to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Tests to create.
    pub created: u64,
    /// Tests to update.
    pub updated: u64,
    /// Those of them whose type, definition or steps change, which are not Jira's own fields.
    pub restructured: u64,
    /// Tests to bring to another status.
    pub advanced: u64,
    /// Further Tests to create, which call others or are called.
    pub singly: u64,
    /// Preconditions to create.
    pub preconditions: u64,
    /// Test Executions to create.
    pub executions: u64,
    /// Test Executions to bring in step.
    pub refreshed: u64,
    /// Runs to publish.
    pub runs: u64,
}

/// What an export takes over one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The connection.
    pub connection: &'static str,
    /// Requests, reads included.
    pub requests: u64,
    /// How long they take, in milliseconds.
    pub milliseconds: u64,
}

impl Forecast {
    /// Requests and milliseconds of a connection.
    pub fn of(connection: &'static str, (requests, milliseconds): (u64, u64)) -> Self {
        Forecast {
            connection,
            requests,
            milliseconds,
        }
    }
}

/// Something that can be wrong with a destination.
pub struct Check<'c> {
    /// Name, as the connection test reports it.
    pub name: &'static str,
    /// Whose it is.
    pub side: Side,
    /// Names of the checks that have to pass before.
    pub needs: &'static [&'static str],
    /// An export begins with it; otherwise only the connection test makes it.
    pub preflight: bool,
    /// Looks. Gives what was found, in words.
    pub look: Pending<'c, Result<String>>,
}

/// A destination. Errors of the outer results end the run; inner ones concern their item.
pub trait Target {
    /// How formatted text is written there.
    fn dialect(&self) -> Dialect;

    /// Everything that can fail before the first write, in the order in which it is looked at. Without a destination
    /// project, what can be said of the site.
    fn checks(&self) -> Vec<Check<'_>>;

    /// Makes the checks that an export begins with, and gives what they found out.
    fn open(&self) -> Pending<'_, Result<Destination>>;

    /// How Tests stand, by id, in order; absent: proven to be gone or invisible. At most 100 ids a call.
    fn read<'a>(&'a self, ids: &'a [IssueId]) -> Pending<'a, Result<Vec<Option<RemoteTest>>>>;

    /// Why a Test cannot be linked to the issues that it covers; `None` where it can.
    fn why_not_linked(&self) -> Pending<'_, Result<Option<String>>>;

    /// Most drafts of one submission; all of one are created singly, or none.
    fn batch(&self, singly: bool) -> usize;

    /// How long after its last byte a create may still commit, in milliseconds; `accepted`: the server had taken it as
    /// a job. Until then a miss proves nothing.
    fn quiescence(&self, accepted: bool) -> u64;

    /// Sends creates, once.
    fn submit<'a>(&'a self, drafts: &'a [Draft<'a>]) -> Pending<'a, Result<Submission>>;

    /// Waits for a job and tells its outcomes by the position of the draft; positions it does not tell are unknown.
    /// `None`: the server no longer knows the job.
    fn collect<'a>(&'a self, job: &'a str) -> Pending<'a, Result<Option<BTreeMap<usize, Creation>>>>;

    /// Most drafts of one call of [`Target::create_preconditions`].
    fn preconditions_batch(&self) -> usize;

    /// Creates Preconditions of Manual Tests, once; outcomes in the order of the drafts.
    fn create_preconditions<'a>(&'a self, drafts: &'a [NewPrecondition<'a>]) -> Pending<'a, Result<Vec<Creation>>>;

    /// Links new Tests to Preconditions, by ids, where their create could not say it; repeatable. What is not linked shows
    /// when the Tests are read.
    fn link<'a>(&'a self, links: &'a [(IssueId, IssueId)]) -> Pending<'a, Result<()>>;

    /// Which Tests of the project call which, by ids. Costs a request per hundred Tests of the project.
    fn calls(&self) -> Pending<'_, Result<Vec<(IssueId, IssueId)>>>;

    /// How Preconditions stand, in order; absent: gone. At most 100 a call.
    fn precondition_uses<'a>(&'a self, issues: &'a [Issue]) -> Pending<'a, Result<Vec<Option<PreconditionUse>>>>;

    /// What an export of so much takes, by connection, where this run has made its reads and none of its writes.
    fn forecast(&self, work: &Work) -> Vec<Forecast>;

    /// Updates Tests; one result each, in order.
    fn update<'a>(&'a self, updates: &'a [Update<'a>]) -> Pending<'a, Result<Vec<Result<()>>>>;

    /// Issues among these that are this Jira's own and seen by the account.
    fn own_issues<'a>(&'a self, issues: &'a [IssueLink]) -> Pending<'a, Result<BTreeMap<IssueLink, Issue>>>;

    /// Creates a Test Execution without runs.
    fn create_execution<'a>(&'a self, marker: &'a Marker, draft: &'a Execution) -> Pending<'a, Result<Issue>>;

    /// Writes a Test Execution's own fields.
    fn update_execution<'a>(&'a self, issue: &'a Issue, draft: &'a Execution) -> Pending<'a, Result<()>>;

    /// Adds what neither a create nor an edit carries; safe to repeat. Gives what could not be added, in words.
    fn complete_execution<'a>(&'a self, issue: &'a Issue, draft: &'a Execution) -> Pending<'a, Result<Vec<String>>>;

    /// Names of the server's step statuses.
    fn step_statuses(&self) -> Pending<'_, Result<Vec<String>>>;

    /// Steps that results of these Tests will stand beside, by Test id; at most 100 a call. `again`: the execution may have
    /// runs of them, which keep the steps they were created with.
    fn steps<'a>(
        &'a self,
        execution: &'a Issue,
        again: bool,
        tests: &'a [IssueId],
    ) -> Pending<'a, Result<BTreeMap<IssueId, Vec<StepText>>>>;

    /// Most runs of one import.
    fn runs_batch(&self) -> usize;

    /// Publishes runs into a Test Execution, replacing those of the same Tests. Gives what the server refused, by the
    /// Test's key.
    fn publish<'a>(
        &'a self,
        execution: &'a Issue,
        runs: &'a [TestRun],
    ) -> Pending<'a, Result<BTreeMap<IssueKey, String>>>;

    /// Names and sizes of the evidence that an execution's runs of these Tests have, in their order.
    fn evidence<'a>(&'a self, execution: &'a Issue, tests: &'a [Issue]) -> Pending<'a, Result<Vec<Evidence>>>;

    /// Publishes runs again, with files. Gives the server's words where it refuses. An error of kind `Unknown` may have
    /// added them.
    fn publish_evidence<'a>(
        &'a self,
        execution: &'a Issue,
        runs: &'a [RunFiles<'a>],
    ) -> Pending<'a, Result<Option<String>>>;

    /// One page of an execution's runs (page from 0), and whether it is the last. `detailed`: with their steps and
    /// iterations.
    fn runs<'a>(&'a self, execution: &'a Issue, page: usize, detailed: bool) -> Pending<'a, Result<RunPage>>;
}

/// A run as the server recorded it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Test id, or Test key where the server tells no id.
    pub test: String,
    /// Status name.
    pub status: String,
    /// Status names of the steps, where asked for.
    pub steps: Vec<String>,
    /// Iterations, where asked for.
    pub iterations: usize,
}

/// Runs of an execution, and whether no page follows.
pub type RunPage = (Vec<Recorded>, bool);

/// Names and sizes of the files that a run has as evidence.
pub type Evidence = Vec<(String, u64)>;
