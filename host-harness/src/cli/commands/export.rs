//! `tms-sync export` and `tms-sync plan`

use std::time::Instant;

use tms_sync_host::model::{Event, ExportConfig, Fault, FaultKind, Side};
use tms_sync_host::{CallError, Job, Run};

use super::validate;
use crate::cli::answer::{Answer, Json};
use crate::cli::gather::{Gathered, exit_code, milliseconds};
use crate::cli::interrupt::Interrupts;
use crate::cli::order::{ProgressStyle, config_option};
use crate::cli::progress::Progress;
use crate::cli::render::problems::Told;
use crate::cli::render::summary;
use crate::cli::report::{Plugin, Report, SyncReport, Verb};
use crate::cli::session::Session;

pub async fn answer(
    session: &Session,
    verb: Verb,
    sync: Option<&str>,
    progress: ProgressStyle,
    interrupts: Interrupts,
) -> Result<Answer, Vec<Told>> {
    let syncs = session.selected(sync)?;
    validate::passes(session, &syncs).await?;
    let report = report(session, verb, &syncs, progress, interrupts).await;
    let json = serde_json::to_string_pretty(&report).map_err(|error| vec![Told::new(error.to_string())])?;
    let text = summary::report(&report, &config_option(&session.config.source.file));
    Ok(Answer {
        exit_code: report.exit_code,
        text,
        json: Json::Whole(json),
        problems: Vec::new(),
    })
}

pub async fn report(
    session: &Session,
    verb: Verb,
    syncs: &[ExportConfig],
    progress: ProgressStyle,
    interrupts: Interrupts,
) -> Report {
    let begun = Instant::now();
    let mut progress = Progress::new(progress);
    let mut reports = Vec::new();
    for sync in syncs {
        progress.begin(&sync.name);
        reports.push(one(session, verb, sync, &mut progress, interrupts.clone()).await);
        progress.end();
    }
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

async fn one(
    session: &Session,
    verb: Verb,
    sync: &ExportConfig,
    progress: &mut Progress,
    mut interrupts: Interrupts,
) -> SyncReport {
    let mut gathered = Gathered::new(verb, sync);
    if sync.disable_export {
        return gathered.disabled("`disable-export` is true in the configuration");
    }
    if interrupts.any() {
        return gathered.refused(&CallError::Fault(not_begun()));
    }
    let begun = Instant::now();
    let job = Job::new(sync.clone());
    let mut run = match verb {
        Verb::Plan => session.tenant.plan(job),
        Verb::Export => session.tenant.run(job),
    };
    let mut asked = 0;
    loop {
        tokio::select! {
            event = run.next_event() => match event {
                Some(event) => take(event, &mut gathered, progress, begun),
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
    loop {
        tokio::select! {
            outcome = &mut finished => return gathered.ended(outcome),
            () = interrupts.reached(asked + 1) => {
                asked += 1;
                if asked == 1 { canceller.cancel() } else { canceller.kill() }
            }
        }
    }
}

fn take(event: Event, gathered: &mut Gathered, progress: &mut Progress, begun: Instant) {
    match event {
        Event::Progress(moved) => progress.advanced(&moved, begun.elapsed()),
        Event::Waiting(wait) => progress.waits(&wait),
        Event::Verdict(verdict) => gathered.verdict(verdict),
        Event::Note(note) => gathered.note(note),
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
        side: Side::Host,
        message: "not begun, because the command was interrupted".to_owned(),
        hint: None,
        retry_at: None,
    }
}
