//! TestOps' JSON, as far as we read it. Unknown members are ignored; absent and null are the same.

use super::attributes::{IssueRow, LinkRow, MemberRow, TestKeyRow, ValueRow};
use crate::json::{Shape, Slot, members};
use std::collections::BTreeMap;

/// A page, or the bare list that some versions answer instead.
#[derive(Debug, Default)]
pub struct Page<T> {
    pub content: Vec<T>,
    pub last: Option<bool>,
    pub total_elements: Option<u64>,
    pub size: Option<usize>,
    /// The answer was a list.
    pub bare: bool,
}

impl<T: Slot + Default> Slot for Page<T> {
    fn expects(&self) -> &'static str {
        "a page"
    }

    fn begin(&mut self, shape: Shape) -> bool {
        self.bare = shape == Shape::List;
        true
    }

    fn element(&mut self, index: usize) -> Option<&mut dyn Slot> {
        self.content.element(index)
    }

    fn member(&mut self, name: &str) -> Option<&mut dyn Slot> {
        match name {
            "content" => Some(&mut self.content),
            "last" => Some(&mut self.last),
            "totalElements" => Some(&mut self.total_elements),
            "size" => Some(&mut self.size),
            _ => None,
        }
    }
}

#[derive(Debug, Default)]
pub struct Named {
    pub name: Option<String>,
}
members!(Named { name });

/// `TestCaseDto` of `testcase/__search`.
#[derive(Debug, Default)]
pub struct CaseRow {
    pub id: u64,
    pub name: Option<String>,
}
members!(CaseRow { id, name } needs id);

/// `TestCaseOverviewDto`.
#[derive(Debug, Default)]
pub struct Overview {
    pub id: u64,
    pub name: Option<String>,
    pub full_name: Option<String>,
    pub description: Option<String>,
    pub precondition: Option<String>,
    pub expected_result: Option<String>,
    pub automated: Option<bool>,
    pub deleted: Option<bool>,
    pub has_manual_scenario: Option<bool>,
    pub tags: Option<Vec<Named>>,
    pub layer: Option<Named>,
    pub status: Option<Named>,
    pub workflow: Option<Named>,
    pub members: Option<Vec<MemberRow>>,
    pub custom_fields: Option<Vec<ValueRow>>,
    pub links: Option<Vec<LinkRow>>,
    pub issues: Option<Vec<IssueRow>>,
    pub test_keys: Option<Vec<TestKeyRow>>,
    pub parameters: Option<Vec<Named>>,
    /// `TestCaseExampleDto` rows.
    pub examples: Option<serde_json::Value>,
    pub scenario: Option<FirstScenario>,
}
members!(Overview {
    id, name, full_name: "fullName", description, precondition, expected_result: "expectedResult", automated, deleted,
    has_manual_scenario: "hasManualScenario", tags, layer, status, workflow, members, custom_fields: "customFields",
    links, issues, test_keys: "testKeys", parameters, examples, scenario,
} needs id);

#[derive(Debug, Default)]
pub struct Parameter {
    pub name: Option<String>,
    pub value: Option<String>,
    pub hidden: Option<bool>,
}
members!(Parameter { name, value, hidden });

/// `TestCaseScenarioDto`, the first form of scenarios.
#[derive(Debug, Default)]
pub struct FirstScenario {
    pub steps: Option<Vec<FirstStep>>,
}
members!(FirstScenario { steps });

/// `TestCaseScenarioStepDto`.
#[derive(Debug, Default)]
pub struct FirstStep {
    pub name: Option<String>,
    pub keyword: Option<String>,
}
members!(FirstStep { name, keyword });

/// `NormalizedScenarioDto` of `testcase/{id}/step`.
#[derive(Debug, Default)]
pub struct Scenario {
    pub root: Option<Step>,
    pub scenario_steps: Option<BTreeMap<String, Step>>,
    pub attachments: Option<BTreeMap<String, Attachment>>,
    pub shared_steps: Option<BTreeMap<String, Step>>,
    pub shared_step_scenario_steps: Option<BTreeMap<String, Step>>,
    pub shared_step_attachments: Option<BTreeMap<String, Attachment>>,
}
members!(Scenario {
    root,
    scenario_steps: "scenarioSteps",
    attachments,
    shared_steps: "sharedSteps",
    shared_step_scenario_steps: "sharedStepScenarioSteps",
    shared_step_attachments: "sharedStepAttachments",
});

#[derive(Debug, Default)]
pub struct Step {
    pub body: Option<String>,
    /// The formatted form of `body`; absent in 4.x.
    pub body_json: Option<serde_json::Value>,
    pub name: Option<String>,
    pub expected_result: Option<String>,
    pub expected_result_id: Option<u64>,
    pub attachment_id: Option<u64>,
    pub shared_step_id: Option<u64>,
    pub children: Option<Vec<u64>>,
}
members!(Step {
    body,
    body_json: "bodyJson",
    name,
    expected_result: "expectedResult",
    expected_result_id: "expectedResultId",
    attachment_id: "attachmentId",
    shared_step_id: "sharedStepId",
    children,
});

/// A row of a list of files.
#[derive(Debug, Default)]
pub struct Attachment {
    pub id: Option<u64>,
    pub name: Option<String>,
    pub content_type: Option<String>,
    pub content_length: Option<u64>,
    pub missed: Option<bool>,
    pub from_test_case: Option<bool>,
}
members!(Attachment {
    id,
    name,
    content_type: "contentType",
    content_length: "contentLength",
    missed,
    from_test_case: "fromTestCase",
});

/// `SharedStepDto`.
#[derive(Debug, Default)]
pub struct SharedStep {
    pub id: u64,
    pub name: Option<String>,
    pub last_modified_date: Option<u64>,
}
members!(SharedStep { id, name, last_modified_date: "lastModifiedDate" } needs id);

/// `ValidateDto` of `query/validate`.
#[derive(Debug, Default)]
pub struct Validation {
    pub valid: Option<bool>,
    pub count: Option<u64>,
}
members!(Validation { valid, count });

#[derive(Debug, Default)]
pub struct Project {
    pub id: u64,
    pub name: Option<String>,
}
members!(Project { id, name } needs id);
