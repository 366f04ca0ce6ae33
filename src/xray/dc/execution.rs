//! Test Executions on Data Center: a Jira issue, filled by results imports.

use super::{DataCenter, RAVEN};
use crate::error::Result;
use crate::mapping::{Execution, Marker, Run};
use crate::ordered;
use crate::target::{Issue, RunPage};
use crate::web::{Call, Verb, words};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Runs a page; the vendor's own scripts use it.
const PAGE: usize = 100;

impl DataCenter<'_> {
    pub(super) async fn new_execution(&self, marker: &Marker, draft: &Execution) -> Result<Issue> {
        let known = self.known();
        let mut labels = draft.labels.clone();
        labels.push(marker.0.clone());
        let body = json!({
            "fields": {"project": {"id": known.destination.project_id}, "issuetype": {"id": known.execution_type_id},
                "summary": draft.summary, "description": draft.description, "labels": labels},
            "properties": [{"key": "tms-sync", "value": {"marker": marker.0}}]});
        let created = self.jira.create(&body).await?;
        Ok(Issue {
            id: created.id,
            key: created.key,
        })
    }

    pub(super) async fn import_runs(&self, execution: &Issue, runs: &[Run]) -> Result<BTreeMap<String, String>> {
        let tests: Vec<Value> = runs.iter().map(super::super::result).collect();
        let body = json!({"testExecutionKey": execution.key, "tests": tests});
        let call = Call::post(format!("{RAVEN}/import/execution"), &body).patient();
        // With an execution's key the import replaces the same runs, so sending it twice is sending it once.
        let response = self.jira.client().answer(call, Verb::Idempotent).await?;
        if !(200..300).contains(&response.status) {
            let words = words(&response);
            return Ok(super::super::all_refused(runs, &words));
        }
        // A 200 can hide tests that failed to import.
        let answer: Value = self
            .jira
            .client()
            .decode(&response, "the results import", Verb::Idempotent)?;
        let errors = answer
            .pointer("/testIssues/error")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        Ok(ordered::map(errors.iter().filter_map(failed)))
    }

    pub(super) async fn read_runs(&self, execution: &Issue, page: usize) -> Result<RunPage> {
        let call = Call::get(format!("{RAVEN}/api/testexec/{}/test", execution.key));
        let call = call
            .query("detailed", false)
            .query("limit", PAGE)
            .query("page", page + 1);
        let rows: Vec<Value> = self.jira.client().json(call, Verb::Read).await?;
        let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let last = rows.len() < PAGE;
        Ok((
            rows.iter().map(|row| (text(row, "key"), text(row, "status"))).collect(),
            last,
        ))
    }
}

fn failed(error: &Value) -> Option<(String, String)> {
    let key = error.get("testKey").or_else(|| error.get("key"))?.as_str()?.to_owned();
    let messages = error
        .get("messages")
        .or_else(|| error.get("message"))
        .or_else(|| error.get("error"));
    let words = match messages {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        Some(Value::String(text)) => text.clone(),
        _ => error.to_string(),
    };
    Some((key, words))
}
