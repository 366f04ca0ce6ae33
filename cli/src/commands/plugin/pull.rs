//! `tms-sync plugin pull`

use std::path::PathBuf;

use serde_json::json;
use tms_sync_distribution::{Policy, Registry, Source};

use super::write;
use crate::answer::Answer;
use crate::options::OutputOptions;
use crate::plugin::{Acceptance, refused};
use crate::render::diagnostic::Diagnostic;

/// Brings a component from a registry into a file
///
/// A digest in the reference is checked, and with --plugin-policy the signatures are. For machines that reach no registry:
/// pull here, carry the file.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which: registry.example.com/team/plugin:1.2 or …@sha256:…
    #[arg(value_name = "REFERENCE")]
    pub from: Source,
    /// Where to; a file that is there is replaced
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where to write what it is made of, if that is beside it
    #[arg(long, value_name = "FILE")]
    pub sbom: Option<PathBuf>,
    #[command(flatten)]
    pub acceptance: Acceptance,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub async fn answer(&self) -> Result<Answer, Vec<Diagnostic>> {
        let registry = Registry::of(&self.from).map_err(refused)?;
        let artifact = registry.pull(self.acceptance.mib << 20).await.map_err(refused)?;
        let digest = artifact.digest();
        if let Some(policy) = &self.acceptance.policy {
            let policy = Policy::read(policy).map_err(refused)?;
            let signatures = registry.signatures(&digest).await.map_err(refused)?;
            policy.judge(&self.from, &digest, &signatures).map_err(refused)?;
        }
        if let Some(file) = &self.sbom {
            let Some(sbom) = registry.sbom(&digest).await.map_err(refused)? else {
                let problem = Diagnostic::new(format!("{} has no bill of materials beside it", self.from));
                return Err(vec![
                    problem.hint("whoever makes it attaches one: tms-sync plugin push --sbom FILE"),
                ]);
            };
            write(file, &sbom)?;
        }
        write(&self.file, &artifact.component)?;
        let pinned = self.from.pinned(&digest).to_string();
        let text = format!(
            "{}: {} bytes of {pinned}\n",
            self.file.display(),
            artifact.component.len()
        );
        Ok(Answer::new(0, text, "pinned", json!(pinned)))
    }
}
