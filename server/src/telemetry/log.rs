//! The log on standard error: a line or a JSON object per event.
//!
//! Events alone, without spans, so that the subscriber is smaller than a choice of one would be.

use std::fmt::{Debug, Write as _};
use std::io::Write as _;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// How an event is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object per line.
    Json,
}

/// Writes events of `level` and above to standard error from here on: `error`, `warn`, `info` or `debug`. The process has
/// one log; a second call changes nothing.
///
/// # Errors
///
/// There is no such level.
pub fn begin_log(level: &str, format: LogFormat) -> Result<(), String> {
    let level: Level = level
        .parse()
        .map_err(|_| format!("there is no level `{level}`: error, warn, info or debug"))?;
    let _ = tracing::subscriber::set_global_default(Log { level, format });
    Ok(())
}

struct Log {
    level: Level,
    format: LogFormat,
}

impl Subscriber for Log {
    /// Other crates are heard from warnings on.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let is_ours = metadata.target().starts_with("tms_sync");
        let most = if is_ours {
            self.level
        } else {
            self.level.min(Level::WARN)
        };
        metadata.is_event() && *metadata.level() <= most
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let time = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        let line = match self.format {
            LogFormat::Text => text(&time, event.metadata(), &fields),
            LogFormat::Json => json(&time, event.metadata(), fields),
        };
        // With nobody to read it there is nothing left to do about a failure.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn keep(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            (name, value) => drop(self.others.insert(name.to_owned(), value)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.keep(field, Value::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, Value::String(value.to_owned()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, value.into());
    }
}

fn text(time: &str, metadata: &Metadata<'_>, fields: &Fields) -> String {
    let mut line = format!("{time} {:5} {}", metadata.level(), harmless(&fields.message));
    for (name, value) in &fields.others {
        let value = value.as_str().map_or_else(|| value.to_string(), harmless);
        // Writing to a string cannot fail.
        let _ = write!(line, " {name}={value}");
    }
    line
}

/// Names come from servers: nothing in them is obeyed by a terminal.
fn harmless(text: &str) -> String {
    let shown = |letter: char| match letter.is_control() {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    };
    text.chars().map(shown).collect()
}

fn json(time: &str, metadata: &Metadata<'_>, fields: Fields) -> String {
    let mut object = fields.others;
    object.insert("time".to_owned(), time.into());
    object.insert("level".to_owned(), metadata.level().as_str().to_lowercase().into());
    object.insert("message".to_owned(), fields.message.into());
    Value::Object(object).to_string()
}
