//! Progress as lines, for a log.

use std::time::Duration;

use tms_sync_host::model;

use crate::render::text::harmless;
use crate::words;

/// How often a log shows an unchanged phase.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Which progress is worth a line.
#[derive(Debug, Default)]
pub struct Lines {
    last: Option<(String, Duration)>,
}

impl Lines {
    /// `elapsed` is the time since the sync began.
    pub fn advanced(&mut self, progress: &model::Progress, elapsed: Duration) -> Option<String> {
        let is_new = self.last.as_ref().is_none_or(|(phase, _)| *phase != progress.phase);
        let is_due = self
            .last
            .as_ref()
            .is_none_or(|(_, shown_at)| elapsed.saturating_sub(*shown_at) >= LINE_EVERY);
        if !is_new && !is_due {
            return None;
        }
        self.last = Some((progress.phase.clone(), elapsed));
        let phase = harmless(words::phase(&progress.phase));
        Some(match (progress.total, progress.done) {
            (None, 0) => phase.into_owned(),
            (None, done) => format!("{phase} {done}"),
            (Some(total), done) => format!("{phase} {done}/{total}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(phase: &str, done: u64, total: Option<u64>) -> model::Progress {
        model::Progress {
            phase: phase.to_owned(),
            done,
            total,
        }
    }

    #[test]
    fn a_log_shows_each_phase_once_and_then_now_and_then() {
        let mut lines = Lines::default();
        let mut shown = Vec::new();
        let events = [
            (0, at("reading-cases", 0, None)),
            (1, at("reading-cases", 50, Some(100))),
            (11, at("reading-cases", 80, Some(100))),
            (12, at("writing-cases", 0, Some(100))),
            (13, at("writing-cases", 9, Some(100))),
        ];
        for (second, progress) in events {
            shown.extend(lines.advanced(&progress, Duration::from_secs(second)));
        }
        assert_eq!(shown, ["reading cases", "reading cases 80/100", "writing cases 0/100"]);
    }
}
