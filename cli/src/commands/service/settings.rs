//! `tms-sync --server URL settings`

use crate::answer::Answer;
use crate::options::OutputOptions;
use crate::remote::Remote;
use crate::render::diagnostic::Diagnostic;

/// Prints a project of a service as a configuration file; its secrets become variables to set
///
/// Needs --server.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of the project; without it the only one
    #[arg(value_name = "PROJECT")]
    pub project: Option<String>,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub async fn answer(self, remote: &Remote) -> Result<Answer, Vec<Diagnostic>> {
        let shown = remote.settings(self.project.as_deref()).await;
        shown.map_err(|problem| vec![problem])
    }
}
