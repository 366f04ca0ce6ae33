//! Reading Tests on Data Center: a few hundred per search, with steps.

use super::site::{ProjectSchema, Site};
use crate::domain::IssueId;
use crate::error::Result;
use crate::jira::{FoundIssue, covered, status_name, updated_at, with_markers};
use crate::mapping::fields::{Plan, Planned};
use crate::mapping::xray_field::settled;
use crate::mapping::{FieldTexts, Marker, StepText};
use crate::target::{Associations, RemoteStep, RemoteTest, UsedVersion};
use itertools::Itertools;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Tests that one call asks for.
pub const MOST: usize = 250;

impl Site<'_> {
    pub(super) async fn read_tests(&self, ids: &[IssueId]) -> Result<Vec<Option<RemoteTest>>> {
        let jql = format!("id in ({}) ORDER BY id ASC", ids.iter().join(","));
        let found = self.search_tests(&jql).await?;
        let mut found = BTreeMap::from_iter(found.into_iter().map(|test| (test.issue.id.clone(), test)));
        // The search index of another node may be behind; an issue that it does not show is read by itself.
        for id in ids {
            if !found.contains_key(id)
                && let Some(test) = self.read_test(id).await?
            {
                found.insert(id.clone(), test);
            }
        }
        Ok(ids.iter().map(|id| found.remove(id)).collect())
    }

    pub(super) async fn find_tests(&self, markers: &[Marker]) -> Result<Vec<RemoteTest>> {
        let project = self.schema.borrow().destination.project.id.clone();
        self.search_tests(&with_markers(&project, markers)).await
    }

    /// A Test, from the database.
    pub(super) async fn read_test(&self, id: &IssueId) -> Result<Option<RemoteTest>> {
        let schema = self.schema();
        let found = self.jira.issue(id.as_str(), &self.fields(&schema)).await?;
        match found {
            Some(issue) => self.remote(&issue, &schema).await.map(Some),
            None => Ok(None),
        }
    }

    /// Steps of Tests, by id.
    pub(super) async fn read_steps(&self, ids: &[IssueId]) -> Result<BTreeMap<IssueId, Vec<StepText>>> {
        let field = self.schema().fields.steps;
        let jql = format!("id in ({}) ORDER BY id ASC", ids.iter().join(","));
        let mut found = self.jira.search(&jql, &[&field]).await?;
        for id in ids {
            if !found.iter().any(|issue| issue.id == *id) {
                found.extend(self.jira.issue(id.as_str(), &[&field]).await?);
            }
        }
        let mut texts = BTreeMap::new();
        for issue in &found {
            let own = match self.named_version(&issue.key).await? {
                Some((_, steps)) => steps,
                None => steps(issue, &field, &[]),
            };
            texts.insert(issue.id.clone(), own.into_iter().map(|step| step.text).collect());
        }
        Ok(texts)
    }

    async fn search_tests(&self, jql: &str) -> Result<Vec<RemoteTest>> {
        let schema = self.schema();
        let found = self.jira.search(jql, &self.fields(&schema)).await?;
        let mut remotes = Vec::with_capacity(found.len());
        for issue in &found {
            remotes.push(self.remote(issue, &schema).await?);
        }
        Ok(remotes)
    }

    async fn remote(&self, issue: &FoundIssue, schema: &ProjectSchema) -> Result<RemoteTest> {
        let version = self.named_version(&issue.key).await?;
        Ok(remote(issue, schema, self.link_type(), version))
    }

    /// Fields that are read of a Test.
    fn fields<'f>(&self, schema: &'f ProjectSchema) -> Vec<&'f str> {
        let mut fields = vec![
            "summary",
            "description",
            "labels",
            "updated",
            "project",
            &schema.fields.test_type,
            &schema.fields.steps,
            &schema.fields.definition,
        ];
        fields.extend(schema.cucumber.iter().map(|cucumber| cucumber.scenario.as_str()));
        fields.extend(schema.destination.plan.iter().map(|field| field.id.as_str()));
        fields.extend(self.link_type().map(|_| "issuelinks"));
        fields.extend(self.folder_field(&schema.fields));
        fields.extend(schema.preconditions.iter().map(|of| of.of_test.as_str()));
        fields.extend(schema.test_sets.iter().map(|of| of.of_test.as_str()));
        fields.extend((!self.setup.options.issues.transitions.is_empty()).then_some("status"));
        fields
    }
}

