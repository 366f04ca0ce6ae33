//! Queries for test runs.

use crate::jira::date;
use crate::jira::id::IssueId;
use crate::jira::project::Role;
use crate::jira::xray::Run;

use super::super::call::{Answer, Call, Entity, Member, Record, entity, record};
use super::super::lookup::{self, EXECUTION};

pub(super) fn of_test_in_execution(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let actor = call.actor()?;
    let test = lookup::find(&site, actor, &call.required("testIssueId"), &[Role::Test]);
    let execution = lookup::find(&site, actor, &call.required("testExecIssueId"), EXECUTION);
    let run = test
        .zip(execution)
        .and_then(|(test, execution)| site.xray.run_of(execution, test));
    match run {
        Some(run) => entity(Entity::Run(run.id.clone())),
        None => Ok(None),
    }
}

pub(super) fn by_id(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    match site.xray.run(&call.required("id")) {
        Some(run) => entity(Entity::Run(run.id.clone())),
        None => Ok(None),
    }
}

pub(super) fn list_by_id(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let ids = call.list("ids").unwrap_or_default();
    let found: Vec<Entity> = ids
        .into_iter()
        .filter(|id| site.xray.run(id).is_some())
        .map(Entity::Run)
        .collect();
    record(call.page(found.into_iter())?)
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let actor = call.actor()?;
    let (start, limit) = call.window()?;
    let tests = call.list("testIssueIds");
    let executions = call.list("testExecIssueIds");
    if tests.is_none() && executions.is_none() && call.list("testRunAssignees").is_none() {
        return Err("At least one of testIssueIds, testExecIssueIds or testRunAssignees must be provided".into());
    }
    let ids = |wanted: &[String], roles| -> Vec<IssueId> {
        wanted
            .iter()
            .filter_map(|id| lookup::find(&site, actor, id, roles))
            .collect()
    };
    let tests = tests.map(|wanted| ids(&wanted, &[Role::Test]));
    let executions = executions.map(|wanted| ids(&wanted, EXECUTION));
    let assignees = call.list("testRunAssignees");
    let since = match call.text("modifiedSince") {
        Some(text) => Some(date::parse(&text).ok_or("modifiedSince must be a date in ISO 8601")?),
        None => None,
    };
    let mut runs: Vec<&Run> = match (&executions, &tests) {
        (Some(executions), _) => executions
            .iter()
            .flat_map(|id| site.xray.runs_of_execution(*id))
            .collect(),
        (None, Some(tests)) => tests.iter().flat_map(|id| site.xray.runs_of_test(*id)).collect(),
        (None, None) => {
            let all = site.issues().map(|issue| issue.id);
            all.flat_map(|id| site.xray.runs_of_execution(id)).collect()
        }
    };
    if let (Some(_), Some(tests)) = (&executions, &tests) {
        let wanted: std::collections::HashSet<IssueId> = tests.iter().copied().collect();
        runs.retain(|run| wanted.contains(&run.test));
    }
    runs.retain(|run| {
        let assigned = |list: &Vec<String>| run.assignee.as_ref().is_some_and(|user| list.contains(user));
        assignees.as_ref().is_none_or(assigned) && since.is_none_or(|since| run.modified >= since)
    });
    let results = runs
        .iter()
        .skip(start)
        .take(limit)
        .map(|run| Entity::Run(run.id.clone()))
        .collect();
    record(
        Record::default()
            .data("total", runs.len())
            .data("start", start)
            .data("limit", limit)
            .with("results", Member::Many(results)),
    )
}
