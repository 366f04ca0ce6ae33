//! Queries for issues: one by id, many by JQL or ids.

use crate::jira::project::Role;
use crate::jira::xray::Owner;

use super::super::call::{Answer, Call, Entity, entity, record};
use super::super::folder;
use super::super::lookup::{self, EXECUTION, Filter};

/// One issue; null for what is not there, keys included.
fn one(call: &Call<'_>, roles: &[Role]) -> Answer {
    let site = call.site()?;
    match lookup::find(&site, call.actor()?, &call.required("issueId"), roles) {
        Some(id) => entity(Entity::Issue(id)),
        None => Ok(None),
    }
}

fn many(call: &Call<'_>, filter: Filter) -> Answer {
    let mut filter = filter;
    let mut site = call.site()?;
    if let Some(wanted) = call.get::<folder::Search>("folder") {
        let owner = match (&wanted.test_plan_id, call.text("projectId")) {
            (Some(plan), _) => Some(Owner::Plan(
                lookup::find(&site, call.actor()?, plan, &[Role::TestPlan])
                    .ok_or("testPlanId provided is not valid")?,
            )),
            (None, Some(project)) => Some(folder::project(&site, call.actor()?, &project)?),
            (None, None) => None,
        };
        let owner = owner.ok_or("projectId must be provided when searching by folder")?;
        filter.within = Some(folder::contents(&site, owner, &wanted));
    }
    let ids = filter.run(call, &mut site)?;
    record(lookup::page(call, &site, &ids)?)
}

fn of_type(call: &Call<'_>, roles: &'static [Role], argument: &str) -> Filter {
    Filter {
        test_type: call.get(argument),
        ..Filter::new(roles)
    }
}

pub(super) fn test(call: &Call<'_>) -> Answer {
    one(call, &[Role::Test])
}

pub(super) fn tests(call: &Call<'_>) -> Answer {
    many(call, of_type(call, &[Role::Test], "testType"))
}

pub(super) fn expanded_test(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let test = lookup::find(&site, call.actor()?, &call.required("issueId"), &[Role::Test]);
    match test {
        None => Ok(None),
        Some(test) => entity(match lookup::version(call, &site, test)? {
            Some(version) => Entity::Version(test, version),
            None => Entity::Issue(test),
        }),
    }
}

pub(super) fn expanded_tests(call: &Call<'_>) -> Answer {
    if call.list("issueIds").is_some() && call.get::<serde_json::Value>("tests").is_some() {
        return Err("Only one of issueIds and tests can be provided".into());
    }
    let mut filter = of_type(call, &[Role::Test], "testType");
    let site = call.site()?;
    if call.get::<serde_json::Value>("tests").is_some() {
        let (ids, _) = lookup::sift(&site, call.actor()?, &lookup::test_ids(call), &[Role::Test], "Tests");
        filter.within = Some(ids);
    }
    drop(site);
    many(call, filter)
}

pub(super) fn precondition(call: &Call<'_>) -> Answer {
    one(call, &[Role::Precondition])
}

pub(super) fn preconditions(call: &Call<'_>) -> Answer {
    many(call, of_type(call, &[Role::Precondition], "preconditionType"))
}

pub(super) fn test_set(call: &Call<'_>) -> Answer {
    one(call, &[Role::TestSet])
}

pub(super) fn test_sets(call: &Call<'_>) -> Answer {
    many(call, Filter::new(&[Role::TestSet]))
}

pub(super) fn test_plan(call: &Call<'_>) -> Answer {
    one(call, &[Role::TestPlan])
}

pub(super) fn test_plans(call: &Call<'_>) -> Answer {
    many(call, Filter::new(&[Role::TestPlan]))
}

pub(super) fn test_execution(call: &Call<'_>) -> Answer {
    one(call, EXECUTION)
}

pub(super) fn test_executions(call: &Call<'_>) -> Answer {
    many(call, Filter::new(EXECUTION))
}

pub(super) fn coverable_issue(call: &Call<'_>) -> Answer {
    one(call, &[Role::Plain])
}

pub(super) fn coverable_issues(call: &Call<'_>) -> Answer {
    many(call, Filter::new(&[Role::Plain]))
}
