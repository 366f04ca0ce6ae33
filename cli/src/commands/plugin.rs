//! `tms-sync plugin`: the component file, for those who embed the host.

use std::path::PathBuf;

use crate::log::{self, Level};
use crate::render::diagnostic::{self, Diagnostic};

/// Gives the bundled component as a file, for platforms that embed the host
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Writes the bundled component to FILE
    ExportBundled {
        /// Where to; a file that is there is replaced
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

impl Args {
    pub fn perform(self) -> u8 {
        let Action::ExportBundled { file } = self.action;
        let bytes = tms_sync_component::bytes();
        match std::fs::write(&file, bytes) {
            Ok(()) => {
                let line = format!(
                    "{}: {} bytes, as `tms-sync inspect` shows it",
                    file.display(),
                    bytes.len()
                );
                log::write(Level::Info, &line);
                0
            }
            Err(error) => {
                diagnostic::log(&Diagnostic::new(format!("cannot write {}: {error}", file.display())));
                2
            }
        }
    }
}
