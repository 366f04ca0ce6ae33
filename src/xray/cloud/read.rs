//! Reading Tests on Cloud: 100 per request, with steps and Jira fields in one.

use super::Cloud;
use crate::domain::IssueId;
use crate::error::Result;
use crate::jira::{covered, status_name};
use crate::mapping::fields::Plan;
use crate::mapping::{FieldTexts, StepText, TestKind};
use crate::target::{Issue, RemoteStep, RemoteTest};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const TESTS: &str = "query($ids:[String],$fields:[String]){tests:getTests(issueIds:$ids,limit:100){total results{\
issueId projectId jira(fields:$fields) testType{name kind} unstructured gherkin steps{id action data result callTestIssueId}";
/// These are asked for only where they are mapped. A request may ask for 10,000 items: fifty of each of a hundred Tests.
const FOLDER: &str = " folder{path}";
const PRECONDITIONS: &str = " preconditions(limit:50){results{issueId}}";

impl Cloud<'_> {
    pub(super) async fn read_tests(&self, ids: &[IssueId]) -> Result<Vec<Option<RemoteTest>>> {
        let mut found = self.tests(ids).await?;
        let missing: Vec<IssueId> = ids.iter().filter(|id| !found.contains_key(*id)).cloned().collect();
        if !missing.is_empty() {
            // Reads right after a create sometimes miss, and Xray does not explain why an id is left out: Jira is asked.
            let there = self.still_there(&missing).await?;
            if !there.is_empty() {
                self.xray.ports().clock.sleep(2_000).await;
                found.extend(self.tests(&there).await?);
            }
        }
        Ok(ids.iter().map(|id| found.remove(id)).collect())
    }

    async fn tests(&self, ids: &[IssueId]) -> Result<BTreeMap<IssueId, RemoteTest>> {
        let plan = self.destination().plan;
        let mut fields = vec!["key", "summary", "description", "labels"];
        fields.extend(plan.iter().map(|field| field.id.as_str()));
        fields.extend(self.link_type().map(|_| "issuelinks"));
        let options = &self.setup.options;
        fields.extend((!options.transitions.is_empty()).then_some("status"));
        let mut document = TESTS.to_owned();
        if !options.folder.levels.is_empty() {
            document.push_str(FOLDER);
        }
        if options.scenario.preconditions {
            document.push_str(PRECONDITIONS);
        }
        document.push_str("}}}");
        let variables = json!({"ids": ids, "fields": fields});
        let tests = self.query(&document, variables, "tests").await?;
        let results = tests
            .get("results")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let remotes = results.iter().filter_map(|test| remote(test, &plan, self.link_type()));
        Ok(BTreeMap::from_iter(
            remotes.map(|remote| (remote.issue.id.clone(), remote)),
        ))
    }

    /// Which of the ids Jira still shows, by an authenticated read of its database, not of its index.
    async fn still_there(&self, ids: &[IssueId]) -> Result<Vec<IssueId>> {
        let issues = self.jira.bulk_fetch(ids, &["labels"]).await?;
        Ok(issues.into_iter().map(|issue| issue.id).collect())
    }
}

/// A Test of an answer; `None` where it shows no issue.
fn remote(test: &Value, plan: &Plan, link_type: Option<&str>) -> Option<RemoteTest> {
    let jira = jira_fields(test)?;
    let of_jira = |name: &str| jira.get(name).unwrap_or(&Value::Null);
    let steps: Vec<RemoteStep> = list(test, "/steps").map(step).collect();
    let texts: Vec<StepText> = steps.iter().map(|step| step.text.clone()).collect();
    let labels: Vec<String> = strings(list(&jira, "/labels").map(Value::as_str));
    let kind = kind(&text(test, "/testType/kind"));
    let covers = link_type
        .map(|name| covered(jira.get("issuelinks"), name))
        .unwrap_or_default();
    let preconditions = list(test, "/preconditions/results").map(|it| it.get("issueId")?.as_str());
    let preconditions: Vec<String> = strings(preconditions);
    let fields = FieldTexts {
        summary: &text(&jira, "/summary"),
        description: of_jira("description"),
        labels: &labels,
        kind: &text(test, "/testType/name"),
        definition: &match kind {
            Some(TestKind::Cucumber) => text(test, "/gherkin"),
            _ => text(test, "/unstructured"),
        },
        steps: &texts,
        fields: super::super::planned(plan, |field| of_jira(&field.id).clone()),
        coverage: &covers,
        folder: &text(test, "/folder/path"),
        precondition: Some(preconditions.join(",")),
    };
    let (digests, shown) = (fields.digests(), fields.shown());
    Some(RemoteTest {
        issue: Issue::new(text(test, "/issueId"), text(&jira, "/key")),
        project_id: text(test, "/projectId"),
        labels,
        kind,
        covers,
        preconditions,
        digests,
        shown,
        steps,
        status: status_name(jira.get("status")),
    })
}

/// Jira's fields of a Test. One client saw the object as a JSON string.
fn jira_fields(test: &Value) -> Option<Value> {
    match test.get("jira")? {
        Value::String(json) => serde_json::from_str(json).ok(),
        other => Some(other.clone()),
    }
}

/// The kind of a test type, whatever a project calls it.
fn kind(of_xray: &str) -> Option<TestKind> {
    match of_xray {
        "Steps" => Some(TestKind::Manual),
        "Unstructured" => Some(TestKind::Generic),
        "Gherkin" => Some(TestKind::Cucumber),
        _ => None,
    }
}

fn text(value: &Value, pointer: &str) -> String {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn list<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn strings<'v>(list: impl Iterator<Item = Option<&'v str>>) -> Vec<String> {
    list.flatten().map(str::to_owned).collect()
}

fn step(value: &Value) -> RemoteStep {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    RemoteStep {
        id: text("id"),
        text: StepText {
            action: text("action"),
            data: text("data"),
            result: text("result"),
            call: Some(text("callTestIssueId")).filter(|id| !id.is_empty()),
        },
        further: Map::new(),
        kept: false,
    }
}
