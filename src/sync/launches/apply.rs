//! Publishing the results of a launch into its Test Execution, and what is shown of that.

use super::decide::fingerprint;
use super::evidence::Before;
use super::execution::{self, Execute};
use super::fields::SentFields;
use super::overview::Overview;
use super::publish::{Earlier, Publication};
use super::runs::Published;
use super::verify::verify_runs;
use super::{Launches, Publish};
use crate::domain::{IssueKey, Outcome, Unit, Verdict};
use crate::error::{Error, Result};
use crate::mapping::xray_field;
use crate::sync::ctx::Ctx;
use crate::sync::lookup::Lookups;
use crate::target::{Issue, Work};
use std::collections::BTreeMap;

/// Refused runs that are named in a verdict.
const NAMED: usize = 20;

/// What became of the results of a launch.
struct Filled {
    published: Published,
    /// What is wrong with runs, by Test key.
    wrong: BTreeMap<IssueKey, String>,
}

impl Launches {
    pub(super) async fn apply(
        &mut self,
        ctx: &Ctx<'_>,
        lookups: &mut Lookups,
        mut publish: Publish,
    ) -> Result<Verdict> {
        let known = publish.entry.issue().is_some();
        let (execution, notes) = match execution::bring(ctx, lookups, &mut publish).await? {
            Execute::Into(issue, notes) => (issue, notes),
            Execute::Not(outcome, why, stop) => {
                self.stop = stop;
                return Ok(publish.verdict(outcome).because(why));
            }
        };
        let again = known || publish.entry.detail.launch.of_people;
        let outcome = if again { Outcome::Updated } else { Outcome::Created };
        let published = match self.fill(ctx, &mut publish, &execution, again).await {
            Ok(published) => published,
            // The execution stands, whatever became of its results.
            Err(error) => return Ok(self.unfilled(ctx, &publish, &execution, error).await),
        };
        self.neighbours.passed();
        let mut verdict = publish.verdict(outcome).issue(&execution);
        verdict.notes = notes;
        let Filled { published, wrong } = published;
        Ok(settled(verdict, &publish.overview, published, &wrong))
    }

    /// Publishes the results of a launch into its Test Execution, and records what Xray has of them then.
    async fn fill(&mut self, ctx: &Ctx<'_>, publish: &mut Publish, execution: &Issue, again: bool) -> Result<Filled> {
        let Publish {
            row,
            environment,
            entry,
            overview,
            stamp,
            ..
        } = publish;
        let newest = std::mem::take(&mut entry.detail.launch.newest_evidence);
        if newest > 0 {
            // Who goes on after this run was killed compares by name and size what may be there.
            ctx.ledger.put_one(entry).await?;
        }
        let publication = Publication {
            launch: row.id,
            overview,
            constants: &xray_field::of_launch(&ctx.destination.xray_fields.runs, row, environment),
            execution,
            earlier: Earlier {
                runs: again,
                step_results: entry.detail.launch.step_results,
                evidence: Before { any: again, newest },
            },
        };
        let published = self.publisher.publish(ctx, &publication).await?;
        let wrong = verify_runs(ctx, overview, execution, &published).await?;
        entry.rename(&execution.key);
        let shown = &published.shown;
        entry.detail.launch.newest_evidence = newest.max(shown.newest);
        entry.detail.files.owed.tried(&shown.left, stamp, ctx.now());
        entry.detail.files.pending = entry.detail.files.owed.is_some();
        self.note(row, overview, entry);
        entry.detail.launch.step_results = published.has_steps();
        if wrong.is_empty() && overview.unreadable.is_empty() {
            entry.stamped(stamp, fingerprint(stamp, overview));
            entry.sync();
        } else {
            // The stamp of an earlier run would make the next one leave the launch as it is.
            entry.stamped("", String::new());
        }
        ctx.ledger.put_one(entry).await?;
        Ok(Filled { published, wrong })
    }

    /// The verdict about a launch whose Test Execution stands and whose results do not all.
    async fn unfilled(&mut self, ctx: &Ctx<'_>, publish: &Publish, execution: &Issue, error: Error) -> Verdict {
        let verdict = |outcome, error: &Error| {
            let why = format!("its Test Execution is there, and its results are not yet: {error}");
            publish.verdict(outcome).issue(execution).because(why)
        };
        match self.own_error(ctx, error).await {
            Ok(error) => verdict(Outcome::Failed, &error),
            Err(error) => {
                let verdict = verdict(Outcome::Waiting, &error);
                self.stop = Some(error);
                verdict
            }
        }
    }
}

