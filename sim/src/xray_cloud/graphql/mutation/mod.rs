//! The mutations.

mod delete;
mod execution;
mod file;
mod folder;
mod member;
mod plan;
mod precondition;
mod run;
mod run_step;
mod step;
mod test;

pub(in super::super) use step::check_texts as check_step_texts;

use super::schema::Resolver;

/// Resolvers of `Mutation`.
pub(super) const MUTATION: &[(&str, Resolver)] = &[
    ("createTest", test::create),
    ("updateTestType", test::update_type),
    ("updateUnstructuredTestDefinition", test::update_unstructured),
    ("updateGherkinTestDefinition", test::update_gherkin),
    ("addTestStep", step::add),
    ("updateTestStep", step::update),
    ("removeTestStep", step::remove),
    ("removeAllTestSteps", step::remove_all),
    ("createPrecondition", precondition::create),
    ("updatePrecondition", precondition::update),
    ("addPreconditionsToTest", precondition::add_to_test),
    ("removePreconditionsFromTest", precondition::remove_from_test),
    ("addTestsToPrecondition", precondition::add_tests),
    ("removeTestsFromPrecondition", precondition::remove_tests),
    ("createTestSet", plan::create_set),
    ("createTestPlan", plan::create_plan),
    ("addTestsToTestSet", plan::add_tests_to_set),
    ("removeTestsFromTestSet", plan::remove_tests_from_set),
    ("addTestSetsToTest", plan::add_sets_to_test),
    ("removeTestSetsFromTest", plan::remove_sets_from_test),
    ("addTestsToTestPlan", plan::add_tests_to_plan),
    ("removeTestsFromTestPlan", plan::remove_tests_from_plan),
    ("addTestPlansToTest", plan::add_plans_to_test),
    ("removeTestPlansFromTest", plan::remove_plans_from_test),
    ("addTestExecutionsToTestPlan", plan::add_executions_to_plan),
    ("removeTestExecutionsFromTestPlan", plan::remove_executions_from_plan),
    ("createTestExecution", execution::create),
    ("addTestsToTestExecution", execution::add_tests),
    ("removeTestsFromTestExecution", execution::remove_tests),
    ("addTestExecutionsToTest", execution::add_to_test),
    ("removeTestExecutionsFromTest", execution::remove_from_test),
    ("addTestEnvironmentsToTestExecution", execution::add_environments),
    (
        "removeTestEnvironmentsFromTestExecution",
        execution::remove_environments,
    ),
    ("deleteTest", delete::test),
    ("deleteTestSet", delete::test_set),
    ("deleteTestPlan", delete::test_plan),
    ("deleteTestExecution", delete::test_execution),
    ("deletePrecondition", delete::precondition),
    ("createFolder", folder::create),
    ("deleteFolder", folder::delete),
    ("renameFolder", folder::rename),
    ("moveFolder", folder::move_folder),
    ("addTestsToFolder", folder::add_tests),
    ("addIssuesToFolder", folder::add_issues),
    ("removeTestsFromFolder", folder::remove_tests),
    ("removeIssuesFromFolder", folder::remove_issues),
    ("updateTestFolder", folder::move_test),
    ("updatePreconditionFolder", folder::move_precondition),
    ("updateTestRun", run::update),
    ("updateTestRunStatus", run::update_status),
    ("updateTestRunComment", run::update_comment),
    ("updateTestRunExampleStatus", run::update_example),
    ("updateIterationStatus", run::update_iteration),
    ("resetTestRun", run::reset),
    ("setTestRunTimer", run::set_timer),
    ("addEvidenceToTestRun", run::add_evidence),
    ("removeEvidenceFromTestRun", run::remove_evidence),
    ("addDefectsToTestRun", run::add_defects),
    ("removeDefectsFromTestRun", run::remove_defects),
    ("updateTestRunStep", run_step::update),
    ("updateTestRunStepStatus", run_step::update_status),
    ("updateTestRunStepComment", run_step::update_comment),
    ("addEvidenceToTestRunStep", run_step::add_evidence),
    ("removeEvidenceFromTestRunStep", run_step::remove_evidence),
    ("addDefectsToTestRunStep", run_step::add_defects),
    ("removeDefectsFromTestRunStep", run_step::remove_defects),
];
