//! Reading Tests on Cloud: with steps and Jira fields in one request, by ids or by markers, a few hundred at a time.

use super::graphql::{RESOLVERS, refused};
use super::site::Site;
use super::version;
use crate::domain::IssueId;
use crate::error::{Kind, Result};
use crate::jira::{covered, status_name, updated_at, with_markers};
use crate::mapping::fields::{Plan, Planned};
use crate::mapping::xray_field::settled;
use crate::mapping::{FieldTexts, Marker, StepText, TestKind};
use crate::target::{Associations, Destination, Issue, RemoteStep, RemoteTest};
use crate::web::Idempotency;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Tests that one call asks for.
pub const MOST: usize = 300;
/// Tests of one list ("GraphQL API", limits).
const LIST: usize = 100;
/// Markers of one query. One that finds more than a hundred issues is refused (docs.getxray.app, getTests); there is room
/// for copies.
const MARKERS: usize = 60;

/// What is read of a Test, and the resolvers that a list of them costs.
const TESTS: &str = "total results{issueId projectId jira(fields:$fields) testType{name kind} unstructured gherkin \
steps{id action data result callTestIssueId} testVersions(limit:1,archived:false){total}";
const COST: usize = 5;
/// The same of their steps alone.
const STEPS: &str =
    "results{issueId steps{id action data result callTestIssueId} testVersions(limit:1,archived:false){total}";
const STEPS_COST: usize = 4;
/// Where a step's own fields go, and what is asked of them.
const OF_STEPS: (&str, &str) = ("callTestIssueId}", "callTestIssueId customFields{id value}}");
/// These are asked for only where they are mapped. A request may ask for 10,000 items, of all Tests of a list together.
const FOLDER: &str = " folder{path}";
const PRECONDITIONS: &str = " preconditions(limit:50){results{issueId}}";
const TEST_SETS: &str = " testSets(limit:40){results{issueId}}";

/// What selects the Tests of a list.
pub(super) enum Selection<'s> {
    Ids(&'s [IssueId]),
    Query(String),
}

impl Site<'_> {
    pub(super) async fn read_tests(&self, ids: &[IssueId]) -> Result<Vec<Option<RemoteTest>>> {
        let mut found = self.tests_by_id(ids).await?;
        let missing: Vec<IssueId> = ids.iter().filter(|id| !found.contains_key(*id)).cloned().collect();
        if !missing.is_empty() {
            // Reads right after a create sometimes miss, and Xray does not explain why an id is left out: Jira is asked.
            let there = self.still_there(&missing).await?;
            if !there.is_empty() {
                self.xray.ports().clock.sleep(2_000).await;
                found.extend(self.tests_by_id(&there).await?);
            }
        }
        Ok(ids.iter().map(|id| found.remove(id)).collect())
    }

    pub(super) async fn find_tests(&self, markers: &[Marker]) -> Result<Vec<RemoteTest>> {
        let project = self.destination().project.id;
        let query = |chunk: &[Marker]| Selection::Query(with_markers(&project, chunk));
        let found = match self.tests(markers.chunks(MARKERS).map(query).collect()).await {
            // Of one query: Jira shows any number.
            Err(error) if error.kind == Kind::Rejected => {
                let mut ids: Vec<IssueId> = Vec::new();
                for chunk in markers.chunks(LIST) {
                    let found = self.jira.find(&project, chunk).await?;
                    ids.extend(found.into_values().flatten().map(|issue| issue.id));
                }
                self.tests_by_id(&ids).await?
            }
            found => found?,
        };
        Ok(found.into_values().collect())
    }

    async fn tests_by_id(&self, ids: &[IssueId]) -> Result<BTreeMap<IssueId, RemoteTest>> {
        self.tests(ids.chunks(LIST).map(Selection::Ids).collect()).await
    }

    /// Steps of Tests, by id.
    pub(super) async fn read_steps(&self, ids: &[IssueId]) -> Result<BTreeMap<IssueId, Vec<StepText>>> {
        let mut lists: Vec<Selection<'_>> = ids.chunks(LIST).map(Selection::Ids).collect();
        let mut found = BTreeMap::new();
        while !lists.is_empty() {
            let next = lists.drain(..lists.len().min(RESOLVERS / STEPS_COST)).collect();
            let mut tests = self.read_lists(next, STEPS, None).await?;
            self.choose_versions(&mut tests).await?;
            for test in tests {
                let steps = list(&test, "/steps").map(|of| step(of, &[]).text).collect();
                found.insert(IssueId::from(text(&test, "/issueId")), steps);
            }
        }
        Ok(found)
    }

    /// Tests of lists, as many in one request as Xray allows.
    async fn tests(&self, mut lists: Vec<Selection<'_>>) -> Result<BTreeMap<IssueId, RemoteTest>> {
        let options = &self.setup.options;
        let destination = self.destination();
        let (mut selection, mut cost) = (with_fields(TESTS, &destination.xray_fields.steps), COST);
        cost += usize::from(!destination.xray_fields.steps.is_empty());
        if !options.places.folder.levels.is_empty() {
            selection.push_str(FOLDER);
            cost += 1;
        }
        let mut at_once = RESOLVERS / cost;
        if options.scenario.preconditions {
            selection.push_str(PRECONDITIONS);
            at_once = 1;
        }
        if options.places.test_sets.is_some() {
            selection.push_str(TEST_SETS);
            at_once = 1;
        }
        let mut fields = vec!["key", "summary", "description", "labels", "updated"];
        fields.extend(destination.plan.iter().map(|field| field.id.as_str()));
        fields.extend(self.link_type().map(|_| "issuelinks"));
        fields.extend((!options.issues.transitions.is_empty()).then_some("status"));
        let mut found = BTreeMap::new();
        while !lists.is_empty() {
            let next = lists.drain(..lists.len().min(at_once)).collect();
            let mut tests = self.read_lists(next, &selection, Some(&fields)).await?;
            self.choose_versions(&mut tests).await?;
            let tests = tests
                .iter()
                .filter_map(|test| remote(test, &destination, self.link_type()));
            found.extend(tests.map(|test| (test.issue.id.clone(), test)));
        }
        Ok(found)
    }

    /// What one request finds of lists of Tests, with these fields of Jira.
    pub(super) async fn read_lists(
        &self,
        lists: Vec<Selection<'_>>,
        selection: &str,
        fields: Option<&[&str]>,
    ) -> Result<Vec<Value>> {
        let (number, mut head, mut body, mut variables) = (lists.len(), Vec::new(), String::new(), Map::new());
        if let Some(fields) = fields {
            head.push("$fields:[String]".to_owned());
            variables.insert("fields".to_owned(), json!(fields));
        }
        for (index, list) in lists.into_iter().enumerate() {
            let (argument, kind, value) = match list {
                Selection::Ids(ids) => ("issueIds", "[String]", json!(ids)),
                Selection::Query(jql) => ("jql", "String", json!(jql)),
            };
            head.push(format!("$s{index}:{kind}"));
            body.push_str(&format!(
                " t{index}:getTests({argument}:$s{index},limit:{LIST}){{{selection}}}}}"
            ));
            variables.insert(format!("s{index}"), value);
        }
        let document = format!("query({}){{{body} }}", head.join(","));
        let mut answer = self
            .graphql(&document, Value::Object(variables), Idempotency::Safe)
            .await?;
        let mut tests = Vec::new();
        for alias in (0..number).map(|index| format!("t{index}")) {
            answer.alias(&alias).map_err(|message| refused("getTests", &message))?;
            let list = answer.data.as_mut().and_then(|data| data.remove(&alias));
            if let Some(Value::Array(results)) = list.and_then(|mut list| list.get_mut("results").map(Value::take)) {
                tests.extend(results);
            }
        }
        Ok(tests)
    }

    /// Which of the ids Jira still shows, by an authenticated read of its database, not of its index.
    async fn still_there(&self, ids: &[IssueId]) -> Result<Vec<IssueId>> {
        let mut there = Vec::new();
        for chunk in ids.chunks(LIST) {
            let issues = self.jira.bulk_fetch(chunk, &["labels"]).await?;
            there.extend(issues.into_iter().map(|issue| issue.id));
        }
        Ok(there)
    }
}

