//! The custom fields Xray Data Center brings along.

use crate::jira::project::Role;

/// Which part of Xray a Data Center custom field shows; the last part of its `schema.custom`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum XrayField {
    /// Test: type of the test.
    TestType,
    /// Test: manual steps.
    Steps,
    /// Test: `Scenario` or `Scenario Outline`.
    ScenarioType,
    /// Test: Gherkin body.
    Scenario,
    /// Test: generic definition.
    Definition,
    /// Test: folder path.
    RepositoryPath,
    /// Test: Pre-Conditions.
    TestPreconditions,
    /// Test: Test Sets it is in.
    TestSets,
    /// Test: Test Plans it is in.
    TestPlansOfTest,
    /// Test Set: its Tests.
    TestsOfSet,
    /// Test Plan: its Tests.
    TestsOfPlan,
    /// Test Execution: its Tests.
    TestsOfExecution,
    /// Test Execution: Test Plans.
    PlansOfExecution,
    /// Test Execution: environments.
    Environments,
    /// Test Execution: revision.
    Revision,
    /// Test Execution: start date.
    BeginDate,
    /// Test Execution: end date.
    EndDate,
    /// Pre-Condition: type.
    PreconditionType,
    /// Pre-Condition: definition.
    PreconditionDefinition,
    /// Pre-Condition: its Tests.
    TestsOfPrecondition,
    /// Test Execution, computed: number of Tests by status.
    ExecutionStatus,
    /// Test, computed: latest status.
    TestRunStatus,
}

/// One row of Data Center's field list: role, `schema.custom` after `com.xpandit.plugins.xray:`, default name,
/// `schema.type`, `schema.items`, and the issue types whose screens carry it (none: computed).
pub(super) type XrayFieldRow = (
    XrayField,
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static [Role],
);

const EXECUTION: &[Role] = &[Role::TestExecution, Role::SubTestExecution];

/// The custom fields Xray Data Center brings along.
pub const XRAY_FIELDS: [XrayFieldRow; 22] = [
    (
        XrayField::TestType,
        "test-type-custom-field",
        "Test Type",
        "option",
        None,
        &[Role::Test],
    ),
    (
        XrayField::Steps,
        "manual-test-steps-custom-field",
        "Manual Test Steps",
        "any",
        None,
        &[Role::Test],
    ),
    (
        XrayField::ScenarioType,
        "automated-test-type-custom-field",
        "Cucumber Test Type",
        "option",
        None,
        &[Role::Test],
    ),
    (
        XrayField::Scenario,
        "steps-editor-custom-field",
        "Cucumber Scenario",
        "string",
        None,
        &[Role::Test],
    ),
    (
        XrayField::Definition,
        "path-editor-custom-field",
        "Generic Test Definition",
        "string",
        None,
        &[Role::Test],
    ),
    (
        XrayField::RepositoryPath,
        "test-repository-path-custom-field",
        "Test Repository Path",
        "any",
        None,
        &[Role::Test],
    ),
    (
        XrayField::TestPreconditions,
        "test-precondition-custom-field",
        "Pre-Conditions association with a Test",
        "array",
        Some("string"),
        &[Role::Test],
    ),
    (
        XrayField::TestSets,
        "test-sets-custom-field",
        "Test Sets association with a Test",
        "array",
        Some("string"),
        &[Role::Test],
    ),
    (
        XrayField::TestPlansOfTest,
        "test-plans-associated-with-test-custom-field",
        "Test Plans associated with a Test",
        "array",
        Some("string"),
        &[Role::Test],
    ),
    (
        XrayField::TestsOfSet,
        "test-sets-tests-custom-field",
        "Tests association with a Test Set",
        "array",
        Some("string"),
        &[Role::TestSet],
    ),
    (
        XrayField::TestsOfPlan,
        "tests-associated-with-test-plan-custom-field",
        "Tests associated with a Test Plan",
        "array",
        Some("string"),
        &[Role::TestPlan],
    ),
    (
        XrayField::TestsOfExecution,
        "testexec-tests-custom-field",
        "Tests association with a Test Execution",
        "array",
        Some("string"),
        EXECUTION,
    ),
    (
        XrayField::PlansOfExecution,
        "test-plan-custom-field",
        "Test Plan",
        "array",
        Some("string"),
        EXECUTION,
    ),
    (
        XrayField::Environments,
        "test-environments-custom-field",
        "Test Environments",
        "array",
        Some("string"),
        EXECUTION,
    ),
    (
        XrayField::Revision,
        "revision-custom-field",
        "Revision",
        "string",
        None,
        EXECUTION,
    ),
    (
        XrayField::BeginDate,
        "begin-date-custom-field",
        "Begin Date",
        "datetime",
        None,
        EXECUTION,
    ),
    (
        XrayField::EndDate,
        "end-date-custom-field",
        "End Date",
        "datetime",
        None,
        EXECUTION,
    ),
    (
        XrayField::PreconditionType,
        "precondition-test-type-custom-field",
        "Pre-Condition Type",
        "option",
        None,
        &[Role::Precondition],
    ),
    (
        XrayField::PreconditionDefinition,
        "precondition-editor-custom-field",
        "Conditions",
        "string",
        None,
        &[Role::Precondition],
    ),
    (
        XrayField::TestsOfPrecondition,
        "precondition-test-custom-field",
        "Tests association with a Pre-Condition",
        "array",
        Some("string"),
        &[Role::Precondition],
    ),
    (
        XrayField::ExecutionStatus,
        "test-execution-status-custom-field",
        "Test Execution Status",
        "any",
        None,
        &[],
    ),
    (
        XrayField::TestRunStatus,
        "test-run-status-custom-field",
        "TestRunStatus",
        "any",
        None,
        &[],
    ),
];