impl Publish {
    pub(super) fn verdict(&self, outcome: Outcome) -> Verdict {
        Verdict::new(Unit::Launch, self.row.id.0, &self.row.name, outcome).decided(self.decision.clone())
    }

    /// What an export would do.
    pub(super) fn shown(&self, work: &mut Work) -> Verdict {
        let (known, runs) = (self.entry.issue(), self.overview.cases.len() as u64);
        let outcome = match known {
            Some(_) => Outcome::Updated,
            None => Outcome::Created,
        };
        work.executions += u64::from(known.is_none());
        work.refreshed += u64::from(known.is_some());
        work.runs += runs;
        let mut verdict = self.verdict(outcome);
        verdict.issue = known;
        verdict.counts = self.overview.counts(runs);
        verdict
    }

    /// Xray's own fields of runs, as they should be.
    async fn expected_fields(&self, ctx: &Ctx<'_>) -> Result<SentFields> {
        let plan = &ctx.destination.xray_fields.runs;
        if plan.is_empty() {
            return Ok(SentFields::default());
        }
        let environment = match ctx.source.environment(self.row.id).await {
            Err(error) if error.concerns_one_item() => return Ok(SentFields::default()),
            environment => environment?,
        };
        let constants = xray_field::of_launch(plan, &self.row, &environment);
        let summaries = self.overview.cases.values();
        let tests = summaries.filter_map(|summary| Some((&summary.test.as_ref()?.id, summary.fields.as_str())));
        Ok(SentFields::expected(plan, &constants, tests))
    }

    /// What Xray recorded of the launch against what TestOps has.
    pub(super) async fn differences(&self, ctx: &Ctx<'_>, issue: &Issue) -> Result<Verdict> {
        let verdict = |outcome| Verdict::new(Unit::Launch, self.row.id.0, &self.row.name, outcome);
        let recorded = Published::with_fields(self.expected_fields(ctx).await?);
        let wrong = verify_runs(ctx, &self.overview, issue, &recorded).await?;
        let owed = &self.entry.detail.files.owed;
        let outcome = match wrong.is_empty() && !owed.is_some() {
            true => Outcome::Unchanged,
            false => Outcome::Updated,
        };
        let mut verdict = verdict(outcome).issue(issue);
        verdict.notes.extend(owed.notes());
        let right = self.overview.cases.len().saturating_sub(wrong.len());
        verdict.counts = self.overview.counts(right as u64);
        verdict.notes.extend(named(&wrong));
        Ok(verdict)
    }
}

/// The verdict about a launch whose results were published, with what is wrong about them.
fn settled(
    mut verdict: Verdict,
    overview: &Overview,
    published: Published,
    wrong: &BTreeMap<IssueKey, String>,
) -> Verdict {
    let runs = overview.cases.len();
    verdict.counts = overview.counts(runs.saturating_sub(wrong.len()) as u64);
    verdict.counts.extend(published.counts());
    verdict.notes.extend(published.shown.notes());
    verdict.notes.extend(published.notes);
    verdict.notes.extend(published.fields.lost);
    let unrecorded = format!("{} of {runs} runs were not recorded by Xray", wrong.len());
    let unread = format!("results that cannot be read: {}", overview.unreadable.len());
    let reasons = [(unrecorded, wrong.is_empty()), (unread, overview.unreadable.is_empty())];
    let reasons = reasons.into_iter().filter(|(_, none)| !none).map(|(reason, _)| reason);
    let reasons: Vec<String> = reasons.collect();
    if !reasons.is_empty() {
        verdict.outcome = Outcome::Failed;
        verdict.reason = Some(reasons.join("; "));
        verdict.notes.extend(overview.unreadable.iter().take(NAMED).cloned());
        verdict.notes.extend(named(wrong));
    }
    verdict
}

fn named(wrong: &BTreeMap<IssueKey, String>) -> impl Iterator<Item = String> {
    wrong.iter().take(NAMED).map(|(test, why)| format!("{test}: {why}"))
}
