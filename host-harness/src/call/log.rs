//! What a plugin logs, bounded.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use crate::egress::Gate;
use crate::model::Level;

/// Longest message, in bytes; the rest is cut off.
const MAX_BYTES: usize = 4 * 1024;
/// Messages per call; the rest is dropped, but for the last error.
const MAX_MESSAGES: u64 = 1_000;

/// One message of a plugin. It may hold anything: whoever shows it makes it harmless first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogMessage {
    /// How much it matters.
    pub level: Level,
    /// The text, at most 4 KiB.
    pub message: String,
}

/// Takes messages as they come. Called on the thread that runs the plugin: it must not block.
pub type LogSink = Arc<dyn Fn(&LogMessage) + Send + Sync>;

/// Instead of a message that holds a secret.
const REPEATS: &str = "(a message that repeats a credential is not shown)";

/// The log of one call.
pub(crate) struct CallLog {
    sink: Option<LogSink>,
    /// Knows the secrets that no message may show.
    gate: Option<Arc<Gate>>,
    messages: AtomicU64,
    last_error: Mutex<Option<String>>,
}

impl CallLog {
    pub(crate) fn new(sink: Option<LogSink>, gate: Option<Arc<Gate>>) -> Arc<Self> {
        Arc::new(Self {
            sink,
            gate,
            messages: AtomicU64::new(0),
            last_error: Mutex::default(),
        })
    }

    pub(crate) fn add(&self, level: Level, message: &str) {
        let repeats = self.gate.as_ref().is_some_and(|gate| gate.repeats_a_secret(message));
        let message = if repeats { REPEATS } else { message };
        let message = message
            .get(..message.floor_char_boundary(MAX_BYTES))
            .unwrap_or_default();
        if level == Level::Error {
            *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(message.to_owned());
        }
        if self.messages.fetch_add(1, Relaxed) >= MAX_MESSAGES {
            return;
        }
        if let Some(sink) = &self.sink {
            let message = message.to_owned();
            sink(&LogMessage { level, message });
        }
    }

    /// The last error: of a plugin that panicked the panic's message.
    pub(crate) fn last_error(&self) -> Option<String> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_and_counted_and_the_last_error_is_kept() {
        let seen: Arc<Mutex<Vec<usize>>> = Arc::default();
        let sink: LogSink = {
            let seen = Arc::clone(&seen);
            Arc::new(move |it| seen.lock().unwrap().push(it.message.len()))
        };
        let log = CallLog::new(Some(sink), None);
        for _ in 0..MAX_MESSAGES + 5 {
            log.add(Level::Info, "x");
        }
        log.add(Level::Error, &"ä".repeat(MAX_BYTES));
        assert_eq!(seen.lock().unwrap().len() as u64, MAX_MESSAGES);
        assert_eq!(log.last_error().map(|it| it.len()), Some(MAX_BYTES));
    }
}
