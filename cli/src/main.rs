//! The `tms-sync` command.

mod afterwards;
mod answer;
mod commands;
mod config;
mod files;
mod interrupt;
mod last_exports;
mod log;
mod options;
mod output;
mod plan_file;
mod plugin;
mod progress;
#[cfg(feature = "service")]
mod remote;
mod render;
mod report;
mod report_builder;
mod run;
mod session;
#[cfg(feature = "sim")]
mod simulated;
mod starter;
mod state;
mod usage;
mod words;

use std::process::ExitCode;

use clap::Parser;

const EXIT_CODES: &str = "\
Exit codes:
  0  everything done
  1  it ran, and some items failed or wait
  2  it could not run: configuration, credentials, or disabled";

#[cfg(feature = "sim")]
const SIMULATED: &str = "
  tms-sync demo                      watch a whole export, against simulated servers
  tms-sync sim                       simulated servers to play with, and a configuration for them";
#[cfg(not(feature = "sim"))]
const SIMULATED: &str = "";

const START: &str = "
  tms-sync init                      write a first configuration file
  tms-sync validate -c my.toml       is the configuration sound? (asks no server)
  tms-sync test -c my.toml           do servers and credentials work? (writes nothing)
  tms-sync plan -c my.toml           what would an export do? (writes nothing)
  tms-sync export -c my.toml         do it";

/// Exports test cases and launches from Allure TestOps into Jira Xray, Data Center and Cloud
#[derive(Debug, Parser)]
#[command(
    name = "tms-sync",
    version,
    after_help = format!("{EXIT_CODES}\n\nStart here:{SIMULATED}{START}"),
    max_term_width = 100
)]
struct CommandLine {
    #[cfg(feature = "service")]
    #[command(flatten)]
    server: remote::ServerOptions,
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    let compiles = |argument: std::ffi::OsString| argument == plugin::COMPILE;
    if std::env::args_os().nth(1).is_some_and(compiles) {
        return tms_sync_host::compile_child();
    }
    let line = match usage::parse() {
        Ok(line) => line,
        Err(exit_code) => return ExitCode::from(exit_code),
    };
    let performed = std::panic::catch_unwind(|| perform(line));
    ExitCode::from(performed.unwrap_or_else(|_| {
        // The panic's message is on standard error already.
        log::write(
            log::Level::Error,
            "error: tms-sync could not go on: this machine may be out of threads, files or memory",
        );
        2
    }))
}

fn perform(line: CommandLine) -> u8 {
    match tokio::runtime::Runtime::new() {
        #[cfg(feature = "service")]
        Ok(runtime) => runtime.block_on(commands::service::perform(line.command, &line.server)),
        #[cfg(not(feature = "service"))]
        Ok(runtime) => runtime.block_on(line.command.perform()),
        Err(error) => {
            log::write(
                log::Level::Error,
                &format!("error: this machine offers no threads: {error}"),
            );
            2
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Options that files in `deploy/` give to `serve`.
    fn deployed() -> Vec<String> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
        let mut options = Vec::new();
        for file in ["Dockerfile", "compose.yaml", "kubernetes.yaml", "tms-sync.service"] {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            let lines = text.lines().filter(|line| match file.ends_with(".yaml") {
                true => line.trim_start().starts_with("- --"),
                false => line.contains("serve") && !line.starts_with('#'),
            });
            let words = lines.flat_map(|line| line.split([' ', '"', '=']));
            options.extend(words.filter_map(|word| word.strip_prefix("--")).map(str::to_owned));
        }
        options
    }

    #[test]
    fn deployed_services_start_with_options_that_there_are() {
        let line = CommandLine::command();
        let serve = line.find_subcommand("serve").unwrap();
        let options = deployed();
        assert!(options.len() > 15, "{options:?}");
        for option in options {
            let known = serve
                .get_arguments()
                .any(|argument| argument.get_long() == Some(&option));
            assert!(known, "--{option}");
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_command_teaches_in_its_help() {
        for command in CommandLine::command().get_subcommands() {
            assert!(
                command.get_about().is_some(),
                "{} has no description",
                command.get_name()
            );
        }
    }
}
