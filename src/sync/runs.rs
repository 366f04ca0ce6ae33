//! Runs from results: the details that lists leave out, the Tests' steps that step results stand beside, and a chunk's
//! way into Xray.

use super::Run;
use super::evidence::{Shown, Witness};
use super::results::{Overview, Summary};
use crate::domain::{CaseId, IssueId, IssueKey, IssueLink, Status, TestResult};
use crate::error::Result;
use crate::mapping::options::{Defects, SeveralResults, StepResults};
use crate::mapping::{self, Statuses, StepRun, StepText, run_comment, shortened};
use crate::target::Issue;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet};

/// Results whose details are read at a time.
const AT_ONCE: usize = 8;
/// Characters of a message or trace that are kept.
const TEXT: usize = 8_000;
/// Tests whose steps are read at a time.
const TESTS: usize = 100;

/// All results of one case in a launch.
pub struct Gathered {
    /// The case.
    pub case: CaseId,
    /// Its results by ascending id.
    pub results: Vec<TestResult>,
}

/// What an earlier export left in the execution.
#[derive(Clone, Copy, Debug, Default)]
pub struct Earlier {
    /// There may be runs.
    pub runs: bool,
    /// Some of them have step results.
    pub step_results: bool,
}

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
    /// What could not be carried over, in words.
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

