//! `tms-sync plugin sign`

use std::path::PathBuf;

use serde_json::json;
use tms_sync_distribution::{Registry, Signer, Source};

use super::read;
use crate::answer::Answer;
use crate::options::OutputOptions;
use crate::plugin::refused;
use crate::render::diagnostic::Diagnostic;

/// Signs an artifact of a registry with a key
///
/// The signature is put beside the artifact, in the format of cosign; those of others stay. A key pair:
/// `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out team.key` and `openssl pkey -in team.key -pubout
/// -out team.pub`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which, by its digest: what a tag names may change while you look
    #[arg(value_name = "REFERENCE")]
    pub artifact: Source,
    /// The private key, in PEM
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub async fn answer(&self) -> Result<Answer, Vec<Diagnostic>> {
        let digest = pinned(&self.artifact)?;
        let key = zeroize::Zeroizing::new(read(&self.key)?);
        let signer = Signer::new(&self.key.display().to_string(), &key).map_err(refused)?;
        let registry = Registry::of(&self.artifact).map_err(refused)?;
        registry.find(&digest).await.map_err(refused)?;
        let mut signatures = registry.signatures(&digest).await.map_err(refused)?;
        let signature = signer.sign(&self.artifact.repository(), &digest);
        // The same key signs the same text in the same way: signing twice is signing once.
        if !signatures.contains(&signature) {
            signatures.push(signature);
            registry.sign(&digest, &signatures).await.map_err(refused)?;
        }
        let text = format!("Signed {}\n", self.artifact);
        Ok(Answer::new(0, text, "signatures", json!(signatures.len())))
    }
}

/// The digest that a reference has to name.
pub fn pinned(artifact: &Source) -> Result<String, Vec<Diagnostic>> {
    let digest = artifact.digest().map(str::to_owned);
    digest.ok_or_else(|| {
        let problem = Diagnostic::new(format!("{artifact} names no digest"));
        vec![problem.hint("`tms-sync plugin push` prints the reference with it")]
    })
}
