//! `tms-sync export`

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Instant;

use tms_sync_host::model;

use super::{Configured, validate};
use crate::answer::Answer;
use crate::options::{ConfigOptions, ReadingOptions, SyncOptions};
use crate::render::problems::Told;
use crate::report::Verb;
use crate::run::{self, RunArgs, RunMonitor};
use crate::session::{LedgerUse, Session};

/// Exports
///
/// Safe to repeat: what is in step already is left alone, and what an interrupted run began is settled first.
/// Ctrl-C stops at the next safe place; a second one stops at once, and the next export still goes on from there.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub reading: ReadingOptions,
    /// Go on although Jira has more deletions and edits than expected: you have looked at them
    #[arg(long)]
    pub accept_changes: bool,
    /// Write everything the plugin asks and is told to FILE, for `tms-sync replay`; for one sync
    ///
    /// The file holds what the servers answered, so treat it as you treat their data. It holds no secret.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    #[command(flatten)]
    pub selected: SyncOptions,
}

impl Configured for Args {
    const NAME: &'static str = "export";
    const LEDGER: LedgerUse = LedgerUse::Write;

    fn config(&self) -> &ConfigOptions {
        &self.selected.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Told>> {
        let args = RunArgs::new(Verb::Export, self.reading).accept_changes(self.accept_changes);
        let mut monitor = RunMonitor::listen(self.selected.configured.output.progress());
        let sync = self.selected.sync.as_deref();
        match &self.record {
            None => run::answer(session, args, sync, &mut monitor).await,
            Some(file) => record(session, args, sync, file, &mut monitor).await,
        }
    }
}

/// Exports one sync and writes its recording.
async fn record(
    session: &Session,
    args: RunArgs,
    sync: Option<&str>,
    file: &Path,
    monitor: &mut RunMonitor,
) -> Result<Answer, Vec<Told>> {
    let syncs = session.selected(sync)?;
    let [sync] = syncs.as_slice() else {
        let told = Told::new("a recording holds one sync, and the configuration has several").of(model::SETTINGS);
        return Err(vec![told.hint("name the one: tms-sync export NAME --record FILE")]);
    };
    validate::passes(session, &syncs).await?;
    let cannot = |error| {
        vec![Told::new(format!(
            "cannot write the recording {}: {error}",
            file.display()
        ))]
    };
    let recording = created(file).map(BufWriter::new).map_err(cannot)?;
    let begun = Instant::now();
    let start = || session.tenant.record(args.job(sync), recording);
    let report = run::one(Verb::Export, sync, monitor, start).await;
    run::shown(session, &run::collected(session, Verb::Export, vec![report], begun))
}

/// It holds what servers answered to one account, so others may not read it.
fn created(file: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}
