//! `tms-sync plugin new`: a project that compiles, with blanks to fill in.

use std::path::PathBuf;

use serde_json::json;
use tms_sync_distribution::contract;

use super::write;
use crate::answer::Answer;
use crate::options::OutputOptions;
use crate::render::diagnostic::Diagnostic;

/// The files of a project, with `{{name}}` where its name goes.
const TEMPLATE: [(&str, &str); 10] = [
    (".gitignore", include_str!("template/gitignore.in")),
    ("Cargo.toml", include_str!("template/Cargo.toml.in")),
    ("README.md", include_str!("template/README.md.in")),
    ("check.toml", include_str!("template/check.toml.in")),
    ("src/destination.rs", include_str!("template/destination.rs.in")),
    ("src/export.rs", include_str!("template/export.rs.in")),
    ("src/lib.rs", include_str!("template/lib.rs.in")),
    ("src/manifest.rs", include_str!("template/manifest.rs.in")),
    ("src/web.rs", include_str!("template/web.rs.in")),
    // Git keeps no empty folders, and the contract comes from this command.
    ("wit/README.md", "The contract, as `tms-sync plugin new` wrote it.\n"),
];

/// Makes the project of a plugin in Rust, with blanks to fill in
///
/// It compiles as it is; `plugin check` shows what is missing.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A folder that is not there yet; its name becomes the plugin's
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub fn answer(&self) -> Result<Answer, Vec<Diagnostic>> {
        let name = self.name()?;
        let uncreatable = |error| Diagnostic::new(format!("cannot make {}: {error}", self.folder.display()));
        std::fs::create_dir(&self.folder).map_err(uncreatable)?;
        for folder in ["src", "wit"] {
            std::fs::create_dir(self.folder.join(folder)).map_err(uncreatable)?;
        }
        for (file, text) in TEMPLATE {
            let text = text
                .replace("{{name}}", &name)
                .replace("{{module}}", &name.replace('-', "_"));
            write(&self.folder.join(file), text.as_bytes())?;
        }
        for (file, text) in contract::FILES {
            write(&self.folder.join("wit").join(file), text.as_bytes())?;
        }
        let text = format!(
            "{folder}: a plugin with blanks to fill in (`BLANK` in src/)\n  tms-sync plugin build {folder}\n  \
             tms-sync plugin check {folder}/{name}.wasm\n",
            folder = self.folder.display()
        );
        Ok(Answer::new(0, text, "name", json!(name)))
    }

    fn name(&self) -> Result<String, Vec<Diagnostic>> {
        let name = self.folder.file_name().and_then(|name| name.to_str());
        let name = name.filter(|name| is_package(name));
        name.map(str::to_owned).ok_or_else(|| {
            let problem = Diagnostic::new(format!("{} is no name for a plugin", self.folder.display()));
            vec![problem.hint("lower-case letters, digits and hyphens, beginning with a letter: my-plugin")]
        })
    }
}

fn is_package(name: &str) -> bool {
    let is_part = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(is_part)
}
