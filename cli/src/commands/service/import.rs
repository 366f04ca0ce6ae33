//! `tms-sync --server URL import`

use std::path::PathBuf;

use crate::answer::Answer;
use crate::config::{Config, Draft};
use crate::options::OutputOptions;
use crate::plugin;
use crate::remote::Remote;
use crate::render::diagnostic::Diagnostic;

/// Takes a configuration file over into a service: project, integration, credentials with their secrets, and syncs
///
/// Needs --server and an API token that reaches `manage`. Syncs arrive without a schedule; what they exported so far is
/// found again by its markers.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The configuration file
    #[arg(short = 'c', long = "config", value_name = "FILE", default_value = "tms-sync.toml")]
    pub config: PathBuf,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub async fn answer(self, remote: &Remote) -> Result<Answer, Vec<Diagnostic>> {
        let draft = Draft::read(&self.config).map_err(|problem| vec![problem.into()])?;
        let named = draft.host.plugin.as_ref().map(|named| &named.value);
        let plugin = plugin::load(named, &draft.host.acceptance).await;
        let plugin = plugin.map_err(|problem| vec![problem])?;
        let variable = |name: &str| std::env::var(name).ok();
        let config = draft.settle(&plugin.info().kinds, &variable).and_then(Config::whole);
        let diagnostics = |problems: Vec<_>| problems.into_iter().map(Diagnostic::from).collect::<Vec<_>>();
        let mut config = config.map_err(diagnostics)?;
        config.read_vault().await.map_err(diagnostics)?;
        let imported = remote.import(plugin, &config).await;
        imported.map_err(|problem| vec![problem])
    }
}
