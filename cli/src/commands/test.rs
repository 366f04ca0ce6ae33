//! `tms-sync test`

use tms_sync_host::model::ExportConfig;

use super::{Configured, validate};
use crate::answer::Answer;
use crate::options::ConfigOptions;
use crate::render::checks::{self, Tested};
use crate::render::problems::Told;
use crate::session::{LedgerUse, Session};

/// Checks servers, credentials and permissions; writes nothing
///
/// Without [[sync]] in the file it tests the integration alone; with it also each sync's project and AQL.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub configured: ConfigOptions,
}

impl Configured for Args {
    const NAME: &'static str = "test";
    const LEDGER: LedgerUse = LedgerUse::Write;

    fn config(&self) -> &ConfigOptions {
        &self.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Told>> {
        answer(session).await
    }
}

pub async fn answer(session: &Session) -> Result<Answer, Vec<Told>> {
    let syncs = &session.config.syncs;
    validate::passes(session, syncs).await?;
    let judged: Vec<Option<&ExportConfig>> = if syncs.is_empty() {
        vec![None]
    } else {
        syncs.iter().map(Some).collect()
    };
    let mut tests = Vec::new();
    for sync in judged {
        let result = session.tenant.test(sync).await;
        let result = result.map_err(|error| vec![Told::from_call(&error)])?;
        tests.push(Tested {
            sync: sync.map(|sync| sync.name.clone()),
            result,
        });
    }
    let exit_code = if tests.iter().all(Tested::passed) { 0 } else { 2 };
    let text: Vec<String> = tests.iter().map(checks::text).collect();
    let json = tests.iter().map(checks::json).collect();
    Ok(Answer::new(exit_code, text.join("\n"), "tests", json))
}
