//! How Tests stand on Cloud: 100 a request, with steps and Jira fields in one.

use super::Cloud;
use crate::domain::IssueId;
use crate::error::Result;
use crate::jira::{covered, status_name};
use crate::mapping::fields::{Plan, Planned};
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
            // Reads right after a create sometimes miss, and Xray does not say why an id is left out: Jira is asked.
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

fn remote(test: &Value, plan: &Plan, link_type: Option<&str>) -> Option<RemoteTest> {
    let text = |pointer: &str| {
        test.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let jira = match test.get("jira")? {
        // One client saw the object as a JSON string.
        Value::String(json) => serde_json::from_slice(json.as_bytes()).ok()?,
        other => other.clone(),
    };
    let of_jira = |name: &str| jira.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let labels: Vec<String> = jira
        .get("labels")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let steps: Vec<RemoteStep> = test
        .get("steps")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(step)
        .collect();
    let texts: Vec<StepText> = steps.iter().map(|step| step.text.clone()).collect();
    let kind = match text("/testType/kind").as_str() {
        "Steps" => Some(TestKind::Manual),
        "Unstructured" => Some(TestKind::Generic),
        "Gherkin" => Some(TestKind::Cucumber),
        _ => None,
    };
    let definition = match kind {
        Some(TestKind::Cucumber) => text("/gherkin"),
        _ => text("/unstructured"),
    };
    let covers = link_type
        .map(|name| covered(jira.get("issuelinks"), name))
        .unwrap_or_default();
    let preconditions: Vec<String> = test
        .pointer("/preconditions/results")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|it| it.get("issueId")?.as_str())
        .map(str::to_owned)
        .collect();
    let told = |field: &Planned| jira.get(&field.id).unwrap_or(&Value::Null).clone();
    let fields = FieldTexts {
        summary: &of_jira("summary"),
        description: jira.get("description").unwrap_or(&Value::Null),
        labels: &labels,
        kind: &text("/testType/name"),
        definition: &definition,
        steps: &texts,
        fields: super::super::planned(plan, told),
        coverage: &covers,
        folder: &text("/folder/path"),
        precondition: Some(preconditions.join(",")),
    };
    let (digests, shown) = (fields.digests(), fields.shown());
    Some(RemoteTest {
        issue: Issue::new(text("/issueId"), of_jira("key")),
        project_id: text("/projectId"),
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
