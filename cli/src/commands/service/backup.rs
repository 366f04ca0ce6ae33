//! `tms-sync backup`

use std::path::PathBuf;

use serde_json::json;
use tms_sync_server::store::backup;

use crate::answer::Answer;
use crate::options::OutputOptions;
use crate::render::diagnostic::Diagnostic;

/// Copies the databases of a service while it works
///
/// The copy is a state folder: start a service with it. Master keys are not in it; keep them elsewhere.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder to make, which must not exist
    #[arg(value_name = "TO")]
    pub to: PathBuf,
    /// Folder of the service's databases
    #[arg(long, value_name = "FOLDER", default_value = "tms-sync-state")]
    pub state: PathBuf,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub async fn perform(self) -> u8 {
        let answer = match backup(&self.state, &self.to) {
            Ok(()) => {
                let text = format!("Copied to {}. The master key is not in it.\n", self.to.display());
                Answer::new(0, text, "copy", json!(self.to))
            }
            Err(error) => Diagnostic::new(error.to_string()).into(),
        };
        answer.give("backup", &self.output)
    }
}
