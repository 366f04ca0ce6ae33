//! Results of a launch, in two passes over its pages: first which case got which status, a few bytes each; then the texts,
//! a page at a time. A launch of any size is exported in the memory of a page.

use super::Run;
use super::cases::Scope;
use super::evidence::{Shown, Witness};
use crate::domain::{Status, TestResult};
use crate::error::Result;
use crate::mapping::{self, run_comment, run_status};
use crate::ports::{Entity, Stage};
use crate::target::Issue;
use futures_util::stream::{self, StreamExt};
use std::collections::BTreeMap;

/// Failed results whose traces are read at a time.
const AT_ONCE: usize = 8;
/// Characters of a message or trace that are kept.
const TEXT: usize = 8_000;

/// One case's results in a launch, without their texts.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Visible results with a status.
    pub results: u32,
    /// The worst status.
    pub worst: Option<Status>,
    /// The earliest start.
    pub start: Option<u64>,
    /// The latest stop.
    pub stop: Option<u64>,
    /// The Test, where the case is exported.
    pub test: Option<Issue>,
}

/// What the first pass found.
#[derive(Default)]
pub struct Overview {
    /// By case id.
    pub cases: BTreeMap<u64, Summary>,
    /// Older attempts that a retry replaced.
    pub retried: u64,
    /// Results without a case.
    pub without_case: u64,
    /// Results without a status yet.
    pub in_progress: u64,
    /// Results of cases that are not exported.
    pub outside: u64,
    /// Digest of everything that runs are made of but the texts.
    pub digest: String,
}

impl Overview {
    /// Numbers for the verdict.
    pub fn counts(&self, runs: u64) -> Vec<(&'static str, u64)> {
        let all = [
            ("runs", runs),
            ("results left out: replaced by a retry", self.retried),
            ("results left out: not linked to a test case", self.without_case),
            ("results left out: in progress", self.in_progress),
            ("results left out: test case not exported", self.outside),
        ];
        all.into_iter()
            .filter(|(what, number)| *what == "runs" || *number > 0)
            .collect()
    }

    fn add(&mut self, result: &TestResult) {
        if result.hidden {
            self.retried += 1;
            return;
        }
        let Some(case) = result.case_id else {
            self.without_case += 1;
            return;
        };
        let Some(status) = result.status else {
            self.in_progress += 1;
            return;
        };
        let summary = self.cases.entry(case).or_default();
        summary.results += 1;
        // Statuses are ordered worst first.
        summary.worst = Some(summary.worst.map_or(status, |worst| worst.min(status)));
        summary.start = earliest(summary.start, result.start);
        summary.stop = summary.stop.max(result.stop);
    }
}

