//! Commands of the service: its processes, their data, and a tenant of one that runs elsewhere. One file per command.

mod backup;
mod copy_ledger;
mod elsewhere;
mod import;
mod node;
mod rotate_key;
mod serve;
#[cfg(feature = "sim")]
mod serve_demo;
mod settings;
mod worker;

use crate::answer::Answer;
use crate::options::OutputOptions;
use crate::remote::ServerOptions;
use crate::render::diagnostic::Diagnostic;

/// In the order of `--help`, which shows the description of each command's `Args`.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Serve(Box<serve::Args>),
    Worker(Box<worker::Args>),
    Backup(backup::Args),
    CopyLedger(copy_ledger::Args),
    RotateKey(rotate_key::Args),
    Import(import::Args),
    Settings(settings::Args),
}

impl Command {
    /// Runs the command, gives the answer, and returns the exit code.
    pub async fn perform(self) -> u8 {
        match self {
            Self::Serve(args) => args.perform().await,
            Self::Worker(args) => args.perform().await,
            Self::Backup(args) => args.perform().await,
            Self::CopyLedger(args) => args.perform().await,
            Self::RotateKey(args) => args.perform().await,
            Self::Import(args) => nowhere(&args.output),
            Self::Settings(args) => nowhere(&args.output),
        }
    }
}

/// Runs a command here, or at the service that is named.
pub async fn perform(command: super::Command, server: &ServerOptions) -> u8 {
    match server.remote() {
        Ok(Some(remote)) => elsewhere::perform(&remote, command).await,
        Ok(None) => command.perform().await,
        Err(problems) => Answer::refusal(problems).give("--server", &OutputOptions::default()),
    }
}

fn nowhere(output: &OutputOptions) -> u8 {
    Answer::from(Diagnostic::new("name the service: tms-sync --server URL …")).give("--server", output)
}
