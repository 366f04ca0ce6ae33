//! `tms-sync status`

use serde_json::{Map, json};
use tms_sync_host::LedgerError;

use super::Configured;
use crate::answer::{Answer, Json};
use crate::options::{ConfigOptions, config_option};
use crate::render::problems::Told;
use crate::render::status::{self, SyncStatus};
use crate::session::{LedgerUse, Session};

/// Runs that are looked through for each sync's latest.
const HISTORY: u32 = 500;
/// Runs shown for each sync.
const LATEST: usize = 3;

/// Shows how integration and syncs stand: enabled, suspect, disabled or locked, and what to do; asks no server
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub configured: ConfigOptions,
}

impl Configured for Args {
    const NAME: &'static str = "status";
    const LEDGER: LedgerUse = LedgerUse::Look;

    fn config(&self) -> &ConfigOptions {
        &self.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Told>> {
        answer(session).await
    }
}

async fn answer(session: &Session) -> Result<Answer, Vec<Told>> {
    let found = read(session)
        .await
        .map_err(|error| vec![Told::new(error.to_string())])?;
    let exit_code = u8::from(!found.iter().all(SyncStatus::is_well));
    let option = config_option(&session.config.source.file);
    let members = Map::from_iter([
        ("integration".to_owned(), json!(session.config.name)),
        ("type".to_owned(), json!(session.config.kind)),
        ("syncs".to_owned(), found.iter().map(status::json).collect()),
    ]);
    Ok(Answer {
        exit_code,
        text: status::text(&session.config.name, &found, &option),
        json: Json::Members(members),
        problems: Vec::new(),
    })
}

async fn read(session: &Session) -> Result<Vec<SyncStatus>, LedgerError> {
    let runs = session.ledger.runs(session.tenant.scope(), HISTORY).await?;
    let mut found = Vec::new();
    for sync in &session.config.syncs {
        let latest = runs.iter().filter(|run| run.export == sync.name).take(LATEST);
        found.push(SyncStatus {
            name: sync.name.clone(),
            project: sync.project.clone(),
            is_switched_off: sync.disable_export,
            credential_reports: session.tenant.credential_reports(Some(sync)).await?,
            runs: latest.cloned().collect(),
        });
    }
    if found.is_empty() {
        found.push(SyncStatus {
            name: String::new(),
            project: String::new(),
            is_switched_off: false,
            credential_reports: session.tenant.credential_reports(None).await?,
            runs: Vec::new(),
        });
    }
    Ok(found)
}