impl Run<'_> {
    /// Reads what lists leave out, as far as it is wanted.
    pub(super) async fn with_details(&self, results: Vec<TestResult>) -> Result<Vec<TestResult>> {
        let whole = results.into_iter().map(|result| self.with_detail(result));
        stream::iter(whole).buffered(AT_ONCE).try_collect().await
    }

    async fn with_detail(&self, mut result: TestResult) -> Result<TestResult> {
        let options = &self.job.options.launches;
        let bad = matches!(result.status, Some(Status::Failed | Status::Broken));
        if bad
            && result.trace.is_none()
            && let Some(found) = there(self.source.result(result.id).await)?
        {
            result.message = result.message.or(found.message);
            result.trace = found.trace;
        }
        let steps = match options.steps {
            StepResults::All => true,
            StepResults::Failed => bad,
            StepResults::None => false,
        };
        if steps {
            result.steps = there(self.source.result_steps(result.id).await)?.unwrap_or_default();
        }
        if result.known && options.defects == Defects::Link {
            result.defects = there(self.source.result_defects(result.id).await)?.unwrap_or_default();
        }
        result.message = result.message.map(|text| shortened(&text, TEXT));
        result.trace = result.trace.map(|text| shortened(&text, TEXT));
        Ok(result)
    }

    /// Sends a chunk of runs. Where Xray refuses what goes along with a status, the statuses are sent alone.
    pub(super) async fn publish_chunk(
        &self,
        chunk: &[Gathered],
        overview: &Overview,
        execution: &Issue,
        earlier: Earlier,
        published: &mut Published,
    ) -> Result<()> {
        let runs = self.runs(chunk, overview, execution, earlier, published).await?;
        let mut refused = self.target.publish(execution, &runs).await?;
        let plain: Vec<mapping::Run> = runs
            .iter()
            .filter(|run| refused.contains_key(&run.test.key))
            .map(plain)
            .collect();
        let rich = runs
            .iter()
            .any(|run| refused.contains_key(&run.test.key) && plain_differs(run));
        if rich {
            let words = refused.values().next().cloned().unwrap_or_default();
            refused = self.target.publish(execution, &plain).await?;
            let sent = plain.iter().filter(|run| !refused.contains_key(&run.test.key));
            let mut count = 0;
            for run in sent {
                published.details.remove(&run.test.id);
                count += 1;
            }
            published.notes.push(format!(
                "{count} runs were sent without step results, iterations, defects and accounts: {words}"
            ));
        }
        // As they were recorded: with what goes along, or alone where that was refused.
        let again: BTreeSet<&IssueKey> = BTreeSet::from_iter(plain.iter().map(|run| &run.test.key));
        let whole = runs.iter().filter(|run| !again.contains(&run.test.key));
        let alone = plain.iter().filter(|run| !refused.contains_key(&run.test.key));
        let recorded = whole.chain(alone);
        let mut results = statuses(chunk, overview);
        let witnesses = recorded.map(|run| Witness {
            run,
            results: results.remove(&run.test.key).unwrap_or_default(),
        });
        self.show_evidence(execution, earlier.runs, witnesses.collect(), &mut published.shown)
            .await?;
        published.refused.extend(refused);
        Ok(())
    }

    async fn runs(
        &self,
        chunk: &[Gathered],
        overview: &Overview,
        execution: &Issue,
        earlier: Earlier,
        published: &mut Published,
    ) -> Result<Vec<mapping::Run>> {
        let steps = self.steps_of(chunk, overview, execution, earlier).await?;
        let defects = chunk
            .iter()
            .flat_map(|gathered| &gathered.results)
            .flat_map(|r| &r.defects);
        let issues: BTreeSet<IssueLink> = BTreeSet::from_iter(defects.filter_map(|defect| defect.issue.clone()));
        self.learn_issues(issues).await?;
        let several = self.job.options.launches.several == SeveralResults::Iterations;
        let several = several && chunk.iter().any(|gathered| gathered.results.len() > 1);
        let statuses = if several || !steps.is_empty() {
            self.statuses_of_steps().await?
        } else {
            Statuses::default()
        };
        let run = |gathered: &Gathered| {
            let summary = overview.cases.get(&gathered.case)?;
            self.make_run(summary, &gathered.results, &steps, &statuses, published)
        };
        Ok(chunk.iter().filter_map(run).collect())
    }

    /// Steps of the Tests that results of steps are there for, by Test id; of all, where older results of steps must go.
    async fn steps_of(
        &self,
        chunk: &[Gathered],
        overview: &Overview,
        execution: &Issue,
        earlier: Earlier,
    ) -> Result<BTreeMap<IssueId, Vec<StepText>>> {
        let wanted =
            |gathered: &&Gathered| earlier.step_results || gathered.results.iter().any(|r| !r.steps.is_empty());
        let tests = chunk.iter().filter(wanted);
        let tests = tests.filter_map(|gathered| overview.cases.get(&gathered.case)?.test.as_ref());
        let ids: Vec<IssueId> = tests.map(|test| test.id.clone()).collect();
        let mut steps = BTreeMap::new();
        for ids in ids.chunks(TESTS) {
            steps.extend(self.target.steps(execution, earlier.runs, ids).await?);
        }
        Ok(steps)
    }

    async fn statuses_of_steps(&self) -> Result<Statuses> {
        if let Some(statuses) = self.step_statuses.get() {
            return Ok(statuses.clone());
        }
        let names = self.target.step_statuses().await?;
        let statuses = Statuses::of_steps(&names, &self.job.options.statuses);
        Ok(self.step_statuses.get_or_init(|| statuses).clone())
    }

    fn make_run(
        &self,
        summary: &Summary,
        results: &[TestResult],
        steps: &BTreeMap<IssueId, Vec<StepText>>,
        statuses: &Statuses,
        published: &mut Published,
    ) -> Option<mapping::Run> {
        let options = &self.job.options.launches;
        let test = summary.test.as_ref()?;
        let worst = summary.worst?;
        let decisive = results
            .iter()
            .find(|result| result.status == Some(worst))
            .or(results.first())?;
        let account = |name: &Option<String>| options.users.get(name.as_ref()?).cloned();
        let mut run = mapping::Run {
            test: test.clone(),
            status: self.destination.statuses.of(worst)?.to_owned(),
            comment: run_comment(results, self.target.dialect()),
            start: summary.start,
            finish: summary.stop,
            defects: self.defects(results, published),
            executed_by: account(&decisive.tested_by),
            assignee: account(&decisive.assignee),
            ..mapping::Run::default()
        };
        let of_test = steps.get(&test.id).map(Vec::as_slice).unwrap_or_default();
        let several = results.len() > 1 && options.several == SeveralResults::Iterations;
        if several {
            let passes = results
                .iter()
                .map(|result| self.match_steps(of_test, result, statuses, published))
                .collect();
            let (iterations, left) = mapping::iterations(results, passes, statuses);
            published.lost_iterations += left as u64;
            run.iterations = iterations;
        } else {
            run.steps = self.match_steps(of_test, decisive, statuses, published);
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

    fn match_steps(
        &self,
        of_test: &[StepText],
        result: &TestResult,
        statuses: &Statuses,
        published: &mut Published,
    ) -> Vec<StepRun> {
        let matched = mapping::match_steps(of_test, &result.steps, statuses, self.target.dialect());
        published.lost_steps += matched.left as u64;
        matched.steps
    }

    /// Keys of the defects that are this Jira's: one that is not can make Xray refuse the whole import.
    fn defects(&self, results: &[TestResult], published: &mut Published) -> Vec<String> {
        let mut keys = BTreeSet::new();
        for defect in results.iter().flat_map(|result| &result.defects) {
            match defect.issue.as_ref().filter(|issue| self.is_own(issue)) {
                Some(issue) => drop(keys.insert(issue.key.clone())),
                None => published.lost_defects += 1,
            }
        }
        keys.into_iter().collect()
    }
}

/// A result's part, or nothing where it is gone meanwhile.
fn there<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.concerns_one_item() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A run of status, comment and times only.
/// Ids and statuses of the results behind each run, by Test key.
fn statuses(chunk: &[Gathered], overview: &Overview) -> BTreeMap<IssueKey, Vec<(u64, Status)>> {
    let of_case = |gathered: &Gathered| {
        let test = overview.cases.get(&gathered.case)?.test.as_ref()?;
        let results = gathered.results.iter();
        let statuses = results.filter_map(|result| Some((result.id, result.status?)));
        Some((test.key.clone(), statuses.collect()))
    };
    BTreeMap::from_iter(chunk.iter().filter_map(of_case))
}

fn plain(run: &mapping::Run) -> mapping::Run {
    mapping::Run {
        test: run.test.clone(),
        status: run.status.clone(),
        comment: run.comment.clone(),
        start: run.start,
        finish: run.finish,
        ..mapping::Run::default()
    }
}

fn plain_differs(run: &mapping::Run) -> bool {
    plain(run) != *run
}
