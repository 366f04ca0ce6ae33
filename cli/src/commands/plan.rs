//! `tms-sync plan`

use super::Configured;
use crate::answer::Answer;
use crate::options::{ConfigOptions, ReadingOptions, SyncOptions};
use crate::render::problems::Told;
use crate::report::Verb;
use crate::run::{self, RunArgs, RunMonitor};
use crate::session::{LedgerUse, Session};

/// Shows what an export would do, item by item; writes nothing to any server
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub reading: ReadingOptions,
    #[command(flatten)]
    pub selected: SyncOptions,
}

impl Configured for Args {
    const NAME: &'static str = "plan";
    const LEDGER: LedgerUse = LedgerUse::Write;

    fn config(&self) -> &ConfigOptions {
        &self.selected.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Told>> {
        let args = RunArgs::new(Verb::Plan, self.reading);
        let mut monitor = RunMonitor::listen(self.selected.configured.output.progress());
        run::answer(session, args, self.selected.sync.as_deref(), &mut monitor).await
    }
}
