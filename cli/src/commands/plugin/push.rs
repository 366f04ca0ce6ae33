//! `tms-sync plugin push`

use std::path::{Path, PathBuf};

use serde_json::json;
use tms_sync_distribution::artifact::Packed;
use tms_sync_distribution::registry::BILL;
use tms_sync_distribution::{Registry, Sbom, Source};

use crate::answer::Answer;
use crate::files;
use crate::options::OutputOptions;
use crate::plugin::refused;
use crate::render::diagnostic::Diagnostic;

/// More than a registry's usual limit for one layer is not read.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Puts a component into a registry, and prints the digest that names it for good
///
/// The artifact has the layout of the CNCF's Wasm artifacts: `wkg`, `wash` and others pull it. The account is the one that
/// `docker login` or `skopeo login` stored. The same component has the same digest everywhere.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A component, or the contract as `plugin export-contract` writes it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where to: registry.example.com/team/plugin:1.2; http://localhost:5000/… without TLS
    #[arg(value_name = "REFERENCE")]
    pub to: Source,
    /// What it is made of, in JSON of CycloneDX or SPDX, to be put beside it
    #[arg(long, value_name = "FILE")]
    pub sbom: Option<PathBuf>,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub async fn answer(&self) -> Result<Answer, Vec<Diagnostic>> {
        let unreadable = |error| Diagnostic::new(format!("cannot read {}: {error}", self.file.display()));
        let component = files::read(&self.file, LARGEST).map_err(unreadable)?;
        if self.to.digest().is_some() {
            let problem = Diagnostic::new(format!("{} has a digest, which the component decides", self.to));
            return Err(vec![problem.hint("name a tag: registry/repository:1.2")]);
        }
        let sbom = self.sbom.as_deref().map(bill).transpose()?;
        let packed = Packed::of(component).map_err(refused)?;
        let registry = Registry::of(&self.to).map_err(refused)?;
        let digest = registry.push(&packed).await.map_err(refused)?;
        if let Some(sbom) = &sbom {
            registry.attach(&digest, sbom).await.map_err(refused)?;
        }
        let pinned = self.to.pinned(&digest).to_string();
        let text = format!("Pushed {}\n  plugin = \"{pinned}\"\n", self.to);
        Ok(Answer::new(0, text, "pinned", json!(pinned)))
    }
}

fn bill(path: &Path) -> Result<Sbom, Vec<Diagnostic>> {
    let name = path.display().to_string();
    let text =
        files::read(path, BILL).map_err(|error| vec![Diagnostic::new(format!("cannot read {name}: {error}"))])?;
    Sbom::read(&name, text).map_err(|error| vec![refused(error)])
}
