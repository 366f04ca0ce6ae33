//! Runs from results.

use super::evidence::Shown;
use super::fields::SentFields;
use super::overview::Summary;
use crate::domain::{CaseId, IssueId, IssueKey, IssueLink, Status, TestResult};
use crate::mapping::options::{SeveralResults, StepResults};
use crate::mapping::{self, Statuses, StepRun, StepText, run_comment, xray_field};
use crate::sync::ctx::Ctx;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Values that fields of runs do not take and that are named.
const FIELDS_NAMED: usize = 20;

/// What was sent beside a run's status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// Steps with a result.
    pub steps: usize,
    /// Iterations.
    pub iterations: usize,
}

/// What became of a launch's runs.
#[derive(Default)]
pub struct Published {
    /// What Xray refused, by Test key.
    pub refused: BTreeMap<IssueKey, String>,
    /// By Test id, where anything beside the status was sent.
    pub details: BTreeMap<IssueId, Details>,
    /// Values of Xray's own fields of runs.
    pub fields: SentFields,
    /// What could not be carried over, for people.
    pub notes: Vec<String>,
    /// Files of results.
    pub shown: Shown,
    /// Executed steps that the Test does not have.
    lost_steps: u64,
    /// Results and parameters that did not fit an iteration.
    lost_iterations: u64,
    /// Defects that are no issues of this Jira.
    lost_defects: u64,
}

impl Published {
    /// Nothing, of runs that should have these values.
    pub fn with_fields(fields: SentFields) -> Self {
        Published {
            fields,
            ..Published::default()
        }
    }

    /// True where all results of a case could be read; otherwise its run is named among those that are not there.
    pub fn is_whole(&mut self, case: CaseId, cases: &BTreeMap<CaseId, Summary>, lost: Option<&str>) -> bool {
        let Some(why) = lost else { return true };
        let test = cases.get(&case).and_then(|summary| summary.test.as_ref());
        self.refused.extend(test.map(|test| (test.key.clone(), why.to_owned())));
        false
    }

    /// True where a run has step results.
    pub fn has_steps(&self) -> bool {
        self.details.values().any(|details| details.steps > 0)
    }

    /// Numbers for the verdict.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        let all = [
            ("step results left out: the Test has no such step", self.lost_steps),
            (
                "results with more parameters or iterations than Xray takes",
                self.lost_iterations,
            ),
            (
                "defects named in comments only: no issue of this Jira",
                self.lost_defects,
            ),
            ("files of results as evidence", self.shown.files),
        ];
        all.into_iter().filter(|(_, number)| *number > 0).collect()
    }
}

/// Makes runs of results.
pub(super) struct Make<'m, 'a> {
    pub ctx: &'m Ctx<'a>,
    /// Steps of Tests, by Test id.
    pub steps: &'m BTreeMap<IssueId, Vec<StepText>>,
    /// Statuses of steps.
    pub statuses: &'m Statuses,
    /// Issues that TestOps named, and whether they are the destination's own.
    pub issues: &'m BTreeMap<IssueLink, bool>,
    /// What the launch has for Xray's own fields of all of its runs, by id.
    pub constants: &'m BTreeMap<String, String>,
}

impl Make<'_, '_> {
    /// The run of a case; `None` where the case has no Test, or the destination no status for it.
    pub fn run(
        &self,
        summary: &Summary,
        results: &[TestResult],
        published: &mut Published,
    ) -> Option<mapping::TestRun> {
        let (ctx, options) = (self.ctx, &self.ctx.job.options.launches);
        let test = summary.test.as_ref()?;
        let worst = summary.worst?;
        let decisive = results
            .iter()
            .find(|result| result.status == Some(worst))
            .or(results.first())?;
        let account = |name: &Option<String>| options.users.get(name.as_ref()?).cloned();
        let mut run = mapping::TestRun {
            test: test.clone(),
            version: summary.version.clone(),
            status: ctx.destination.statuses.of(worst)?.to_owned(),
            comment: run_comment(results, ctx.capability.dialect),
            start: summary.start,
            finish: summary.stop,
            defects: self.defects(results, published),
            executed_by: account(&decisive.testers.tested_by),
            assignee: account(&decisive.testers.assignee),
            ..mapping::TestRun::default()
        };
        run.fields = self.fields(&test.id, decisive, published);
        let of_test = self.steps.get(&test.id).map(Vec::as_slice).unwrap_or_default();
        let several = results.len() > 1 && options.several == SeveralResults::Iterations;
        if several {
            let passes = results
                .iter()
                .map(|result| self.match_steps(of_test, result, published))
                .collect();
            let (iterations, left) = mapping::iterations(results, passes, self.statuses);
            published.lost_iterations += left as u64;
            run.iterations = iterations;
        } else {
            run.steps = self.match_steps(of_test, decisive, published);
            if run.steps.is_empty() && !of_test.is_empty() {
                // What an earlier export wrote beside the steps holds no longer.
                run.steps = mapping::untouched(of_test.len());
            }
        }
        let touched = run
            .steps
            .iter()
            .filter(|step| step.status != Statuses::UNTOUCHED)
            .count();
        let details = Details {
            steps: touched,
            iterations: run.iterations.len(),
        };
        if details != Details::default() {
            published.details.insert(test.id.clone(), details);
        }
        Some(run)
    }

    /// Values of Xray's own fields of a run.
    fn fields(&self, test: &IssueId, decisive: &TestResult, published: &mut Published) -> Vec<(String, Value)> {
        let plan = &self.ctx.destination.xray_fields.runs;
        if plan.is_empty() {
            return Vec::new();
        }
        let mut losses = Vec::new();
        let fields = xray_field::of_run(plan, decisive, self.constants, &mut losses);
        let room = FIELDS_NAMED.saturating_sub(published.fields.lost.len());
        published.fields.lost.extend(losses.into_iter().take(room));
        published.fields.one(test, &fields);
        fields
    }

    fn match_steps(&self, of_test: &[StepText], result: &TestResult, published: &mut Published) -> Vec<StepRun> {
        let dialect = self.ctx.capability.dialect;
        if is_passed(self.ctx, result) {
            return mapping::passed(of_test.len(), self.statuses);
        }
        let matched = mapping::match_steps(of_test, &result.steps, self.statuses, dialect);
        published.lost_steps += matched.left as u64;
        matched.steps
    }

    /// Keys of the defects that are this Jira's: one that is not can make Xray refuse the whole import.
    fn defects(&self, results: &[TestResult], published: &mut Published) -> Vec<String> {
        let mut keys = BTreeSet::new();
        let is_own = |issue: &&IssueLink| self.issues.get(*issue).copied().unwrap_or(false);
        for defect in results.iter().flat_map(|result| &result.defects) {
            match defect.issue.as_ref().filter(is_own) {
                Some(issue) => drop(keys.insert(issue.key.clone())),
                None => published.lost_defects += 1,
            }
        }
        keys.into_iter().collect()
    }
}

/// True where a result passed whose steps are not read: each of them did.
pub(super) fn is_passed(ctx: &Ctx<'_>, result: &TestResult) -> bool {
    let wanted = ctx.job.options.launches.steps != StepResults::None;
    wanted && result.status == Some(Status::Passed) && result.steps.is_empty()
}
