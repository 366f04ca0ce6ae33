//! A test case as TestOps has it.

use super::{Attributes, CaseId, File};
use crate::markup::Document;
use std::collections::BTreeMap;

/// A row of the test case list: enough to see whether anything moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// TestOps id.
    pub id: CaseId,
    /// Name.
    pub name: String,
    /// Digest of everything the list says about the case.
    pub stamp: String,
    /// When it last changed, in milliseconds since the epoch; absent where the list does not say.
    pub modified: Option<u64>,
}

/// A test case with everything that is exported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestCase {
    /// TestOps id.
    pub id: CaseId,
    /// Name.
    pub name: String,
    /// Texts beside the steps.
    pub texts: CaseTexts,
    /// How it is automated.
    pub automation: Automation,
    /// Tag names.
    pub tags: Vec<String>,
    /// What TestOps keeps beside texts and steps.
    pub attributes: Attributes,
    /// Its steps.
    pub scenario: CaseScenario,
    /// Parameters and their values.
    pub examples: Examples,
    /// Files of the case, of its steps and of the shared steps it calls, each once.
    pub files: Vec<File>,
    /// What could not be read, in words.
    pub losses: Vec<String>,
}

/// Texts of a case, in Markdown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseTexts {
    /// What it is about.
    pub description: Option<String>,
    /// What must be so before it begins.
    pub precondition: Option<String>,
    /// What to expect of it as a whole.
    pub expected_result: Option<String>,
}

/// How a case is automated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Automation {
    /// Made from uploaded results.
    pub automated: bool,
    /// Full name of the automated test, for example `com.acme.LoginTest.logsIn`.
    pub full_name: Option<String>,
    /// Somebody wrote steps by hand.
    pub has_manual_scenario: bool,
}

impl Automation {
    /// Nobody wrote steps for a person.
    pub fn is_all(&self) -> bool {
        self.automated && !self.has_manual_scenario
    }
}

/// The steps of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseScenario {
    /// Top-level steps in order.
    pub steps: Vec<Step>,
    /// Its text where TestOps gives Gherkin's keywords of its steps.
    pub gherkin: Option<String>,
    /// Some step calls a shared step, whose edits do not show on the case.
    pub uses_shared_steps: bool,
    /// Steps of the last run, where they are asked for.
    pub last_run: Vec<Step>,
}

/// Parameters of a case and their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examples {
    /// Names of the parameters.
    pub parameters: Vec<String>,
    /// Sets of values: parameter and value.
    pub rows: Vec<Vec<(String, String)>>,
}

/// A step, with what is below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What to do.
    pub action: Document,
    /// What to expect.
    pub expected: Option<Document>,
    /// Names of the files attached to the step.
    pub attachments: Vec<String>,
    /// The shared step that it calls, whose name and steps it shows.
    pub called: Option<u64>,
    /// Values of the destination's own fields of steps, by name, where some are filled.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Steps below this one.
    pub children: Vec<Step>,
}

impl Step {
    /// A step that is nothing but a file, which TestOps lists among the steps.
    pub fn of_file(name: String) -> Self {
        Step {
            action: Document::from_plain(&format!("Attachment: {name}")),
            attachments: vec![name],
            ..Step::default()
        }
    }

    /// Whether the step is nothing but a file.
    pub fn is_only_a_file(&self) -> bool {
        let [name] = self.attachments.as_slice() else {
            return false;
        };
        *self == Step::of_file(name.clone())
    }
}
