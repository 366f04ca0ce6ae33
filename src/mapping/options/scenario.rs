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
    const TYPES: [(&str, TestType); 4] = [
        ("auto", TestType::Auto),
        ("manual", TestType::Manual),
        ("generic", TestType::Generic),
        ("cucumber", TestType::Cucumber),
    ];
    let default = Scenario::default();
    Scenario {
        test_type: reader.choice("test-type", &TYPES).unwrap_or_default(),
        parameters: reader
            .choice("parameters", &[("description", true), ("none", false)])
            .unwrap_or(default.parameters),
        automated_steps: reader
            .choice("automated-steps", &[("none", false), ("description", true)])
            .unwrap_or(default.automated_steps),
        preconditions: reader
            .choice("precondition", &[("section", false), ("issue", true)])
            .unwrap_or(default.preconditions),
        calls: reader
            .choice(SHARED_STEPS, &[("expand", false), ("call", true)])
            .unwrap_or(default.calls),
    }
}
