//! `tms-sync plugin`: plugins from their first line to the hosts of others. One file per subcommand.

mod build;
#[cfg(feature = "sim")]
mod check;
mod export;
mod new;
mod pull;
mod push;
mod sign;
mod verify;

use std::path::Path;

use crate::answer::Answer;
use crate::files;
use crate::options::OutputOptions;
use crate::render::diagnostic::Diagnostic;

/// Makes, checks, signs and moves plugins
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    New(new::Args),
    Build(build::Args),
    #[cfg(feature = "sim")]
    Check(check::Args),
    Push(push::Args),
    Pull(pull::Args),
    Sign(sign::Args),
    Verify(verify::Args),
    /// Writes the bundled component to FILE, for platforms that embed the host
    ExportBundled(export::Args),
    /// Writes the contract to FILE, as a package of interfaces in its binary form
    ExportContract(export::Args),
}

impl Args {
    pub async fn perform(self) -> u8 {
        match self.action {
            Action::New(args) => give("new", &args.output, args.answer()),
            Action::Build(args) => give("build", &args.output, args.answer()),
            #[cfg(feature = "sim")]
            Action::Check(args) => give("check", &args.output, args.answer().await),
            Action::Push(args) => give("push", &args.output, args.answer().await),
            Action::Pull(args) => give("pull", &args.output, args.answer().await),
            Action::Sign(args) => give("sign", &args.output, args.answer().await),
            Action::Verify(args) => give("verify", &args.output, args.answer().await),
            Action::ExportBundled(args) => give("export-bundled", &args.output, args.bundled()),
            Action::ExportContract(args) => give("export-contract", &args.output, args.contract()),
        }
    }
}

fn give(name: &str, output: &OutputOptions, answered: Result<Answer, Vec<Diagnostic>>) -> u8 {
    answered
        .unwrap_or_else(Answer::from)
        .give(&format!("plugin {name}"), output)
}

fn read(path: &Path) -> Result<String, Vec<Diagnostic>> {
    let unreadable = |error| vec![Diagnostic::new(format!("cannot read {}: {error}", path.display()))];
    files::read_text(path, files::TEXT).map_err(unreadable)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Vec<Diagnostic>> {
    let unwritable = |error| vec![Diagnostic::new(format!("cannot write {}: {error}", path.display()))];
    std::fs::write(path, bytes).map_err(unwritable)
}
