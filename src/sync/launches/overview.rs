//! The first of two passes over the results of a launch: which case got which status, a few bytes each.

use super::fields;
use crate::digest;
use crate::domain::{CaseId, LaunchId, Status, TestResult};
use crate::error::Result;
use crate::ports::Entity;
use crate::sync::cases::Scope;
use crate::sync::ctx::Ctx;
use crate::target::Issue;
use crate::testops::{Place, Unreadable};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of the ledger that are in memory at once.
const ENTRIES: usize = 1_000;

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
    /// The version of the Test that results go to, where an option chooses among several.
    pub version: Option<String>,
    /// What the result that decides has for fields of runs, where that is asked for.
    pub fields: String,
}

/// How many results are left out of a launch, by reason.
#[derive(Default)]
pub struct LeftOut {
    /// Older attempts that a retry replaced.
    pub retried: u64,
    /// Without a case.
    pub without_case: u64,
    /// Without a status yet.
    pub in_progress: u64,
    /// Of cases that are not exported.
    pub outside: u64,
}

/// What the first pass found.
#[derive(Default)]
pub struct Overview {
    /// By case id.
    pub cases: BTreeMap<CaseId, Summary>,
    /// How many results are left out.
    pub left_out: LeftOut,
    /// Cases that are not exported.
    pub cases_outside: BTreeSet<CaseId>,
    /// Results whose stop lies before their start.
    pub stops_early: u64,
    /// Digest of the rows of all results.
    rows: String,
    /// Cases that have a Test and are in scope no longer, which may have been deleted in TestOps.
    left: BTreeMap<CaseId, Summary>,
    /// Results that cannot be read, for people.
    pub unreadable: Vec<String>,
    /// Cases that have such results, and why none of theirs is published.
    pub lost: BTreeMap<CaseId, String>,
    /// Digest of everything that runs are made of but the texts.
    pub digest: String,
    /// The same without the Tests, which a plan may only be about to create.
    pub results: String,
}

impl Overview {
    /// Numbers for the verdict.
    pub fn counts(&self, runs: u64) -> Vec<(&'static str, u64)> {
        let all = [
            ("runs", runs),
            ("results left out: replaced by a retry", self.left_out.retried),
            (
                "results left out: not linked to a test case",
                self.left_out.without_case,
            ),
            ("results left out: in progress", self.left_out.in_progress),
            ("results left out: test case not exported", self.left_out.outside),
            ("stops left out: before their start", self.stops_early),
        ];
        all.into_iter()
            .filter(|(what, number)| *what == "runs" || *number > 0)
            .collect()
    }

    /// Counts results of cases that were deleted in TestOps: they were exported, and their runs stay. `deleted` keeps what
    /// TestOps answered about cases; true where one came back.
    pub(super) async fn keep_deleted(&mut self, ctx: &Ctx<'_>, deleted: &mut BTreeMap<CaseId, bool>) -> Result<bool> {
        let mut kept = false;
        for (id, summary) in std::mem::take(&mut self.left) {
            let gone = match deleted.get(&id) {
                Some(gone) => *gone,
                None => !ctx.source.is_there(id).await?,
            };
            deleted.insert(id, gone);
            if gone {
                self.left_out.outside -= u64::from(summary.results);
                self.cases_outside.remove(&id);
                self.cases.insert(id, summary);
                kept = true;
            }
        }
        self.sum_up();
        Ok(kept)
    }

    /// Digests what was found.
    fn sum_up(&mut self) {
        let cases: Vec<String> = self.cases.keys().map(CaseId::to_string).collect();
        self.results = digest::short(format!("{} {}", self.rows, cases.join(",")).as_bytes());
        let tests = self.cases.iter().map(|(case, summary)| {
            let test = summary.test.as_ref();
            format!("{case}:{};", test.map_or("", |test| test.id.as_str()))
        });
        let text = self.rows.clone() + &tests.collect::<String>();
        self.digest = digest::short(text.as_bytes());
    }

    /// Takes note of a result that cannot be read: a run without it would show another status.
    fn lose(&mut self, row: Unreadable) {
        let id = row.id.map_or_else(|| "without an id".to_owned(), |id| id.to_string());
        let why = format!("result {id}: {}", row.why);
        if let Some(case) = row.case.map(CaseId) {
            self.lost.insert(case, why.clone());
        }
        self.unreadable.push(why);
    }

