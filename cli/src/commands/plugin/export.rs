//! `tms-sync plugin export-bundled` and `export-contract`.

use std::path::PathBuf;

use serde_json::json;
use tms_sync_distribution::contract;

use super::write;
use crate::answer::Answer;
use crate::options::OutputOptions;
use crate::plugin::refused;
use crate::render::diagnostic::Diagnostic;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to; a file that is there is replaced
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub fn bundled(&self) -> Result<Answer, Vec<Diagnostic>> {
        self.give(tms_sync_component::bytes(), "as `tms-sync inspect` shows it")
    }

    pub fn contract(&self) -> Result<Answer, Vec<Diagnostic>> {
        let package = contract::package().map_err(refused)?;
        self.give(&package, "which `wasm-tools component wit` shows as text")
    }

    fn give(&self, bytes: &[u8], what: &str) -> Result<Answer, Vec<Diagnostic>> {
        write(&self.file, bytes)?;
        let text = format!("{}: {} bytes, {what}\n", self.file.display(), bytes.len());
        Ok(Answer::new(0, text, "bytes", json!(bytes.len())))
    }
}
