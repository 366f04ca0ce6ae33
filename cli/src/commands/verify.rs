//! `tms-sync verify`

use tms_sync_host::RunMode;

use super::Configured;
use crate::afterwards::RunCommand;
use crate::answer::Answer;
use crate::options::{ConfigOptions, ReadingOptions, ReportOptions, SyncOptions};
use crate::render::diagnostic::Diagnostic;
use crate::report::Verb;
use crate::run::{self, RunArgs, RunMonitor};
use crate::session::Session;
use crate::state::LedgerUse;

/// Compares both sides and shows every difference with its values; writes nothing to any server
///
/// Exit code 1 means that there are differences, whoever made them.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub shown: ReportOptions,
    #[command(flatten)]
    pub selected: SyncOptions,
}

impl Configured for Args {
    const NAME: &'static str = "verify";
    const LEDGER: LedgerUse = LedgerUse::Write;

    fn config(&self) -> &ConfigOptions {
        &self.selected.configured
    }

    fn run(&self) -> Option<RunCommand> {
        Some(RunCommand {
            mode: RunMode::Verify,
            sync: self.selected.sync.clone(),
            metrics: None,
        })
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        let args = RunArgs::new(Verb::Verify, ReadingOptions::default());
        let mut monitor = RunMonitor::listen(self.selected.configured.output.progress());
        let view = self.shown.view(&session.config.source.file);
        run::answer(session, args, self.selected.sync.as_deref(), &view, &mut monitor).await
    }
}
