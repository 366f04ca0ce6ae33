//! Links from a Test Execution to the issues of its launch.

use crate::domain::IssueLink;
use crate::error::Result;
use crate::sync::ctx::Ctx;
use crate::target::Issue;
use std::collections::BTreeMap;

/// Links an execution to the issues of its launch that are this Jira's. Returns what could not be linked, for people.
pub(super) async fn link_issues(ctx: &Ctx<'_>, execution: &Issue, issues: &[IssueLink]) -> Result<Vec<String>> {
    let options = &ctx.job.options.launches;
    let Some((kind, named)) = options.issue_link().filter(|_| !issues.is_empty()) else {
        return Ok(Vec::new());
    };
    let jira = ctx.jira;
    let own = jira.links().own_issues(&ctx.destination.addresses, issues).await?;
    let foreign = issues.iter().filter(|issue| !own.contains_key(issue));
    let mut notes: Vec<String> = foreign
        .map(|issue| {
            format!(
                "{} is not linked: it is no issue of this Jira that the account sees",
                issue.key
            )
        })
        .collect();
    if own.is_empty() {
        return Ok(notes);
    }
    if !named && !jira.links().link_types().await?.iter().any(|name| name == kind) {
        notes.push(format!("issues are not linked: Jira has no link type {kind}"));
        return Ok(notes);
    }
    let own = BTreeMap::from_iter(own.into_values().map(|issue| (issue.key.clone(), issue)));
    let own: Vec<Issue> = own.into_values().collect();
    notes.extend(jira.links().link_to(execution, kind, &own).await?);
    Ok(notes)
}
