//! Runs of a command's syncs: started, followed to their end, reported.

use std::io::IsTerminal as _;
use std::time::Instant;

use tms_sync_host::model::{self, Approval, Event, ExportConfig, Fault, FaultKind};
use tms_sync_host::{CallError, Job, Run};

use crate::answer::{Answer, Json};
use crate::commands::validate;
use crate::interrupt::Interrupts;
use crate::options::{ProgressStyle, ReadingOptions};
use crate::plan_file::PlanFile;
use crate::progress::Progress;
use crate::render::diagnostic::Diagnostic;
use crate::render::summary::{self, View};
use crate::report::{Plugin, Report, SyncReport, Verb};
use crate::report_builder::{ReportBuilder, exit_code, milliseconds};
use crate::session::Session;

/// What is done with each sync.
#[derive(Debug, Clone, Copy)]
pub struct RunArgs<'a> {
    verb: Verb,
    reading: ReadingOptions,
    accept_changes: bool,
    /// Exactly what is done; absent: everything in scope.
    plan: Option<&'a PlanFile>,
}

impl<'a> RunArgs<'a> {
    pub fn new(verb: Verb, reading: ReadingOptions) -> Self {
        Self {
            verb,
            reading,
            accept_changes: false,
            plan: None,
        }
    }

    /// Applies a plan that was kept.
    pub fn plan(self, plan: &'a PlanFile) -> Self {
        Self {
            reading: plan.reading(),
            plan: Some(plan),
            ..self
        }
    }

    /// Whether a person has agreed to more changes at the destination than expected.
    pub fn accept_changes(self, accept_changes: bool) -> Self {
        Self { accept_changes, ..self }
    }

    pub fn job(self, sync: &ExportConfig) -> Job {
        let job = Job::new(sync.clone())
            .recreate(self.reading.recreate)
            .full(self.reading.full)
            .accept_changes(self.accept_changes);
        match self.approvals(sync) {
            Some(approvals) => job.approved(approvals),
            None => job,
        }
    }

    fn approvals(self, sync: &ExportConfig) -> Option<Vec<Approval>> {
        let plan = self.plan?;
        Some(plan.approvals(&sync.name).unwrap_or_default())
    }

    pub fn builder(self, sync: &ExportConfig) -> ReportBuilder {
        let builder = ReportBuilder::new(self.verb, sync);
        match self.approvals(sync) {
            Some(approvals) => builder.planned(&approvals),
            None => builder,
        }
    }

    fn start(self, session: &Session, sync: &ExportConfig) -> Run {
        let job = self.job(sync);
        match self.verb {
            Verb::Export => session.tenant_of(sync).run(job),
            Verb::Verify => session.tenant_of(sync).verify(job),
            // An undo and an adoption are started by their own commands, and not from a job.
            Verb::Plan | Verb::Undo { .. } | Verb::Adopt { .. } => session.tenant_of(sync).plan(job),
        }
    }
}

/// Who watches the runs of a command, and who may end them.
pub struct RunMonitor {
    progress: Progress,
    interrupts: Interrupts,
    /// Requests that the plan of the next run expects.
    expected: Option<u64>,
}

impl RunMonitor {
    /// Only what runs for long is asked to end; the other commands Ctrl-C ends as usual.
    pub fn listen(progress: ProgressStyle) -> Self {
        Self::new(progress, Interrupts::listen())
    }

    pub fn new(progress: ProgressStyle, interrupts: Interrupts) -> Self {
        Self {
            progress: Progress::new(progress),
            interrupts,
            expected: None,
        }
    }
}

pub async fn answer(
    session: &Session,
    args: RunArgs<'_>,
    sync: Option<&str>,
    view: &View,
    monitor: &mut RunMonitor,
) -> Result<Answer, Vec<Diagnostic>> {
    let mut syncs = session.selected(sync)?;
    if let Some(plan) = args.plan {
        syncs = plan.syncs(session, &syncs)?;
    }
    validate::passes(session, &syncs).await?;
    let report = report(session, args, &syncs, monitor).await;
    shown(&report, view)
}

