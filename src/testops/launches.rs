//! Launches and their results: TestOps' JSON, and what it means.

use super::attributes::{IssueRow, LinkRow, issue, link};
use super::wire::{self, Named};
use super::{filled, names};
use crate::domain::{
    self, CaseId, Defect, Environment, IssueLink, LaunchId, LaunchRow, Parameter, ResultStep, Status, TestResult,
};
use itertools::Itertools;
use serde::Deserialize;
use serde_json::Value;

/// Steps of one result that are read, those below others included.
const STEPS: usize = 2_000;
/// Levels of nesting that are followed.
const DEPTH: usize = 32;

/// `LaunchDto`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Launch {
    id: u64,
    name: Option<String>,
    closed: Option<bool>,
    tags: Option<Vec<Named>>,
    links: Option<Vec<LinkRow>>,
    issues: Option<Vec<IssueRow>>,
    created_date: Option<u64>,
    last_modified_date: Option<u64>,
}

/// `TestResultDto`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    id: u64,
    test_case_id: Option<u64>,
    name: Option<String>,
    status: Option<String>,
    hidden: Option<bool>,
    #[serde(flatten)]
    failure: Failure,
    #[serde(flatten)]
    period: Period,
    parameters: Option<Vec<wire::Parameter>>,
    #[serde(flatten)]
    flags: Flags,
    #[serde(flatten)]
    testers: Testers,
}

/// Members of a [`Row`].
#[derive(Debug, Default, Deserialize)]
struct Failure {
    message: Option<String>,
    trace: Option<String>,
}

/// Members of a [`Row`].
#[derive(Debug, Default, Deserialize)]
struct Period {
    start: Option<u64>,
    stop: Option<u64>,
}

/// Members of a [`Row`].
#[derive(Debug, Default, Deserialize)]
struct Flags {
    flaky: Option<bool>,
    muted: Option<bool>,
    known: Option<bool>,
}

/// Members of a [`Row`].
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Testers {
    tested_by: Option<String>,
    assignee: Option<String>,
}

pub fn launch(row: Launch) -> LaunchRow {
    let links = row.links.unwrap_or_default().into_iter();
    let issues = row.issues.unwrap_or_default().into_iter();
    LaunchRow {
        id: LaunchId(row.id),
        name: row.name.unwrap_or_else(|| format!("Launch {}", row.id)),
        closed: row.closed.unwrap_or(false),
        tags: names(row.tags),
        links: links.filter_map(link).collect(),
        issues: issues.filter_map(issue).collect(),
        created: row.created_date,
        last_modified: row.last_modified_date,
    }
}

/// Values of environment variables, from rows `{name, variable: {name}}`: the value is in `name`. Order and repetition in
/// the answer mean nothing.
pub fn environment(rows: &[Value]) -> Vec<Environment> {
    let value = |row: &Value| {
        let (variable, value) = (text(row, "/variable/name")?, text(row, "/name")?);
        Some(Environment { variable, value })
    };
    rows.iter().filter_map(value).sorted().dedup().collect()
}

pub fn result(row: Row) -> TestResult {
    let parameters = row.parameters.unwrap_or_default().into_iter();
    let parameter = |row: wire::Parameter| Parameter {
        name: row.name.unwrap_or_default(),
        value: row.value.unwrap_or_default(),
    };
    TestResult {
        id: row.id,
        case_id: row.test_case_id.map(CaseId),
        name: row.name.unwrap_or_default(),
        status: row.status.as_deref().and_then(status),
        hidden: row.hidden.unwrap_or(false),
        failure: domain::Failure {
            message: filled(row.failure.message),
            trace: filled(row.failure.trace),
        },
        period: period(row.period),
        parameters: parameters.filter(|p| p.hidden != Some(true)).map(parameter).collect(),
        flags: domain::Flags {
            flaky: row.flags.flaky.unwrap_or(false),
            muted: row.flags.muted.unwrap_or(false),
            known: row.flags.known.unwrap_or(false),
        },
        testers: domain::Testers {
            tested_by: filled(row.testers.tested_by),
            assignee: filled(row.testers.assignee),
        },
        defects: Vec::new(),
        steps: Vec::new(),
    }
}

