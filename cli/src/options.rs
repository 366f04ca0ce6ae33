//! Options that several commands share.
//!
//! The structs have no doc comments: clap would take them for the description of the command that flattens them.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::log::{LogFormat, LogOptions};
use crate::render::summary::{Notes, View};

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
#[derive(Debug, Clone, Default, Args)]
pub struct OutputOptions {
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// How progress is shown on standard error
    #[arg(long, value_enum, value_name = "STYLE", default_value_t = ProgressChoice::Auto)]
    pub progress: ProgressChoice,
    #[command(flatten)]
    pub log: LogOptions,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ProgressChoice {
    /// Bars on a terminal, lines elsewhere
    #[default]
    Auto,
    /// Lines, also on a terminal: for screen readers and recordings of the terminal
    Plain,
    /// Nothing
    None,
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

// What a report shows.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct ReportOptions {
    /// Whose notes are shown: what could not be carried over, and what to look at
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = Notes::Changed)]
    pub notes: Notes,
    /// Show every value as a whole, and every item
    #[arg(long)]
    pub full_values: bool,
}

impl ReportOptions {
    /// For a reader at standard output; `file` is the configuration file.
    pub fn view(self, file: &Path) -> View {
        View {
            config: config_option(file),
            plan: None,
            notes: self.notes,
            full_values: self.full_values,
            links: makes_links(),
        }
    }
}

/// Whether standard output is a terminal that makes links of OSC 8 or ignores them.
fn makes_links() -> bool {
    let term = std::env::var("TERM").unwrap_or_default();
    std::io::stdout().is_terminal() && !["", "dumb", "linux"].contains(&term.as_str())
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
        match self.progress {
            _ if self.log.quiet => ProgressStyle::Silent,
            ProgressChoice::None => ProgressStyle::Silent,
            ProgressChoice::Plain => ProgressStyle::Lines,
            // A bar is no log line.
            ProgressChoice::Auto if self.log.log_format == LogFormat::Json => ProgressStyle::Lines,
            ProgressChoice::Auto => ProgressStyle::for_reader(std::io::stderr().is_terminal(), self.json),
        }
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
    match file.to_str() {
        Some(DEFAULT_CONFIG) => String::new(),
        _ => format!(" -c {}", quoted(file)),
    }
}

/// A path as an argument of a shell.
pub fn quoted(path: &Path) -> String {
    let shown = path.display().to_string();
    let plain = |character: char| character.is_alphanumeric() || "/\\._-:".contains(character);
    if !shown.is_empty() && shown.chars().all(plain) {
        return shown;
    }
    format!("'{}'", shown.replace('\'', r"'\''"))
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