/// A report as an answer.
pub fn shown(report: &Report, view: &View) -> Result<Answer, Vec<Diagnostic>> {
    let json = serde_json::to_string_pretty(report).map_err(|error| vec![Diagnostic::new(error.to_string())])?;
    Ok(Answer {
        exit_code: report.exit_code,
        text: summary::report(report, view),
        json: Json::Whole(json),
        problems: Vec::new(),
        reasons: reasons(report),
    })
}

/// Why not everything is done: for whoever does not see standard output, and for the log file.
fn reasons(report: &Report) -> Vec<Diagnostic> {
    let sees_both = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    if sees_both {
        Vec::new()
    } else {
        summary::failures(report)
    }
}

pub async fn report(session: &Session, args: RunArgs<'_>, syncs: &[ExportConfig], monitor: &mut RunMonitor) -> Report {
    let begun = Instant::now();
    let mut reports = Vec::new();
    for sync in syncs {
        monitor.expected = args.plan.and_then(|plan| plan.requests(&sync.name));
        reports.push(one(args.builder(sync), sync, monitor, || args.start(session, sync)).await);
    }
    collected(session, args.verb, reports, begun)
}

/// The reports of a command's syncs.
pub fn collected(session: &Session, verb: Verb, reports: Vec<SyncReport>, begun: Instant) -> Report {
    let info = session.plugin.info();
    Report {
        command: verb,
        exit_code: exit_code(&reports),
        integration: session.config.name.clone(),
        plugin: Plugin {
            name: info.name.clone(),
            version: info.version.clone(),
            digest: session.plugin.digest().to_owned(),
        },
        syncs: reports,
        duration_ms: milliseconds(begun.elapsed()),
    }
}

/// Starts a run of a sync and follows it to its end.
pub async fn one(
    mut builder: ReportBuilder,
    sync: &ExportConfig,
    monitor: &mut RunMonitor,
    start: impl FnOnce() -> Run,
) -> SyncReport {
    if sync.disable_export {
        return builder.disabled("`disable-export` is true in the configuration");
    }
    if monitor.interrupts.any() {
        return builder.refused(&CallError::Fault(not_begun()));
    }
    let RunMonitor {
        progress,
        interrupts,
        expected,
    } = monitor;
    progress.begin(&sync.name, expected.take());
    let begun = Instant::now();
    let mut run = start();
    let mut asked = 0;
    loop {
        tokio::select! {
            event = run.next_event() => match event {
                Some(event) => {
                    progress.sent(requests(&run), begun.elapsed());
                    take(event, &mut builder, progress, begun);
                }
                None => break,
            },
            () = interrupts.reached(asked + 1) => {
                asked += 1;
                stop(&run, asked, progress);
            }
        }
    }
    let canceller = run.canceller();
    let finished = run.finish();
    tokio::pin!(finished);
    let outcome = loop {
        tokio::select! {
            outcome = &mut finished => break outcome,
            () = interrupts.reached(asked + 1) => {
                asked += 1;
                if asked == 1 { canceller.cancel() } else { canceller.kill() }
            }
        }
    };
    builder.waited(progress.end());
    builder.ended(outcome)
}

/// Requests of a run until now.
fn requests(run: &Run) -> u64 {
    run.facts().connections.values().map(|traffic| traffic.requests).sum()
}

fn take(event: Event, builder: &mut ReportBuilder, progress: &mut Progress, begun: Instant) {
    match event {
        Event::Progress(moved) => progress.advanced(&moved, begun.elapsed()),
        Event::Waiting(wait) => progress.waits(&wait),
        Event::Verdict(verdict) => {
            progress.item();
            builder.verdict(verdict);
        }
        Event::Note(note) => builder.note(note),
    }
}

/// The first time asks, the second time insists.
fn stop(run: &Run, asked: u8, progress: &mut Progress) {
    if asked == 1 {
        progress.remark("Stopping at the next safe place; Ctrl-C again stops at once");
        run.cancel();
    } else {
        progress.remark("Stopping at once; the next export goes on from here");
        run.kill();
    }
}

fn not_begun() -> Fault {
    Fault {
        kind: FaultKind::Cancelled,
        side: model::HOST.to_owned(),
        message: "not begun, because the command was interrupted".to_owned(),
        hint: None,
        retry_at: None,
    }
}
