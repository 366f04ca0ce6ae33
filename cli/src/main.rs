//! The `tms-sync` command.

mod answer;
mod args;
mod commands;
mod config;
mod gather;
mod interrupt;
mod order;
mod output;
mod plugin;
mod progress;
mod render;
mod report;
mod session;
#[cfg(feature = "sim")]
mod simulated;
mod words;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let compiles = |argument: std::ffi::OsString| argument == plugin::COMPILE;
    if std::env::args_os().nth(1).is_some_and(compiles) {
        return tms_sync_host::compile_child();
    }
    let surroundings = order::Surroundings {
        watched: std::io::stderr().is_terminal(),
    };
    let order = order::Order::new(args::Typed::parse(), surroundings);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::say(&format!("error: this machine offers no threads: {error}"));
            return ExitCode::from(2);
        }
    };
    ExitCode::from(runtime.block_on(commands::perform(order)))
}
