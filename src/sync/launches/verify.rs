//! What Xray recorded of a launch against what was sent: an import's answer shows little of its tests.

use super::overview::Overview;
use super::runs::Published;
use crate::domain::{IssueId, IssueKey};
use crate::error::Result;
use crate::mapping::{Statuses, same_status};
use crate::sync::ctx::Ctx;
use crate::target::{Issue, RecordedRun};
use std::collections::BTreeMap;

/// What is wrong with runs, by Test key. Steps and iterations are counted where any were sent.
pub(super) async fn verify_runs(
    ctx: &Ctx<'_>,
    overview: &Overview,
    execution: &Issue,
    published: &Published,
) -> Result<BTreeMap<IssueKey, String>> {
    let recorded = recorded_runs(ctx, overview, execution, !published.details.is_empty()).await?;
    let mut wrong = BTreeMap::new();
    for summary in overview.cases.values() {
        let Some(test) = &summary.test else { continue };
        let status = summary.worst.and_then(|worst| ctx.destination.statuses.of(worst));
        let there = run_of(&recorded, test);
        let why = match (published.refused.get(&test.key), there) {
            (Some(words), _) => Some(words.clone()),
            (None, None) => Some("Xray has no run of it".to_owned()),
            (None, Some(there)) => difference(there, status.unwrap_or_default(), published, &test.id),
        };
        if let Some(why) = why {
            wrong.insert(test.key.clone(), why);
        }
    }
    Ok(wrong)
}

/// True where Xray has no run of a case whose results were published. Its status may be people's.
pub(super) async fn has_missing_runs(ctx: &Ctx<'_>, overview: &Overview, execution: &Issue) -> Result<bool> {
    let recorded = recorded_runs(ctx, overview, execution, false).await?;
    Ok(!tests(overview).all(|test| run_of(&recorded, test).is_some()))
}

/// Runs of an execution by their Tests, until those of the launch were found.
async fn recorded_runs(
    ctx: &Ctx<'_>,
    overview: &Overview,
    execution: &Issue,
    detailed: bool,
) -> Result<BTreeMap<String, RecordedRun>> {
    let mut recorded = BTreeMap::new();
    // The fuse: no execution has more pages of runs than it has cases.
    for page in 0..overview.cases.len() + 1_000 {
        let (runs, last) = ctx.target.runs(execution, page, detailed).await?;
        recorded.extend(runs.into_iter().map(|run| (run.test.clone(), run)));
        if last || tests(overview).all(|test| run_of(&recorded, test).is_some()) {
            break;
        }
    }
    Ok(recorded)
}

fn tests(overview: &Overview) -> impl Iterator<Item = &Issue> {
    overview.cases.values().filter_map(|case| case.test.as_ref())
}

/// The run of a Test, which some servers name by its id and others by its key.
fn run_of<'r>(recorded: &'r BTreeMap<String, RecordedRun>, test: &Issue) -> Option<&'r RecordedRun> {
    recorded
        .get(test.id.as_str())
        .or_else(|| recorded.get(test.key.as_str()))
}

fn difference(there: &RecordedRun, status: &str, published: &Published, test: &IssueId) -> Option<String> {
    if !same_status(&there.status, status) {
        return Some(format!("Xray has {} where {status} was sent", there.status));
    }
    let sent = published.details.get(test)?;
    if let Some(iterations) = there.iterations.filter(|there| *there != sent.iterations) {
        let sent = sent.iterations;
        return Some(format!("Xray has {iterations} iterations where {sent} were sent"));
    }
    let touched = there.steps.as_ref()?.iter();
    let touched = touched.filter(|step| !same_status(step, Statuses::UNTOUCHED)).count();
    // Iterations have steps of their own.
    (sent.iterations == 0 && touched != sent.steps)
        .then(|| format!("Xray has results of {touched} steps where {} were sent", sent.steps))
}
