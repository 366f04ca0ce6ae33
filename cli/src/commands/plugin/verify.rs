//! `tms-sync plugin verify`

use std::path::PathBuf;

use serde_json::json;
use tms_sync_distribution::{ArtifactError, Policy, Registry, Source, Verifier};

use super::{read, sign};
use crate::answer::Answer;
use crate::options::OutputOptions;
use crate::plugin::refused;
use crate::render::diagnostic::Diagnostic;

/// Checks who signed an artifact of a registry
///
/// Exit code 0: a key signed it, or the policy accepts it. Nothing but the registry is asked.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which, by its digest
    #[arg(value_name = "REFERENCE")]
    pub artifact: Source,
    /// A public key, in PEM
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "policy",
        conflicts_with = "policy"
    )]
    pub key: Option<PathBuf>,
    /// A policy, as --plugin-policy takes it
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub async fn answer(&self) -> Result<Answer, Vec<Diagnostic>> {
        let digest = sign::pinned(&self.artifact)?;
        let registry = Registry::of(&self.artifact).map_err(refused)?;
        let signatures = registry.signatures(&digest).await.map_err(refused)?;
        let signed_by = match (&self.policy, &self.key) {
            (Some(policy), _) => Policy::read(policy)
                .and_then(|policy| policy.judge(&self.artifact, &digest, &signatures))
                .map_err(refused)?,
            (None, Some(key)) => {
                let verifier = Verifier::new(&key.display().to_string(), &read(key)?).map_err(refused)?;
                if !verifier.accepts(&digest, &signatures) {
                    return Err(vec![refused(ArtifactError::Unsigned {
                        repository: self.artifact.repository(),
                        digest,
                        wanted: format!("by {}", verifier.name()),
                    })]);
                }
                vec![verifier.name().to_owned()]
            }
            (None, None) => Vec::new(),
        };
        let text = format!("{} is signed by {}\n", self.artifact, signed_by.join(", "));
        Ok(Answer::new(0, text, "signed-by", json!(signed_by)))
    }
}
