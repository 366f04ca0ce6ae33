//! What the command writes beside its answer: to standard error for whoever watches, and to a log file.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::json;
use tms_sync_host::{Clock as _, SystemClock};

use crate::render::text::{harmless_json, utc};

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Error,
    Warning,
    Info,
    /// What `-v` adds: messages of the plugin, and every wait.
    Debug,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object per line: time, level, message
    Json,
}

// What is logged, and where.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct LogOptions {
    /// Print nothing but errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also print what the plugin logs
    #[arg(short, long)]
    pub verbose: bool,
    /// Also append the log to FILE, with times
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// Form of the log on standard error and in the log file
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

static LOG: OnceLock<Log> = OnceLock::new();

struct Log {
    format: LogFormat,
    /// What standard error shows.
    shown: Level,
    /// What the file keeps.
    kept: Level,
    file: Option<Mutex<File>>,
}

/// Opens the log of this process. Before that, and without it, lines go to standard error as text.
///
/// The error names the log file that cannot be written.
pub fn open(options: &LogOptions) -> Result<(), String> {
    let file = options.log_file.as_ref().map(|path| {
        let opened = File::options().create(true).append(true).open(path);
        opened.map_err(|error| format!("cannot write the log {}: {error}", path.display()))
    });
    let detail = if options.verbose { Level::Debug } else { Level::Info };
    // A second command of one process keeps the log of the first.
    let _ = LOG.set(Log {
        format: options.log_format,
        shown: if options.quiet { Level::Error } else { detail },
        kept: detail,
        file: file.transpose()?.map(Mutex::new),
    });
    Ok(())
}

/// Writes a line to standard error and to the log file. The line may have styles.
pub fn write(level: Level, line: &str) {
    show(level, line);
    keep(level, line);
}

/// Writes a line to standard error alone.
pub fn show(level: Level, line: &str) {
    let shown = LOG.get().map_or(Level::Info, |log| log.shown);
    if level > shown {
        return;
    }
    // Where nobody reads it, nothing is left to do about a failure.
    let _ = match LOG.get().map(|log| log.format) {
        Some(LogFormat::Json) => writeln!(io::stderr().lock(), "{}", json_line(level, line)),
        Some(LogFormat::Text) | None => writeln!(anstream::stderr().lock(), "{line}"),
    };
}

/// Writes a line to the log file alone.
pub fn keep(level: Level, line: &str) {
    let Some(log) = LOG.get().filter(|log| level <= log.kept) else {
        return;
    };
    let Some(file) = &log.file else { return };
    let written = match log.format {
        LogFormat::Json => json_line(level, line),
        LogFormat::Text => text_line(level, line),
    };
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    // A disk that is full must not end an export.
    let _ = writeln!(file, "{written}");
}

/// Whether messages of the plugin are of use to anybody.
pub fn is_verbose() -> bool {
    LOG.get().is_some_and(|log| log.kept >= Level::Debug)
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "info",
        Level::Debug => "debug",
    }
}

fn now() -> String {
    utc(SystemClock.now())
}

fn text_line(level: Level, line: &str) -> String {
    format!(
        "{} {:<7} {}",
        now(),
        word(level),
        message(level, line).replace('\n', "\n  ")
    )
}

/// The line without styles, and without the level that it may begin with.
fn message(level: Level, line: &str) -> String {
    let plain = anstream::adapter::strip_str(line).to_string();
    let rest = plain.strip_prefix(word(level)).and_then(|rest| rest.strip_prefix(": "));
    rest.map_or_else(|| plain.clone(), str::to_owned)
}

fn json_line(level: Level, line: &str) -> String {
    let message = message(level, line);
    let line = json!({ "time": now().replacen(' ', "T", 1), "level": word(level), "message": message });
    harmless_json(&line.to_string())
}