fn remote(
    issue: &FoundIssue,
    schema: &ProjectSchema,
    link_type: Option<&str>,
    version: Option<(UsedVersion, Vec<RemoteStep>)>,
) -> RemoteTest {
    let field = |name: &str| issue.fields.get(name).unwrap_or(&Value::Null);
    let text = |name: &str| field(name).as_str().unwrap_or_default();
    let (version, steps) = match version {
        Some((version, steps)) => (Some(version), steps),
        None => {
            let plan = &schema.destination.xray_fields.steps;
            (None, steps(issue, &schema.fields.steps, plan))
        }
    };
    let texts: Vec<StepText> = steps.iter().map(|step| step.text.clone()).collect();
    let labels = issue.labels();
    let test_type = field(&schema.fields.test_type).get("value").and_then(Value::as_str);
    let kind = test_type.and_then(|name| schema.kind(name));
    let definition = text(schema.definition_field(kind));
    let covers = link_type
        .map(|name| covered(issue.fields.get("issuelinks"), name))
        .unwrap_or_default();
    let keys = |name: Option<&str>| -> Vec<String> {
        let named = name.map(field).and_then(Value::as_array).into_iter().flatten();
        named.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let preconditions = keys(schema.preconditions.as_ref().map(|of| of.of_test.as_str()));
    let fields = FieldTexts {
        summary: text("summary"),
        description: Cow::Borrowed(field("description")),
        labels: &labels,
        kind: test_type.unwrap_or_default(),
        definition,
        steps: &texts,
        fields: super::super::planned(&schema.destination.plan, |field| issue.field(&field.id).clone()),
        coverage: &covers,
        folder: schema.fields.folder.as_deref().map(text).unwrap_or_default(),
        precondition: Some(preconditions.join(",")),
    };
    let (digests, shown) = (fields.digests(), fields.shown());
    RemoteTest {
        issue: issue.issue(),
        project_id: issue.project_id().unwrap_or_default().to_owned(),
        labels,
        kind,
        associations: Associations {
            covers,
            preconditions,
            test_sets: keys(schema.test_sets.as_ref().map(|of| of.of_test.as_str())),
        },
        digests,
        shown,
        steps,
        status: status_name(issue.fields.get("status")),
        updated: updated_at(issue.fields.get("updated")),
        version,
    }
}

fn steps(issue: &FoundIssue, field: &str, plan: &Plan) -> Vec<RemoteStep> {
    let steps = issue.field(field).get("steps").and_then(Value::as_array);
    steps.into_iter().flatten().map(|value| step(value, plan)).collect()
}

/// Xray's own columns of a step.
const COLUMNS: [&str; 3] = ["Action", "Data", "Expected Result"];

/// A step of the custom field. Column names are matched without case: the vendor's own texts mix them.
pub(super) fn step(value: &Value, plan: &Plan) -> RemoteStep {
    let columns = value.get("fields").and_then(Value::as_object);
    let column = |name: &str| {
        let mut named = columns
            .into_iter()
            .flatten()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value)
    };
    let text = |name: &str| match column(name) {
        Some(Value::String(text)) => text.clone(),
        // Some versions return raw and rendered text.
        Some(other) => other
            .pointer("/value/raw")
            .or_else(|| other.get("raw"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        None => String::new(),
    };
    let [action, data, result] = COLUMNS;
    let id = value
        .get("id")
        .map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned))
        .unwrap_or_default();
    let planned = plan.iter().map(|field| field.name.as_str());
    let ours: Vec<&str> = COLUMNS.into_iter().chain(planned).collect();
    let mut further = columns.cloned().unwrap_or_default();
    further.retain(|name, value| !ours.iter().any(|own| name.eq_ignore_ascii_case(own)) && !value.is_null());
    let field = |field: &Planned| {
        let held = column(&field.name).unwrap_or(&Value::Null);
        (field.name.clone(), settled(field, held))
    };
    RemoteStep {
        id,
        text: StepText {
            action: text(action),
            data: text(data),
            result: text(result),
            call: None,
            fields: plan.iter().map(field).collect(),
        },
        further,
        kept: false,
    }
}
