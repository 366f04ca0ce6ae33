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
    /// Absent until somebody knows how far the run is.
    estimate: Option<Estimate>,
    /// A plan foresaw the run, and its number of requests counts.
    planned: bool,
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
            planned: false,
            waited: BTreeMap::new(),
        }
    }

    /// Another sync begins, with the number of requests that its plan expects, where one was made.
    pub fn begin(&mut self, sync: &str, expected: Option<u64>) {
        self.end();
        self.estimate = expected.and_then(Estimate::of);
        self.planned = self.estimate.is_some();
        self.sync = harmless(sync).into_owned();
        self.bars = (self.style == ProgressStyle::Bars).then(|| Bars::begin(&self.sync));
    }

    /// So many requests were sent until now; `elapsed` is the time since the sync began.
    pub fn sent(&mut self, requests: u64, elapsed: Duration) {
        let Some(estimate) = &mut self.estimate else { return };
        if self.planned {
            estimate.sent(requests);
        }
        if let Some(bars) = &mut self.bars {
            bars.estimated(estimate.text(elapsed));
        }
    }

    /// `elapsed` is the time since the sync began.
    pub fn advanced(&mut self, progress: &model::Progress, elapsed: Duration) {
        if progress.phase == model::RUN {
            return self.whole(progress, elapsed);
        }
        if let Some(bars) = &mut self.bars {
            bars.advanced(progress);
        }
        if let Some(line) = self.about(progress, elapsed) {
            self.line(Level::Info, &line);
        }
    }

    /// The line about a phase, where one is due, with how far the run is.
    fn about(&mut self, progress: &model::Progress, elapsed: Duration) -> Option<String> {
        let line = self.lines.advanced(progress, elapsed)?;
        let estimate = self.estimate.map(|estimate| format!(" ({})", estimate.text(elapsed)));
        Some(line + &estimate.unwrap_or_default())
    }

    /// How far the plugin takes the run as a whole to be.
    fn whole(&mut self, progress: &model::Progress, elapsed: Duration) {
        if let (Some(total), false) = (progress.total, self.planned) {
            let estimate = self.estimate.get_or_insert_default();
            estimate.reached(progress.done, total);
            self.sent(progress.done, elapsed);
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

    fn of(phase: &str, done: u64, total: u64) -> model::Progress {
        model::Progress {
            phase: phase.to_owned(),
            done,
            total: (total > 0).then_some(total),
        }
    }

    /// Events of a first export, and the second at which each comes.
    fn first_export() -> Vec<(u64, model::Progress)> {
        vec![
            (0, of("checking", 0, 0)),
            (1, of("reading-cases", 200, 1_000)),
            (1, of(model::RUN, 13, 2_450)),
            (14, of(model::RUN, 410, 2_450)),
            (14, of("reading-cases", 400, 1_000)),
            (61, of(model::RUN, 2_010, 2_450)),
            (61, of("writing-cases", 0, 1_000)),
            (65, of(model::RUN, 2_044, 2_450)),
            (65, of("reading-launches", 0, 1)),
            // The launch is larger than expected.
            (70, of(model::RUN, 2_100, 2_500)),
            (70, of("publishing", 0, 3_000)),
            (90, of(model::RUN, 2_960, 3_010)),
            (90, of("publishing", 2_500, 3_000)),
        ]
    }

    #[test]
    fn an_export_shows_how_far_it_is_and_how_long_it_may_take() {
        let mut progress = Progress::new(ProgressStyle::Silent);
        progress.begin("main", None);
        let mut lines = Vec::new();
        for (second, event) in first_export() {
            let elapsed = Duration::from_secs(second);
            match event.phase.as_str() {
                model::RUN => progress.advanced(&event, elapsed),
                _ => lines.extend(progress.about(&event, elapsed).map(|line| format!("main: {line}"))),
            }
        }
        let shown = lines.join("\n");
        insta::assert_snapshot!(shown);
        let docs = include_str!("../../../docs/cli.md");
        assert!(docs.contains(&format!("```text\n{shown}\n```")), "{shown}");
    }

    #[test]
    fn what_a_plan_expected_counts_more_than_what_the_plugin_expects() {
        let mut progress = Progress::new(ProgressStyle::Silent);
        progress.begin("main", Some(100));
        let at = Duration::from_secs(10);
        progress.sent(20, at);
        progress.advanced(&of(model::RUN, 20, 25), at);
        let line = progress.about(&of("writing-cases", 0, 8), at);
        assert_eq!(line.as_deref(), Some("writing cases 0/8 (about 20 %, 40.0 s left)"));
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
