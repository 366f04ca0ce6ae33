//! `tms-sync export`

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Instant;

use tms_sync_host::{RunMode, model};

use super::{Configured, validate};
use crate::afterwards::RunCommand;
use crate::answer::Answer;
use crate::options::{ConfigOptions, ReadingOptions, ReportOptions, SyncOptions};
use crate::plan_file::PlanFile;
use crate::render::diagnostic::Diagnostic;
use crate::report::{Report, Verb};
use crate::run::{self, RunArgs, RunMonitor};
use crate::session::Session;
use crate::state::LedgerUse;

/// Exports test cases and launches
///
/// Safe to repeat: what is in step already is left alone, and what an interrupted run began is settled first.
/// Ctrl-C stops at the next safe place; a second one stops at once, and the next export still goes on from there.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub reading: ReadingOptions,
    /// The same as `tms-sync plan`: show what would be done and write nothing
    #[arg(long, conflicts_with_all = ["plan", "record", "metrics_file"])]
    pub dry_run: bool,
    /// Go on although Jira has more deletions and edits than expected: you have looked at them
    #[arg(long)]
    pub accept_changes: bool,
    /// Do exactly what the plan in FILE shows, as `plan --out FILE` kept it; what moved since is left and reported
    #[arg(long, value_name = "FILE", conflicts_with_all = ["recreate", "full", "record"])]
    pub plan: Option<PathBuf>,
    /// Record every call between plugin and host in FILE, for `tms-sync replay`; for one sync
    ///
    /// The file holds what the servers answered, so treat it as you treat their data. It holds no secret.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Write when and how the latest exports ended to FILE, for the textfile collector of node_exporter
    #[arg(long, value_name = "FILE")]
    pub metrics_file: Option<PathBuf>,
    #[command(flatten)]
    pub shown: ReportOptions,
    #[command(flatten)]
    pub selected: SyncOptions,
}

impl Configured for Args {
    const NAME: &'static str = "export";
    const LEDGER: LedgerUse = LedgerUse::Write;

    fn config(&self) -> &ConfigOptions {
        &self.selected.configured
    }

    fn run(&self) -> Option<RunCommand> {
        Some(RunCommand {
            mode: if self.dry_run { RunMode::Plan } else { RunMode::Export },
            sync: self.selected.sync.clone(),
            metrics: self.metrics_file.clone(),
        })
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        let plan = self.plan.as_deref().map(PlanFile::read).transpose()?;
        let verb = if self.dry_run { Verb::Plan } else { Verb::Export };
        let mut args = RunArgs::new(verb, self.reading).accept_changes(self.accept_changes);
        if let Some(plan) = &plan {
            args = args.plan(plan);
        }
        let mut monitor = RunMonitor::listen(self.selected.configured.output.progress());
        let sync = self.selected.sync.as_deref();
        let view = self.shown.view(&session.config.source.file);
        match &self.record {
            None => run::answer(session, args, sync, &view, &mut monitor).await,
            Some(file) => {
                let report = record(session, args, sync, file, &mut monitor).await?;
                run::shown(&report, &view)
            }
        }
    }
}

/// Exports one sync and writes its recording.
async fn record(
    session: &Session,
    args: RunArgs<'_>,
    sync: Option<&str>,
    file: &Path,
    monitor: &mut RunMonitor,
) -> Result<Report, Vec<Diagnostic>> {
    let syncs = session.selected(sync)?;
    let [sync] = syncs.as_slice() else {
        let diagnostic =
            Diagnostic::new("a recording holds one sync, and the configuration has several").of(model::SETTINGS);
        return Err(vec![
            diagnostic.hint("name the one: tms-sync export NAME --record FILE"),
        ]);
    };
    validate::passes(session, &syncs).await?;
    let cannot = |error| {
        vec![Diagnostic::new(format!(
            "cannot write the recording {}: {error}",
            file.display()
        ))]
    };
    let recording = created(file).map(BufWriter::new).map_err(cannot)?;
    let begun = Instant::now();
    let start = || session.tenant_of(sync).record(args.job(sync), recording);
    let report = run::one(args.builder(sync), sync, monitor, start).await;
    Ok(run::collected(session, Verb::Export, vec![report], begun))
}

/// It holds what servers answered to one account, so others may not read it.
fn created(file: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}
