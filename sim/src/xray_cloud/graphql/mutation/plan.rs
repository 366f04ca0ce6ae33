//! Mutations of test sets and test plans.

use serde_json::json;

use crate::jira::id::IssueId;
use crate::jira::project::Role;
use crate::jira::xray::Relation;

use super::super::call::{Answer, Call, Entity, Member, Record, record};
use super::super::lookup::{self, EXECUTION};
use super::member;

const SET: (Relation, &[Role]) = (Relation::SetTests, &[Role::TestSet]);
const PLAN: (Relation, &[Role]) = (Relation::PlanTests, &[Role::TestPlan]);
const PLAN_EXECUTIONS: (Relation, &[Role]) = (Relation::PlanExecutions, &[Role::TestPlan]);
const TEST: &[Role] = &[Role::Test];

pub(super) fn create_set(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let tests = call.list("testIssueIds").unwrap_or_default();
    let (tests, warning) = lookup::sift(&site, call.actor()?, &tests, TEST, "Tests");
    let set = member::create(call, &mut site, Role::TestSet, "Test Set")?;
    for test in tests {
        site.xray.add_member(Relation::SetTests, set, test);
    }
    created("testSet", set, warning)
}

pub(super) fn create_plan(call: &Call<'_>) -> Answer {
    let wanted = call.list("testIssueIds");
    if wanted.is_some() && call.text("savedFilter").is_some() {
        return Err("Only one of testIssueIds and savedFilter can be provided".into());
    }
    let mut site = call.site()?;
    let (tests, mut warning) = lookup::sift(&site, call.actor()?, &wanted.unwrap_or_default(), TEST, "Tests");
    if let Some(filter) = call.text("savedFilter") {
        warning = Some(format!("Filter {filter} not found."));
    }
    let plan = member::create(call, &mut site, Role::TestPlan, "Test Plan")?;
    for test in tests {
        site.xray.add_member(Relation::PlanTests, plan, test);
    }
    created("testPlan", plan, warning)
}

fn created(name: &'static str, id: IssueId, warning: Option<String>) -> Answer {
    let warnings: Vec<String> = warning.into_iter().collect();
    record(
        Record::default()
            .with(name, Member::One(Entity::Issue(id)))
            .data("warnings", json!(warnings)),
    )
}

pub(super) fn add_tests_to_set(call: &Call<'_>) -> Answer {
    member::add(call, SET, (&lookup::test_ids(call), TEST, "Tests"), "addedTests")
}

pub(super) fn remove_tests_from_set(call: &Call<'_>) -> Answer {
    member::remove(
        call,
        SET,
        &lookup::test_ids(call),
        "Tests successfully removed from Test Set",
    )
}

pub(super) fn add_sets_to_test(call: &Call<'_>) -> Answer {
    let sets = call.list("testSetIssueIds").unwrap_or_default();
    member::add_to_each(
        call,
        (Relation::SetTests, TEST),
        (&sets, SET.1, "Test Sets"),
        "addedTestSets",
    )
}

pub(super) fn remove_sets_from_test(call: &Call<'_>) -> Answer {
    let sets = call.list("testSetIssueIds").unwrap_or_default();
    member::remove_from_each(
        call,
        (Relation::SetTests, TEST),
        &sets,
        "Test Sets successfully removed from Test",
    )
}

pub(super) fn add_tests_to_plan(call: &Call<'_>) -> Answer {
    member::add(call, PLAN, (&lookup::test_ids(call), TEST, "Tests"), "addedTests")
}

pub(super) fn remove_tests_from_plan(call: &Call<'_>) -> Answer {
    member::remove(
        call,
        PLAN,
        &lookup::test_ids(call),
        "Tests successfully removed from Test Plan",
    )
}

pub(super) fn add_plans_to_test(call: &Call<'_>) -> Answer {
    let plans = call.list("testPlanIssueIds").unwrap_or_default();
    member::add_to_each(
        call,
        (Relation::PlanTests, TEST),
        (&plans, PLAN.1, "Test Plans"),
        "addedTestPlans",
    )
}

pub(super) fn remove_plans_from_test(call: &Call<'_>) -> Answer {
    let plans = call.list("testPlanIssueIds").unwrap_or_default();
    member::remove_from_each(
        call,
        (Relation::PlanTests, TEST),
        &plans,
        "Test Plans successfully removed from Test",
    )
}

pub(super) fn add_executions_to_plan(call: &Call<'_>) -> Answer {
    let executions = call.list("testExecIssueIds").unwrap_or_default();
    let members = (executions.as_slice(), EXECUTION, "Test Executions");
    member::add(call, PLAN_EXECUTIONS, members, "addedTestExecutions")
}

pub(super) fn remove_executions_from_plan(call: &Call<'_>) -> Answer {
    let executions = call.list("testExecIssueIds").unwrap_or_default();
    member::remove(
        call,
        PLAN_EXECUTIONS,
        &executions,
        "Test Executions successfully removed from Test Plan",
    )
}
