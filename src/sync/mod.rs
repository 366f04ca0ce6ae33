//! The engine: reads the source, decides, acts at the destination, records. It names no vendor of a destination.
//!
//! A plan is a run that stops before every write; it makes the same decisions from the same reads.

mod called;
mod cases;
mod create;
mod creation;
mod decide;
mod departed;
mod evidence;
mod files;
mod forecast;
mod issues;
mod launches;
mod lookup;
mod members;
mod newer;
mod preconditions;
mod resolve;
mod results;
mod runs;
mod test_keys;
mod undo;
mod unexpected;
mod verify;
mod workflow;

use crate::domain::{CaseId, IssueId, IssueLink};
use crate::error::{Error, Kind, Result, Side};
use crate::jira::Jira;
use crate::mapping::{Options, Statuses};
use crate::ports::{Ports, Stage};
use crate::report::{Recorder, Report};
use crate::state::Ledger;
use crate::target::{Destination, Target};
use crate::testops::TestOps;
use futures_util::future::{Either, select};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;

/// What a person asked for.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// Unique name of the run.
    pub run_id: String,
    /// What to do.
    pub mode: Mode,
    /// Filter of test cases; empty: all.
    pub test_case_aql: String,
    /// Filter of launches; empty: all.
    pub launches_aql: String,
    /// Create no Test.
    pub no_create: bool,
    /// Export no launch.
    pub no_launches: bool,
    /// Create deleted issues again.
    pub recreate: bool,
    /// Read every case in full.
    pub full: bool,
    /// A person has looked at the unexpected changes that paused an earlier run.
    pub accept_changes: bool,
    /// How cases and launches are mapped.
    pub options: Options,
    /// Address of the destination, to know its own issues among those that cases link to.
    pub site: String,
}

/// What to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Export.
    #[default]
    Run,
    /// Decide and write nothing.
    Plan,
    /// Compare both sides and write nothing.
    Verify,
    /// Take back what the run of the job's name created.
    Undo {
        /// Delete; otherwise only tell.
        apply: bool,
    },
}

impl Mode {
    /// True where nothing may be written, neither at the destination nor in the ledger.
    pub fn reads_only(self) -> bool {
        !matches!(self, Mode::Run | Mode::Undo { apply: true })
    }
}

/// One run under way.
struct Run<'a> {
    job: &'a Job,
    ports: Ports<'a>,
    source: &'a TestOps<'a>,
    /// The platform below the destination, for what is plain Jira.
    jira: &'a Jira<'a>,
    target: &'a dyn Target,
    destination: Destination,
    ledger: Ledger<'a>,
    recorder: &'a Recorder<'a>,
    /// Deletions and edits at the destination that no export made.
    unexpected: Cell<u64>,
    /// Test cases in scope, as far as the source told.
    in_scope: Cell<u64>,
    /// This run links cases.
    linking: Cell<bool>,
    /// TestOps refused a test key; no other is tried.
    keys_refused: Cell<bool>,
    /// What the destination told of issues and accounts that cases name.
    resolved: RefCell<resolve::Resolved>,
    /// Tests whose type, definition or steps a plan would change.
    restructured: Cell<u64>,
    /// Tests that a plan would bring to another status.
    advanced: Cell<u64>,
    /// Highest key number of the destination project that this run has seen.
    highest_key: Cell<u64>,
    /// The last look without the search index.
    look: RefCell<Option<newer::Look>>,
    /// Cases that a plan would create, by ascending id: their results would be published too.
    planned: RefCell<Vec<CaseId>>,
    /// Digests of the Preconditions that a plan would create.
    new_preconditions: RefCell<BTreeSet<String>>,
    /// Tests that an undo takes back, by the digest of the precondition that they are linked to.
    going: RefCell<BTreeMap<String, u64>>,
    /// Ids of issues that an undo takes back.
    gone: RefCell<BTreeSet<IssueId>>,
    /// Shared steps whose Tests were looked after.
    called: RefCell<BTreeMap<u64, called::Called>>,
    /// Tests that a plan would create or update for them.
    called_work: Cell<called::CalledWork>,
    /// Whether files can be attached.
    uploads: RefCell<files::Uploads>,
    /// Issues that TestOps named, and whether they are the destination's own.
    issues: RefCell<BTreeMap<IssueLink, bool>>,
    /// Statuses of steps, where they were needed.
    step_statuses: OnceCell<Statuses>,
}

/// Runs a job, or plans it, until it is done or `cancel` resolves.
pub async fn run<'a>(
    job: &'a Job,
    ports: Ports<'a>,
    source: &'a TestOps<'a>,
    jira: &'a Jira<'a>,
    target: &'a dyn Target,
    cancel: impl Future<Output = ()>,
) -> Report {
    let recorder = Recorder::new(ports.events);
    let stopped = match select(pin!(go(job, ports, source, jira, target, &recorder)), pin!(cancel)).await {
        Either::Left((done, _)) => done.err(),
        // Dropping the work drops its requests; what was begun is settled by the next run.
        Either::Right(_) => Some(
            Error::new(Kind::Cancelled, Side::Host, "the run was cancelled")
                .hint("the next run goes on where this one ended"),
        ),
    };
    recorder.finish(stopped)
}

async fn go<'a>(
    job: &'a Job,
    ports: Ports<'a>,
    source: &'a TestOps<'a>,
    jira: &'a Jira<'a>,
    target: &'a dyn Target,
    recorder: &'a Recorder<'a>,
) -> Result<(), Error> {
    recorder.progress(Stage::Checking, 0, None).await;
    source.open().await?;
    source.check_custom_fields(&job.options.custom_fields()).await?;
    let destination = target.open().await?;
    recorder.progress(Stage::Checking, 1, Some(1)).await;
    let ledger = Ledger::new(ports, &destination.project_id, job.mode.reads_only());
    let run = Run {
        job,
        ports,
        source,
        jira,
        target,
        destination,
        ledger,
        recorder,
        unexpected: Cell::new(0),
        in_scope: Cell::new(0),
        linking: Cell::new(false),
        keys_refused: Cell::new(false),
        resolved: RefCell::default(),
        restructured: Cell::new(0),
        advanced: Cell::new(0),
        highest_key: Cell::new(0),
        look: RefCell::default(),
        planned: RefCell::default(),
        new_preconditions: RefCell::default(),
        going: RefCell::default(),
        gone: RefCell::default(),
        called: RefCell::default(),
        called_work: Cell::default(),
        uploads: RefCell::default(),
        issues: RefCell::default(),
        step_statuses: OnceCell::new(),
    };
    if matches!(job.mode, Mode::Undo { .. }) {
        return run.undo().await;
    }
    let scope = run.export_cases().await?;
    run.tell_called().await;
    if !job.no_launches {
        run.export_launches(&scope).await?;
    }
    if job.mode == Mode::Plan {
        run.tell_forecast().await;
    }
    Ok(())
}
