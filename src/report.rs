//! What a run says: every entity's one verdict through the event stream, and the sums at the end.

use crate::domain::{Forecast, Tally, Unit, Verdict};
use crate::error::Error;
use crate::ports::{Event, Events};

/// A run as a whole.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Test cases by outcome.
    pub test_cases: Tally,
    /// Launches by outcome.
    pub launches: Tally,
    /// Entities that an earlier run had begun.
    pub resumed: u64,
    /// Of a plan: what an export like it takes, by connection.
    pub forecast: Vec<Forecast>,
    /// Why the run ended early.
    pub stopped: Option<Error>,
}

/// What a piece of work came to, as far as it got: for the one place that hands it to the [`Recorder`].
#[derive(Debug, Default)]
pub struct Output {
    /// Verdicts about test cases and launches.
    pub verdicts: Vec<Verdict>,
    /// Remarks about the run as a whole.
    pub notes: Vec<String>,
    /// Entities that an earlier run had begun and this one settled.
    pub resumed: u64,
    /// Of a plan: what an export like it takes, by connection.
    pub forecast: Vec<Forecast>,
}

impl Output {
    /// Adds a verdict.
    pub fn verdict(&mut self, verdict: Verdict) {
        self.verdicts.push(verdict);
    }

    /// Adds a remark about the run as a whole.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }
}

/// Hands events over and counts verdicts, so that the sums are those of the stream.
pub struct Recorder<'a> {
    events: &'a dyn Events,
    report: Report,
}

impl<'a> Recorder<'a> {
    /// A recorder with nothing in it.
    pub fn new(events: &'a dyn Events) -> Self {
        Recorder {
            events,
            report: Report::default(),
        }
    }

    /// Takes everything out of an output and hands it over.
    pub async fn record(&mut self, output: &mut Output) {
        self.report.resumed += std::mem::take(&mut output.resumed);
        self.report.forecast.append(&mut output.forecast);
        for verdict in std::mem::take(&mut output.verdicts) {
            match verdict.unit {
                Unit::TestCase => self.report.test_cases.add(verdict.outcome),
                Unit::Launch => self.report.launches.add(verdict.outcome),
            }
            self.events.emit(Event::Verdict(verdict.bounded())).await;
        }
        for note in std::mem::take(&mut output.notes) {
            self.events.emit(Event::Note(note)).await;
        }
    }

    /// The sums so far.
    pub fn so_far(&self) -> &Report {
        &self.report
    }

    /// The sums, with what stopped the run.
    pub fn finish(self, stopped: Option<Error>) -> Report {
        Report { stopped, ..self.report }
    }
}
