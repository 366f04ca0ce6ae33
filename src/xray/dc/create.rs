//! Creating and editing Tests on Data Center: bulk create with the steps inline.

use super::super::edit::test_edit;
use super::site::ProjectSchema;
use super::test_issues::DataCenterTests;
use crate::error::{Kind, Result};
use crate::jira::{BulkCreated, cover};
use crate::mapping::fields::{Plan, Planned};
use crate::mapping::xray_field::sent;
use crate::mapping::{COMMON, Content, Field, Marker, StepText, TestKind, after, is_outline, step_changes};
use crate::target::{Creation, Draft, Issue, RemoteStep, RemoteTest, Submission, Update};
use crate::web::{Call, Idempotency, describe, of_json};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Issues per request. Data Center documents no limit; a client saw time-outs with thousands.
pub const MOST: usize = 100;

impl DataCenterTests<'_> {
    pub(super) async fn create_bulk(&self, drafts: &[Draft<'_>]) -> Result<Submission> {
        if self.site.schema.borrow().fields.folder.is_some() {
            let paths = drafts.iter().filter_map(|draft| draft.content.folder.as_deref());
            self.make_folders(paths).await?;
        }
        let body = {
            let schema = self.site.schema.borrow();
            let elements: Vec<Value> = drafts
                .iter()
                .map(|draft| element(draft, &schema, self.site.link_type()))
                .collect();
            json!({"issueUpdates": elements})
        };
        let created = match self.post_bulk(&body).await? {
            Ok(created) => created,
            Err(outcome) => return Ok(Submission::Done(vec![outcome; drafts.len()])),
        };
        let markers: Vec<Marker> = drafts.iter().map(|draft| draft.marker.clone()).collect();
        // Whatever keeps us from looking at the new issues, it does not undo them.
        let (outcomes, tests) = match self.recognise(&markers, &created).await {
            Ok(recognised) => recognised,
            Err(error) => return Ok(Submission::Unread(error)),
        };
        if self.site.schema.borrow().fields.folder.is_none() {
            self.fill_folders(drafts, &outcomes).await;
        }
        Ok(match tests {
            Some(tests) => Submission::Recognised(outcomes, tests),
            None => Submission::Done(outcomes),
        })
    }

    /// What became of elements, and the Tests that carry the markers. Those are absent where the index does not show all new
    /// ones yet, or one answer cannot hold them; then the labels of the new issues are read.
    async fn recognise(
        &self,
        markers: &[Marker],
        created: &BulkCreated,
    ) -> Result<(Vec<Creation>, Option<Vec<RemoteTest>>)> {
        let new = &created.issues;
        if new.is_empty() {
            return Ok((outcomes(markers, created, std::iter::empty()), None));
        }
        let tests = match self.site.find_tests(markers).await {
            Err(error) if error.kind == Kind::TooLarge => Vec::new(),
            tests => tests?,
        };
        if new.iter().all(|new| tests.iter().any(|test| test.issue.id == new.id)) {
            let issues = tests.iter().map(|test| (test.issue.clone(), test.labels.as_slice()));
            return Ok((outcomes(markers, created, issues), Some(tests)));
        }
        Ok((self.by_labels(markers, created).await?, None))
    }

    /// Creates issues in one request; otherwise what became of each.
    pub(super) async fn post_bulk(&self, body: &Value) -> Result<std::result::Result<BulkCreated, Creation>> {
        let client = self.site.jira.client();
        let response = client
            .answer(
                Call::post(self.site.jira.path("issue/bulk"), body).patient(),
                Idempotency::NotIdempotent,
            )
            .await?;
        // 201 where at least one was created, 400 where none was, of the same shape; one that names nothing is no answer.
        let created = serde_json::from_slice::<BulkCreated>(&response.body).ok();
        let created = created.filter(|created| !created.issues.is_empty() || !created.errors.is_empty());
        Ok(created.ok_or_else(|| {
            let message = describe(&response);
            match (200..300).contains(&response.status) {
                true => Creation::Unknown(format!("Jira's answer cannot be read: {message}")),
                false => Creation::Refused(format!("Jira refuses the bulk create: {message}")),
            }
        }))
    }
}

