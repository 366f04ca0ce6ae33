//! Results of a launch, in two passes over its pages: first which case got which status, a few bytes each; then the texts,
//! a page at a time. A launch of any size is exported in the memory of a page.

use super::Run;
use super::cases::Scope;
use super::runs::{Earlier, Gathered, Published};
use crate::domain::{CaseId, LaunchId, Status, TestResult};
use crate::error::Result;
use crate::ports::{Entity, Stage};
use crate::target::Issue;
use std::collections::BTreeMap;

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
    pub cases: BTreeMap<CaseId, Summary>,
    /// Older attempts that a retry replaced.
    pub retried: u64,
    /// Results without a case.
    pub without_case: u64,
    /// Results without a status yet.
    pub in_progress: u64,
    /// Results of cases that are not exported.
    pub outside: u64,
    /// Results whose stop lies before their start.
    pub stops_early: u64,
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
            ("stops left out: before their start", self.stops_early),
        ];
        all.into_iter()
            .filter(|(what, number)| *what == "runs" || *number > 0)
            .collect()
    }

    /// Counts a result, and adds it to those of its case.
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
        self.stops_early += u64::from(result.stops_early);
        self.cases.entry(case).or_default().join(Summary {
            results: 1,
            worst: Some(status),
            start: result.start,
            stop: result.stop,
            test: None,
        });
    }
}

impl Summary {
    /// Adds further results of the same case.
    fn join(&mut self, more: Summary) {
        self.results += more.results;
        // Statuses are ordered worst first.
        self.worst = least(self.worst, more.worst);
        self.start = least(self.start, more.start);
        self.stop = self.stop.max(more.stop);
    }
}

fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

impl Run<'_> {
    /// First pass: which case got which status, and which of the cases are exported.
    pub(super) async fn overview(&self, launch: LaunchId, scope: &Scope) -> Result<Overview> {
        let mut overview = Overview::default();
        let mut digest = String::new();
        let mut last_id = None;
        for page in 0.. {
            let results = self.source.results(launch, page).await?;
            for result in results.rows.iter().filter(|r| last_id.is_none_or(|last| r.id > last)) {
                overview.add(result);
                let status = result.status.map_or("-", Status::word);
                digest.push_str(&format!(
                    "{}{status}{}{:?}{:?}{}{}{}{:?}{:?};",
                    result.id,
                    result.hidden,
                    result.start,
                    result.stop,
                    result.muted,
                    result.flaky,
                    result.known,
                    result.parameters,
                    result.message
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
        let wanted: Vec<CaseId> = overview
            .cases
            .keys()
            .copied()
            .filter(|id| scope.ids.binary_search(id).is_ok())
            .collect();
        let ids: Vec<String> = wanted.iter().map(CaseId::to_string).collect();
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
        launch: LaunchId,
        overview: &Overview,
        execution: &Issue,
        earlier: Earlier,
    ) -> Result<Published> {
        let mut published = Published::default();
        let mut open: BTreeMap<CaseId, Vec<TestResult>> = BTreeMap::new();
        let mut ready: Vec<Gathered> = Vec::new();
        let (mut done, total) = (0, overview.cases.len() as u64);
        for page in 0.. {
            let results = self.source.results(launch, page).await?;
            let last = results.last;
            let wanted = |r: &TestResult| {
                !r.hidden && r.status.is_some() && r.case_id.is_some_and(|id| overview.cases.contains_key(&id))
            };
            for result in self
                .with_details(results.rows.into_iter().filter(wanted).collect())
                .await?
            {
                let Some(case) = result.case_id else { continue };
                let Some(summary) = overview.cases.get(&case) else {
                    continue;
                };
                let gathered = open.entry(case).or_default();
                gathered.push(result);
                if gathered.len() >= summary.results as usize {
                    let results = open.remove(&case).unwrap_or_default();
                    ready.push(Gathered { case, results });
                }
            }
            if last {
                // Results that vanished between the passes leave their case incomplete: what is there is published.
                let rest = std::mem::take(&mut open).into_iter();
                ready.extend(rest.map(|(case, results)| Gathered { case, results }));
            }
            while ready.len() >= self.target.runs_batch() || (last && !ready.is_empty()) {
                let chunk: Vec<Gathered> = ready.drain(..ready.len().min(self.target.runs_batch())).collect();
                self.recorder.progress(Stage::Publishing, done, Some(total)).await;
                done += chunk.len() as u64;
                self.publish_chunk(&chunk, overview, execution, earlier, &mut published)
                    .await?;
            }
            if last {
                break;
            }
        }
        self.recorder.progress(Stage::Publishing, done, Some(total)).await;
        Ok(published)
    }
}
