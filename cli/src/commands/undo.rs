//! `tms-sync undo`: takes back what one export created, or shows what that would be.

use std::time::Instant;

use tms_sync_host::model::{self, ExportConfig};
use tms_sync_host::{RunMode, RunRecord, Undo};

use super::{Configured, validate};
use crate::answer::Answer;
use crate::options::{ConfigOptions, ReportOptions, config_option};
use crate::render::diagnostic::Diagnostic;
use crate::report::{Report, Verb};
use crate::report_builder::ReportBuilder;
use crate::run::{RunMonitor, collected, one, shown};
use crate::session::Session;
use crate::state::LedgerUse;

/// Takes back what one export created; without --apply it only shows what would be deleted
///
/// Only issues that carry our marker and that nobody touched since are deleted. Every other issue of that run stays
/// and is listed with the reason.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of the run, as `history` lists it
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Delete; without it nothing is deleted
    #[arg(long)]
    pub apply: bool,
    #[command(flatten)]
    pub shown: ReportOptions,
    #[command(flatten)]
    pub configured: ConfigOptions,
}

impl Configured for Args {
    const NAME: &'static str = "undo";
    const LEDGER: LedgerUse = LedgerUse::Write;

    fn config(&self) -> &ConfigOptions {
        &self.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        let progress = self.configured.output.progress();
        let report = report(session, &self.run, self.apply, &mut RunMonitor::listen(progress)).await?;
        shown(&report, &self.shown.view(&session.config.source.file))
    }
}

async fn report(
    session: &Session,
    run: &str,
    apply: bool,
    monitor: &mut RunMonitor,
) -> Result<Report, Vec<Diagnostic>> {
    let sync = sync_of(session, run).await.map_err(|diagnostic| vec![diagnostic])?;
    validate::passes(session, std::slice::from_ref(&sync)).await?;
    let begun = Instant::now();
    let verb = Verb::Undo { apply };
    let start = || session.tenant_of(&sync).undo(Undo::new(sync.clone(), run).apply(apply));
    let report = one(ReportBuilder::new(verb, &sync), &sync, monitor, start).await;
    Ok(collected(session, verb, vec![report], begun))
}

/// The export configuration that the run had.
async fn sync_of(session: &Session, run: &str) -> Result<ExportConfig, Diagnostic> {
    let found = session.ledger.run(session.tenant.scope(), run.to_owned()).await;
    let record = found
        .map_err(|error| Diagnostic::new(error.to_string()))?
        .filter(|record: &RunRecord| record.mode == RunMode::Export)
        .ok_or_else(|| {
            let option = config_option(&session.config.source.file);
            Diagnostic::new(format!("the history has no export named `{}`", run.escape_debug()))
                .of(model::SETTINGS)
                .hint(format!("`tms-sync history{option}` lists the runs"))
        })?;
    let sync = session.config.syncs.iter().find(|sync| sync.name == record.export);
    sync.cloned().ok_or_else(|| {
        let name = record.export.escape_debug();
        Diagnostic::new(format!(
            "that run was of a sync named `{name}`, which the configuration no longer has"
        ))
        .of(model::SETTINGS)
        .hint("bring back its [[sync]] with the same name and project")
    })
}
