//! Deleting issues.

use crate::jira::account::Permission;
use crate::jira::project::Role;

use super::super::call::{Answer, Call, Refusal, data};
use super::super::lookup::{self, EXECUTION};

fn delete(call: &Call<'_>, roles: &[Role], what: &str) -> Answer {
    let mut site = call.site()?;
    let actor = call.actor()?;
    let id = lookup::required(call, &site, "issueId", roles)?;
    if !site
        .issue(id)
        .is_some_and(|issue| site.may(actor, issue, Permission::Delete))
    {
        return Err(Refusal(format!(
            "User doesn't have permissions to delete {what} with id {id}"
        )));
    }
    site.delete_issue(actor, id);
    data(format!("{what} with id {id} deleted successfully"))
}

pub(super) fn test(call: &Call<'_>) -> Answer {
    delete(call, &[Role::Test], "Test")
}

pub(super) fn test_set(call: &Call<'_>) -> Answer {
    delete(call, &[Role::TestSet], "Test Set")
}

pub(super) fn test_plan(call: &Call<'_>) -> Answer {
    delete(call, &[Role::TestPlan], "Test Plan")
}

pub(super) fn test_execution(call: &Call<'_>) -> Answer {
    delete(call, EXECUTION, "Test Execution")
}

pub(super) fn precondition(call: &Call<'_>) -> Answer {
    delete(call, &[Role::Precondition], "Precondition")
}
