//! `tms-sync undo`: what one export created is taken back, or told.

use std::time::Instant;

use tms_sync_host::model::{ExportConfig, Side};
use tms_sync_host::{RunMode, RunRecord, Undo};

use super::export::{Watch, collected, one, shown};
use super::validate;
use crate::answer::Answer;
use crate::order::config_option;
use crate::render::problems::Told;
use crate::report::Verb;
use crate::session::Session;

pub async fn answer(session: &Session, run: &str, apply: bool, watch: &mut Watch) -> Result<Answer, Vec<Told>> {
    let sync = sync_of(session, run).await.map_err(|told| vec![told])?;
    validate::passes(session, std::slice::from_ref(&sync)).await?;
    let begun = Instant::now();
    let verb = Verb::Undo { apply };
    let start = || session.tenant.undo(Undo::new(sync.clone(), run).apply(apply));
    let report = one(verb, &sync, watch, start).await;
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
                .of(Side::Settings)
                .hint(format!("`tms-sync history{option}` lists the runs"))
        })?;
    let sync = session.config.syncs.iter().find(|sync| sync.name == record.export);
    sync.cloned().ok_or_else(|| {
        let name = record.export.escape_debug();
        Told::new(format!(
            "that run was of a sync named `{name}`, which the configuration no longer has"
        ))
        .of(Side::Settings)
        .hint("bring back its [[sync]] with the same name and project")
    })
}
