//! The command line as typed. What it means is [`super::order`]'s matter.

use std::net::SocketAddr;
use std::path::PathBuf;

#[cfg(feature = "sim")]
use clap::ValueEnum;
use clap::{Args, Parser, Subcommand};

const EXIT_CODES: &str = "\
Exit codes:
  0  everything done
  1  it ran, and some items failed or wait
  2  it could not run: configuration, credentials, or disabled

Start here:
  tms-sync demo                      watch a whole export, against simulated servers
  tms-sync sim                       simulated servers to play with, and a configuration for them
  tms-sync validate -c my.toml       is the configuration sound? (asks no server)
  tms-sync test -c my.toml           do servers and credentials work? (writes nothing)
  tms-sync plan -c my.toml           what would an export do? (writes nothing)
  tms-sync export -c my.toml         do it";

/// Exports test cases and launches from Allure TestOps into Jira Xray, Data Center and Cloud
#[derive(Debug, Parser)]
#[command(name = "tms-sync", version, after_help = EXIT_CODES, max_term_width = 100, disable_help_subcommand = true)]
pub struct Typed {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    #[cfg(feature = "sim")]
    /// Shows a whole export on this machine: simulated servers, the real component, nothing to configure
    ///
    /// Starts a simulated TestOps, Jira and Xray on loopback, fills TestOps with a small project, and goes the way you
    /// would go with your own servers: validate, test, plan, export, and a second export that finds nothing to do.
    Demo(Demo),
    /// Checks the configuration without asking any server
    ///
    /// Finds unknown keys, missing secrets, malformed addresses and mistakes in AQL, all at once, each with its place in
    /// the file and what to do about it.
    Validate(Validate),
    /// Checks servers, credentials and permissions; writes nothing
    ///
    /// Without [[sync]] in the file it tests the integration alone; with it also each sync's project and AQL.
    Test(Configured),
    /// Lists the destination projects that the credentials can see
    Projects(Projects),
    /// Shows what an export would do, item by item; writes nothing to any server
    Plan(Plan),
    /// Exports
    ///
    /// Safe to repeat: what is in step already is left alone, and what an interrupted run began is settled first.
    /// Ctrl-C stops at the next safe place; a second one stops at once, and the next export still goes on from there.
    Export(Export),
    /// Compares both sides and lists every difference; writes nothing to any server
    ///
    /// Exit code 1 means that there are differences, whoever made them.
    Verify(Selected),
    /// Takes back what one export created; without --apply it only tells what would be deleted
    ///
    /// Only issues that carry our marker and that nobody touched since are deleted. Every other issue of that run stays
    /// and is listed with the reason.
    Undo(Undo),
    /// Runs a plugin against a recorded export, offline; tells where it does something else
    ///
    /// `tms-sync export --record FILE` makes a recording. The replay needs no configuration, no server and no secret: the
    /// plugin's calls must be the recorded ones, in the recorded order and byte for byte, and so must its report.
    Replay(Replay),
    /// Lists the runs there were, from the local ledger; asks no server
    History(History),
    /// Shows how integration and syncs stand: enabled, suspect, disabled or locked, and what to do; asks no server
    Status(Configured),
    /// Switches on what was disabled or locked, if the connection test passes
    ///
    /// Makes the connection test even with a credential that is off, which costs one log-in. A credential that was
    /// refused as often as it may be is not tried: store another one.
    Enable(Enable),
    /// Lists which TestOps entity is which Jira issue, from the local ledger; asks no server
    Links(Selected),
    /// Shows what a plugin may do: its permission manifest
    ///
    /// Prints the component's digest, its imports and exports, and for each kind of integration the servers, methods,
    /// paths and secrets (by name) that it can use. Nothing else is reachable for it.
    Inspect(Inspect),
    /// Serves pages and an API for many teams, and runs syncs on a schedule
    ///
    /// The first start prints a link that makes the administrator. Everything is kept in the state folder. The variable
    /// TMS_SYNC_MASTER_KEYS may hold the master keys instead of a file.
    Serve(Serve),
    #[cfg(feature = "sim")]
    /// Serves simulated TestOps, Jira and Xray until Ctrl-C
    ///
    /// Prints addresses, credentials and a configuration file that works with them.
    Sim(Sim),
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Serve {
    /// Folder of databases and master key; it is made where there is none
    #[arg(long, value_name = "FOLDER", default_value = "tms-sync-state")]
    pub state: PathBuf,
    /// Where to listen; put a proxy with TLS in front of anything but loopback
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// How people reach it, for links and cookies: https://sync.example.com or with a path
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// A component to offer, again for more; without it the bundled one
    #[arg(long, value_name = "FILE")]
    pub plugin: Vec<PathBuf>,
    /// File of the master keys; by default master.key in the state folder
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// A private or plain server that teams may name, as host:port, again for more
    #[arg(long, value_name = "HOST:PORT")]
    pub allow: Vec<String>,
    /// Runs under way at once, all teams together
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    pub runs_at_once: usize,
    #[cfg(feature = "sim")]
    /// Show it with simulated servers, two teams and some history, in a folder that is gone afterwards
    #[arg(long, conflicts_with_all = ["state", "plugin", "keys", "allow"])]
    pub demo: bool,
}

#[derive(Debug, Args)]
pub struct Configured {
    /// The configuration file
    #[arg(short = 'c', long = "config", value_name = "FILE", default_value = "tms-sync.toml")]
    pub config: PathBuf,
    /// The endpoints in the file have changed on purpose: use the secrets for the new servers
    #[arg(long)]
    pub new_servers: bool,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Validate {
    #[command(flatten)]
    pub configured: Configured,
    /// Print every mapping option in force, with where its value comes from
    #[arg(long)]
    pub show_mapping: bool,
}

#[derive(Debug, Args)]
pub struct Output {
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Selected {
    /// Name of one [[sync]]; without it, all of them in the order of the file
    #[arg(value_name = "SYNC")]
    pub sync: Option<String>,
    #[command(flatten)]
    pub configured: Configured,
}

#[derive(Debug, Args)]
pub struct Plan {
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub selected: Selected,
}

#[derive(Debug, Args)]
pub struct Export {
    #[command(flatten)]
    pub reading: Reading,
    /// Go on although Jira has more deletions and edits than expected: you have looked at them
    #[arg(long)]
    pub accept_changes: bool,
    /// Write everything the plugin asks and is told to FILE, for `tms-sync replay`; for one sync
    ///
    /// The file holds what the servers answered, so treat it as you treat their data. It holds no secret.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    #[command(flatten)]
    pub selected: Selected,
}

#[derive(Debug, Args)]
pub struct Replay {
    /// A recording
    #[arg(value_name = "FILE")]
    pub tape: PathBuf,
    /// A component file; without it, the bundled xray component
    #[arg(long, value_name = "PLUGIN")]
    pub plugin: Option<PathBuf>,
    #[command(flatten)]
    pub output: Output,
}

/// What a plan and the export after it must agree on.
#[derive(Debug, Args)]
pub struct Reading {
    /// Create issues again that were deleted in Jira
    #[arg(long)]
    pub recreate: bool,
    /// Read every test case in full, even where nothing seems to have moved
    #[arg(long)]
    pub full: bool,
}

#[derive(Debug, Args)]
pub struct Undo {
    /// Name of the run, as `history` lists it
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Delete; without it nothing is deleted
    #[arg(long)]
    pub apply: bool,
    #[command(flatten)]
    pub configured: Configured,
}

#[derive(Debug, Args)]
pub struct Enable {
    /// Name of a [[sync]], or of the integration for all of its syncs
    #[arg(value_name = "NAME")]
    pub name: String,
    #[command(flatten)]
    pub configured: Configured,
}

#[derive(Debug, Args)]
pub struct History {
    /// How many runs, newest first
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    #[command(flatten)]
    pub configured: Configured,
}

#[derive(Debug, Args)]
pub struct Projects {
    /// Only projects whose key or name contains this
    #[arg(value_name = "QUERY", default_value = "", hide_default_value = true)]
    pub query: String,
    #[command(flatten)]
    pub configured: Configured,
}

#[derive(Debug, Args)]
pub struct Inspect {
    /// A component file; without it, the bundled xray component
    #[arg(value_name = "PLUGIN")]
    pub plugin: Option<PathBuf>,
    #[command(flatten)]
    pub output: Output,
}

/// Where Jira and Xray run.
#[cfg(feature = "sim")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Variant {
    /// Jira Data Center with the Xray app
    Dc,
    /// Jira Cloud with Xray Cloud
    Cloud,
}

#[cfg(feature = "sim")]
#[derive(Debug, Args)]
pub struct Demo {
    /// Which destination to simulate
    #[arg(long, value_enum, default_value_t = Variant::Cloud)]
    pub variant: Variant,
    /// Keep the simulated servers up afterwards, to look at what arrived
    #[arg(long)]
    pub keep_running: bool,
    /// How many test cases the simulated project has
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub cases: u32,
}

#[cfg(feature = "sim")]
#[derive(Debug, Args)]
pub struct Sim {
    /// Which destination to simulate; without it, both
    #[arg(long, value_enum)]
    pub variant: Option<Variant>,
    /// Port of the simulated TestOps; the others take the ports after it. 0: any free ports
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// How many test cases the simulated project has
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(0..=50_000))]
    pub cases: u32,
    /// Lets the servers answer in another form than the default, as some versions of the products do;
    /// docs/assumptions.md lists names and forms. May be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = answer)]
    pub answers: Vec<String>,
}

/// Refuses what names no form of an answer, with those there are.
#[cfg(feature = "sim")]
fn answer(text: &str) -> Result<String, tms_sync_sim::answers::UnknownAnswer> {
    tms_sync_sim::Answers::default().set(text).map(|()| text.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Typed::command().debug_assert();
    }

    #[test]
    fn every_command_teaches_in_its_help() {
        for command in Typed::command().get_subcommands() {
            assert!(
                command.get_about().is_some(),
                "{} has no description",
                command.get_name()
            );
        }
    }
}
