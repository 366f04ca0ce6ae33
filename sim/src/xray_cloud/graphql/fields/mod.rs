//! Fields computed for entities.

mod container;
mod coverage;
mod issue;
mod run;
mod test;

use super::schema::{Resolver, Resolvers};

const TEST: &[(&str, Resolver)] = &[
    ("issueId", issue::id),
    ("projectId", issue::project_id),
    ("jira", issue::jira),
    ("folder", issue::folder),
    ("lastModified", issue::last_modified),
    ("history", issue::history),
    ("testType", test::test_type),
    ("steps", test::steps),
    ("unstructured", test::unstructured),
    ("gherkin", test::gherkin),
    ("scenarioType", test::scenario_type),
    ("dataset", test::dataset),
    ("status", coverage::test_status),
    ("preconditions", container::preconditions_of_test),
    ("testSets", container::sets_of_test),
    ("testPlans", container::plans_of_test),
    ("testExecutions", container::executions_of_test),
    ("testRuns", run::of_test),
    ("testVersions", test::versions),
    ("coverableIssues", coverage::issues_of_test),
];

const EXPANDED_TEST: &[(&str, Resolver)] = &[
    ("issueId", issue::id),
    ("projectId", issue::project_id),
    ("versionId", test::version_id),
    ("warnings", test::no_warnings),
    ("jira", issue::jira),
    ("folder", issue::folder),
    ("lastModified", issue::last_modified),
    ("history", issue::history),
    ("testType", test::test_type),
    ("steps", test::expanded_steps),
    ("unstructured", test::unstructured),
    ("gherkin", test::gherkin),
    ("scenarioType", test::scenario_type),
    ("dataset", test::dataset),
    ("status", coverage::test_status),
    ("preconditions", container::preconditions_of_test),
    ("testSets", container::sets_of_test),
    ("testPlans", container::plans_of_test),
    ("testExecutions", container::executions_of_test),
    ("testRuns", run::of_test),
    ("testVersions", test::versions),
    ("coverableIssues", coverage::issues_of_test),
];

/// A test has one version here: the site has no Enterprise versioning.
const TEST_VERSION: &[(&str, Resolver)] = &[
    ("id", test::version_id),
    ("name", test::version_name),
    ("default", test::version_default),
    ("archived", test::version_archived),
    ("test", issue::itself),
    ("testType", test::test_type),
    ("steps", test::steps),
    ("unstructured", test::unstructured),
    ("gherkin", test::gherkin),
    ("scenarioType", test::scenario_type),
    ("lastModified", issue::last_modified),
    ("preconditions", container::preconditions_of_test),
    ("testExecutions", container::executions_of_test),
    ("testRuns", run::of_test),
];

const PRECONDITION: &[(&str, Resolver)] = &[
    ("issueId", issue::id),
    ("projectId", issue::project_id),
    ("jira", issue::jira),
    ("folder", issue::folder),
    ("lastModified", issue::last_modified),
    ("history", issue::history),
    ("preconditionType", test::precondition_type),
    ("definition", test::precondition_definition),
    ("tests", container::tests_of_precondition),
    ("testVersions", container::versions_of_precondition),
];

const TEST_SET: &[(&str, Resolver)] = &[
    ("issueId", issue::id),
    ("projectId", issue::project_id),
    ("jira", issue::jira),
    ("lastModified", issue::last_modified),
    ("history", issue::history),
    ("tests", container::tests_of_set),
];

const TEST_PLAN: &[(&str, Resolver)] = &[
    ("issueId", issue::id),
    ("projectId", issue::project_id),
    ("jira", issue::jira),
    ("lastModified", issue::last_modified),
    ("history", issue::history),
    ("folders", container::folders_of_plan),
    ("tests", container::tests_of_plan),
    ("testExecutions", container::executions_of_plan),
];

const TEST_EXECUTION: &[(&str, Resolver)] = &[
    ("issueId", issue::id),
    ("projectId", issue::project_id),
    ("jira", issue::jira),
    ("lastModified", issue::last_modified),
    ("history", issue::history),
    ("testEnvironments", container::environments),
    ("tests", container::tests_of_execution),
    ("testRuns", run::of_execution),
    ("testPlans", container::plans_of_execution),
];

const COVERABLE_ISSUE: &[(&str, Resolver)] = &[
    ("issueId", issue::id),
    ("jira", issue::jira),
    ("status", coverage::issue_status),
    ("tests", coverage::tests_of_issue),
];

const TEST_RUN: &[(&str, Resolver)] = &[
    ("id", run::id),
    ("status", run::status),
    ("test", run::test),
    ("testExecution", run::execution),
    ("testVersion", run::version),
    ("testType", run::test_type),
    ("unstructured", run::unstructured),
    ("gherkin", run::gherkin),
    ("scenarioType", run::scenario_type),
    ("comment", run::comment),
    ("startedOn", run::started),
    ("finishedOn", run::finished),
    ("assigneeId", run::assignee),
    ("executedById", run::executed_by),
    ("defects", run::defects),
    ("evidence", run::evidence),
    ("steps", run::steps),
    ("examples", run::examples),
    ("results", run::results),
    ("parameters", run::parameters),
    ("customFields", run::custom_fields),
    ("lastModified", run::last_modified),
    ("iterations", run::iterations),
    ("preconditions", run::preconditions),
];

const ITERATION: &[(&str, Resolver)] = &[
    ("rank", run::rank),
    ("status", run::iteration_status),
    ("parameters", run::iteration_parameters),
    ("stepResults", run::iteration_steps),
];

/// Resolvers of every entity type.
pub(super) const ENTITIES: &[Resolvers] = &[
    ("Test", TEST),
    ("ExpandedTest", EXPANDED_TEST),
    ("TestVersion", TEST_VERSION),
    ("Precondition", PRECONDITION),
    ("TestSet", TEST_SET),
    ("TestPlan", TEST_PLAN),
    ("TestExecution", TEST_EXECUTION),
    ("CoverableIssue", COVERABLE_ISSUE),
    ("TestRun", TEST_RUN),
    ("TestRunIteration", ITERATION),
];
