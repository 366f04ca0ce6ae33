//! Test Executions on Data Center: a Jira issue, filled by results imports.

use super::super::edit::execution_edit;
use super::super::import::Import;
use super::super::launches::plan_of;
use super::super::recorded_fields;
use super::RAVEN;
use super::executions::DataCenterExecutions;
use super::site::FieldIds;
use crate::domain::IssueKey;
use crate::error::Result;
use crate::mapping::fields::Plan;
use crate::mapping::{Execution, Marker, TestRun, timestamp};
use crate::ports::Response;
use crate::target::{Issue, RecordedRun, RunPage, RunRows};
use crate::web::{Call, Idempotency};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Runs per page that are asked for. A site gives as many as its administrator allows.
pub const RECORDED: usize = 250;

impl DataCenterExecutions<'_> {
    pub(super) async fn new_execution(&self, marker: &Marker, draft: &Execution) -> Result<Issue> {
        let schema = self.site.schema();
        let mut labels = draft.labels.clone();
        labels.push(marker.0.clone());
        let mut fields = own_fields(&schema.fields, draft);
        fields.extend(schema.execution_fields);
        fields.insert("project".to_owned(), json!({"id": schema.destination.project.id}));
        fields.insert("issuetype".to_owned(), json!({"id": schema.execution_type_id}));
        fields.insert("summary".to_owned(), json!(draft.summary));
        fields.insert("description".to_owned(), draft.description.clone());
        fields.insert("labels".to_owned(), json!(labels));
        if let Some(version) = &draft.fix_version {
            fields.insert("fixVersions".to_owned(), json!([{"name": version}]));
        }
        let body = json!({"fields": fields, "properties": [{"key": "tms-sync", "value": {"marker": marker.0}}]});
        self.site.jira.create(&body).await
    }

    /// Writes an execution's fields. Environments are one value to Jira: those that people added are kept.
    pub(super) async fn edit_execution(&self, execution: &Issue, draft: &Execution) -> Result<()> {
        let fields = self.site.schema().fields;
        let mut own = own_fields(&fields, draft);
        if let Some(id) = fields.environments.filter(|id| own.contains_key(id)) {
            let there = self.site.jira.issue(execution.id.as_str(), &[&id]).await?;
            let there = there.and_then(|issue| issue.fields.get(&id).cloned());
            let there = there.as_ref().and_then(Value::as_array).into_iter().flatten();
            let mut names: Vec<String> = there.filter_map(Value::as_str).map(str::to_owned).collect();
            let missing = draft.environments.iter().filter(|name| !names.contains(name));
            let missing: Vec<String> = missing.cloned().collect();
            names.extend(missing);
            own.insert(id, json!(names));
        }
        self.site.jira.edit(&execution.id, &execution_edit(draft, own)).await
    }

    /// The Test Plan.
    pub(super) async fn complete(&self, execution: &Issue, draft: &Execution) -> Result<Vec<String>> {
        let schema = self.site.schema();
        let mut notes = Vec::new();
        if let Some(plan) = plan_of(
            self.site.jira,
            &self.site.setup.options.launches,
            draft,
            schema.plan,
            &mut notes,
        )
        .await?
        {
            let body = json!({"add": [execution.key]});
            let call = Call::post(format!("{RAVEN}/api/testplan/{}/testexecution", plan.key), &body);
            let warnings: Vec<Value> = self.site.jira.client().json(call, Idempotency::Idempotent).await?;
            // That it is there already is a warning too.
            let other = warnings
                .iter()
                .filter_map(Value::as_str)
                .filter(|message| !message.contains("already"));
            notes.extend(other.map(|message| format!("Test Plan: {message}")));
        }
        Ok(notes)
    }

    pub(super) async fn import_runs(&self, execution: &Issue, runs: &[TestRun]) -> Result<BTreeMap<IssueKey, String>> {
        let import = Import {
            client: self.site.jira.client(),
            path: format!("{RAVEN}/import/execution"),
            execution,
            log: false,
            most: &self.together,
        };
        // A 200 can hide tests that failed to import.
        let failed = |response: &Response| {
            let client = self.site.jira.client();
            let answer: Value = client.decode(response, "the results import", Idempotency::Idempotent)?;
            let errors = answer.pointer("/testIssues/error").and_then(Value::as_array);
            Ok(errors.into_iter().flatten().filter_map(failed).collect())
        };
        import.send(runs, failed).await
    }

    /// Runs of an execution. The list of its Tests holds statuses; the documented one with steps and iterations is that of
    /// runs. A page ends the list where it is empty: a site may allow fewer rows than were asked for.
    pub(super) async fn read_runs(&self, execution: &Issue, rows: RunRows, detailed: bool) -> Result<RunPage> {
        let call = match detailed {
            true => Call::get(format!("{RAVEN}/api/testruns")).query("testExecKey", &execution.key),
            false => Call::get(format!("{RAVEN}/api/testexec/{}/test", execution.key)).query("detailed", false),
        };
        let call = call.query("limit", rows.limit).query("page", rows.page + 1);
        let found: Vec<RunRow> = self.site.jira.client().json(call, Idempotency::Safe).await?;
        let next = (!found.is_empty()).then(|| rows.after(found.len()));
        let plan = self.site.schema().destination.xray_fields.runs;
        Ok((found.into_iter().map(|row| recorded(row, &plan)).collect(), next))
    }
}

