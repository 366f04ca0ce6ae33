//! `tms-sync history`

use super::Configured;
use crate::answer::Answer;
use crate::options::ConfigOptions;
use crate::render::diagnostic::Diagnostic;
use crate::render::history;
use crate::session::Session;
use crate::state::LedgerUse;

/// Lists the runs there were, from the local ledger; asks no server
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many runs, newest first
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    #[command(flatten)]
    pub configured: ConfigOptions,
}

impl Configured for Args {
    const NAME: &'static str = "history";
    const LEDGER: LedgerUse = LedgerUse::Look;

    fn config(&self) -> &ConfigOptions {
        &self.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        answer(session, self.limit).await
    }
}

async fn answer(session: &Session, limit: u32) -> Result<Answer, Vec<Diagnostic>> {
    let runs = session.ledger.runs(session.tenant.scope(), limit).await;
    let runs = runs.map_err(|error| vec![Diagnostic::new(error.to_string())])?;
    Ok(Answer::new(0, history::text(&runs), "runs", history::json(&runs)))
}