/// What became of elements. Successes do not name theirs: each new issue is recognised by its marker.
pub(super) fn outcomes<'l>(
    markers: &[Marker],
    created: &BulkCreated,
    found: impl Iterator<Item = (Issue, &'l [String])>,
) -> Vec<Creation> {
    let is_new = |issue: &Issue| created.issues.iter().any(|new| new.id == issue.id);
    let mut issues: BTreeMap<Marker, Issue> = BTreeMap::new();
    for (issue, labels) in found.filter(|(issue, _)| is_new(issue)) {
        for marker in crate::mapping::markers(labels.iter().map(String::as_str)) {
            issues.entry(marker).or_insert_with(|| issue.clone());
        }
    }
    let refused = BTreeMap::from_iter(created.errors.iter().filter_map(|error| {
        Some((
            error.failed_element_number?,
            of_json(&error.element_errors).unwrap_or_default(),
        ))
    }));
    let outcome = |(number, marker): (usize, &Marker)| match (issues.remove(marker), refused.get(&number)) {
        (Some(issue), _) => Creation::Created(issue),
        (None, Some(message)) => Creation::Refused(message.clone()),
        (None, None) => Creation::Unknown("Jira's answer does not show what became of it".to_owned()),
    };
    markers.iter().enumerate().map(outcome).collect()
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
    if !content.description.is_empty() {
        fields.insert("description".to_owned(), content.description.value());
    }
    kind(&mut fields, content, schema);
    match content.procedure.kind {
        TestKind::Manual => steps(&mut fields, &content.procedure.steps, schema),
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
    // The field is the default version's.
    let of_default = update.remote.version.is_none();
    if of_default && update.fields.contains(&Field::Steps) && update.content.procedure.kind == TestKind::Manual {
        changed_steps(
            &mut fields,
            &update.remote.steps,
            &update.content.procedure.steps,
            schema,
        );
    }
    if update.fields.contains(&Field::Definition) && update.content.procedure.kind != TestKind::Manual {
        definition(&mut fields, update.content, schema);
    }
    if let (Some(of), true) = (&schema.preconditions, update.fields.contains(&Field::Precondition)) {
        let stay = update.remote.associations.preconditions.iter();
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
    let name = schema.test_type(content.procedure.kind);
    fields.insert(schema.fields.test_type.clone(), json!({"value": name}));
}

fn definition(fields: &mut Map<String, Value>, content: &Content, schema: &ProjectSchema) {
    match (content.procedure.kind, &schema.cucumber) {
        (TestKind::Cucumber, Some(cucumber)) => {
            let form = if is_outline(&content.procedure.definition) {
                "Scenario Outline"
            } else {
                "Scenario"
            };
            fields.insert(cucumber.scenario_type.clone(), json!({"value": form}));
            fields.insert(cucumber.scenario.clone(), json!(content.procedure.definition));
        }
        _ => drop(fields.insert(schema.fields.definition.clone(), json!(content.procedure.definition))),
    }
}

fn steps(fields: &mut Map<String, Value>, steps: &[StepText], schema: &ProjectSchema) {
    let plan = &schema.destination.xray_fields.steps;
    let list = steps
        .iter()
        .zip(1..)
        .map(|(step, index)| row(index, step, plan, Map::new()));
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
        .map(|((at, step), index)| {
            let plan = &schema.destination.xray_fields.steps;
            row(index, step, plan, further(at).unwrap_or_default())
        })
        .collect();
    fields.insert(schema.fields.steps.clone(), json!({"steps": list}));
}

/// The shape of Xray 4 and later: `index` from 1, columns by their default names.
fn row(index: usize, step: &StepText, plan: &Plan, mut columns: Map<String, Value>) -> Value {
    let fields = columns_of(step, plan).into_iter();
    columns.extend(fields.filter(|(_, value)| !value.is_null()));
    json!({"index": index, "fields": columns})
}

/// The columns of a step that the export fills; null where it has no value for one.
pub(super) fn columns_of(step: &StepText, plan: &Plan) -> Map<String, Value> {
    let field = |field: &Planned| Some((field.name.clone(), sent(field, step.fields.get(&field.name)?)));
    let mut columns: Map<String, Value> = plan.iter().filter_map(field).collect();
    for (name, text) in [
        ("Action", &step.action),
        ("Data", &step.data),
        ("Expected Result", &step.result),
    ] {
        columns.insert(name.to_owned(), json!(text));
    }
    columns
}
