//! What a run says: every entity's one verdict through the event stream, and the sums at the end.

use crate::domain::{Outcome, Tally, Unit, Verdict};
use crate::error::Error;
use crate::ports::{Event, Events, Stage};
use std::cell::{Cell, RefCell};

/// A run as a whole.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Test cases by outcome.
    pub test_cases: Tally,
    /// Launches by outcome.
    pub launches: Tally,
    /// Entities that an earlier run had begun.
    pub resumed: u64,
    /// Why the run ended early.
    pub stopped: Option<Error>,
}

/// Hands events over and counts verdicts, so that the sums are those of the stream.
pub struct Recorder<'a> {
    events: &'a dyn Events,
    report: RefCell<Report>,
    /// Runs of the launches that were, or would be, written.
    runs: Cell<u64>,
    /// Verdicts about what is no item of a report, while there are any.
    aside: RefCell<Option<Vec<Verdict>>>,
}

impl<'a> Recorder<'a> {
    /// A recorder with nothing in it.
    pub fn new(events: &'a dyn Events) -> Self {
        Recorder {
            events,
            report: RefCell::default(),
            runs: Cell::new(0),
            aside: RefCell::default(),
        }
    }

    /// From here on verdicts are kept for [`Recorder::taken`] and neither counted nor handed over.
    pub fn set_aside(&self) {
        self.aside.replace(Some(Vec::new()));
    }

    /// The verdicts that were set aside. What follows is recorded again.
    pub fn taken(&self) -> Vec<Verdict> {
        self.aside.take().unwrap_or_default()
    }

    /// Records a verdict.
    pub async fn verdict(&self, verdict: Verdict) {
        if let Some(aside) = self.aside.borrow_mut().as_mut() {
            aside.push(verdict);
            return;
        }
        {
            let mut report = self.report.borrow_mut();
            match verdict.unit {
                Unit::TestCase => report.test_cases.add(verdict.outcome),
                Unit::Launch => report.launches.add(verdict.outcome),
            }
        }
        if let (Unit::Launch, Outcome::Created | Outcome::Updated) = (verdict.unit, verdict.outcome) {
            let runs = verdict.counts.iter().find(|(what, _)| *what == "runs");
            self.runs.set(self.runs.get() + runs.map_or(0, |(_, number)| *number));
        }
        self.events.emit(Event::Verdict(verdict.bounded())).await;
    }

    /// Tells how far a stage got.
    pub async fn progress(&self, stage: Stage, done: u64, total: Option<u64>) {
        self.events.emit(Event::Progress { stage, done, total }).await;
    }

    /// Tells something about the run as a whole.
    pub async fn note(&self, text: impl Into<String>) {
        self.events.emit(Event::Note(text.into())).await;
    }

    /// Counts entities that an earlier run had begun and this one settled.
    pub fn resumed(&self, number: u64) {
        self.report.borrow_mut().resumed += number;
    }

    /// The sums so far, and the runs of launches that are written.
    pub fn so_far(&self) -> (Report, u64) {
        (self.report.borrow().clone(), self.runs.get())
    }

    /// The sums, with what stopped the run.
    pub fn finish(&self, stopped: Option<Error>) -> Report {
        Report {
            stopped,
            ..self.report.borrow().clone()
        }
    }
}
