//! The second pass over the results of a launch: by case, a chunk of cases at a time, with what lists leave out. Results of
//! cases that are not complete yet wait as the rows of the list, so that a launch whose results lie far apart fits in memory.

use super::details::{self, with_details};
use super::overview::Overview;
use crate::domain::{CaseId, LaunchId, TestResult};
use crate::error::Result;
use crate::sync::ctx::Ctx;
use crate::testops::{Page, Place};
use futures_util::future::{OptionFuture, join};
use std::collections::{BTreeMap, VecDeque};

/// Results of a chunk, unless one case has more: everything that is known of them is in memory at once.
const RESULTS: usize = 1_000;
/// The same of failed ones, which have messages, traces and steps.
const FAILED: usize = 500;

/// All results of one case in a launch.
pub struct Gathered {
    /// The case.
    pub case: CaseId,
    /// Its results by ascending id.
    pub results: Vec<TestResult>,
}

/// Results of a launch on their way to runs.
pub(super) struct Gathering<'g> {
    launch: LaunchId,
    overview: &'g Overview,
    /// Page to read next; absent: all are read.
    place: Option<Place>,
    /// Cases of which results are still to come.
    open: BTreeMap<CaseId, Vec<TestResult>>,
    /// Cases whose results are all there.
    ready: VecDeque<Gathered>,
    /// Cases of which a result cannot be read, and why.
    lost: BTreeMap<CaseId, String>,
}

impl<'g> Gathering<'g> {
    pub fn new(launch: LaunchId, overview: &'g Overview) -> Self {
        Gathering {
            launch,
            overview,
            place: Some(Place::default()),
            open: BTreeMap::new(),
            ready: VecDeque::new(),
            lost: overview.lost.clone(),
        }
    }

    /// Why a result of the case cannot be read.
    pub fn lost(&self, case: CaseId) -> Option<&str> {
        self.lost.get(&case).map(String::as_str)
    }

    /// The next cases with everything that is wanted of their results; empty at the end.
    pub async fn next(&mut self, ctx: &Ctx<'_>) -> Result<Vec<Gathered>> {
        let most = ctx.capability.batches.runs;
        while !self.is_enough(most)
            && let Some(place) = self.place.take()
        {
            let page = ctx.source.results(self.launch, place).await?;
            self.take(page);
        }
        let rows = self.chunk(most);
        if rows.is_empty() {
            return Ok(rows);
        }
        // The next page is read beside the details of these.
        let page = self.place.take().map(|place| ctx.source.results(self.launch, place));
        let (page, chunk) = join(OptionFuture::from(page), self.detailed(ctx, rows)).await;
        let (chunk, lost) = chunk?;
        self.lost.extend(lost);
        if let Some(page) = page {
            self.take(page?);
        }
        Ok(chunk)
    }

    fn is_enough(&self, most: usize) -> bool {
        let results = self.ready.iter().map(|gathered| gathered.results.len());
        self.ready.len() >= most || results.sum::<usize>() >= RESULTS
    }

    /// Puts the rows of a page to those of their cases.
    fn take(&mut self, page: Page<TestResult>) {
        self.place = page.next;
        for mut result in page.rows {
            let Some(case) = result.case_id.filter(|_| !result.hidden && result.status.is_some()) else {
                continue;
            };
            let Some(summary) = self.overview.cases.get(&case) else {
                continue;
            };
            details::shorten(&mut result);
            let results = self.open.entry(case).or_default();
            results.push(result);
            if results.len() >= summary.results as usize {
                let results = self.open.remove(&case).unwrap_or_default();
                self.ready.push_back(Gathered { case, results });
            }
        }
        if self.place.is_none() {
            // Results that vanished between the passes leave their case incomplete: what is there is published.
            let rest = std::mem::take(&mut self.open).into_iter();
            self.ready
                .extend(rest.map(|(case, results)| Gathered { case, results }));
        }
    }

    /// Takes cases for a chunk.
    fn chunk(&mut self, most: usize) -> Vec<Gathered> {
        let (mut results, mut failed) = (0, 0);
        let fits = |gathered: &&Gathered| {
            results += gathered.results.len();
            let bad = gathered.results.iter().filter(|result| details::is_bad(result.status));
            failed += bad.count();
            results <= RESULTS && failed <= FAILED
        };
        let number = self.ready.iter().take(most).take_while(fits).count();
        let number = number.max(1).min(self.ready.len());
        self.ready.drain(..number).collect()
    }

    /// Reads what lists leave out, but for cases that are lost already; with those that are lost by it.
    async fn detailed(&self, ctx: &Ctx<'_>, rows: Vec<Gathered>) -> Result<(Vec<Gathered>, BTreeMap<CaseId, String>)> {
        let (known, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| self.lost.contains_key(&row.case));
        let cases: Vec<(CaseId, usize)> = rows.iter().map(|row| (row.case, row.results.len())).collect();
        let results = rows.into_iter().flat_map(|row| row.results).collect();
        let mut read = with_details(ctx, results).await?.into_iter();
        let (mut chunk, mut lost) = (known, BTreeMap::new());
        for (case, number) in cases {
            let mut results = Vec::with_capacity(number);
            for (result, failed) in read.by_ref().take(number) {
                if let Some(error) = failed {
                    lost.insert(case, format!("result {} cannot be read: {error}", result.id));
                }
                results.push(result);
            }
            chunk.push(Gathered { case, results });
        }
        Ok((chunk, lost))
    }
}
