//! Creating and editing Tests on Data Center: bulk create with the steps inline.

use super::super::edit::test_edit;
use super::{DataCenter, ProjectSchema};
use crate::domain::IssueId;
use crate::error::Result;
use crate::jira::{BulkCreated, cover};
use crate::mapping::{COMMON, Content, Field, Marker, StepText, TestKind, after, is_outline, step_changes};
use crate::target::{Creation, Draft, Issue, RemoteStep, Submission, Update};
use crate::web::{Call, Idempotency, of_json, words};
use itertools::Itertools;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Issues per request. Data Center documents no limit; clients saw time-outs with thousands and settled on 50.
pub const MOST: usize = 50;

impl DataCenter<'_> {
    pub(super) async fn create_bulk(&self, drafts: &[Draft<'_>]) -> Result<Submission> {
        if self.schema.borrow().fields.folder.is_some() {
            let paths = drafts.iter().filter_map(|draft| draft.content.folder.as_deref());
            self.make_folders(paths).await?;
        }
        let body = {
            let schema = self.schema.borrow();
            let elements: Vec<Value> = drafts
                .iter()
                .map(|draft| element(draft, &schema, self.link_type()))
                .collect();
            json!({"issueUpdates": elements})
        };
        let markers: Vec<&Marker> = drafts.iter().map(|draft| draft.marker).collect();
        let submission = self.post_bulk(&markers, &body).await?;
        if let (Submission::Done(settled), None) = (&submission, &self.schema().fields.folder) {
            self.fill_folders(drafts, settled).await;
        }
        Ok(submission)
    }

    /// Creates issues in one request; outcomes in the order of their markers.
    pub(super) async fn post_bulk(&self, markers: &[&Marker], body: &Value) -> Result<Submission> {
        let client = self.jira.client();
        let response = client
            .answer(
                Call::post(self.jira.path("issue/bulk"), body).patient(),
                Idempotency::NotIdempotent,
            )
            .await?;
        // 201 where at least one was created, 400 where none was, of the same shape; one that names nothing is no answer.
        let created = serde_json::from_slice::<BulkCreated>(&response.body).ok();
        let created = created.filter(|created| !created.issues.is_empty() || !created.errors.is_empty());
        let Some(created) = created else {
            let words = words(&response);
            let outcome = if (200..300).contains(&response.status) {
                Creation::Unknown(format!("Jira's answer cannot be read: {words}"))
            } else {
                Creation::Refused(format!("Jira refuses the bulk create: {words}"))
            };
            return Ok(Submission::Done(vec![outcome; markers.len()]));
        };
        // Whatever keeps us from looking at the new issues, it does not undo them.
        let settled = self.settle(markers, created).await;
        Ok(settled.map_or_else(Submission::Unread, Submission::Done))
    }

    /// Successes do not name their element: each new issue is read and recognised by its marker.
    async fn settle(&self, markers: &[&Marker], created: BulkCreated) -> Result<Vec<Creation>> {
        let ids: Vec<IssueId> = created.issues.iter().map(|issue| issue.id.clone()).collect();
        let mut issues: BTreeMap<_, Issue> = BTreeMap::new();
        if !ids.is_empty() {
            let jql = format!("id in ({}) ORDER BY id ASC", ids.iter().join(","));
            let mut found = self.jira.search(&jql, &["labels"]).await?;
            // The index may not show them yet, and their ids must not be lost.
            for id in &ids {
                if !found.iter().any(|issue| issue.id == *id) {
                    found.extend(self.jira.issue(id.as_str(), &["labels"]).await?);
                }
            }
            let found = crate::jira::by_marker(found);
            issues.extend(
                found
                    .into_iter()
                    .filter_map(|(marker, list)| Some((marker, list.into_iter().next()?))),
            );
        }
        let refused = BTreeMap::from_iter(created.errors.iter().filter_map(|error| {
            Some((
                error.failed_element_number?,
                of_json(&error.element_errors).unwrap_or_default(),
            ))
        }));
        let outcome = |(number, marker): (usize, &&Marker)| match (issues.remove(*marker), refused.get(&number)) {
            (Some(issue), _) => Creation::Created(issue),
            (None, Some(words)) => Creation::Refused(words.clone()),
            (None, None) => Creation::Unknown("Jira's answer does not show what became of it".to_owned()),
        };
        Ok(markers.iter().enumerate().map(outcome).collect())
    }
}

