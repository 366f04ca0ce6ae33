//! Finding what arguments name.

use std::sync::MutexGuard;

use super::call::{Call, Entity, Member, Record, Refusal};
use crate::jira::account::{Actor, Permission};
use crate::jira::date;
use crate::jira::id::{IssueId, ProjectId};
use crate::jira::issue::Issue;
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::{Kind, TestType};

/// Roles of issues that hold runs.
pub(super) const EXECUTION: &[Role] = &[Role::TestExecution, Role::SubTestExecution];

/// An issue that exists, that `actor` may see and that has one of the roles; whether Xray knows it yet is not asked.
fn visible<'a>(site: &'a Site, actor: &Actor, id: &str, roles: &[Role]) -> Option<&'a Issue> {
    let issue = site.issue(IssueId::parse(id)?)?;
    let fits = roles.is_empty() || roles.contains(&site.role(issue));
    (fits && site.accounts.allows(actor, issue.project, Permission::Browse)).then_some(issue)
}

/// The issue an `issueId` argument names; `None` for keys, unknown ids, other types, and issues Xray has not seen yet.
pub(super) fn find(site: &Site, actor: &Actor, id: &str, roles: &[Role]) -> Option<IssueId> {
    let id = visible(site, actor, id, roles)?.id;
    site.xray.knows(id, site.now()).then_some(id)
}

/// The issue the argument `name` names.
///
/// # Errors
/// "issueId provided is not valid".
pub(super) fn required(call: &Call<'_>, site: &Site, name: &str, roles: &[Role]) -> Result<IssueId, Refusal> {
    find(site, call.actor()?, &call.required(name), roles).ok_or_else(Refusal::issue_id)
}

/// The version that the argument `versionId` names, if it does.
///
/// # Errors
/// When the test has no such version.
pub(super) fn version(call: &Call<'_>, site: &Site, test: IssueId) -> Result<Option<u32>, Refusal> {
    let Some(wanted) = call.get::<u32>("versionId") else {
        return Ok(None);
    };
    match site.xray.definition(test, Some(wanted)) {
        Some(_) => Ok(Some(wanted)),
        None => Err(Refusal::from("versionId provided is not valid")),
    }
}

/// Sorts ids into those that are right and a sentence about the others.
pub(super) fn sift(
    site: &Site,
    actor: &Actor,
    ids: &[String],
    roles: &[Role],
    what: &str,
) -> (Vec<IssueId>, Option<String>) {
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for id in ids {
        match find(site, actor, id, roles) {
            Some(id) => good.push(id),
            None => bad.push(id.as_str()),
        }
    }
    let warning = (!bad.is_empty()).then(|| format!("Issues with ids {} are not valid {what}.", bad.join(", ")));
    (good, warning)
}

/// Ids of tests from `testIssueIds` or `tests` (ids with versions).
pub(super) fn test_ids(call: &Call<'_>) -> Vec<String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct WithVersion {
        issue_id: Option<String>,
    }
    let versioned = call.get::<Vec<Option<WithVersion>>>("tests").unwrap_or_default();
    let mut ids = call.list("testIssueIds").unwrap_or_default();
    ids.extend(versioned.into_iter().flatten().filter_map(|test| test.issue_id));
    ids
}

/// The test type an argument `{id}` or `{name}` names; `None` when there is no such argument.
///
/// # Errors
/// When there is no such type.
pub(super) fn test_type(call: &Call<'_>, site: &Site, argument: &str) -> Result<Option<TestType>, Refusal> {
    let Some(wanted) = call.get::<TypeArgument>(argument) else {
        return Ok(None);
    };
    let Some(named) = wanted.id.or(wanted.name) else {
        return Ok(None);
    };
    match site.xray.settings.test_type(&named) {
        Some(found) => Ok(Some(found.clone())),
        None => Err(Refusal(format!("Test type {named} is not valid"))),
    }
}

/// `TestTypeInput`, `UpdateTestTypeInput` and `UpdatePreconditionTypeInput`.
#[derive(Clone, Default, serde::Deserialize)]
pub(super) struct TypeArgument {
    pub id: Option<String>,
    pub name: Option<String>,
    pub kind: Option<String>,
}

impl TypeArgument {
    fn accepts(&self, ty: &TestType) -> bool {
        let kind = |kind: Kind| {
            self.kind
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(kind.name()))
        };
        self.id.as_deref().is_none_or(|id| id == ty.id)
            && self
                .name
                .as_deref()
                .is_none_or(|name| name.eq_ignore_ascii_case(&ty.name))
            && kind(ty.kind)
    }
}

