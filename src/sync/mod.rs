//! The engine: reads the source, decides, acts at the destination, records. It names no vendor of a destination.
//!
//! Comparing and deciding give actions. A run applies them, which is the only place that writes; a plan shows them, a
//! verification reads them as differences, and the forecast adds up what they take. All four make the same decisions from
//! the same reads. What becomes of an item is returned, and handed to the [`Recorder`] here alone.

mod adoption;
mod cancel;
mod cases;
mod copies;
mod creation;
mod ctx;
mod decide;
mod estimate;
mod first_look;
mod forecast;
mod launches;
mod looks;
mod lookup;
mod lost;
mod mass_change;
mod members;
mod preconditions;
mod read;
mod shared_steps;
mod test_sets;
mod test_versions;
mod undo;
mod upsert;
mod withdrawals;

use crate::error::Result;
use crate::jira::Jira;
use crate::mapping::Options;
use crate::ports::{Event, Ports, Stage};
use crate::report::{Output, Recorder, Report};
use crate::state::Ledger;
use crate::target::Target;
use crate::testops::TestOps;
pub use adoption::Former;
pub use cancel::Cancelling;

use adoption::Adoption;
use cases::Cases;
use ctx::Ctx;
use estimate::Estimate;
use launches::Launches;
use looks::Looks;
use std::collections::BTreeMap;
use undo::Undo;
use upsert::Upsert;

/// Tests of unknown size read at the destination with one call.
const READ: usize = 100;

/// Why an item is skipped whose decision is not the one that a person approved.
const MOVED: &str = "it moved since the plan was made; plan again to see what an export would do now";

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
    /// What it does otherwise than an export does by default.
    pub switches: Switches,
    /// Only these actions are applied, and only as they were planned; absent: all.
    pub approved: Option<Approved>,
    /// Where issues came from that are to be adopted.
    pub former: Former,
    /// How cases and launches are mapped.
    pub options: Options,
    /// Address of the destination, to know its own issues among those that cases link to.
    pub site: String,
}

/// What a run does otherwise than an export does by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
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
}

impl Job {
    /// True where a person approved this decision about a launch, or whatever is to be done.
    fn approves_launch(&self, id: u64, decision: &str) -> bool {
        let approved = self.approved.as_ref();
        approved.is_none_or(|approved| approved.launches.get(&id).is_some_and(|known| known == decision))
    }
}

/// What a person approved of a plan: decisions of verdicts, by TestOps id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approved {
    /// Of test cases.
    pub test_cases: BTreeMap<u64, String>,
    /// Of launches.
    pub launches: BTreeMap<u64, String>,
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
        /// Delete; otherwise only show.
        apply: bool,
    },
    /// Make issues of an export from elsewhere this export's own.
    Adopt {
        /// Write; otherwise only show.
        apply: bool,
    },
}

impl Mode {
    /// True where nothing may be written, neither at the destination nor in the ledger.
    pub fn reads_only(self) -> bool {
        !matches!(
            self,
            Mode::Run | Mode::Undo { apply: true } | Mode::Adopt { apply: true }
        )
    }
}

/// Runs a job, or plans it, until it is done or an error ends it. Ports that end with the run are [`Cancelling`].
pub async fn run<'a>(
    job: &'a Job,
    ports: Ports<'a>,
    source: &'a TestOps<'a>,
    jira: &'a Jira<'a>,
    target: &'a dyn Target,
) -> Report {
    let (mut recorder, mut output) = (Recorder::new(ports.events), Output::default());
    let done = go(job, ports, source, jira, target, &mut recorder, &mut output).await;
    recorder.record(&mut output).await;
    recorder.finish(done.err())
}

async fn go<'a>(
    job: &'a Job,
    ports: Ports<'a>,
    source: &'a TestOps<'a>,
    jira: &'a Jira<'a>,
    target: &'a dyn Target,
    recorder: &mut Recorder<'a>,
    output: &mut Output,
) -> Result<()> {
    let ctx = open(job, ports, source, jira, target).await?;
    let mut looks = Looks::open(&ctx).await?;
    if matches!(job.mode, Mode::Undo { .. }) {
        let mut undo = Undo::default();
        while undo.step(&ctx, output).await? {
            recorder.record(output).await;
        }
        return Ok(());
    }
    if matches!(job.mode, Mode::Adopt { .. }) {
        let mut adoption = Adoption::open(&ctx, &job.former).await?;
        while adoption.step(&ctx, output).await? {
            recorder.record(output).await;
        }
        return Ok(());
    }
    if ctx.applies() {
        withdrawals::finish(&ctx, output).await?;
    }
    let mut upsert = Upsert::default();
    let mut cases = Cases::open(&ctx, &mut looks).await?;
    if cases.is_first() {
        first_look::take(&ctx, &mut upsert.lookups, output).await?;
    }
    ctx.estimate.open(&ctx, launches_to_come(&ctx, &looks).await);
    while cases.step(&ctx, &mut looks, &mut upsert, output).await? {
        recorder.record(output).await;
        ctx.estimate.cases(&ctx, &cases.left(&upsert)).await;
    }
    let (scope, mut work) = cases.finish(&mut upsert);
    if !job.switches.no_launches {
        let mut launches = Launches::open(&ctx, &mut looks, scope).await?;
        while launches.step(&ctx, &mut looks, &mut upsert, &mut work, output).await? {
            recorder.record(output).await;
            launches.show(&ctx).await;
        }
    }
    recorder.record(output).await;
    looks.close(&ctx, recorder.so_far()).await?;
    if job.mode == Mode::Plan {
        forecast::add(&ctx, &work, output);
    }
    Ok(())
}

/// Launches that follow the cases, for the estimate; absent where TestOps does not say. A short look spares the request: it is
/// over soon.
async fn launches_to_come(ctx: &Ctx<'_>, looks: &Looks) -> Option<u64> {
    match (ctx.job.switches.no_launches, looks.short) {
        (true, _) => Some(0),
        (false, true) => None,
        // What is wrong with the filter shows when the launches are listed.
        (false, false) => ctx.source.size("launch", &ctx.job.launches_aql).await.ok().flatten(),
    }
}

/// Checks everything that can fail before the first write.
async fn open<'a>(
    job: &'a Job,
    ports: Ports<'a>,
    source: &'a TestOps<'a>,
    jira: &'a Jira<'a>,
    target: &'a dyn Target,
) -> Result<Ctx<'a>> {
    let progress = |done, total| {
        let stage = Stage::Checking;
        ports.events.emit(Event::Progress { stage, done, total })
    };
    progress(0, None).await;
    source.open().await?;
    source.check_custom_fields(&job.options.custom_fields()).await?;
    let destination = target.open().await?;
    progress(1, Some(1)).await;
    let ledger = Ledger::new(ports, &destination.project.id, job.mode.reads_only());
    Ok(Ctx {
        job,
        source,
        jira,
        target,
        capability: target.capability(),
        destination,
        ledger,
        clock: ports.clock,
        events: ports.events,
        scope: looks::scope(job, source),
        estimate: Estimate::default(),
    })
}
