//! The command line.

mod answer;
mod args;
mod commands;
mod gather;
mod interrupt;
mod order;
mod output;
mod plugin;
mod progress;
mod render;
mod report;
mod session;
mod simulated;
mod words;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;

pub use plugin::COMPILE;

/// Reads the command line, does what it says, and tells the exit code.
pub fn main() -> ExitCode {
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
