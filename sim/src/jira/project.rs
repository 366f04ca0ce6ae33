//! Projects, issue types and the workflow all projects share.

use super::id::{ProjectId, TypeId};
use super::variant::Variant;

/// What an issue type is for. Names may be changed by an administrator, roles not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Xray's Test.
    Test,
    /// Xray's Test Set.
    TestSet,
    /// Xray's Test Plan.
    TestPlan,
    /// Xray's Test Execution.
    TestExecution,
    /// Xray's Sub Test Execution, a sub-task.
    SubTestExecution,
    /// Xray's Precondition ("Pre-Condition" on Data Center).
    Precondition,
    /// Anything else: Bug, Story, …
    Plain,
}

impl Role {
    /// Whether issues of this role hold test runs.
    #[must_use]
    pub fn is_execution(self) -> bool {
        matches!(self, Self::TestExecution | Self::SubTestExecution)
    }
}

/// An issue type.
#[derive(Clone, Debug)]
pub struct IssueType {
    /// Its id.
    pub id: TypeId,
    /// Its name, possibly renamed or translated.
    pub name: String,
    /// What administrators read about it; Xray's begin with "Represents a Test".
    pub description: String,
    /// Path of the icon below the site's base URL.
    pub icon: String,
    /// Whether issues of this type need a parent.
    pub subtask: bool,
    /// What it is for.
    pub role: Role,
}

/// A project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its current key, upper case.
    pub key: String,
    /// Keys it had before; they keep resolving.
    pub former_keys: Vec<String>,
    /// The name people read.
    pub name: String,
    /// User id of the project lead.
    pub lead: Option<String>,
    /// Issue types of the project, in display order.
    pub types: Vec<TypeId>,
    /// Versions by name, in order.
    pub versions: Vec<String>,
    /// Components by name, in order.
    pub components: Vec<String>,
    /// Cloud: whether it is a team-managed project (`style: next-gen`).
    pub team_managed: bool,
    /// The number of the last issue created in it.
    pub last_number: u64,
}

/// A status of the workflow, reached through the transition of the same name from every other status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkflowStatus {
    /// Id of the status.
    pub id: u64,
    /// Id of the transition leading to it.
    pub transition: u64,
    /// Name of both.
    pub name: &'static str,
    /// `new`, `indeterminate` or `done`.
    pub category: &'static str,
}

/// The workflow of every project: Jira's simplified one.
pub const WORKFLOW: [WorkflowStatus; 3] = [
    WorkflowStatus {
        id: 10_000,
        transition: 11,
        name: "To Do",
        category: "new",
    },
    WorkflowStatus {
        id: 3,
        transition: 21,
        name: "In Progress",
        category: "indeterminate",
    },
    WorkflowStatus {
        id: 10_001,
        transition: 31,
        name: "Done",
        category: "done",
    },
];

/// A kind of link between issues.
#[derive(Clone, Debug)]
pub struct LinkType {
    /// Its id.
    pub id: u64,
    /// Its name: `Tests` (Data Center) or `Test` (Cloud) for requirement coverage.
    pub name: String,
    /// Phrase shown on the issue given as `outwardIssue`, such as "is tested by".
    pub inward: String,
    /// Phrase shown on the issue given as `inwardIssue`, such as "tests".
    pub outward: String,
}

/// `(role, Data Center's name, Cloud's name, icon)` of Xray's issue types.
pub(super) const XRAY_TYPES: [(Role, &str, &str, &str); 6] = [
    (Role::Test, "Test", "Test", "test"),
    (Role::TestSet, "Test Set", "Test Set", "test-set"),
    (Role::TestPlan, "Test Plan", "Test Plan", "test-plan"),
    (
        Role::TestExecution,
        "Test Execution",
        "Test Execution",
        "test-execution",
    ),
    (
        Role::SubTestExecution,
        "Sub Test Execution",
        "Sub Test Execution",
        "sub-test-execution",
    ),
    (Role::Precondition, "Pre-Condition", "Precondition", "precondition"),
];

/// The kinds of links of a fresh site.
pub(super) fn link_types(variant: Variant) -> Vec<LinkType> {
    let coverage = if variant == Variant::Cloud { "Test" } else { "Tests" };
    let rows = [
        ("Blocks", "is blocked by", "blocks"),
        ("Cloners", "is cloned by", "clones"),
        ("Defect", "created by", "created"),
        ("Duplicate", "is duplicated by", "duplicates"),
        ("Relates", "relates to", "relates to"),
        (coverage, "is tested by", "tests"),
    ];
    let link_type = |((name, inward, outward), id): ((&str, &str, &str), u64)| LinkType {
        id,
        name: name.to_owned(),
        inward: inward.to_owned(),
        outward: outward.to_owned(),
    };
    rows.into_iter().zip(10_000..).map(link_type).collect()
}