/// What list queries filter by.
pub(super) struct Filter {
    pub roles: &'static [Role],
    /// `testType` or `preconditionType`.
    pub test_type: Option<TypeArgument>,
    /// Ids of what a folder holds.
    pub within: Option<Vec<IssueId>>,
}

impl Filter {
    /// By role alone.
    pub fn new(roles: &'static [Role]) -> Self {
        Self {
            roles,
            test_type: None,
            within: None,
        }
    }

    /// Ids matching the arguments `jql`, `issueIds`, `projectId`, `modifiedSince`, newest first.
    ///
    /// # Errors
    /// JQL that Jira refuses, a date that is none.
    pub fn run(&self, call: &Call<'_>, site: &mut MutexGuard<'_, Site>) -> Result<Vec<IssueId>, Refusal> {
        let actor = call.actor()?;
        let mut ids = match call.text("jql") {
            Some(jql) => search(site, actor, &jql)?,
            None => match call.list("issueIds") {
                Some(wanted) => wanted.iter().filter_map(|id| IssueId::parse(id)).collect(),
                None => site.issues().map(|issue| issue.id).collect(),
            },
        };
        if call.text("jql").is_none() {
            ids.sort_unstable_by(|a, b| b.cmp(a));
            ids.dedup();
        } else if let Some(wanted) = call.list("issueIds") {
            ids.retain(|id| wanted.contains(&id.to_string()));
        }
        if let Some(within) = &self.within {
            let within: std::collections::HashSet<IssueId> = within.iter().copied().collect();
            ids.retain(|id| within.contains(id));
        }
        let project = call.text("projectId");
        let since = match call.text("modifiedSince") {
            Some(text) => Some(date::parse(&text).ok_or("modifiedSince must be a date in ISO 8601")?),
            None => None,
        };
        let site: &Site = site;
        ids.retain(|id| {
            let Some(issue) = site.issue(*id) else { return false };
            self.roles.contains(&site.role(issue))
                && site.accounts.allows(actor, issue.project, Permission::Browse)
                && project
                    .as_ref()
                    .is_none_or(|project| ProjectId::parse(project) == Some(issue.project))
                && since.is_none_or(|since| modified(site, issue) >= since)
                && self
                    .test_type
                    .as_ref()
                    .is_none_or(|wanted| type_of(site, *id).is_some_and(|ty| wanted.accepts(ty)))
        });
        Ok(ids)
    }
}

/// When an issue or Xray's part of it was last changed.
pub(super) fn modified(site: &Site, issue: &Issue) -> i64 {
    let test = site.xray.test(issue.id).map(|test| test.modified);
    let precondition = site.xray.precondition(issue.id).map(|data| data.modified);
    [test, precondition].into_iter().flatten().fold(issue.updated, i64::max)
}

fn type_of(site: &Site, id: IssueId) -> Option<&TestType> {
    let test = site.xray.test(id).map(|test| &test.definition.test_type);
    test.or_else(|| site.xray.precondition(id).map(|data| &data.test_type))
}

/// Issues that a query may find ("GraphQL API", the notes of the list queries).
const MAX_FOUND: usize = 100;

/// Runs JQL as the actor.
///
/// # Errors
/// Jira's messages, quoted; more than a hundred issues, whatever page is asked for.
pub(super) fn search(site: &mut Site, actor: &Actor, jql: &str) -> Result<Vec<IssueId>, Refusal> {
    let compiled = site
        .jql(actor, jql, true)
        .map_err(|messages| Refusal(messages.join(" ")))?;
    let found = site.search(actor, &compiled, &[]);
    if found.len() > MAX_FOUND {
        let refusal = "The provided jql returned more than 100 issues, please refine the jql search";
        return Err(Refusal(refusal.to_owned()));
    }
    Ok(found)
}

/// A page of issues; those Xray does not know yet count in `total` and are missing from `results`.
///
/// # Errors
/// When `limit` is not within 1 to 100.
pub(super) fn page(call: &Call<'_>, site: &Site, ids: &[IssueId]) -> Result<Record, Refusal> {
    let (start, limit) = call.window()?;
    let now = site.now();
    let known = ids
        .iter()
        .skip(start)
        .take(limit)
        .filter(|id| site.xray.knows(**id, now));
    let results = known.map(|id| Entity::Issue(*id)).collect();
    Ok(Record::default()
        .data("total", ids.len())
        .data("start", start)
        .data("limit", limit)
        .with("results", Member::Many(results))
        .data("warnings", serde_json::json!([])))
}
