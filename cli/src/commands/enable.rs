//! `tms-sync enable`

use tms_sync_host::model::{self, ExportConfig};

use super::{Configured, validate};
use crate::answer::Answer;
use crate::config::nearest_hint;
use crate::options::{ConfigOptions, config_option};
use crate::render::checks::{self, Tested};
use crate::render::diagnostic::Diagnostic;
use crate::render::text::{GOOD, styled};
use crate::session::Session;
use crate::state::LedgerUse;

/// Switches on what was disabled or locked, if the connection test passes
///
/// Makes the connection test even with a credential that is off or was refused, which costs one log-in. Where that is
/// refused again, the answer names the time of the next try.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of a [[sync]], or of the integration for all of its syncs
    #[arg(value_name = "NAME")]
    pub name: String,
    #[command(flatten)]
    pub configured: ConfigOptions,
}

impl Configured for Args {
    const NAME: &'static str = "enable";
    const LEDGER: LedgerUse = LedgerUse::Write;

    fn config(&self) -> &ConfigOptions {
        &self.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        answer(session, &self.name).await
    }
}

async fn answer(session: &Session, name: &str) -> Result<Answer, Vec<Diagnostic>> {
    let syncs = meant(session, name)?;
    validate::passes(session, &syncs).await?;
    let mut tests = Vec::new();
    for sync in &syncs {
        let credential_reports = session.tenant_of(sync).credential_reports(Some(sync)).await;
        let credential_reports = credential_reports.map_err(|error| vec![Diagnostic::new(error.to_string())])?;
        if credential_reports
            .iter()
            .all(|credential_report| credential_report.health.reason().is_none())
        {
            continue;
        }
        let result = session.tenant_of(sync).enable(Some(sync)).await;
        let result = result.map_err(|error| vec![Diagnostic::from_call(&error)])?;
        tests.push(Tested {
            sync: Some(sync.name.clone()),
            result,
        });
        // What one sync cannot pass costs the next one a log-in too.
        if !tests.last().is_some_and(Tested::passed) {
            break;
        }
    }
    let passed = tests.iter().all(Tested::passed);
    let mut text: String = tests.iter().map(|tested| checks::text(tested) + "\n").collect();
    let option = config_option(&session.config.source.file);
    text.push_str(&match (passed, tests.is_empty()) {
        (true, true) => "Nothing was switched off; no server was asked\n".to_owned(),
        (true, false) => format!(
            "{}. The next export reads everything anew: tms-sync export{option}\n",
            styled(GOOD, "Enabled")
        ),
        (false, _) => format!("Not enabled. How everything stands: tms-sync status{option}\n"),
    });
    let json = tests.iter().map(checks::json).collect();
    Ok(Answer::new(if passed { 0 } else { 2 }, text, "tests", json))
}

/// The named sync, or all syncs of the named integration.
fn meant(session: &Session, name: &str) -> Result<Vec<ExportConfig>, Vec<Diagnostic>> {
    let config = &session.config;
    let found: Vec<ExportConfig> = config.syncs.iter().filter(|sync| sync.name == name).cloned().collect();
    if !found.is_empty() {
        return Ok(found);
    }
    if config.name == name {
        return Ok(config.syncs.clone());
    }
    let names = config
        .syncs
        .iter()
        .map(|sync| sync.name.as_str())
        .chain([config.name.as_str()]);
    let diagnostic = Diagnostic::new(format!(
        "there is no sync and no integration named `{}`",
        name.escape_debug()
    ));
    let hint = nearest_hint(name, names);
    Err(vec![Diagnostic {
        hint,
        ..diagnostic.of(model::SETTINGS)
    }])
}
