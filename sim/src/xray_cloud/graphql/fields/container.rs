//! Memberships: sets, plans, executions, preconditions.

use crate::jira::id::IssueId;
use crate::jira::xray::{Owner, Relation};

use super::super::call::{Answer, Call, Entity, data, record};
use super::super::folder;

/// A page of issues, narrowed by the argument `issueIds`.
pub(super) fn page(call: &Call<'_>, mut ids: Vec<IssueId>) -> Answer {
    if let Some(wanted) = call.list("issueIds") {
        ids.retain(|id| wanted.contains(&id.to_string()));
    }
    record(
        call.page(ids.into_iter().map(Entity::Issue))?
            .data("warnings", serde_json::json!([])),
    )
}

fn members(call: &Call<'_>, relation: Relation) -> Answer {
    let members = call.site()?.xray.members(relation, call.issue()?).to_vec();
    page(call, members)
}

fn containers(call: &Call<'_>, relation: Relation) -> Answer {
    let containers = call.site()?.xray.containers(relation, call.issue()?);
    page(call, containers)
}

pub(super) fn tests_of_set(call: &Call<'_>) -> Answer {
    members(call, Relation::SetTests)
}

pub(super) fn tests_of_plan(call: &Call<'_>) -> Answer {
    members(call, Relation::PlanTests)
}

pub(super) fn executions_of_plan(call: &Call<'_>) -> Answer {
    members(call, Relation::PlanExecutions)
}

pub(super) fn tests_of_precondition(call: &Call<'_>) -> Answer {
    members(call, Relation::PreconditionTests)
}

pub(super) fn versions_of_precondition(call: &Call<'_>) -> Answer {
    members(call, Relation::PreconditionTests)
}

pub(super) fn sets_of_test(call: &Call<'_>) -> Answer {
    containers(call, Relation::SetTests)
}

pub(super) fn plans_of_test(call: &Call<'_>) -> Answer {
    containers(call, Relation::PlanTests)
}

pub(super) fn preconditions_of_test(call: &Call<'_>) -> Answer {
    containers(call, Relation::PreconditionTests)
}

pub(super) fn plans_of_execution(call: &Call<'_>) -> Answer {
    containers(call, Relation::PlanExecutions)
}

pub(super) fn executions_of_test(call: &Call<'_>) -> Answer {
    let executions = call
        .site()?
        .xray
        .runs_of_test(call.issue()?)
        .map(|run| run.execution)
        .collect();
    page(call, executions)
}

pub(super) fn tests_of_execution(call: &Call<'_>) -> Answer {
    let tests = call
        .site()?
        .xray
        .runs_of_execution(call.issue()?)
        .map(|run| run.test)
        .collect();
    page(call, tests)
}

pub(super) fn environments(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    data(
        site.xray
            .execution(call.issue()?)
            .map(|data| data.environments.clone())
            .unwrap_or_default(),
    )
}

pub(super) fn folders_of_plan(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    data(folder::tree(&site, Owner::Plan(call.issue()?), "/")?)
}
