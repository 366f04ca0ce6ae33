//! What administrators configure in Xray: test types, statuses, step fields, environments.

use crate::jira::variant::Variant;

/// How a test of a type is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Steps with action, data and expected result.
    Steps,
    /// A Gherkin scenario.
    Gherkin,
    /// One line of text naming the test.
    Unstructured,
}

impl Kind {
    /// Xray's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Steps => "Steps",
            Self::Gherkin => "Gherkin",
            Self::Unstructured => "Unstructured",
        }
    }
}

/// A test type.
#[derive(Clone, Debug)]
pub struct TestType {
    /// Its id: 24 hexadecimal digits on Cloud, a number on Data Center.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How its tests are written.
    pub kind: Kind,
}

/// A status of test runs.
#[derive(Clone, Debug)]
pub struct RunStatus {
    /// Number on Data Center; Cloud does not show it.
    pub id: u32,
    /// The name writes refer to.
    pub name: String,
    /// What people read about it.
    pub description: String,
    /// `#rrggbb`
    pub color: String,
    /// Whether a run with this status is done.
    pub is_final: bool,
    /// What it means for the requirement: `OK`, `NOK`, `NOTRUN` or `UNKNOWN` (Data Center), Cloud's coverage status.
    pub coverage: String,
}

/// A status of step results.
#[derive(Clone, Debug)]
pub struct StepStatus {
    /// Number on Data Center.
    pub id: u32,
    /// The name writes refer to.
    pub name: String,
    /// What people read about it.
    pub description: String,
    /// `#rrggbb`
    pub color: String,
    /// Name of the run status it stands for.
    pub run_status: String,
}

/// A further column of manual steps, or a field of test runs.
#[derive(Clone, Debug)]
pub struct CustomField {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type in Xray's words: `Text`, `Toggle Switch`, `Number Value`, `Single Select`, …
    pub kind: String,
    /// Whether it must have a value.
    pub required: bool,
    /// Switched off for the project.
    pub disabled: bool,
    /// Values of a select.
    pub values: Vec<String>,
}

/// Xray's settings. Test types, fields and environments hold for every project that has no settings of its own.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Types of tests; the first is the default.
    pub test_types: Vec<TestType>,
    /// Statuses of runs by rank.
    pub run_statuses: Vec<RunStatus>,
    /// Statuses of step results by rank.
    pub step_statuses: Vec<StepStatus>,
    /// Further columns of steps.
    pub step_fields: Vec<CustomField>,
    /// Fields of runs.
    pub run_fields: Vec<CustomField>,
    /// Known test environments.
    pub environments: Vec<String>,
    /// Whether an unknown environment is created when it is used.
    pub inline_environments: bool,
    /// HTML entities in the texts of steps are stored as the characters that they stand for.
    pub decodes_entities: bool,
}

impl Settings {
    /// The settings of a fresh installation.
    #[must_use]
    pub fn new(variant: Variant) -> Self {
        let types = [
            ("Manual", Kind::Steps),
            ("Cucumber", Kind::Gherkin),
            ("Generic", Kind::Unstructured),
        ];
        let test_types = types.iter().zip(1_u64..).map(|((name, kind), n)| TestType {
            id: match variant {
                Variant::Cloud => format!("5f3c9d1e{n:016x}"),
                Variant::DataCenter => n.to_string(),
            },
            name: (*name).to_owned(),
            kind: *kind,
        });
        Self {
            test_types: test_types.collect(),
            run_statuses: run_statuses(variant),
            step_statuses: step_statuses(variant),
            step_fields: Vec::new(),
            run_fields: Vec::new(),
            environments: Vec::new(),
            inline_environments: true,
            decodes_entities: false,
        }
    }

    /// Gives runs that passed and failed the names of the other variant.
    pub fn rename_run_statuses(&mut self) {
        for status in &mut self.run_statuses {
            if let Some(name) = of_other_variant(&status.name) {
                name.clone_into(&mut status.name);
            }
        }
        for step in &mut self.step_statuses {
            if let Some(name) = of_other_variant(&step.run_status) {
                name.clone_into(&mut step.run_status);
            }
        }
    }

    /// The same of steps.
    pub fn rename_step_statuses(&mut self) {
        for status in &mut self.step_statuses {
            if let Some(name) = of_other_variant(&status.name) {
                name.clone_into(&mut status.name);
            }
        }
    }

    /// The type with this name, without regard to case, or with this id.
    #[must_use]
    pub fn test_type(&self, name_or_id: &str) -> Option<&TestType> {
        let wanted = |t: &&TestType| t.id == name_or_id || t.name.eq_ignore_ascii_case(name_or_id);
        self.test_types.iter().find(wanted)
    }

