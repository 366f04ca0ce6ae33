//! Runs of a launch with their texts, a chunk at a time, so that a launch of any size is exported.

use super::evidence::{self, Before, Witness};
use super::gather::{Gathered, Gathering};
use super::overview::Overview;
use super::runs::{Make, Published, is_passed};
use crate::domain::{IssueId, IssueKey, IssueLink, LaunchId, Status, TestResult};
use crate::error::Result;
use crate::mapping::options::{SeveralResults, StepResults};
use crate::mapping::{self, Statuses, StepText};
use crate::ports::Stage;
use crate::sync::ctx::Ctx;
use crate::sync::looks::Looks;
use crate::sync::read;
use crate::target::Issue;
use futures_util::future::join;
use std::collections::{BTreeMap, BTreeSet};

/// What an earlier export left in the execution.
#[derive(Clone, Copy, Debug, Default)]
pub struct Earlier {
    /// There may be runs.
    pub runs: bool,
    /// Some of them have step results.
    pub step_results: bool,
    /// What they may have as evidence.
    pub evidence: Before,
}

/// A launch whose results are published, and where.
pub(super) struct Publication<'p> {
    pub launch: LaunchId,
    pub overview: &'p Overview,
    /// What it has for Xray's own fields of all of its runs, by id.
    pub constants: &'p BTreeMap<String, String>,
    pub execution: &'p Issue,
    pub earlier: Earlier,
}

/// Publishes results, and remembers what the destination was asked about them.
pub(super) struct Publisher {
    /// Issues that TestOps named, and whether they are the destination's own.
    issues: BTreeMap<IssueLink, bool>,
    /// Statuses of steps, where they were needed.
    step_statuses: Option<Statuses>,
}

impl Publisher {
    /// A whole look asks for the statuses of steps, also where nothing is published yet, and short looks do without. Xray's
    /// own can be neither changed nor deleted ("Manage Test Step Statuses"); others are asked for where they are needed.
    pub async fn open(ctx: &Ctx<'_>, looks: &mut Looks) -> Result<Self> {
        let options = &ctx.job.options;
        let any = options.launches.steps != StepResults::None || options.launches.several == SeveralResults::Iterations;
        let short = looks.short;
        let names = &mut looks.rest().step_statuses;
        if !short {
            *names = match any && options.statuses.is_empty() && ctx.applies() {
                true => match ctx.target.executions().step_statuses().await {
                    Err(error) if error.ends_the_run() => return Err(error),
                    // What is wrong shows where they are needed.
                    names => names.unwrap_or_default(),
                },
                false => Vec::new(),
            };
        }
        Ok(Publisher {
            issues: BTreeMap::new(),
            step_statuses: (!names.is_empty()).then(|| Statuses::of_steps(names, &options.statuses)),
        })
    }

    pub async fn publish(&mut self, ctx: &Ctx<'_>, publication: &Publication<'_>) -> Result<Published> {
        let cases = &publication.overview.cases;
        let mut published = Published::default();
        let mut gathering = Gathering::new(publication.launch, publication.overview);
        let (mut done, total) = (0, cases.len() as u64);
        let mut chunk = gathering.next(ctx).await?;
        while !chunk.is_empty() {
            ctx.progress(Stage::Publishing, done, Some(total)).await;
            done += chunk.len() as u64;
            chunk.retain(|gathered| published.is_whole(gathered.case, cases, gathering.lost(gathered.case)));
            // The next chunk is read beside the writing of this one.
            let sending = self.send(ctx, &chunk, publication, &mut published);
            let (sent, following) = join(sending, gathering.next(ctx)).await;
            sent?;
            chunk = following?;
        }
        ctx.progress(Stage::Publishing, done, Some(total)).await;
        Ok(published)
    }

    /// Sends a chunk of runs. Where Xray refuses what goes along with a status, the statuses are sent alone.
    async fn send(
        &mut self,
        ctx: &Ctx<'_>,
        chunk: &[Gathered],
        publication: &Publication<'_>,
        published: &mut Published,
    ) -> Result<()> {
        if chunk.is_empty() {
            return Ok(());
        }
        let execution = publication.execution;
        let runs = self.runs(ctx, chunk, publication, published).await?;
        let mut refused = ctx.target.executions().publish(execution, &runs).await?;
        let is_refused = |run: &&mapping::TestRun| refused.contains_key(&run.test.key);
        let plain: Vec<mapping::TestRun> = runs.iter().filter(is_refused).map(plain).collect();
        let rich = runs.iter().filter(is_refused).any(plain_differs);
        if rich {
            let why = refused.values().next().cloned().unwrap_or_default();
            refused = ctx.target.executions().publish(execution, &plain).await?;
            let sent = plain.iter().filter(|run| !refused.contains_key(&run.test.key));
            let sent: Vec<&IssueId> = sent.map(|run| &run.test.id).collect();
            published.details.retain(|test, _| !sent.contains(&test));
            if !sent.is_empty() {
                published.notes.push(format!(
                    "{} runs were sent without step results, iterations, defects and accounts: {why}",
                    sent.len()
                ));
            }
        }
        // As they were recorded: with what goes along, or alone where that was refused.
        let again: BTreeSet<&IssueKey> = plain.iter().map(|run| &run.test.key).collect();
        let whole = runs.iter().filter(|run| !again.contains(&run.test.key));
        let alone = plain.iter().filter(|run| !refused.contains_key(&run.test.key));
        let recorded = whole.chain(alone);
        let mut results = statuses(chunk, publication.overview);
        let witnesses = recorded.map(|run| Witness {
            run,
            results: results.remove(&run.test.key).unwrap_or_default(),
        });
        let witnesses = witnesses.collect();
        evidence::show(
            ctx,
            execution,
            publication.earlier.evidence,
            witnesses,
            &mut published.shown,
        )
        .await?;
        published.refused.extend(refused);
        Ok(())
    }

