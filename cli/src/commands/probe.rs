//! `tms-sync probe`

use std::path::Path;

use tms_sync_host::model::{self, ExportConfig};

use super::{Configured, validate};
use crate::answer::Answer;
use crate::log::{self, Level};
use crate::options::ConfigOptions;
use crate::render::diagnostic::Diagnostic;
use crate::render::observations;
use crate::render::text::harmless;
use crate::session::Session;
use crate::state::LedgerUse;

/// Looks whether the servers answer as tms-sync assumes
///
/// Vendors leave questions open and their versions differ. This looks at your servers and prints each assumption as
/// held, broken or not seen, with names and types of what was seen and never a value: attach it to a bug report.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Look at this destination project instead of that of the first [[sync]]
    #[arg(long, value_name = "KEY")]
    pub project: Option<String>,
    /// Make Tests and a Test Execution in the project of --project, look at them, and delete them again
    #[arg(long, requires = "project")]
    pub write: bool,
    #[command(flatten)]
    pub configured: ConfigOptions,
}

impl Configured for Args {
    const NAME: &'static str = "probe";
    const LEDGER: LedgerUse = LedgerUse::Write;

    fn config(&self) -> &ConfigOptions {
        &self.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        let export = export(&session.config.syncs, self.project.as_deref(), &self.configured.config)?;
        validate::passes(session, std::slice::from_ref(&export)).await?;
        log::write(Level::Info, &harmless(&format!("asking {}", session.asked())));
        let found = session.tenant_of(&export).probe(&export, self.write).await;
        let found = found.map_err(|error| vec![Diagnostic::from_call(&error)])?;
        let exit_code = u8::from(observations::any_broken(&found));
        Ok(Answer::new(
            exit_code,
            observations::text(&found),
            "observations",
            observations::json(&found),
        ))
    }
}

/// The first sync with the project that was named, so that its mapping holds; without a sync the project alone.
fn export(syncs: &[ExportConfig], project: Option<&str>, file: &Path) -> Result<ExportConfig, Vec<Diagnostic>> {
    match (syncs.first(), project) {
        (Some(sync), None) => Ok(sync.clone()),
        (Some(sync), Some(project)) => Ok(ExportConfig {
            project: project.to_owned(),
            ..sync.clone()
        }),
        (None, Some(project)) => Ok(ExportConfig::everything("probe", project)),
        (None, None) => Err(vec![
            Diagnostic::new(format!(
                "{} has no [[sync]] whose project could be looked at",
                file.display()
            ))
            .of(model::SETTINGS)
            .hint("name a project with --project"),
        ]),
    }
}
