//! Xray JSON as Xray Cloud accepts it: every member by name, nothing else ("Using Xray JSON format to import execution
//! results").

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::jira::date;

/// What Xray answers to a file that is not in its format. It does not say why.
pub(super) const NOT_VALID: &str = "Result is not valid Xray Format";

/// A whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Report {
    pub test_execution_key: Option<String>,
    pub info: Option<Info>,
    #[serde(default)]
    pub tests: Vec<Entry>,
}

/// About the execution.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Info {
    pub project: Option<String>,
    pub summary: Option<String>,
    pub description: Option<String>,
    pub version: Option<String>,
    pub revision: Option<String>,
    pub user: Option<String>,
    pub start_date: Option<String>,
    pub finish_date: Option<String>,
    pub test_plan_key: Option<String>,
    pub test_environments: Option<Vec<String>>,
}

/// One test's results.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Entry {
    pub test_key: Option<String>,
    /// Name or id of the version of the test that was run.
    test_version: Option<Value>,
    pub test_info: Option<TestInfo>,
    pub start: Option<String>,
    pub finish: Option<String>,
    pub comment: Option<String>,
    pub executed_by: Option<String>,
    pub assignee: Option<String>,
    pub status: String,
    pub steps: Option<Vec<StepEntry>>,
    pub examples: Option<Vec<String>>,
    pub iterations: Option<Vec<IterationEntry>>,
    /// Older name of `iterations`.
    pub results: Option<Vec<IterationEntry>>,
    #[serde(default)]
    pub defects: Vec<String>,
    pub evidence: Option<Vec<EvidenceEntry>>,
    /// Older name of `evidence`.
    pub evidences: Option<Vec<EvidenceEntry>>,
    #[serde(default)]
    pub custom_fields: Vec<CustomFieldEntry>,
}

/// One step's result, matched by position.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct StepEntry {
    pub status: String,
    pub comment: Option<String>,
    pub actual_result: Option<String>,
    #[serde(default)]
    pub defects: Vec<String>,
    #[serde(default)]
    pub evidence: Vec<EvidenceEntry>,
}

/// One pass of a test with parameters.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct IterationEntry {
    pub name: Option<String>,
    pub parameters: Option<Vec<ParameterEntry>>,
    pub log: Option<String>,
    pub duration: Option<String>,
    pub status: String,
    #[serde(default)]
    pub steps: Vec<StepEntry>,
}

/// A parameter of an iteration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParameterEntry {
    pub name: String,
    pub value: Option<String>,
}

/// A test-run custom field by `id` or `name`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomFieldEntry {
    pub id: Option<Value>,
    pub name: Option<String>,
    #[serde(default)]
    pub value: Value,
}

/// A file, base64.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct EvidenceEntry {
    pub data: String,
    pub filename: String,
    pub content_type: Option<String>,
}

/// The definition of a test, to find or create it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct TestInfo {
    pub summary: String,
    pub project_key: String,
    #[serde(rename = "type")]
    pub test_type: String,
    #[serde(default)]
    pub requirement_keys: Vec<String>,
    #[serde(default)]
    pub labels: Vec<String>,
    pub steps: Option<Vec<StepInfo>>,
    pub scenario: Option<String>,
    pub definition: Option<String>,
}

/// A step's definition; further members are step fields by name.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct StepInfo {
    pub action: String,
    #[serde(default)]
    pub data: String,
    #[serde(default)]
    pub result: String,
    #[serde(flatten)]
    pub custom: BTreeMap<String, Value>,
}

impl Report {
    /// Reads a file, or refuses it as a whole.
    pub fn read(value: Value) -> Result<Self, &'static str> {
        let has_tests = match value.get("tests") {
            None => true,
            Some(tests) => tests.as_array().is_some_and(|tests| !tests.is_empty()),
        };
        if !has_tests || has_null(&value) {
            return Err(NOT_VALID);
        }
        let report: Self = serde_json::from_value(value).map_err(|_| NOT_VALID)?;
        let info_ok = report
            .info
            .as_ref()
            .is_none_or(|info| dates_ok(&[&info.start_date, &info.finish_date]));
        if info_ok && report.tests.iter().all(Entry::is_consistent) {
            Ok(report)
        } else {
            Err(NOT_VALID)
        }
    }
}

impl Entry {
    /// The version of the test that was run, as it was named.
    pub fn version(&self) -> Option<String> {
        match self.test_version.as_ref()? {
            Value::String(name) => Some(name.clone()),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        }
    }

