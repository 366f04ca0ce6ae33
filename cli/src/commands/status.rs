//! `tms-sync status`

use serde_json::{Map, json};
use tms_sync_host::{Clock as _, LedgerError, SystemClock};

use super::Configured;
use crate::answer::{Answer, Json};
use crate::last_exports::LastExports;
use crate::options::{ConfigOptions, config_option};
use crate::render::diagnostic::Diagnostic;
use crate::render::status::{self, SyncStatus};
use crate::session::Session;
use crate::state::LedgerUse;

/// Runs that are looked through for each sync's latest.
const HISTORY: u32 = 500;
/// Runs shown for each sync.
const LATEST: usize = 3;

/// Shows how integration and syncs stand: enabled, suspect, disabled or locked, and what to do; asks no server
///
/// The exit code is 1 where something is not enabled, where the latest export failed, and where none has succeeded
/// within --max-age.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How old the latest success of an export may be, such as 26h, 90m or 2d; without it, any
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub max_age: Option<u64>,
    #[command(flatten)]
    pub configured: ConfigOptions,
}

impl Configured for Args {
    const NAME: &'static str = "status";
    const LEDGER: LedgerUse = LedgerUse::Look;

    fn config(&self) -> &ConfigOptions {
        &self.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        answer(session, self.max_age).await
    }
}

/// A duration in milliseconds: a number and d, h or m.
fn age(text: &str) -> Result<u64, String> {
    let units = [('d', 24 * 60 * 60_000), ('h', 60 * 60_000), ('m', 60_000)];
    let (number, unit) = units
        .into_iter()
        .find_map(|(letter, unit)| Some((text.strip_suffix(letter)?, unit)))
        .ok_or("write a number and d, h or m, such as 26h")?;
    let number: u64 = number.parse().map_err(|_| "write a whole number before d, h or m")?;
    number.checked_mul(unit).ok_or_else(|| "that is too long".to_owned())
}

async fn answer(session: &Session, max_age: Option<u64>) -> Result<Answer, Vec<Diagnostic>> {
    let found = read(session, max_age)
        .await
        .map_err(|error| vec![Diagnostic::new(error.to_string())])?;
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
        reasons: Vec::new(),
    })
}

async fn read(session: &Session, max_age: Option<u64>) -> Result<Vec<SyncStatus>, LedgerError> {
    let runs = session.ledger.runs(session.tenant.scope(), HISTORY).await?;
    let now = SystemClock.now();
    let mut found = Vec::new();
    for sync in &session.config.syncs {
        let of_sync = || runs.iter().filter(|run| run.export == sync.name);
        found.push(SyncStatus {
            name: sync.name.clone(),
            project: sync.project.clone(),
            is_switched_off: sync.disable_export,
            credential_reports: session.tenant_of(sync).credential_reports(Some(sync)).await?,
            runs: of_sync().take(LATEST).cloned().collect(),
            exports: LastExports::of(of_sync(), now, max_age),
        });
    }
    if found.is_empty() {
        found.push(SyncStatus {
            name: String::new(),
            project: String::new(),
            is_switched_off: false,
            credential_reports: session.tenant.credential_reports(None).await?,
            runs: Vec::new(),
            exports: LastExports::default(),
        });
    }
    Ok(found)
}
