//! Progress of a run, on standard error: bars for a person who watches, lines for a log.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle as BarStyle};
use tms_sync_host::model::{self, Wait};

use super::options::ProgressStyle;
use super::output::to_stderr;
use super::render::text::{duration, harmless};
use super::words;

/// How often a log hears of an unchanged phase.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Shorter waits are not worth a line.
const WORTH_SAYING_MS: u64 = 1_000;

/// Shows the progress of one sync after the other.
pub struct Progress {
    shown: Shown,
    sync: String,
}

enum Shown {
    Bars { bar: Option<(String, ProgressBar)> },
    Lines(Lines),
    Nothing,
}

impl Progress {
    pub fn new(style: ProgressStyle) -> Self {
        let shown = match style {
            ProgressStyle::Bars => Shown::Bars { bar: None },
            ProgressStyle::Lines => Shown::Lines(Lines::default()),
            ProgressStyle::Silent => Shown::Nothing,
        };
        Self {
            shown,
            sync: String::new(),
        }
    }

    /// Another sync begins.
    pub fn begin(&mut self, sync: &str) {
        self.end();
        self.sync = harmless(sync).into_owned();
    }

    /// `elapsed` is the time since the sync began.
    pub fn advanced(&mut self, progress: &model::Progress, elapsed: Duration) {
        match &mut self.shown {
            Shown::Bars { bar } => advance_bar(bar, progress, &self.sync),
            Shown::Lines(lines) => {
                if let Some(line) = lines.advanced(progress, elapsed) {
                    to_stderr(&format!("{}: {line}", self.sync));
                }
            }
            Shown::Nothing => {}
        }
    }

    pub fn waits(&mut self, wait: &Wait) {
        let line = waiting(wait);
        match &self.shown {
            Shown::Bars { bar: Some((_, bar)) } => bar.set_message(line),
            Shown::Lines(_) if wait.milliseconds >= WORTH_SAYING_MS => to_stderr(&format!("{}: {line}", self.sync)),
            _ => {}
        }
    }

    /// A line above the bars, or in the log.
    pub fn remark(&mut self, line: &str) {
        match &self.shown {
            Shown::Bars { bar: Some((_, bar)) } => bar.suspend(|| to_stderr(line)),
            Shown::Bars { bar: None } | Shown::Lines(_) => to_stderr(line),
            Shown::Nothing => {}
        }
    }

    /// Nothing moves any more.
    pub fn end(&mut self) {
        if let Shown::Bars { bar } = &mut self.shown
            && let Some((_, bar)) = bar.take()
        {
            bar.finish_and_clear();
        }
        if let Shown::Lines(lines) = &mut self.shown {
            *lines = Lines::default();
        }
    }
}

fn advance_bar(shown: &mut Option<(String, ProgressBar)>, progress: &model::Progress, sync: &str) {
    if shown.as_ref().is_none_or(|(phase, _)| *phase != progress.phase) {
        if let Some((_, done)) = shown.take() {
            done.finish_and_clear();
        }
        let bar = ProgressBar::with_draw_target(progress.total, ProgressDrawTarget::stderr());
        bar.set_style(bar_style(progress.total.is_some()));
        bar.set_prefix(format!("{sync}: {}", harmless(words::phase(&progress.phase))));
        bar.enable_steady_tick(Duration::from_millis(120));
        *shown = Some((progress.phase.clone(), bar));
    }
    let Some((_, bar)) = shown else { return };
    if let Some(total) = progress.total.filter(|total| bar.length() != Some(*total)) {
        bar.set_style(bar_style(true));
        bar.set_length(total);
    }
    bar.set_message("");
    bar.set_position(progress.done);
}

/// Fits 80 columns; the message, last, is cut where the terminal ends.
fn bar_style(bounded: bool) -> BarStyle {
    let template = if bounded {
        "{prefix:24} [{bar:20}] {pos}/{len} {rate} {wide_msg}"
    } else {
        "{prefix:24} {spinner} {pos} {rate} {wide_msg}"
    };
    // The templates are constant and sound; should one not be, the crate's own style shows the same numbers.
    BarStyle::with_template(template)
        .unwrap_or_else(|_| BarStyle::default_bar())
        .with_key("rate", |state: &ProgressState, text: &mut dyn std::fmt::Write| {
            // A terminal that takes no text shows no rate.
            let _ = write!(text, "{:.0}/s", state.per_sec());
        })
        .progress_chars("=> ")
}

fn waiting(wait: &Wait) -> String {
    format!(
        "waits {} for {}: {}",
        duration(wait.milliseconds),
        harmless(&wait.connection),
        harmless(&wait.reason)
    )
}

/// Which progress is worth a line of a log.
#[derive(Debug, Default)]
struct Lines {
    last: Option<(String, Duration)>,
}

impl Lines {
    fn advanced(&mut self, progress: &model::Progress, elapsed: Duration) -> Option<String> {
        let is_new = self.last.as_ref().is_none_or(|(phase, _)| *phase != progress.phase);
        let is_due = self
            .last
            .as_ref()
            .is_none_or(|(_, said)| elapsed.saturating_sub(*said) >= LINE_EVERY);
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
    fn a_log_hears_of_each_phase_once_and_then_now_and_then() {
        let mut lines = Lines::default();
        let mut said = Vec::new();
        let events = [
            (0, at("reading-cases", 0, None)),
            (1, at("reading-cases", 50, Some(100))),
            (11, at("reading-cases", 80, Some(100))),
            (12, at("writing-cases", 0, Some(100))),
            (13, at("writing-cases", 9, Some(100))),
        ];
        for (second, progress) in events {
            said.extend(lines.advanced(&progress, Duration::from_secs(second)));
        }
        assert_eq!(said, ["reading cases", "reading cases 80/100", "writing cases 0/100"]);
    }

    #[test]
    fn a_wait_names_connection_and_reason() {
        let wait = Wait {
            connection: "xray".into(),
            milliseconds: 12_500,
            reason: "rate\u{7} limit".into(),
        };
        assert_eq!(waiting(&wait), "waits 12.5 s for xray: rate\\u{7} limit");
    }
}
