//! Options that several commands share.
//!
//! The structs have no doc comments: clap would take them for the description of the command that flattens them.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;

const DEFAULT_CONFIG: &str = "tms-sync.toml";

// The configuration file, for every command that starts with one.
#[derive(Debug, Args)]
pub struct ConfigOptions {
    /// The configuration file
    #[arg(short = 'c', long = "config", value_name = "FILE", default_value = DEFAULT_CONFIG)]
    pub config: PathBuf,
    /// The endpoints in the file have changed on purpose: use the secrets for the new servers
    #[arg(long)]
    pub new_servers: bool,
    #[command(flatten)]
    pub output: OutputOptions,
}

// How the answer is written.
#[derive(Debug, Args)]
pub struct OutputOptions {
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

// Which syncs of the configuration file are meant.
#[derive(Debug, Args)]
pub struct SyncOptions {
    /// Name of one [[sync]]; without it, all of them in the order of the file
    #[arg(value_name = "SYNC")]
    pub sync: Option<String>,
    #[command(flatten)]
    pub configured: ConfigOptions,
}

// What a plan and the export after it must agree on.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct ReadingOptions {
    /// Create issues again that were deleted in Jira
    #[arg(long)]
    pub recreate: bool,
    /// Read every test case in full, even where nothing seems to have moved
    #[arg(long)]
    pub full: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

impl OutputOptions {
    pub fn format(&self) -> Format {
        if self.json { Format::Json } else { Format::Text }
    }

    /// What suits who reads standard error.
    pub fn progress(&self) -> ProgressStyle {
        ProgressStyle::for_reader(std::io::stderr().is_terminal(), self.json)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressStyle {
    /// Moving bars, for a terminal.
    Bars,
    /// Lines now and then, for a log.
    Lines,
    /// Nothing: a machine reads the report.
    Silent,
}

impl ProgressStyle {
    fn for_reader(is_terminal: bool, json: bool) -> Self {
        match (is_terminal, json) {
            (true, _) => Self::Bars,
            (false, false) => Self::Lines,
            (false, true) => Self::Silent,
        }
    }
}

/// The `-c FILE` to repeat in a suggested command; empty where the default does.
pub fn config_option(file: &Path) -> String {
    let shown = file.display().to_string();
    let plain = |character: char| character.is_alphanumeric() || "/\\._-:".contains(character);
    match shown.as_str() {
        DEFAULT_CONFIG => String::new(),
        _ if shown.chars().all(plain) => format!(" -c {shown}"),
        _ => format!(" -c '{}'", shown.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_suits_who_reads_it() {
        assert_eq!(ProgressStyle::for_reader(true, false), ProgressStyle::Bars);
        assert_eq!(ProgressStyle::for_reader(false, false), ProgressStyle::Lines);
        assert_eq!(ProgressStyle::for_reader(true, true), ProgressStyle::Bars);
        assert_eq!(ProgressStyle::for_reader(false, true), ProgressStyle::Silent);
    }

    #[test]
    fn suggested_commands_can_be_pasted() {
        assert_eq!(config_option(Path::new("tms-sync.toml")), "");
        assert_eq!(config_option(Path::new("conf/my.toml")), " -c conf/my.toml");
        assert_eq!(config_option(Path::new("my conf.toml")), " -c 'my conf.toml'");
    }
}
