//! The site that everything on Data Center speaks to: its Jira, and what the preflight learned of the project.

use super::{CAPABILITY, RAVEN};
use crate::error::Result;
use crate::jira::Jira;
use crate::mapping::TestKind;
use crate::target::{Destination, Issue, Setup};
use crate::web::{Call, Idempotency};
use serde_json::{Map, Value};
use std::cell::RefCell;

/// What the preflight learned.
#[derive(Clone, Debug, Default)]
pub(super) struct ProjectSchema {
    /// What was found out for the engine; its project is absent until a check has found it.
    pub(super) destination: Destination,
    pub(super) test_type_id: String,
    pub(super) execution_type_id: String,
    pub(super) fields: FieldIds,
    /// Values of the Test Type field for manual and for automated cases.
    pub(super) manual: String,
    pub(super) generic: String,
    /// Scenarios, where the server and the screen take them.
    pub(super) cucumber: Option<Cucumber>,
    /// Preconditions, where they are mapped.
    pub(super) preconditions: Option<Preconditions>,
    /// Test Sets, where they are mapped.
    pub(super) test_sets: Option<TestSets>,
    /// The Test Plan that executions belong to, where one is configured.
    pub(super) plan: Option<Issue>,
    /// What every new execution has in further fields.
    pub(super) execution_fields: Map<String, Value>,
}

/// How scenarios are written.
#[derive(Clone, Debug)]
pub(super) struct Cucumber {
    /// Value of the Test Type field.
    pub(super) name: String,
    /// Id of the field that shows whether it is an outline.
    pub(super) scenario_type: String,
    /// Id of the field with the scenario.
    pub(super) scenario: String,
}

/// How Preconditions are written.
#[derive(Clone, Debug)]
pub(super) struct Preconditions {
    /// Id of the issue type.
    pub(super) issue_type: String,
    /// Id of the field with the type, and its values for those of Manual Tests and, where it has one, of Cucumber Tests.
    pub(super) kind: String,
    pub(super) manual: String,
    pub(super) cucumber: Option<String>,
    /// Id of the field with the text.
    pub(super) text: String,
    /// Id of the field of a Test with the keys of its Preconditions.
    pub(super) of_test: String,
}

/// How Test Sets are found and read.
#[derive(Clone, Debug)]
pub(super) struct TestSets {
    /// Id of the issue type.
    pub(super) issue_type: String,
    /// Id of the field of a Test with the keys of its Test Sets.
    pub(super) of_test: String,
}

impl ProjectSchema {
    pub(super) fn test_type(&self, kind: TestKind) -> &str {
        match (kind, &self.cucumber) {
            (TestKind::Manual, _) => &self.manual,
            (TestKind::Generic, _) => &self.generic,
            (TestKind::Cucumber, Some(cucumber)) => &cucumber.name,
            (TestKind::Cucumber, None) => kind.name(),
        }
    }

    /// Id of the field that holds the definition of a Test of this kind.
    pub(super) fn definition_field(&self, kind: Option<TestKind>) -> &str {
        match (kind, &self.cucumber) {
            (Some(TestKind::Cucumber), Some(cucumber)) => &cucumber.scenario,
            _ => &self.fields.definition,
        }
    }

    /// The kind that a value of the Test Type field stands for.
    pub(super) fn kind(&self, name: &str) -> Option<TestKind> {
        [TestKind::Manual, TestKind::Generic, TestKind::Cucumber]
            .into_iter()
            .find(|kind| self.test_type(*kind) == name)
    }
}

/// Ids of Xray's custom fields.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldIds {
    pub(super) test_type: String,
    pub(super) steps: String,
    pub(super) definition: String,
    /// Test Repository Path, where it is on the screen.
    pub(super) folder: Option<String>,
    /// Of Test Executions, where they are on the screen.
    pub(super) environments: Option<String>,
    pub(super) begin: Option<String>,
    pub(super) end: Option<String>,
}

/// Jira of a site, with Xray in it.
pub(super) struct Site<'a> {
    pub(super) jira: &'a Jira<'a>,
    pub(super) setup: Setup,
    pub(super) schema: RefCell<ProjectSchema>,
}

impl<'a> Site<'a> {
    pub(super) fn new(jira: &'a Jira<'a>, setup: Setup) -> Self {
        Site {
            jira,
            setup,
            schema: RefCell::default(),
        }
    }

    pub(super) fn schema(&self) -> ProjectSchema {
        self.schema.borrow().clone()
    }

    /// Name of the link type with which a Test covers an issue.
    pub(super) fn link_type(&self) -> Option<&str> {
        self.setup.options.places.coverage.link_type(CAPABILITY.coverage_link)
    }

    /// The field of the folder, where folders are mapped and Xray's field is on the screen.
    pub(super) fn folder_field<'f>(&self, fields: &'f FieldIds) -> Option<&'f str> {
        let mapped = !self.setup.options.places.folder.levels.is_empty();
        fields.folder.as_deref().filter(|_| mapped)
    }

    /// Names of one of Xray's lists of statuses.
    pub(super) async fn status_names(&self, list: &str) -> Result<Vec<String>> {
        let call = Call::get(format!("{RAVEN}/api/settings/{list}"));
        let list: Vec<Value> = self.jira.client().json(call, Idempotency::Safe).await?;
        let names = list.iter().filter_map(|s| s.get("name")?.as_str());
        Ok(names.map(str::to_owned).collect())
    }
}