fn element(draft: &Draft<'_>, schema: &ProjectSchema, link_type: Option<&str>) -> Value {
    let content = draft.content;
    let mut labels = content.labels.clone();
    labels.extend([COMMON.to_owned(), draft.marker.0.clone()]);
    let mut fields = Map::new();
    fields.extend([
        ("project".to_owned(), json!({"id": schema.destination.project.id})),
        ("issuetype".to_owned(), json!({"id": schema.test_type_id})),
        ("summary".to_owned(), json!(content.summary)),
        ("labels".to_owned(), json!(labels)),
    ]);
    if !content.description.is_null() {
        fields.insert("description".to_owned(), content.description.clone());
    }
    kind(&mut fields, content, schema);
    match content.kind {
        TestKind::Manual => steps(&mut fields, &content.steps, schema),
        TestKind::Generic | TestKind::Cucumber => definition(&mut fields, content, schema),
    }
    fields.extend(content.fields.body());
    if let (Some(field), Some(path)) = (&schema.fields.folder, &content.folder) {
        fields.insert(field.clone(), json!(path));
    }
    if let (Some(of), Some(precondition)) = (&schema.preconditions, draft.precondition) {
        fields.insert(of.of_test.clone(), json!([precondition.key]));
    }
    let links = link_type
        .map(|name| cover(content.coverage.iter(), name))
        .unwrap_or_default();
    let property = json!({"marker": draft.marker.0, "source": draft.source});
    let mut element = json!({"fields": fields, "properties": [{"key": "tms-sync", "value": property}]});
    if let (Some(element), false) = (element.as_object_mut(), links.is_empty()) {
        element.insert("update".to_owned(), json!({"issuelinks": links}));
    }
    element
}

/// Body of the edit that writes the fields that differ; `None` where none does.
pub fn edit(update: &Update<'_>, schema: &ProjectSchema, link_type: Option<&str>) -> Option<Value> {
    let mut body = test_edit(update, link_type).unwrap_or_else(|| json!({}));
    let mut fields = body
        .get("fields")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    if update.fields.contains(&Field::Kind) {
        kind(&mut fields, update.content, schema);
    }
    if update.fields.contains(&Field::Steps) && update.content.kind == TestKind::Manual {
        changed_steps(&mut fields, &update.remote.steps, &update.content.steps, schema);
    }
    if update.fields.contains(&Field::Definition) && update.content.kind != TestKind::Manual {
        definition(&mut fields, update.content, schema);
    }
    if let (Some(of), true) = (&schema.preconditions, update.fields.contains(&Field::Precondition)) {
        let stay = update.remote.preconditions.iter();
        let mut keys: Vec<&str> = stay
            .filter(|key| update.precondition.remove.as_ref() != Some(*key))
            .map(String::as_str)
            .collect();
        keys.extend(update.precondition.add.iter().map(|issue| issue.key.as_str()));
        fields.insert(of.of_test.clone(), json!(keys));
    }
    if let (Some(body), false) = (body.as_object_mut(), fields.is_empty()) {
        body.insert("fields".to_owned(), Value::Object(fields));
    }
    body.as_object().is_some_and(|body| !body.is_empty()).then_some(body)
}

fn kind(fields: &mut Map<String, Value>, content: &Content, schema: &ProjectSchema) {
    let name = schema.test_type(content.kind);
    fields.insert(schema.fields.test_type.clone(), json!({"value": name}));
}

fn definition(fields: &mut Map<String, Value>, content: &Content, schema: &ProjectSchema) {
    match (content.kind, &schema.cucumber) {
        (TestKind::Cucumber, Some(cucumber)) => {
            let form = if is_outline(&content.definition) {
                "Scenario Outline"
            } else {
                "Scenario"
            };
            fields.insert(cucumber.scenario_type.clone(), json!({"value": form}));
            fields.insert(cucumber.scenario.clone(), json!(content.definition));
        }
        _ => drop(fields.insert(schema.fields.definition.clone(), json!(content.definition))),
    }
}

fn steps(fields: &mut Map<String, Value>, steps: &[StepText], schema: &ProjectSchema) {
    let list = steps.iter().zip(1..).map(|(step, index)| row(index, step, Map::new()));
    fields.insert(schema.fields.steps.clone(), json!({"steps": list.collect::<Vec<_>>()}));
}

/// The field is replaced as a whole; steps that people added keep their places in it, and columns that they filled in
/// their values.
fn changed_steps(fields: &mut Map<String, Value>, there: &[RemoteStep], wanted: &[StepText], schema: &ProjectSchema) {
    let standing = super::super::standing(there);
    let changes = step_changes(&standing, wanted);
    let further = |at: Option<usize>| at.and_then(|at| there.get(at)).map(|step| step.further.clone());
    let list = after(&standing, &changes).into_iter().zip(1..);
    let list: Vec<Value> = list
        .map(|((at, step), index)| row(index, step, further(at).unwrap_or_default()))
        .collect();
    fields.insert(schema.fields.steps.clone(), json!({"steps": list}));
}

/// The shape of Xray 4 and later: `index` from 1, columns by their default names.
fn row(index: usize, step: &StepText, mut columns: Map<String, Value>) -> Value {
    for (name, text) in [
        ("Action", &step.action),
        ("Data", &step.data),
        ("Expected Result", &step.result),
    ] {
        columns.insert(name.to_owned(), json!(text));
    }
    json!({"index": index, "fields": columns})
}
