//! `tms-sync undo`: what one export created is taken back, or told.

use std::time::Instant;

use tms_sync_host::model::{self, ExportConfig};
use tms_sync_host::{RunMode, RunRecord, Undo};

use super::{Configured, validate};
use crate::answer::Answer;
use crate::options::{ConfigOptions, config_option};
use crate::render::problems::Told;
use crate::report::Verb;
use crate::run::{RunMonitor, collected, one, shown};
use crate::session::{LedgerUse, Session};

/// Takes back what one export created; without --apply it only tells what would be deleted
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
    pub configured: ConfigOptions,
}

impl Configured for Args {
    const NAME: &'static str = "undo";
    const LEDGER: LedgerUse = LedgerUse::Write;

    fn config(&self) -> &ConfigOptions {
        &self.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Told>> {
        let progress = self.configured.output.progress();
        answer(session, &self.run, self.apply, &mut RunMonitor::listen(progress)).await
    }
}

async fn answer(session: &Session, run: &str, apply: bool, monitor: &mut RunMonitor) -> Result<Answer, Vec<Told>> {
    let sync = sync_of(session, run).await.map_err(|told| vec![told])?;
    validate::passes(session, std::slice::from_ref(&sync)).await?;
    let begun = Instant::now();
    let verb = Verb::Undo { apply };
    let start = || session.tenant.undo(Undo::new(sync.clone(), run).apply(apply));
    let report = one(verb, &sync, monitor, start).await;
    shown(session, &collected(session, verb, vec![report], begun))
}

/// The export configuration that the run had.
async fn sync_of(session: &Session, run: &str) -> Result<ExportConfig, Told> {
    let found = session.ledger.run(session.tenant.scope(), run.to_owned()).await;
    let record = found
        .map_err(|error| Told::new(error.to_string()))?
        .filter(|record: &RunRecord| record.mode == RunMode::Export)
        .ok_or_else(|| {
            let option = config_option(&session.config.source.file);
            Told::new(format!("the history has no export named `{}`", run.escape_debug()))
                .of(model::SETTINGS)
                .hint(format!("`tms-sync history{option}` lists the runs"))
        })?;
    let sync = session.config.syncs.iter().find(|sync| sync.name == record.export);
    sync.cloned().ok_or_else(|| {
        let name = record.export.escape_debug();
        Told::new(format!(
            "that run was of a sync named `{name}`, which the configuration no longer has"
        ))
        .of(model::SETTINGS)
        .hint("bring back its [[sync]] with the same name and project")
    })
}
