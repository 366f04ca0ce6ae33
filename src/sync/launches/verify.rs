//! What Xray recorded of a launch against what was sent: an import's answer shows little of its tests.

use super::overview::Overview;
use super::runs::Published;
use crate::domain::{IssueId, IssueKey};
use crate::error::{Kind, Result};
use crate::mapping::{Statuses, same_status};
use crate::sync::ctx::Ctx;
use crate::target::{Issue, RecordedRun, RunRows};
use std::collections::BTreeMap;

/// So many runs in a row that no answer can hold are no matter of single runs any more.
const LOST_IN_A_ROW: usize = 5;

/// What is wrong with runs, by Test key. Steps and iterations are counted where any were sent.
pub(super) async fn verify_runs(
    ctx: &Ctx<'_>,
    overview: &Overview,
    execution: &Issue,
    published: &Published,
) -> Result<BTreeMap<IssueKey, String>> {
    let detailed = !published.details.is_empty() || !published.fields.is_empty();
    let recorded = recorded_runs(ctx, overview, execution, detailed).await?;
    let mut wrong = BTreeMap::new();
    for summary in overview.cases.values() {
        let Some(test) = &summary.test else { continue };
        let status = summary.worst.and_then(|worst| ctx.destination.statuses.of(worst));
        let there = recorded.of(test);
        let why = match (published.refused.get(&test.key), there) {
            (Some(message), _) => Some(message.clone()),
            (None, None) => Some(missing(&recorded)),
            (None, Some(there)) => difference(there, status.unwrap_or_default(), published, &test.id)
                .or_else(|| fields_differ(ctx, there, published, &test.id)),
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
    Ok(recorded.lost.is_none() && !tests(overview).all(|test| recorded.of(test).is_some()))
}

/// Runs of an execution by their Tests, until those of the launch were found.
async fn recorded_runs(ctx: &Ctx<'_>, overview: &Overview, execution: &Issue, detailed: bool) -> Result<Recorded> {
    let mut recorded = Recorded::default();
    let (mut rows, mut lost) = (RunRows::of(tests(overview).count(), ctx.capability.batches.recorded), 0);
    // The fuse: no execution has more pages of runs than it has cases.
    for _ in 0..overview.cases.len() + 1_000 {
        match ctx.target.executions().runs(execution, rows, detailed).await {
            Ok((runs, next)) => {
                recorded
                    .runs
                    .extend(runs.into_iter().map(|run| (run.test.clone(), run)));
                match next {
                    Some(next) if tests(overview).any(|test| recorded.of(test).is_none()) => rows = next,
                    _ => break,
                }
                lost = 0;
            }
            // A site may allow fewer rows than were asked for, so smaller pages are counted from the first again.
            Err(error) if error.kind == Kind::TooLarge && rows.limit > 1 => {
                rows = rows.smaller();
            }
            Err(error) if error.kind == Kind::TooLarge && lost < LOST_IN_A_ROW => {
                recorded.lost = Some(error.to_string());
                lost += 1;
                rows.page += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(recorded)
}

/// Runs as Xray has them.
#[derive(Default)]
struct Recorded {
    /// By Test.
    runs: BTreeMap<String, RecordedRun>,
    /// Why there are some that cannot be read.
    lost: Option<String>,
}

impl Recorded {
    /// The run of a Test, which some servers name by its id and others by its key.
    fn of(&self, test: &Issue) -> Option<&RecordedRun> {
        let by = |name| self.runs.get(name);
        by(test.id.as_str()).or_else(|| by(test.key.as_str()))
    }
}

fn tests(overview: &Overview) -> impl Iterator<Item = &Issue> {
    overview.cases.values().filter_map(|case| case.test.as_ref())
}

fn missing(recorded: &Recorded) -> String {
    match &recorded.lost {
        Some(why) => format!("its run cannot be read: {why}"),
        None => "Xray has no run of it".to_owned(),
    }
}

fn fields_differ(ctx: &Ctx<'_>, there: &RecordedRun, published: &Published, test: &IssueId) -> Option<String> {
    let differing = published.fields.differing(test, there.fields.as_ref()?);
    let plan = ctx.destination.xray_fields.runs.iter();
    let names = plan
        .filter(|field| differing.contains(&field.id))
        .map(|field| field.name.as_str());
    let names = names.collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| format!("Xray has another value of {names} than the export sends"))
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
