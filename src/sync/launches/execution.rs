//! The Test Execution of a launch, created or brought in step.

use super::issues::link_issues;
use super::overview::Overview;
use crate::domain::{LaunchRow, Outcome};
use crate::error::Result;
use crate::mapping::{self, Execution, Launch};
use crate::state::Entry;
use crate::sync::creation::{Created, Creations};
use crate::sync::ctx::Ctx;
use crate::sync::lookup::Lookups;
use crate::target::{Creation, Issue, Submission};

/// Whether results can be published.
pub(super) enum Execute {
    /// Into this Test Execution; with what it could not take.
    Into(Issue, Vec<String>),
    /// Not in this run.
    Not(Outcome, String),
}

/// Brings the Test Execution of a launch in step, or creates it where it is proven that there is none.
pub(super) async fn bring(
    ctx: &Ctx<'_>,
    lookups: &mut Lookups,
    row: &LaunchRow,
    entry: &mut Entry,
    overview: &Overview,
) -> Result<Execute> {
    let draft = draft(ctx, row, overview).await?;
    match entry.issue() {
        Some(issue) => update(ctx, entry, issue, draft).await,
        None => create(ctx, lookups, entry, draft).await,
    }
}

async fn update(ctx: &Ctx<'_>, entry: &mut Entry, issue: Issue, draft: Execution) -> Result<Execute> {
    if entry.detail.sent == draft.digest() {
        return Ok(Execute::Into(issue, Vec::new()));
    }
    ctx.target.update_execution(&issue, &draft).await?;
    let notes = complete(ctx, entry, &issue, draft).await?;
    Ok(Execute::Into(issue, notes))
}

async fn create(ctx: &Ctx<'_>, lookups: &mut Lookups, entry: &mut Entry, draft: Execution) -> Result<Execute> {
    let marker = ctx.marker(entry);
    let send = async |_: Vec<()>| {
        let issue = ctx.target.create_execution(&marker, &draft).await?;
        Ok(Submission::Done(vec![Creation::Created(issue)]))
    };
    let Creations {
        outcomes,
        notes: copies,
        stop,
    } = lookups.create(ctx, vec![(&mut *entry, ())], send).await?;
    if let Some(error) = stop {
        return Err(error);
    }
    Ok(match outcomes.into_iter().next() {
        Some(Created::Issue(issue)) => {
            let mut notes = complete(ctx, entry, &issue, draft).await?;
            notes.extend(copies);
            Execute::Into(issue, notes)
        }
        Some(Created::Refused(why)) => Execute::Not(Outcome::Failed, why),
        Some(Created::Waiting(why)) => Execute::Not(Outcome::Waiting, why),
        Some(Created::Unsent) | None => Execute::Not(Outcome::Waiting, "nothing was sent".to_owned()),
    })
}

async fn draft(ctx: &Ctx<'_>, row: &LaunchRow, overview: &Overview) -> Result<Execution> {
    let (environment, lost) = match ctx.source.environment(row.id).await {
        Ok(values) => (values, None),
        Err(error) if error.concerns_one_item() => (Vec::new(), Some(error.message.clone())),
        Err(error) => return Err(error),
    };
    let launch = Launch {
        row,
        url: &ctx.source.launch_url(row.id),
        environment: &environment,
        begin: overview.cases.values().filter_map(|case| case.start).min(),
        end: overview.cases.values().filter_map(|case| case.stop).max(),
    };
    let mut draft = mapping::execution(&launch, &ctx.job.options.launches, ctx.capability.dialect);
    draft.losses.extend(lost.map(|why| format!("environment: {why}")));
    Ok(draft)
}

/// Adds what comes after a create or an edit. An item's refusal is noted and costs nothing else.
async fn complete(ctx: &Ctx<'_>, entry: &mut Entry, issue: &Issue, draft: Execution) -> Result<Vec<String>> {
    let more = match add(ctx, issue, &draft).await {
        Ok(notes) => {
            entry.detail.sent = draft.digest();
            notes
        }
        Err(error) if error.concerns_one_item() => vec![error.message.clone()],
        Err(error) => return Err(error),
    };
    let mut notes = draft.losses;
    notes.extend(more);
    Ok(notes)
}

async fn add(ctx: &Ctx<'_>, issue: &Issue, draft: &Execution) -> Result<Vec<String>> {
    let mut notes = ctx.target.complete_execution(issue, draft).await?;
    notes.extend(link_issues(ctx, issue, &draft.issues).await?);
    Ok(notes)
}
