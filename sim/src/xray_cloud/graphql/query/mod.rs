//! The queries.

mod issue;
mod run;
mod settings;

use super::schema::Resolver;

/// Resolvers of `Query`.
pub(super) const QUERY: &[(&str, Resolver)] = &[
    ("getTest", issue::test),
    ("getTests", issue::tests),
    ("getExpandedTest", issue::expanded_test),
    ("getExpandedTests", issue::expanded_tests),
    ("getPrecondition", issue::precondition),
    ("getPreconditions", issue::preconditions),
    ("getTestSet", issue::test_set),
    ("getTestSets", issue::test_sets),
    ("getTestPlan", issue::test_plan),
    ("getTestPlans", issue::test_plans),
    ("getTestExecution", issue::test_execution),
    ("getTestExecutions", issue::test_executions),
    ("getCoverableIssue", issue::coverable_issue),
    ("getCoverableIssues", issue::coverable_issues),
    ("getTestRun", run::of_test_in_execution),
    ("getTestRunById", run::by_id),
    ("getTestRuns", run::list),
    ("getTestRunsById", run::list_by_id),
    ("getDataset", settings::dataset),
    ("getDatasets", settings::datasets),
    ("getFolder", settings::folder),
    ("getProjectSettings", settings::project),
    ("getStatus", settings::status),
    ("getStatuses", settings::statuses),
    ("getStepStatus", settings::step_status),
    ("getStepStatuses", settings::step_statuses),
    ("getIssueLinkTypes", settings::link_types),
];
