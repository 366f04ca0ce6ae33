//! What becomes of a case's steps, parameters and precondition.

use super::reader::Reader;

/// Option of [`Scenario::calls`].
pub const SHARED_STEPS: &str = "shared-steps";

/// Which kind of Test cases become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TestType {
    /// Cucumber where the steps are Gherkin, Generic where the case is automated without a manual scenario, else Manual.
    #[default]
    Auto,
    /// Manual, whatever the case is.
    Manual,
    /// Generic, whatever the case is.
    Generic,
    /// Cucumber where the steps are Gherkin, else as by default.
    Cucumber,
}

/// What becomes of a case's steps, parameters and precondition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Which kind of Test cases become.
    pub test_type: TestType,
    /// Parameters and their values are a section of the description.
    pub parameters: bool,
    /// Steps of an automated case's last run are a section of the description. Costs TestOps a request for each case.
    pub automated_steps: bool,
    /// Preconditions of Manual Tests are issues of their own, otherwise a section of the description.
    pub preconditions: bool,
    /// Shared steps are Tests of their own that Manual Tests call, otherwise expanded.
    pub calls: bool,
}

impl Default for Scenario {
    fn default() -> Self {
        Scenario {
            test_type: TestType::Auto,
            parameters: true,
            automated_steps: false,
            preconditions: false,
            calls: false,
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Scenario {
    const TYPES: [(&str, &str, TestType); 4] = [
        ("auto", "By what the case is", TestType::Auto),
        ("manual", "Manual", TestType::Manual),
        ("generic", "Generic", TestType::Generic),
        ("cucumber", "Cucumber where the steps are Gherkin", TestType::Cucumber),
    ];
    reader.group("Content of a Test");
    let default = Scenario::default();
    Scenario {
        test_type: reader
            .option("test-type", "Kind of Test", "Which kind of Test cases become.")
            .choice(&TYPES)
            .unwrap_or_default(),
        parameters: reader
            .option(
                "parameters",
                "Parameters",
                "Where parameters of a case and their values go.",
            )
            .choice(&[("description", "In the description", true), ("none", "Nowhere", false)])
            .unwrap_or(default.parameters),
        automated_steps: reader
            .option(
                "automated-steps",
                "Steps of automated cases",
                "Where the steps of the last run go. Costs TestOps a request per automated case.",
            )
            .choice(&[("none", "Nowhere", false), ("description", "In the description", true)])
            .unwrap_or(default.automated_steps),
        preconditions: reader
            .option(
                "precondition",
                "Precondition",
                "What the precondition of a case becomes.",
            )
            .choice(&[
                ("section", "A section of the description", false),
                ("issue", "An issue of its own", true),
            ])
            .unwrap_or(default.preconditions),
        calls: reader
            .option(
                SHARED_STEPS,
                "Shared steps",
                "What shared steps that a case calls become (calls: Xray Cloud only).",
            )
            .choice(&[
                ("expand", "Their steps", false),
                ("call", "Tests of their own, which are called", true),
            ])
            .unwrap_or(default.calls),
    }
}