fn earliest(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// A run, and the results it was made of.
type Ready = (mapping::Run, Vec<(u64, Status)>);

impl Run<'_> {
    /// First pass: which case got which status, and which of the cases are exported.
    pub(super) async fn overview(&self, launch: u64, scope: &Scope) -> Result<Overview> {
        let mut overview = Overview::default();
        let mut digest = String::new();
        let mut last_id = None;
        for page in 0.. {
            let results = self.source.results(launch, page).await?;
            for result in results.rows.iter().filter(|r| last_id.is_none_or(|last| r.id > last)) {
                overview.add(result);
                let status = result.status.map_or("-", Status::word);
                digest.push_str(&format!(
                    "{}{status}{}{:?}{:?};",
                    result.id, result.hidden, result.start, result.stop
                ));
            }
            last_id = last_id.max(results.rows.last().map(|r| r.id));
            // Digested page by page, so that the text does not grow with the launch.
            digest = crate::digest::short(digest.as_bytes());
            if results.last {
                break;
            }
        }
        self.link_tests(&mut overview, scope).await?;
        for (case, summary) in &overview.cases {
            digest.push_str(&format!(
                "{case}:{};",
                summary.test.as_ref().map_or("", |test| test.id.as_str())
            ));
        }
        overview.digest = crate::digest::short(digest.as_bytes());
        Ok(overview)
    }

    async fn link_tests(&self, overview: &mut Overview, scope: &Scope) -> Result<()> {
        let wanted: Vec<u64> = overview
            .cases
            .keys()
            .copied()
            .filter(|id| scope.ids.binary_search(id).is_ok())
            .collect();
        let ids: Vec<String> = wanted.iter().map(u64::to_string).collect();
        let entries = self.ledger.get(Entity::TestCase, &ids).await?;
        for (case, entry) in wanted.iter().zip(entries) {
            if let Some(summary) = overview.cases.get_mut(case) {
                let planned = || self.planned.borrow().binary_search(case).is_ok();
                summary.test = entry.issue().or_else(|| planned().then(Issue::to_be));
            }
        }
        overview.cases.retain(|_, summary| {
            if summary.test.is_none() {
                overview.outside += u64::from(summary.results);
            }
            summary.test.is_some()
        });
        Ok(())
    }

    /// Second pass: runs with their texts, handed over a chunk at a time.
    pub(super) async fn publish_results(
        &self,
        launch: u64,
        overview: &Overview,
        execution: &Issue,
        earlier: bool,
    ) -> Result<(BTreeMap<String, String>, Shown)> {
        let (mut refused, mut shown) = (BTreeMap::new(), Shown::default());
        let mut open: BTreeMap<u64, Vec<TestResult>> = BTreeMap::new();
        let mut ready = Vec::new();
        let (mut done, total) = (0, overview.cases.len() as u64);
        for page in 0.. {
            let results = self.source.results(launch, page).await?;
            let last = results.last;
            let wanted = |r: &TestResult| {
                !r.hidden && r.status.is_some() && r.case_id.is_some_and(|id| overview.cases.contains_key(&id))
            };
            for result in self
                .with_traces(results.rows.into_iter().filter(wanted).collect())
                .await?
            {
                let Some((case, summary)) = result.case_id.and_then(|id| overview.cases.get_key_value(&id)) else {
                    continue;
                };
                let gathered = open.entry(*case).or_default();
                gathered.push(result);
                if gathered.len() >= summary.results as usize {
                    ready.extend(open.remove(case).and_then(|results| self.make_run(summary, &results)));
                }
            }
            if last {
                // Results that vanished between the passes leave their case incomplete: what is there is published.
                let rest = std::mem::take(&mut open);
                ready.extend(
                    rest.iter()
                        .filter_map(|(case, results)| self.make_run(overview.cases.get(case)?, results)),
                );
            }
            while ready.len() >= self.target.runs_batch() || (last && !ready.is_empty()) {
                let chunk: Vec<Ready> = ready.drain(..ready.len().min(self.target.runs_batch())).collect();
                let (runs, results): (Vec<mapping::Run>, Vec<_>) = chunk.into_iter().unzip();
                self.recorder.progress(Stage::Publishing, done, Some(total)).await;
                done += runs.len() as u64;
                refused.append(&mut self.target.publish(execution, &runs).await?);
                let recorded = runs
                    .iter()
                    .zip(results)
                    .filter(|(run, _)| !refused.contains_key(&run.test_key));
                let witnesses = recorded.map(|(run, results)| Witness { run, results }).collect();
                self.show_evidence(execution, earlier, witnesses, &mut shown).await?;
            }
            if last {
                break;
            }
        }
        self.recorder.progress(Stage::Publishing, done, Some(total)).await;
        Ok((refused, shown))
    }

    fn make_run(&self, summary: &Summary, results: &[TestResult]) -> Option<Ready> {
        let test = summary.test.as_ref()?;
        let run = mapping::Run {
            test_id: test.id.clone(),
            test_key: test.key.clone(),
            status: run_status(summary.worst?, &self.destination.statuses)?,
            comment: run_comment(results, self.target.dialect()),
            start: summary.start,
            finish: summary.stop,
        };
        let statuses = results.iter().filter_map(|result| Some((result.id, result.status?)));
        Some((run, statuses.collect()))
    }

    /// Lists often leave traces out; those of failures are read one by one.
    async fn with_traces(&self, results: Vec<TestResult>) -> Result<Vec<TestResult>> {
        let bad = |r: &TestResult| matches!(r.status, Some(Status::Failed | Status::Broken));
        let mut whole = stream::iter(results)
            .map(|mut result| async move {
                if bad(&result) && result.trace.is_none() {
                    match self.source.result(result.id).await {
                        Ok(found) => {
                            result.message = result.message.or(found.message);
                            result.trace = found.trace;
                        }
                        // Gone meanwhile: the list's own words are what is left.
                        Err(error) if error.concerns_one_item() => {}
                        Err(error) => return Err(error),
                    }
                }
                result.message = result.message.map(cut);
                result.trace = result.trace.map(cut);
                Ok(result)
            })
            .buffered(AT_ONCE);
        let mut list = Vec::new();
        while let Some(result) = whole.next().await {
            list.push(result?);
        }
        Ok(list)
    }
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(TEXT) {
        text.truncate(end);
        text.push_str("… (shortened)");
    }
    text
}
