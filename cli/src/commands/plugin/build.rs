//! `tms-sync plugin build`

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::json;
use tms_sync_component_builder::Build;

use super::{read, write};
use crate::answer::Answer;
use crate::options::OutputOptions;
use crate::render::diagnostic::Diagnostic;

/// Makes a component of a Rust project: cargo compiles it, and the module is wrapped
///
/// The same as `cargo build --release --target wasm32-unknown-unknown` and `wasm-tools component new`. Folders of whoever
/// builds are left out of it, so that it has the same bytes elsewhere.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of the project
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// Where to; by default NAME.wasm in the project
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Deserialize)]
struct Project {
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

impl Args {
    pub fn answer(&self) -> Result<Answer, Vec<Diagnostic>> {
        let file = self.folder.join("Cargo.toml");
        let project: Project = toml::from_str(&read(&file)?)
            .map_err(|error| Diagnostic::new(format!("{} names no package: {}", file.display(), error.message())))?;
        let name = project.package.name;
        // Cargo works in the project's folder, where a relative path would start once more.
        let workspace = std::path::absolute(&self.folder)
            .map_err(|error| Diagnostic::new(format!("cannot use {}: {error}", self.folder.display())))?;
        let built = Build {
            target_dir: workspace.join("target"),
            workspace,
            package: name.clone(),
            profile: "release".to_owned(),
        };
        let component = built.run().map_err(|error| Diagnostic::new(error.to_string()))?;
        let out = self
            .out
            .clone()
            .unwrap_or_else(|| self.folder.join(format!("{name}.wasm")));
        write(&out, &component)?;
        let text = format!("{}: {} bytes\n", out.display(), component.len());
        Ok(Answer::new(0, text, "bytes", json!(component.len())))
    }
}