/// A selection with the fields of steps, where some are filled.
pub(super) fn with_fields(selection: &str, plan: &Plan) -> String {
    let (without, with) = OF_STEPS;
    match plan.is_empty() {
        true => selection.to_owned(),
        false => selection.replace(without, with),
    }
}

/// A Test of an answer; `None` where it shows no issue.
fn remote(test: &Value, destination: &Destination, link_type: Option<&str>) -> Option<RemoteTest> {
    let plan = &destination.plan;
    let jira = jira_fields(test)?;
    let of_jira = |name: &str| jira.get(name).unwrap_or(&Value::Null);
    let steps: Vec<RemoteStep> = list(test, "/steps")
        .map(|of| step(of, &destination.xray_fields.steps))
        .collect();
    let texts: Vec<StepText> = steps.iter().map(|step| step.text.clone()).collect();
    let labels: Vec<String> = strings(list(&jira, "/labels").map(Value::as_str));
    let kind = kind(&text(test, "/testType/kind"));
    let covers = link_type
        .map(|name| covered(jira.get("issuelinks"), name))
        .unwrap_or_default();
    let preconditions = list(test, "/preconditions/results").map(|it| it.get("issueId")?.as_str());
    let preconditions: Vec<String> = strings(preconditions);
    let test_sets = list(test, "/testSets/results").map(|it| it.get("issueId")?.as_str());
    let fields = FieldTexts {
        summary: &text(&jira, "/summary"),
        description: Cow::Borrowed(of_jira("description")),
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
        associations: Associations {
            covers,
            preconditions,
            test_sets: strings(test_sets),
        },
        digests,
        shown,
        steps,
        status: status_name(jira.get("status")),
        updated: updated_at(jira.get("updated")),
        version: version::used(test),
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

pub(super) fn list<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn strings<'v>(list: impl Iterator<Item = Option<&'v str>>) -> Vec<String> {
    list.flatten().map(str::to_owned).collect()
}

fn step(value: &Value, plan: &Plan) -> RemoteStep {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let call = Some(text("callTestIssueId")).filter(|id| !id.is_empty());
    let field = |field: &Planned| {
        let held = list(value, "/customFields").find(|of| of.get("id").and_then(Value::as_str) == Some(&field.id));
        let held = held.and_then(|held| held.get("value")).unwrap_or(&Value::Null);
        (field.name.clone(), settled(field, held))
    };
    RemoteStep {
        id: text("id"),
        text: StepText {
            action: text("action"),
            data: text("data"),
            result: text("result"),
            fields: match call {
                // It shows those of another Test.
                Some(_) => BTreeMap::new(),
                None => plan.iter().map(field).collect(),
            },
            call,
        },
        further: Map::new(),
        kept: false,
    }
}