    fn is_consistent(&self) -> bool {
        let forms = [
            self.steps.is_some(),
            self.examples.is_some(),
            self.iterations.is_some(),
            self.results.is_some(),
        ];
        let passes = [&self.iterations, &self.results];
        forms.iter().filter(|present| **present).count() <= 1
            && !(self.evidence.is_some() && self.evidences.is_some())
            && self.examples.as_ref().is_none_or(|examples| {
                let known = |status: &String| ["TODO", "FAILED", "PASSED", "EXECUTING"].contains(&status.as_str());
                !examples.is_empty() && examples.iter().all(known)
            })
            && passes
                .iter()
                .all(|list| list.as_ref().is_none_or(|list| !list.is_empty()))
            && self
                .iterations()
                .iter()
                .all(|pass| pass.parameters.as_ref().is_none_or(|all| !all.is_empty()))
            && dates_ok(&[&self.start, &self.finish])
            && self.test_info.as_ref().is_none_or(TestInfo::is_consistent)
    }

    /// Iterations under either name.
    pub fn iterations(&self) -> &[IterationEntry] {
        self.iterations
            .as_deref()
            .or(self.results.as_deref())
            .unwrap_or_default()
    }

    /// Evidence under either name.
    pub fn evidence(&self) -> &[EvidenceEntry] {
        self.evidence
            .as_deref()
            .or(self.evidences.as_deref())
            .unwrap_or_default()
    }
}

impl TestInfo {
    /// One kind of definition, not two.
    fn is_consistent(&self) -> bool {
        let forms = [self.steps.is_some(), self.scenario.is_some(), self.definition.is_some()];
        forms.iter().filter(|present| **present).count() == 1
    }
}

fn dates_ok(dates: &[&Option<String>]) -> bool {
    dates
        .iter()
        .all(|text| text.as_deref().is_none_or(|text| date::parse(text).is_some()))
}

/// A null is of none of the types the format names. Only values of custom fields may be anything.
fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| name != "customFields" && has_null(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(member: &str, value: Value) -> Result<Report, &'static str> {
        let mut entry = json!({ "testKey": "P-1", "status": "PASSED" });
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(member.to_owned(), value);
        }
        Report::read(json!({ "testExecutionKey": "P-9", "tests": [entry] }))
    }

    #[test]
    fn the_smallest_file_and_both_spellings_are_accepted() {
        assert!(entry("comment", json!("fine")).is_ok());
        assert!(
            entry(
                "evidences",
                json!([{ "data": "YQ==", "filename": "a.txt", "contentType": "text/plain" }])
            )
            .is_ok()
        );
        assert!(
            entry(
                "results",
                json!([{ "status": "PASSED", "parameters": [{ "name": "p", "value": "1" }] }])
            )
            .is_ok()
        );
        assert!(
            entry(
                "steps",
                json!([{ "status": "PASSED", "actualResult": "x", "evidence": [] }])
            )
            .is_ok()
        );
        assert!(entry("start", json!("2014-08-30T11:47:35+01:00")).is_ok());
    }

    #[test]
    fn anything_else_is_not_valid_xray_format() {
        let refused = [
            ("colour", json!("red")),
            ("status", json!(null)),
            ("comment", json!(5)),
            ("examples", json!([])),
            ("examples", json!(["PASS"])),
            ("iterations", json!([])),
            ("start", json!("yesterday")),
            ("steps", json!([{ "comment": "no status" }])),
            ("steps", json!([{ "status": "PASSED", "evidences": [] }])),
            (
                "evidence",
                json!([{ "filename": "a", "data": "YQ==", "contenttype": "text/plain" }]),
            ),
            (
                "testInfo",
                json!({ "summary": "s", "projectKey": "P", "type": "Manual", "steps": [], "definition": "d" }),
            ),
        ];
        for (member, value) in refused {
            assert_eq!(
                entry(member, value.clone()).unwrap_err(),
                NOT_VALID,
                "{member}: {value}"
            );
        }
        assert_eq!(Report::read(json!({ "tests": [] })).unwrap_err(), NOT_VALID);
        assert_eq!(Report::read(json!([])).unwrap_err(), NOT_VALID);
    }

    #[test]
    fn steps_and_iterations_exclude_each_other() {
        let both = json!({ "tests": [{ "testKey": "P-1", "status": "PASSED",
            "steps": [{ "status": "PASSED" }], "iterations": [{ "status": "PASSED" }] }] });
        assert_eq!(Report::read(both).unwrap_err(), NOT_VALID);
    }
}