    /// Counts a result, and adds it to those of its case. `fields`: what it has for fields of its run.
    fn add(&mut self, result: &TestResult, fields: String) {
        if result.hidden {
            self.left_out.retried += 1;
            return;
        }
        let Some(case) = result.case_id else {
            self.left_out.without_case += 1;
            return;
        };
        let Some(status) = result.status else {
            self.left_out.in_progress += 1;
            return;
        };
        self.stops_early += u64::from(result.period.stops_early);
        self.cases.entry(case).or_default().join(Summary {
            results: 1,
            worst: Some(status),
            start: result.period.start,
            stop: result.period.stop,
            test: None,
            version: None,
            fields,
        });
    }
}

impl Summary {
    /// Adds further results of the same case.
    fn join(&mut self, more: Summary) {
        self.results += more.results;
        // Of those with the worst status the first decides.
        if more
            .worst
            .is_some_and(|more| self.worst.is_none_or(|worst| more < worst))
        {
            self.fields = more.fields;
        }
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

/// First pass: which case got which status, and which of the cases are exported.
pub(super) async fn overview(ctx: &Ctx<'_>, launch: LaunchId, scope: &Scope) -> Result<Overview> {
    let mut overview = Overview::default();
    let mut rows = String::new();
    let mut last_id = None;
    let mut place = Some(Place::default());
    while let Some(page) = place {
        let results = ctx.source.results(launch, page).await?;
        for result in results.rows.iter().filter(|r| last_id.is_none_or(|last| r.id > last)) {
            overview.add(result, fields::of_result(ctx, result));
            let status = result.status.map_or("-", Status::word);
            rows.push_str(&format!(
                "{}{status}{}{:?}{:?}{}{}{}{:?}{:?};",
                result.id,
                result.hidden,
                result.period.start,
                result.period.stop,
                result.flags.muted,
                result.flags.flaky,
                result.flags.known,
                result.parameters,
                result.failure.message
            ));
        }
        for row in results
            .unreadable
            .into_iter()
            .filter(|row| row.id.is_none_or(|id| last_id < Some(id)))
        {
            rows.push_str(&row.why);
            overview.lose(row);
        }
        last_id = last_id.max(results.rows.last().map(|r| r.id));
        // Digested page by page, so that the text does not grow with the launch.
        rows = digest::short(rows.as_bytes());
        place = results.next;
    }
    overview.rows = rows;
    link_tests(ctx, &mut overview, scope).await?;
    overview.sum_up();
    Ok(overview)
}

/// Finds the Tests of cases. Results of those without one are left out, and so are those of cases that are in scope no
/// longer, unless the case was deleted in TestOps.
async fn link_tests(ctx: &Ctx<'_>, overview: &mut Overview, scope: &Scope) -> Result<()> {
    let mut all = std::mem::take(&mut overview.cases).into_iter().peekable();
    while all.peek().is_some() {
        let cases: Vec<(CaseId, Summary)> = all.by_ref().take(ENTRIES).collect();
        link_some(ctx, overview, scope, cases).await?;
    }
    Ok(())
}

async fn link_some(ctx: &Ctx<'_>, overview: &mut Overview, scope: &Scope, cases: Vec<(CaseId, Summary)>) -> Result<()> {
    let ids: Vec<String> = cases.iter().map(|(case, _)| case.to_string()).collect();
    let entries = ctx.ledger.get(Entity::TestCase, &ids).await?;
    for ((case, mut summary), entry) in cases.into_iter().zip(entries) {
        summary.test = scope.test_of(case, &entry);
        summary.version.clone_from(&entry.detail.test.version);
        if summary.test.is_some() {
            overview.cases.insert(case, summary);
            continue;
        }
        overview.left_out.outside += u64::from(summary.results);
        overview.cases_outside.insert(case);
        if let (false, Some(test)) = (scope.contains(case), entry.issue()) {
            summary.test = Some(test);
            overview.left.insert(case, summary);
        }
    }
    Ok(())
}