fn period(Period { start, stop }: Period) -> domain::Period {
    let stops_early = stop < start && stop.is_some();
    domain::Period {
        start,
        stop: stop.filter(|_| !stops_early),
        stops_early,
    }
}

/// A defect, from a row `{name, issue}`; an issue's key is in its `name`.
pub fn defect(row: &Value) -> Defect {
    let issue = |key| IssueLink {
        key,
        url: text(row, "/issue/url"),
    };
    Defect {
        name: text(row, "/name").unwrap_or_default(),
        issue: text(row, "/issue/name").map(issue),
    }
}

/// The executed steps of an object with `steps`, or of the bare array of some versions. A step says what was done in `body`
/// since the second generation, in `name` before; attachments are left to whoever reads files.
pub fn steps(execution: &Value) -> Vec<ResultStep> {
    let mut left = STEPS;
    below(execution.get("steps").unwrap_or(execution), 0, &mut left)
}

fn below(rows: &Value, depth: usize, left: &mut usize) -> Vec<ResultStep> {
    let mut steps = Vec::new();
    for row in rows.as_array().into_iter().flatten() {
        let is_file = row.get("attachmentId").is_some_and(|id| !id.is_null());
        let Some(action) = text(row, "/body").or(text(row, "/name")).filter(|_| !is_file) else {
            continue;
        };
        if *left == 0 || depth >= DEPTH {
            break;
        }
        *left -= 1;
        let mut list = |name: &str| {
            row.get(name)
                .map(|rows| below(rows, depth + 1, left))
                .unwrap_or_default()
        };
        let (expected, children) = (list("expectedResultSteps"), list("steps"));
        steps.push(ResultStep {
            action,
            status: text(row, "/status").as_deref().and_then(status),
            message: text(row, "/message"),
            trace: text(row, "/trace"),
            expected,
            children,
        });
    }
    steps
}

fn text(row: &Value, pointer: &str) -> Option<String> {
    filled(row.pointer(pointer).and_then(Value::as_str).map(str::to_owned))
}

/// A status word. In progress is null, or `in_progress` in some clients' traffic; a word we do not know is `unknown`.
fn status(word: &str) -> Option<Status> {
    match word {
        "in_progress" => None,
        "passed" => Some(Status::Passed),
        "failed" => Some(Status::Failed),
        "broken" => Some(Status::Broken),
        "skipped" => Some(Status::Skipped),
        _ => Some(Status::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::steps;
    use crate::domain::Status;

    fn read(json: &str) -> Vec<crate::domain::ResultStep> {
        steps(&serde_json::from_slice(json.as_bytes()).unwrap())
    }

    #[test]
    fn all_forms_of_an_execution_are_read() {
        let second = r#"{"steps":[{"type":"body","body":"Open","status":"failed","message":"no","steps":[
            {"type":"body","body":"Click","status":null}],"expectedResultSteps":[{"type":"expected_body","body":"It opens","status":"failed"}]},
            {"type":"attachment","attachmentId":7,"attachment":{"id":7}}]}"#;
        let first = r#"{"steps":[{"name":"Open","status":"failed","message":"no","steps":[{"name":"Click","steps":[]}],"attachments":[]}],"attachments":[]}"#;
        let bare = r#"[{"body":"Open","status":"failed","message":"no","steps":[{"body":"Click"}]}]"#;
        for json in [second, first, bare] {
            let read = read(json);
            assert_eq!((read.len(), read[0].action.as_str()), (1, "Open"), "{json}");
            assert_eq!(
                (read[0].status, read[0].message.as_deref()),
                (Some(Status::Failed), Some("no"))
            );
            assert_eq!(
                (read[0].children[0].action.as_str(), read[0].children[0].status),
                ("Click", None)
            );
        }
        assert_eq!(read(second)[0].expected[0].action, "It opens");
        assert_eq!(read("{}"), []);
    }
}
