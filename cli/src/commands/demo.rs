//! `tms-sync demo`: the whole way on one machine, step by step.

use std::io;

use tms_sync_sim::Answers;

use super::{links, test, validate};
use crate::answer::Answer;
use crate::interrupt::Interrupts;
use crate::options::{OutputOptions, ReadingOptions, ReportOptions, config_option};
use crate::output::Output;
use crate::render::diagnostic::{self, Diagnostic};
use crate::render::{demo, summary};
use crate::report::Verb;
use crate::run::{self, RunArgs, RunMonitor};
use crate::session::Session;
use crate::simulated::{Simulation, Variant};
use crate::state::LedgerUse;

/// Shows a whole export on this machine: simulated servers, the real component, nothing to configure
///
/// Starts a simulated TestOps, Jira and Xray on loopback, fills TestOps with a small project, and goes the way you
/// would go with your own servers: validate, test, plan, export, and a second export that finds nothing to do.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which destination to simulate
    #[arg(long, value_enum, default_value_t = Variant::Cloud)]
    pub variant: Variant,
    /// Keep the simulated servers up afterwards, to look at what arrived
    #[arg(long)]
    pub keep_running: bool,
    /// How many test cases the simulated project has
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub cases: u32,
}

impl Args {
    pub async fn perform(self) -> u8 {
        perform(&self, Interrupts::listen()).await
    }
}

async fn perform(demo: &Args, interrupts: Interrupts) -> u8 {
    let mut insisted = interrupts.clone();
    let shown = tokio::select! {
        shown = show(demo, interrupts) => shown,
        () = insisted.reached(2) => Err(interrupted()),
    };
    shown.unwrap_or_else(|diagnostics| {
        for diagnostic in &diagnostics {
            diagnostic::log(diagnostic);
        }
        2
    })
}

fn interrupted() -> Vec<Diagnostic> {
    vec![Diagnostic::new("the demo was interrupted")]
}

async fn show(demo: &Args, mut interrupts: Interrupts) -> Result<u8, Vec<Diagnostic>> {
    let failed = |error: io::Error| vec![Diagnostic::new(format!("the demo cannot start: {error}"))];
    let simulation = Simulation::start(demo.variant, 0, demo.cases, Answers::default())
        .await
        .map_err(failed)?;
    let folder = tempfile::Builder::new()
        .prefix("tms-sync-demo-")
        .tempdir()
        .map_err(failed)?;
    let file = simulation.write(folder.path()).map_err(failed)?;
    let option = config_option(&file);
    let mut stage = Stage {
        number: 0,
        output: Output::default(),
        option: &option,
        exit_code: 0,
    };
    stage
        .output
        .text(&demo::servers(&simulation.addresses, demo.cases, &file));

    let session = Session::open(&file, LedgerUse::Write, false).await?;
    let writes = steps(&simulation, &session, &mut stage, &interrupts).await?;
    let closing = demo::closing(&simulation.addresses, &writes, demo.keep_running, &option);
    stage.output.text(&closing);
    if demo.keep_running {
        interrupts.reached(1).await;
    }
    let as_promised = writes.plan == 0 && writes.second == 0;
    Ok(stage.exit_code.max(u8::from(!as_promised)))
}

async fn steps(
    simulation: &Simulation,
    session: &Session,
    stage: &mut Stage<'_>,
    interrupts: &Interrupts,
) -> Result<demo::Writes, Vec<Diagnostic>> {
    stage.begin("validate", "Is the configuration sound? No server is asked.");
    stage.end(validate::answer(session, false).await?)?;
    stage.begin(
        "test",
        "Do servers, credentials and permissions work? Nothing is written.",
    );
    stage.end(test::answer(session).await?)?;

    let progress = OutputOptions::default().progress();
    let view = ReportOptions::default().view(&session.config.source.file);
    let mut export = async |verb: Verb, why| {
        let before = simulation.writes();
        stage.begin(verb.name(), why);
        let args = RunArgs::new(verb, ReadingOptions::default());
        let mut monitor = RunMonitor::new(progress, interrupts.clone());
        let report = run::report(session, args, &session.config.syncs, &mut monitor).await;
        stage.shown(&summary::syncs(&report, &view), report.exit_code);
        simulation.writes() - before
    };
    let plan = export(Verb::Plan, "What would an export do? Nothing is written.").await;
    let first = export(Verb::Export, "Do it.").await;
    let second = export(Verb::Export, "Once more. Nothing moved since, so nothing is written.").await;
    if interrupts.any() {
        return Err(interrupted());
    }

    stage.begin("links", "Which test case and which launch is which issue?");
    stage.end(links::answer(session, None).await?)?;
    Ok(demo::Writes { plan, first, second })
}

/// Shows step after step and remembers the worst exit code.
struct Stage<'a> {
    number: usize,
    output: Output,
    option: &'a str,
    exit_code: u8,
}

impl Stage<'_> {
    fn begin(&mut self, command: &str, why: &str) {
        self.number += 1;
        self.output.text(&demo::step(self.number, command, self.option, why));
    }

    /// Shows an answer; one that could not be given ends the demo.
    fn end(&mut self, answer: Answer) -> Result<(), Vec<Diagnostic>> {
        self.shown(&answer.text, answer.exit_code);
        if answer.exit_code == 2 {
            Err(answer.problems)
        } else {
            Ok(())
        }
    }

    fn shown(&mut self, text: &str, exit_code: u8) {
        self.output.text(&demo::quoted(text));
        self.exit_code = self.exit_code.max(exit_code);
    }
}
