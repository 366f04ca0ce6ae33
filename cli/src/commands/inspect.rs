//! `tms-sync inspect`

use crate::answer::{Answer, Json};
use crate::options::OutputOptions;
use crate::plugin::{self, Acceptance, Named};
use crate::render::diagnostic::Diagnostic;
use crate::render::manifest::{self, Manifest};

/// Shows what a plugin may do: its permission manifest
///
/// Prints the component's digest, its imports and exports, and for each kind of integration the servers, methods,
/// paths and secrets (by name) that it can use. Nothing else is reachable for it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A component file, or an artifact as registry/repository@sha256:…; without it, the bundled xray component
    #[arg(value_name = "PLUGIN")]
    pub plugin: Option<Named>,
    #[command(flatten)]
    pub acceptance: Acceptance,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub async fn perform(self) -> u8 {
        let answered = answer(self.plugin.as_ref(), &self.acceptance).await;
        answered.unwrap_or_else(Answer::from).give("inspect", &self.output)
    }
}

async fn answer(named: Option<&Named>, acceptance: &Acceptance) -> Result<Answer, Diagnostic> {
    let plugin = plugin::load(named, acceptance).await?;
    let manifest = Manifest {
        from: named.map_or_else(|| "bundled".to_owned(), Named::to_string),
        digest: plugin.digest().to_owned(),
        bytes: plugin.size(),
        imports: plugin.imports().to_vec(),
        exports: plugin.exports().to_vec(),
        info: plugin.info().clone(),
    };
    let json = Json::Members(manifest::json(&manifest));
    Ok(Answer {
        exit_code: 0,
        text: manifest::text(&manifest),
        json,
        problems: Vec::new(),
        reasons: Vec::new(),
    })
}
