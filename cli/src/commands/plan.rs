//! `tms-sync plan`

use std::path::PathBuf;

use tms_sync_host::RunMode;

use super::{Configured, validate};
use crate::afterwards::RunCommand;
use crate::answer::Answer;
use crate::options::{ConfigOptions, ReadingOptions, ReportOptions, SyncOptions, quoted};
use crate::plan_file::PlanFile;
use crate::render::diagnostic::Diagnostic;
use crate::report::Verb;
use crate::run::{self, RunArgs, RunMonitor};
use crate::session::Session;
use crate::state::LedgerUse;

/// Shows what an export would do, item by item and value by value; writes nothing to any server
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub reading: ReadingOptions,
    /// Keep the plan in FILE; `export --plan FILE` then does exactly this
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub shown: ReportOptions,
    #[command(flatten)]
    pub selected: SyncOptions,
}

impl Configured for Args {
    const NAME: &'static str = "plan";
    const LEDGER: LedgerUse = LedgerUse::Write;

    fn config(&self) -> &ConfigOptions {
        &self.selected.configured
    }

    fn run(&self) -> Option<RunCommand> {
        Some(RunCommand {
            mode: RunMode::Plan,
            sync: self.selected.sync.clone(),
            metrics: None,
        })
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        let args = RunArgs::new(Verb::Plan, self.reading);
        let mut monitor = RunMonitor::listen(self.selected.configured.output.progress());
        let syncs = session.selected(self.selected.sync.as_deref())?;
        validate::passes(session, &syncs).await?;
        let report = run::report(session, args, &syncs, &mut monitor).await;
        let mut view = self.shown.view(&session.config.source.file);
        let Some(file) = &self.out else {
            return run::shown(&report, &view);
        };
        let kept = PlanFile::of(session, self.reading, &report).and_then(|plan| plan.write(file));
        view.plan = kept.is_ok().then(|| quoted(file));
        let mut answer = run::shown(&report, &view)?;
        if let Err(problems) = kept {
            answer.exit_code = 2;
            answer.problems.extend(problems);
        }
        Ok(answer)
    }
}