/// A run as a list shows it. Everything else in it is skipped: with twenty iterations it has a hundred kilobytes.
#[derive(Default, Deserialize)]
struct RunRow {
    /// In the list of an execution's Tests.
    key: Option<String>,
    /// In the list of runs.
    #[serde(rename = "testKey")]
    test_key: Option<String>,
    status: Option<String>,
    steps: Option<Vec<StepRow>>,
    iterations: Option<Vec<IgnoredAny>>,
    #[serde(rename = "customFields")]
    fields: Option<Vec<FieldRow>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FieldRow {
    id: Value,
    value: Value,
}

#[derive(Default, Deserialize)]
struct StepRow {
    status: Option<String>,
}

fn recorded(row: RunRow, plan: &Plan) -> RecordedRun {
    // A run without a value may show no fields at all; the short list shows none of any run.
    let detailed = row.test_key.is_some() || row.fields.is_some();
    let fields = row.fields.unwrap_or_default();
    let value = |id: &str| {
        let is_it = |field: &&FieldRow| field.id.as_str().map_or_else(|| field.id.to_string(), str::to_owned) == id;
        fields.iter().find(is_it).map(|field| &field.value)
    };
    let fields = (detailed && !plan.is_empty()).then(|| recorded_fields(plan, value));
    let steps = row.steps.map(|steps| {
        let steps = steps.into_iter();
        steps.map(|step| step.status.unwrap_or_default()).collect()
    });
    RecordedRun {
        test: row.test_key.or(row.key).unwrap_or_default(),
        status: row.status.unwrap_or_default(),
        steps,
        iterations: row.iterations.map(|all| all.len()),
        fields,
    }
}

/// Xray's own fields of an execution, as far as they are on its screen.
fn own_fields(fields: &FieldIds, draft: &Execution) -> Map<String, Value> {
    let mut own = Map::new();
    if let Some(id) = fields.environments.as_ref().filter(|_| !draft.environments.is_empty()) {
        own.insert(id.clone(), json!(draft.environments));
    }
    for (id, time) in [(&fields.begin, draft.begin), (&fields.end, draft.end)] {
        if let (Some(id), Some(time)) = (id, time) {
            // Jira's own form of a time (REST API, Date Time Picker field).
            own.insert(id.clone(), json!(timestamp(time).replace("+00:00", ".000+0000")));
        }
    }
    own
}

fn failed(error: &Value) -> Option<(IssueKey, String)> {
    let key = error.get("testKey").or_else(|| error.get("key"))?.as_str()?;
    let messages = error
        .get("messages")
        .or_else(|| error.get("message"))
        .or_else(|| error.get("error"));
    let message = match messages {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        Some(Value::String(text)) => text.clone(),
        _ => error.to_string(),
    };
    Some((key.into(), message))
}
