//! Progress for a person who watches: a line of the sync as a whole, and a bar of the phase below it.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tms_sync_host::model;

use crate::log::{self, Level};
use crate::render::text::{counted, harmless};
use crate::words;

const TICK: Duration = Duration::from_millis(120);

pub struct Bars {
    all: MultiProgress,
    sync: ProgressBar,
    phase: ProgressBar,
    name: String,
    items: u64,
    /// How far the run is; empty where nobody knows.
    estimate: String,
}

impl Bars {
    /// Both fit 40 columns; what does not is cut where the terminal ends.
    pub fn begin(sync: &str) -> Self {
        let all = MultiProgress::new();
        let bar = |template| {
            let bar = all.add(ProgressBar::no_length());
            bar.set_style(style(template));
            bar.enable_steady_tick(TICK);
            bar
        };
        let (overall, phase) = (bar("{spinner} {prefix} {elapsed} {wide_msg}"), bar(COUNTED));
        overall.set_prefix(sync.to_owned());
        Self {
            sync: overall,
            phase,
            all,
            name: String::new(),
            items: 0,
            estimate: String::new(),
        }
    }

    pub fn advanced(&mut self, progress: &model::Progress) {
        if self.name != progress.phase {
            self.name.clone_from(&progress.phase);
            self.phase
                .set_prefix(harmless(words::phase(&progress.phase)).into_owned());
            self.phase.reset_eta();
        }
        match progress.total {
            Some(total) => {
                self.phase.set_style(style(BOUNDED));
                self.phase.set_length(total);
            }
            None => self.phase.set_style(style(COUNTED)),
        }
        self.phase.set_message("");
        self.phase.set_position(progress.done);
    }

    /// One more item has its verdict: this number only grows, whatever the phases do.
    pub fn item(&mut self) {
        self.items += 1;
        self.show();
    }

    /// How far the run as a whole is.
    pub fn estimated(&mut self, estimate: String) {
        self.estimate = estimate;
        self.show();
    }

    fn show(&self) {
        let items = counted(self.items, "item", "items");
        let parts = [&*items, &*self.estimate];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        self.sync.set_message(parts.join(", "));
    }

    pub fn waits(&self, line: String) {
        self.phase.set_message(line);
    }

    /// A line above the bars.
    pub fn remark(&self, line: &str) {
        self.all.suspend(|| log::show(Level::Info, line));
    }

    pub fn end(self) {
        self.phase.finish_and_clear();
        self.sync.finish_and_clear();
    }
}

const BOUNDED: &str = "  {prefix} [{bar:10}] {pos}/{len} {wide_msg}";
const COUNTED: &str = "  {prefix} {pos} {wide_msg}";

fn style(template: &str) -> ProgressStyle {
    // The templates are constant and sound; should one not be, the crate's own style shows the same numbers.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}
