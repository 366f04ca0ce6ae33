//! Progress of a run, on standard error: bars for a person who watches, lines for a log.

mod bars;
mod estimate;
mod lines;

use std::collections::BTreeMap;
use std::time::Duration;

use bars::Bars;
use estimate::Estimate;
use lines::Lines;
use tms_sync_host::model::{self, Wait};

use crate::log::{self, Level};
use crate::options::ProgressStyle;
use crate::render::text::{duration, harmless};

/// Shorter waits are not worth a line.
const WORTH_A_LINE_MS: u64 = 1_000;

/// Shows the progress of one sync after the other. The log file has the lines, whatever the style.
pub struct Progress {
    style: ProgressStyle,
    sync: String,
    bars: Option<Bars>,
    lines: Lines,
    /// Absent where no plan foresaw the run.
    estimate: Option<Estimate>,
    /// Milliseconds by connection.
    waited: BTreeMap<String, u64>,
}

impl Progress {
    pub fn new(style: ProgressStyle) -> Self {
        Self {
            style,
            sync: String::new(),
            bars: None,
            lines: Lines::default(),
            estimate: None,
            waited: BTreeMap::new(),
        }
    }

    /// Another sync begins, with the number of requests that its plan expects, where one was made.
    pub fn begin(&mut self, sync: &str, expected: Option<u64>) {
        self.end();
        self.estimate = expected.and_then(Estimate::of);
        self.sync = harmless(sync).into_owned();
        self.bars = (self.style == ProgressStyle::Bars).then(|| Bars::begin(&self.sync));
    }

    /// So many requests were sent until now; `elapsed` is the time since the sync began.
    pub fn sent(&mut self, requests: u64, elapsed: Duration) {
        let Some(estimate) = &mut self.estimate else { return };
        estimate.sent(requests);
        if let Some(bars) = &mut self.bars {
            bars.estimated(estimate.text(elapsed));
        }
    }

    /// `elapsed` is the time since the sync began.
    pub fn advanced(&mut self, progress: &model::Progress, elapsed: Duration) {
        if let Some(bars) = &mut self.bars {
            bars.advanced(progress);
        }
        if let Some(line) = self.lines.advanced(progress, elapsed) {
            let estimate = self.estimate.map(|estimate| format!(" ({})", estimate.text(elapsed)));
            self.line(Level::Info, &format!("{line}{}", estimate.unwrap_or_default()));
        }
    }

    /// An item has its verdict.
    pub fn item(&mut self) {
        if let Some(bars) = &mut self.bars {
            bars.item();
        }
    }

    pub fn waits(&mut self, wait: &Wait) {
        *self.waited.entry(wait.connection.clone()).or_default() += wait.milliseconds;
        let line = waiting(wait);
        if let Some(bars) = &self.bars {
            bars.waits(line.clone());
        }
        let is_long = wait.milliseconds >= WORTH_A_LINE_MS;
        self.line(if is_long { Level::Info } else { Level::Debug }, &line);
    }

    /// A line above the bars, or in the log.
    pub fn remark(&mut self, line: &str) {
        match &self.bars {
            Some(bars) => bars.remark(line),
            None => log::show(Level::Info, line),
        }
        log::keep(Level::Info, line);
    }

    /// Nothing moves any more. Returns how long was waited for which connection, in milliseconds.
    pub fn end(&mut self) -> BTreeMap<String, u64> {
        if let Some(bars) = self.bars.take() {
            bars.end();
        }
        self.lines = Lines::default();
        std::mem::take(&mut self.waited)
    }

    fn line(&self, level: Level, line: &str) {
        let line = format!("{}: {line}", self.sync);
        if self.style == ProgressStyle::Lines {
            log::show(level, &line);
        }
        log::keep(level, &line);
    }
}

fn waiting(wait: &Wait) -> String {
    format!(
        "waits {} for {}: {}",
        duration(wait.milliseconds),
        harmless(&wait.connection),
        harmless(&wait.reason)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_names_connection_and_reason() {
        let wait = Wait {
            connection: "xray".into(),
            milliseconds: 12_500,
            reason: "rate\u{7} limit".into(),
        };
        assert_eq!(waiting(&wait), "waits 12.5 s for xray: rate\\u{7} limit");
    }

    #[test]
    fn waits_of_a_sync_are_added_up_by_connection() {
        let mut progress = Progress::new(ProgressStyle::Silent);
        progress.begin("main", None);
        for milliseconds in [300, 400] {
            progress.waits(&Wait {
                connection: "xray".into(),
                milliseconds,
                reason: "rate limit".into(),
            });
        }
        assert_eq!(progress.end(), BTreeMap::from([("xray".to_owned(), 700)]));
        progress.begin("other", None);
        assert_eq!(progress.end(), BTreeMap::new());
    }
}