    async fn runs(
        &mut self,
        ctx: &Ctx<'_>,
        chunk: &[Gathered],
        publication: &Publication<'_>,
        published: &mut Published,
    ) -> Result<Vec<mapping::TestRun>> {
        let steps = steps_of(ctx, chunk, publication).await?;
        let defects = chunk.iter().flat_map(|gathered| &gathered.results);
        let defects = defects.flat_map(|result| &result.defects);
        self.learn(ctx, defects.filter_map(|defect| defect.issue.clone()))
            .await?;
        let several = ctx.job.options.launches.several == SeveralResults::Iterations;
        let several = several && chunk.iter().any(|gathered| gathered.results.len() > 1);
        let statuses = match several || !steps.is_empty() {
            true => self.statuses_of_steps(ctx).await?,
            false => Statuses::default(),
        };
        let make = Make {
            ctx,
            steps: &steps,
            statuses: &statuses,
            issues: &self.issues,
            constants: publication.constants,
        };
        let run = |gathered: &Gathered| {
            let summary = publication.overview.cases.get(&gathered.case)?;
            make.run(summary, &gathered.results, published)
        };
        Ok(chunk.iter().filter_map(run).collect())
    }

    /// Finds out which issues are the destination's own, where nothing is known of them yet.
    async fn learn(&mut self, ctx: &Ctx<'_>, issues: impl Iterator<Item = IssueLink>) -> Result<()> {
        let new = issues.filter(|issue| !self.issues.contains_key(issue));
        let new: Vec<IssueLink> = new.collect::<BTreeSet<_>>().into_iter().collect();
        if new.is_empty() {
            return Ok(());
        }
        let own = ctx.jira.links().own_issues(&ctx.destination.addresses, &new).await?;
        let found = |issue: IssueLink| {
            let is_own = own.contains_key(&issue);
            (issue, is_own)
        };
        self.issues.extend(new.into_iter().map(found));
        Ok(())
    }

    async fn statuses_of_steps(&mut self, ctx: &Ctx<'_>) -> Result<Statuses> {
        if let Some(statuses) = &self.step_statuses {
            return Ok(statuses.clone());
        }
        let names = ctx.target.executions().step_statuses().await?;
        let statuses = Statuses::of_steps(&names, &ctx.job.options.statuses);
        self.step_statuses = Some(statuses.clone());
        Ok(statuses)
    }
}

/// Steps of the Tests that results of steps are there for, by Test id; of all, where older results of steps must go.
async fn steps_of(
    ctx: &Ctx<'_>,
    chunk: &[Gathered],
    publication: &Publication<'_>,
) -> Result<BTreeMap<IssueId, Vec<StepText>>> {
    let Publication {
        overview,
        execution,
        earlier,
        ..
    } = publication;
    let shows_steps = |result: &TestResult| !result.steps.is_empty() || is_passed(ctx, result);
    let wanted = |gathered: &&Gathered| earlier.step_results || gathered.results.iter().any(shows_steps);
    let tests = chunk.iter().filter(wanted);
    let tests = tests.filter_map(|gathered| overview.cases.get(&gathered.case)?.test.as_ref());
    let ids: Vec<IssueId> = tests.map(|test| test.id.clone()).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let read = async |ids: &[IssueId]| ctx.target.executions().steps(execution, earlier.runs, ids).await;
    // A Test whose steps alone are too large gets its results without steps.
    read::parts(&ids, read, |_, _| BTreeMap::new()).await
}

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

/// A run of status, comment and times only.
fn plain(run: &mapping::TestRun) -> mapping::TestRun {
    mapping::TestRun {
        test: run.test.clone(),
        version: run.version.clone(),
        status: run.status.clone(),
        comment: run.comment.clone(),
        start: run.start,
        finish: run.finish,
        // A project may require them.
        fields: run.fields.clone(),
        ..mapping::TestRun::default()
    }
}

fn plain_differs(run: &mapping::TestRun) -> bool {
    plain(run) != *run
}
