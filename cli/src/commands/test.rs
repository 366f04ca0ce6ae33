//! `tms-sync test`

use tms_sync_host::model::ExportConfig;

use super::{Configured, validate};
use crate::answer::Answer;
use crate::log::{self, Level};
use crate::options::ConfigOptions;
use crate::render::checks::{self, Tested};
use crate::render::diagnostic::Diagnostic;
use crate::render::text::harmless;
use crate::session::Session;
use crate::state::LedgerUse;

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

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        answer(session).await
    }
}

pub async fn answer(session: &Session) -> Result<Answer, Vec<Diagnostic>> {
    let syncs = &session.config.syncs;
    validate::passes(session, syncs).await?;
    let judged: Vec<Option<&ExportConfig>> = if syncs.is_empty() {
        vec![None]
    } else {
        syncs.iter().map(Some).collect()
    };
    let asked = session.asked();
    let mut tests = Vec::new();
    for sync in judged {
        let of = sync.map_or(String::new(), |sync| format!("{}: ", sync.name));
        log::write(Level::Info, &harmless(&format!("{of}asking {asked}")));
        let result = session.tenant_of(sync).test(sync).await;
        let result = result.map_err(|error| vec![Diagnostic::from_call(&error)])?;
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
