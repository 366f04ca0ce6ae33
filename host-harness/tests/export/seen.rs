//! What stands in a simulated site, in few words.

use std::fmt::{self, Display, Write as _};

use serde_json::Value;
use tms_sync_sim::jira::project::Role;
use tms_sync_sim::jira::site::Site;
use tms_sync_sim::jira::xray::Kind;

use crate::rig::Rig;

/// A Test as the site holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    pub id: u64,
    pub key: String,
    pub summary: String,
    pub description: String,
    pub labels: Vec<String>,
    pub kind: String,
    /// Of Generic Tests their definition, of Cucumber Tests their scenario.
    pub definition: String,
    /// Action, data, expected result.
    pub steps: Vec<(String, String, String)>,
    pub step_ids: Vec<String>,
}

/// A Test Execution as the site holds it.
#[derive(Clone, Debug)]
pub struct Execution {
    pub summary: String,
    pub labels: Vec<String>,
    /// Test key, status, comment, start, finish.
    pub runs: Vec<Run>,
}

#[derive(Clone, Debug)]
pub struct Run {
    pub test: String,
    pub status: String,
    pub comment: String,
    pub started: Option<i64>,
    pub finished: Option<i64>,
}

/// All Tests, by ascending id.
pub fn tests(rig: &Rig) -> Vec<Test> {
    let site = rig.world.site.lock();
    let mut tests: Vec<Test> = site
        .issues()
        .filter(|issue| site.role(issue) == Role::Test)
        .map(|issue| test(&site, issue))
        .collect();
    tests.sort_by_key(|test| test.id);
    tests
}

/// The Test that carries a summary.
pub fn named(rig: &Rig, summary: &str) -> Test {
    let mut found: Vec<Test> = tests(rig).into_iter().filter(|test| test.summary == summary).collect();
    assert_eq!(found.len(), 1, "Tests named {summary}");
    found.remove(0)
}

fn test(site: &Site, issue: &tms_sync_sim::jira::issue::Issue) -> Test {
    let definition = site
        .xray
        .test(issue.id)
        .expect("Xray knows the Test")
        .definition
        .clone();
    Test {
        id: issue.id.0,
        key: issue.key.clone(),
        summary: issue.summary.clone(),
        description: text(&issue.description),
        labels: issue.labels.clone(),
        kind: definition.test_type.name.clone(),
        definition: match definition.test_type.kind {
            Kind::Gherkin => definition.gherkin.clone(),
            _ => definition.unstructured.clone(),
        },
        steps: definition
            .steps
            .iter()
            .map(|s| (s.action.clone(), s.data.clone(), s.result.clone()))
            .collect(),
        step_ids: definition.steps.iter().map(|s| s.id.clone()).collect(),
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} “{}”, {}", self.key, self.summary, self.kind)?;
        writeln!(f, "labels: {}", self.labels.join(", "))?;
        if !self.definition.is_empty() {
            writeln!(f, "{}", self.definition)?;
        }
        for (action, data, result) in &self.steps {
            writeln!(f, "step: {action} | {data} | {result}")?;
        }
        writeln!(f, "description:\n{}", self.description)
    }
}

/// Wiki markup as it is, a document of Jira Cloud as one node per line.
pub fn text(field: &Value) -> String {
    let mut text = String::new();
    match field {
        Value::String(markup) => return markup.clone(),
        document => outline(document, 0, &mut text),
    }
    text
}

fn outline(node: &Value, depth: usize, text: &mut String) {
    let Some(kind) = node["type"].as_str() else { return };
    let _ = write!(text, "{}{kind}", "  ".repeat(depth));
    for detail in ["attrs", "marks", "text"] {
        if let Some(value) = node.get(detail) {
            let _ = write!(text, " {value}");
        }
    }
    text.push('\n');
    for child in node["content"].as_array().into_iter().flatten() {
        outline(child, depth + 1, text);
    }
}

/// All Test Executions, by ascending id.
pub fn executions(rig: &Rig) -> Vec<Execution> {
    let site = rig.world.site.lock();
    let mut issues: Vec<_> = site.issues().filter(|issue| site.role(issue).is_execution()).collect();
    issues.sort_by_key(|issue| issue.id.0);
    let run = |run: &tms_sync_sim::jira::xray::Run| Run {
        test: site.issue(run.test).map(|issue| issue.key.clone()).unwrap_or_default(),
        status: run.status.clone(),
        comment: run.comment.clone(),
        started: run.started,
        finished: run.finished,
    };
    issues
        .into_iter()
        .map(|issue| Execution {
            summary: issue.summary.clone(),
            labels: issue.labels.clone(),
            runs: site.xray.runs_of_execution(issue.id).map(run).collect(),
        })
        .collect()
}
