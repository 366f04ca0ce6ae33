//! Pre-Conditions on Data Center: Jira issues whose text and type ride in custom fields. A Test names its own in a field.

use super::open::Preflight;
use super::screens::{field, option};
use super::site::Preconditions;
use super::test_issues::DataCenterTests;
use super::{RAVEN, create};
use crate::domain::IssueId;
use crate::error::Result;
use crate::jira::meta::{self, ScreenField};
use crate::jira::{BulkCreated, FoundIssue, Project};
use crate::mapping::{COMMON, Marker, Precondition, TestKind};
use crate::target::{Creation, Issue, NewPrecondition, PreconditionUse, Submission};
use crate::web::{Call, Idempotency};
use itertools::Itertools;
use serde_json::{Map, Value, json};

impl Preflight<'_> {
    /// Fields of Pre-Conditions, and of Tests to name theirs, are on the screens, and nothing else is required.
    pub(super) async fn check_preconditions(
        &self,
        project: &Project,
        issue_type: &str,
        of_test: &[ScreenField],
    ) -> Result<Preconditions> {
        const NAME: &str = "Pre-Condition";
        let screen = self.site.jira.screens().of_type(&project.key, issue_type).await?;
        let kind = field(&screen, "precondition-test-type-custom-field", NAME)?;
        let found = Preconditions {
            issue_type: issue_type.to_owned(),
            kind: kind.field_id.clone(),
            manual: option(kind, "Manual")?,
            cucumber: option(kind, "Cucumber").ok(),
            text: field(&screen, "precondition-editor-custom-field", NAME)?
                .field_id
                .clone(),
            of_test: field(of_test, "test-precondition-custom-field", "Test")?
                .field_id
                .clone(),
        };
        let filled = [
            "summary",
            "labels",
            "project",
            "issuetype",
            "reporter",
            &found.kind,
            &found.text,
        ];
        let open = meta::unfilled(&screen, &filled);
        if !open.is_empty() {
            return Err(super::super::unfilled_fields(NAME, &project.key, &open));
        }
        Ok(found)
    }
}

impl DataCenterTests<'_> {
    pub(super) async fn new_preconditions(&self, drafts: &[NewPrecondition<'_>]) -> Result<Submission> {
        let schema = self.site.schema();
        let Some(of) = schema.preconditions else {
            let refused = Creation::Refused("Preconditions are not mapped".to_owned());
            return Ok(Submission::Done(vec![refused; drafts.len()]));
        };
        let cucumber = of.cucumber.as_ref().unwrap_or(&of.manual);
        let element = |draft: &NewPrecondition<'_>| {
            let kind = match draft.content.kind {
                TestKind::Cucumber => cucumber,
                TestKind::Manual | TestKind::Generic => &of.manual,
            };
            let mut fields = Map::new();
            fields.extend([
                ("project".to_owned(), json!({"id": schema.destination.project.id})),
                ("issuetype".to_owned(), json!({"id": of.issue_type})),
                ("summary".to_owned(), json!(draft.content.summary)),
                ("labels".to_owned(), json!([COMMON, draft.marker.0])),
                (of.kind.clone(), json!({"value": kind})),
                (of.text.clone(), json!(draft.content.definition)),
            ]);
            json!({"fields": fields, "properties": [{"key": "tms-sync", "value": {"marker": draft.marker.0}}]})
        };
        let elements: Vec<Value> = drafts.iter().map(element).collect();
        let created = match self.post_bulk(&json!({"issueUpdates": elements})).await? {
            Ok(created) => created,
            Err(outcome) => return Ok(Submission::Done(vec![outcome; drafts.len()])),
        };
        let markers: Vec<Marker> = drafts.iter().map(|draft| draft.marker.clone()).collect();
        let outcomes = self.by_labels(&markers, &created).await;
        Ok(outcomes.map_or_else(Submission::Unread, Submission::Done))
    }

    /// What became of elements, by the labels of the new issues.
    pub(super) async fn by_labels(&self, markers: &[Marker], created: &BulkCreated) -> Result<Vec<Creation>> {
        let found = self.read_new(created).await?;
        let labels: Vec<(Issue, Vec<String>)> = found.iter().map(|found| (found.issue(), found.labels())).collect();
        let found = labels.iter().map(|(issue, labels)| (issue.clone(), labels.as_slice()));
        Ok(create::outcomes(markers, created, found))
    }

    /// New issues with their labels.
    async fn read_new(&self, created: &BulkCreated) -> Result<Vec<FoundIssue>> {
        let ids: Vec<&IssueId> = created.issues.iter().map(|issue| &issue.id).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let jql = format!("id in ({}) ORDER BY id ASC", ids.iter().join(","));
        let mut found = self.site.jira.search(&jql, &["labels"]).await?;
        for id in ids {
            if !found.iter().any(|issue| issue.id == *id) {
                found.extend(self.site.jira.issue(id.as_str(), &["labels"]).await?);
            }
        }
        Ok(found)
    }

    pub(super) async fn uses(&self, issues: &[Issue]) -> Result<Vec<Option<PreconditionUse>>> {
        let of_text = self.site.schema().preconditions.map(|of| of.text).unwrap_or_default();
        let mut uses = Vec::with_capacity(issues.len());
        for issue in issues {
            let Some(found) = self.site.jira.issue(issue.id.as_str(), &["summary", &of_text]).await? else {
                uses.push(None);
                continue;
            };
            let call = Call::get(format!("{RAVEN}/api/precondition/{}/test", found.key));
            let tests: Vec<Value> = self.site.jira.client().json(call, Idempotency::Safe).await?;
            let text = |name: &str| found.field(name).as_str().unwrap_or_default();
            let fingerprint = Precondition::fingerprint_of(text("summary"), text(&of_text));
            let tests = tests.len() as u64;
            uses.push(Some(PreconditionUse { fingerprint, tests }));
        }
        Ok(uses)
    }
}
