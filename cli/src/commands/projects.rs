//! `tms-sync projects`

use super::Configured;
use crate::answer::Answer;
use crate::options::ConfigOptions;
use crate::render::diagnostic::Diagnostic;
use crate::render::projects;
use crate::session::Session;
use crate::state::LedgerUse;

/// Lists the destination projects that the credentials can see
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only projects whose key or name contains this
    #[arg(value_name = "QUERY", default_value = "", hide_default_value = true)]
    pub query: String,
    #[command(flatten)]
    pub configured: ConfigOptions,
}

impl Configured for Args {
    const NAME: &'static str = "projects";
    const LEDGER: LedgerUse = LedgerUse::Write;

    fn config(&self) -> &ConfigOptions {
        &self.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        answer(session, &self.query).await
    }
}

async fn answer(session: &Session, query: &str) -> Result<Answer, Vec<Diagnostic>> {
    let found = session.tenant.projects(query).await;
    let found = found.map_err(|error| vec![Diagnostic::from_call(&error)])?;
    Ok(Answer::new(
        0,
        projects::text(&found, query),
        "projects",
        projects::json(&found),
    ))
}
