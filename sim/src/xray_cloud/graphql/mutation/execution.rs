//! Mutations of test executions.

use serde_json::json;

use crate::jira::id::IssueId;
use crate::jira::project::Role;

use super::super::super::{environment, gherkin};
use super::super::call::{Answer, Call, Entity, Member, Record, data, record};
use super::super::lookup::{self, EXECUTION};
use super::member;

const TEST: &[Role] = &[Role::Test];

pub(super) fn create(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let (tests, wrong) = lookup::sift(&site, call.actor()?, &lookup::test_ids(call), TEST, "Tests");
    let wanted = call.list("testEnvironments").unwrap_or_default();
    let mut environments = environment::check(&site, &wanted);
    let id = member::create(call, &mut site, Role::TestExecution, "Test Execution")?;
    environment::associate(&mut site, id, &environments);
    let now = site.now();
    for test in tests {
        gherkin::add_run(&mut site, id, test, now);
    }
    environments.warnings.splice(0..0, wrong);
    record(
        Record::default()
            .with("testExecution", Member::One(Entity::Issue(id)))
            .data("createdTestEnvironments", json!(environments.created))
            .data("warnings", json!(environments.warnings)),
    )
}

pub(super) fn add_tests(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = lookup::required(call, &site, "issueId", EXECUTION)?;
    let (found, wrong) = lookup::sift(&site, call.actor()?, &lookup::test_ids(call), TEST, "Tests");
    let now = site.now();
    let (mut added, mut already) = (Vec::new(), Vec::new());
    for test in found {
        let list = if gherkin::add_run(&mut site, id, test, now).is_some() {
            &mut added
        } else {
            &mut already
        };
        list.push(test.to_string());
    }
    data(json!({ "addedTests": added, "warning": member::warning(wrong, &already) }))
}

pub(super) fn remove_tests(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = lookup::required(call, &site, "issueId", EXECUTION)?;
    for test in lookup::test_ids(call).iter().filter_map(|test| IssueId::parse(test)) {
        site.xray.remove_run(id, test);
    }
    data("Tests successfully removed from Test Execution")
}

pub(super) fn add_to_test(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let test = lookup::required(call, &site, "issueId", TEST)?;
    let wanted = call.list("testExecIssueIds").unwrap_or_default();
    let (found, wrong) = lookup::sift(&site, call.actor()?, &wanted, EXECUTION, "Test Executions");
    let now = site.now();
    let (mut added, mut already) = (Vec::new(), Vec::new());
    for execution in found {
        let list = if gherkin::add_run(&mut site, execution, test, now).is_some() {
            &mut added
        } else {
            &mut already
        };
        list.push(execution.to_string());
    }
    data(json!({ "addedTestExecutions": added, "warning": member::warning(wrong, &already) }))
}

pub(super) fn remove_from_test(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let test = lookup::required(call, &site, "issueId", TEST)?;
    let wanted = call.list("testExecIssueIds").unwrap_or_default();
    for execution in wanted.iter().filter_map(|id| IssueId::parse(id)) {
        site.xray.remove_run(execution, test);
    }
    data("Test Executions successfully removed from Test")
}

pub(super) fn add_environments(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = lookup::required(call, &site, "issueId", EXECUTION)?;
    let wanted = call.list("testEnvironments").unwrap_or_default();
    let admitted = environment::check(&site, &wanted);
    environment::associate(&mut site, id, &admitted);
    let warning = (!admitted.warnings.is_empty()).then(|| admitted.warnings.join(" "));
    data(
        json!({ "associatedTestEnvironments": admitted.accepted, "createdTestEnvironments": admitted.created,
                 "warning": warning }),
    )
}

pub(super) fn remove_environments(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = lookup::required(call, &site, "issueId", EXECUTION)?;
    let wanted = call.list("testEnvironments").unwrap_or_default();
    if let Some(execution) = site.xray.execution_mut(id) {
        execution.environments.retain(|name| !wanted.contains(name));
    }
    data("Test Environments successfully removed from Test Execution")
}