    /// The run status with this name. Xray compares names as they are; only case is forgiven.
    #[must_use]
    pub fn run_status(&self, name: &str) -> Option<&RunStatus> {
        self.run_statuses
            .iter()
            .find(|status| status.name.eq_ignore_ascii_case(name))
    }

    /// The step status with this name.
    #[must_use]
    pub fn step_status(&self, name: &str) -> Option<&StepStatus> {
        self.step_statuses
            .iter()
            .find(|status| status.name.eq_ignore_ascii_case(name))
    }

    /// The status of a run nobody has worked on: `TODO` or `TO DO`.
    #[must_use]
    pub fn initial_run_status(&self) -> String {
        self.run_statuses
            .first()
            .map(|status| status.name.clone())
            .unwrap_or_default()
    }

    /// The status of a step nobody has worked on: `TODO`.
    #[must_use]
    pub fn initial_step_status(&self) -> String {
        self.step_statuses
            .first()
            .map(|status| status.name.clone())
            .unwrap_or_default()
    }

    /// Adds a status for runs and steps, as an administrator does for "SKIPPED" or "BLOCKED".
    pub fn add_status(&mut self, name: &str, is_final: bool, coverage: &str) {
        let id = self.run_statuses.iter().map(|status| status.id).max().unwrap_or(0) + 1;
        self.run_statuses.push(RunStatus {
            id,
            name: name.to_owned(),
            description: String::new(),
            color: "#9B59B6".to_owned(),
            is_final,
            coverage: coverage.to_owned(),
        });
        self.step_statuses.push(StepStatus {
            id,
            name: name.to_owned(),
            description: String::new(),
            color: "#9B59B6".to_owned(),
            run_status: name.to_owned(),
        });
    }
}

fn of_other_variant(name: &str) -> Option<&'static str> {
    match name {
        "PASS" => Some("PASSED"),
        "FAIL" => Some("FAILED"),
        "PASSED" => Some("PASS"),
        "FAILED" => Some("FAIL"),
        _ => None,
    }
}

fn run_statuses(variant: Variant) -> Vec<RunStatus> {
    let rows: &[(u32, &str, &str, &str, bool, &str)] = match variant {
        Variant::DataCenter => &[
            (1, "TODO", "The test has not started", "#A2A6AE", false, "NOTRUN"),
            (
                2,
                "EXECUTING",
                "The test is currently being executed",
                "#F1E069",
                false,
                "NOTRUN",
            ),
            (0, "PASS", "The test run has passed", "#95C160", true, "OK"),
            (3, "FAIL", "The test run has failed", "#D45D52", true, "NOK"),
            (4, "ABORTED", "The test run was aborted", "#111111", true, "NOTRUN"),
        ],
        Variant::Cloud => &[
            (1, "TO DO", "The test has not started", "#A2A6AE", false, "NOT_RUN"),
            (
                2,
                "EXECUTING",
                "The test is currently being executed",
                "#F1E069",
                false,
                "NOT_RUN",
            ),
            (0, "PASSED", "The test run has passed", "#95C160", true, "OK"),
            (3, "FAILED", "The test run has failed", "#D45D52", true, "NOK"),
            (4, "ABORTED", "The test run was aborted", "#111111", true, "NOT_RUN"),
        ],
    };
    let status =
        |&(id, name, description, color, is_final, coverage): &(u32, &str, &str, &str, bool, &str)| RunStatus {
            id,
            name: name.to_owned(),
            description: description.to_owned(),
            color: color.to_owned(),
            is_final,
            coverage: coverage.to_owned(),
        };
    rows.iter().map(status).collect()
}

fn step_statuses(variant: Variant) -> Vec<StepStatus> {
    let rows: &[(u32, &str, &str, &str)] = match variant {
        Variant::DataCenter => &[
            (1, "TODO", "#A2A6AE", "TODO"),
            (2, "EXECUTING", "#F1E069", "EXECUTING"),
            (0, "PASS", "#95C160", "PASS"),
            (3, "FAIL", "#D45D52", "FAIL"),
        ],
        Variant::Cloud => &[
            (1, "TODO", "#A2A6AE", "TO DO"),
            (2, "EXECUTING", "#F1E069", "EXECUTING"),
            (0, "PASSED", "#95C160", "PASSED"),
            (3, "FAILED", "#D45D52", "FAILED"),
        ],
    };
    let status = |&(id, name, color, run_status): &(u32, &str, &str, &str)| StepStatus {
        id,
        name: name.to_owned(),
        description: format!("The step is {name}"),
        color: color.to_owned(),
        run_status: run_status.to_owned(),
    };
    rows.iter().map(status).collect()
}
