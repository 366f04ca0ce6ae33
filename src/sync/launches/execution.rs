//! The Test Execution of a launch, created or brought in step.

use super::Publish;
use super::issues::link_issues;
use super::overview::Overview;
use crate::domain::{Environment, IssueKey, LaunchRow, Outcome};
use crate::error::{Error, Result};
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
    /// Not in this run, for this reason; with the error that the run ends with.
    Not(Outcome, String, Option<Error>),
}

/// Brings the Test Execution of a launch in step, or creates it where it is proven that there is none.
pub(super) async fn bring(ctx: &Ctx<'_>, lookups: &mut Lookups, publish: &mut Publish) -> Result<Execute> {
    let Publish {
        row,
        environment,
        entry,
        overview,
        ..
    } = publish;
    let lost = match ctx.source.environment(row.id).await {
        Ok(values) => {
            *environment = values;
            None
        }
        Err(error) if error.concerns_one_item() => Some(error.message.clone()),
        Err(error) => return Err(error),
    };
    let mut draft = draft(ctx, row, environment, overview);
    draft.losses.extend(lost.map(|why| format!("environment: {why}")));
    match (entry.issue(), draft.existing.clone()) {
        (Some(issue), _) => update(ctx, entry, issue, draft).await,
        (None, Some(key)) => join(ctx, entry, &key, draft).await,
        (None, None) => create(ctx, lookups, entry, draft).await,
    }
}

async fn update(ctx: &Ctx<'_>, entry: &mut Entry, issue: Issue, draft: Execution) -> Result<Execute> {
    if entry.detail.launch.sent == draft.digest() {
        return Ok(Execute::Into(issue, Vec::new()));
    }
    if !entry.detail.launch.of_people {
        ctx.target.executions().update_execution(&issue, &draft).await?;
    }
    let notes = complete(ctx, entry, &issue, draft).await;
    Ok(Execute::Into(issue, notes))
}

/// Lets results go into a Test Execution that people made.
async fn join(ctx: &Ctx<'_>, entry: &mut Entry, key: &str, draft: Execution) -> Result<Execute> {
    let found = match IssueKey::is_shaped(key) {
        true => ctx.jira.issue(key, &["labels"]).await?,
        false => None,
    };
    let Some(found) = found else {
        let why = format!("it names the Test Execution {key}, which Jira does not show to this account");
        return Ok(Execute::Not(Outcome::Failed, why, None));
    };
    let issue = found.issue();
    entry.link_to(&issue);
    entry.detail.launch.of_people = true;
    ctx.ledger.put_one(entry).await?;
    let notes = complete(ctx, entry, &issue, draft).await;
    Ok(Execute::Into(issue, notes))
}

async fn create(ctx: &Ctx<'_>, lookups: &mut Lookups, entry: &mut Entry, draft: Execution) -> Result<Execute> {
    let marker = ctx.marker(entry);
    let send = async |_: Vec<()>| {
        let issue = ctx.target.executions().create_execution(&marker, &draft).await?;
        Ok(Submission::Done(vec![Creation::Created(issue)]))
    };
    let Creations {
        outcomes,
        notes: copies,
        stop,
        ..
    } = lookups.create(ctx, vec![(&mut *entry, ())], send).await?;
    let (outcome, why) = match (outcomes.into_iter().next(), stop) {
        // Its second look ends the run.
        (Some(Created::Issue(issue)), Some(error)) => {
            let why = format!(
                "its Test Execution {} was created, and its results are not there yet: {error}",
                issue.key
            );
            return Ok(Execute::Not(Outcome::Waiting, why, Some(error)));
        }
        (Some(Created::Issue(issue)), None) => {
            let mut notes = complete(ctx, entry, &issue, draft).await;
            notes.extend(copies);
            return Ok(Execute::Into(issue, notes));
        }
        (Some(Created::Waiting(why)), stop) => return Ok(Execute::Not(Outcome::Waiting, why, stop)),
        // Nothing was sent, or nothing came of it.
        (_, Some(error)) => return Err(error),
        (Some(Created::Refused(why)), None) => (Outcome::Failed, why),
        (Some(Created::Unsent) | None, None) => (Outcome::Waiting, "nothing was sent".to_owned()),
    };
    Ok(Execute::Not(outcome, why, None))
}

fn draft(ctx: &Ctx<'_>, row: &LaunchRow, environment: &[Environment], overview: &Overview) -> Execution {
    let launch = Launch {
        row,
        url: &ctx.source.launch_url(row.id),
        environment,
        begin: overview.cases.values().filter_map(|case| case.start).min(),
        end: overview.cases.values().filter_map(|case| case.stop).max(),
    };
    let mut draft = mapping::execution(&launch, &ctx.job.options.launches, ctx.capability.dialect);
    if let Some(version) = draft
        .fix_version
        .take_if(|version| !ctx.destination.versions.contains(version))
    {
        draft
            .losses
            .push(format!("Fix Version: the project has no version {version}"));
    }
    draft
}

/// Adds what comes after a create or an edit. What fails is noted and costs nothing else: an error that concerns more than
/// it meets the import of results too.
async fn complete(ctx: &Ctx<'_>, entry: &mut Entry, issue: &Issue, draft: Execution) -> Vec<String> {
    let more = match add(ctx, issue, &draft).await {
        Ok(notes) => {
            entry.detail.launch.sent = draft.digest();
            notes
        }
        Err(error) => vec![error.message.clone()],
    };
    let mut notes = draft.losses;
    notes.extend(more);
    notes
}

async fn add(ctx: &Ctx<'_>, issue: &Issue, draft: &Execution) -> Result<Vec<String>> {
    let mut notes = ctx.target.executions().complete_execution(issue, draft).await?;
    notes.extend(link_issues(ctx, issue, &draft.issues).await?);
    Ok(notes)
}
