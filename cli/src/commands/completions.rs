//! `tms-sync completions` and `tms-sync man`

use std::io;
use std::path::PathBuf;

use clap::CommandFactory as _;

use crate::CommandLine;
use crate::log::{self, Level};
use crate::output::Output;
use crate::render::diagnostic::{self, Diagnostic};

/// Prints what a shell needs to complete commands and options
///
/// For bash: tms-sync completions bash > /etc/bash_completion.d/tms-sync
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

impl Completions {
    pub fn perform(&self) -> u8 {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut CommandLine::command(), "tms-sync", &mut script);
        printed(&script)
    }
}

/// Prints the manual page, or writes a page per command into a folder
#[derive(Debug, clap::Args)]
pub struct Man {
    /// Folder for a page per command: tms-sync.1, tms-sync-export.1 and so on
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

impl Man {
    pub fn perform(&self) -> u8 {
        let written = match &self.out {
            Some(folder) => {
                std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(CommandLine::command(), folder))
            }
            None => return self.print(),
        };
        match written {
            Ok(()) => 0,
            Err(error) => failed(&error),
        }
    }

    fn print(&self) -> u8 {
        let mut page = Vec::new();
        match clap_mangen::Man::new(CommandLine::command()).render(&mut page) {
            Ok(()) => printed(&page),
            Err(error) => failed(&error),
        }
    }
}

fn printed(bytes: &[u8]) -> u8 {
    let mut output = Output::default();
    output.plain(bytes);
    match output.failure() {
        None => 0,
        Some(error) => {
            log::write(
                Level::Error,
                &format!("error: the answer could not be written: {error}"),
            );
            2
        }
    }
}

fn failed(error: &io::Error) -> u8 {
    diagnostic::log(&Diagnostic::new(format!("cannot write the manual pages: {error}")));
    2
}
