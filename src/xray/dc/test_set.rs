//! Test Sets on Data Center: Jira issues of a type of their own. A Test names its own in a field.

use super::super::issue_type;
use super::RAVEN;
use super::screens::field;
use super::site::{Site, TestSets};
use crate::domain::Issue;
use crate::error::Result;
use crate::jira::Project;
use crate::jira::meta::{IssueType, ScreenField};
use crate::web::{Call, Idempotency};
use serde_json::{Value, json};

impl Site<'_> {
    /// The issue type of Test Sets and the field of a Test that names its own, where an option asks for them.
    pub(super) fn find_test_sets(
        &self,
        project: &Project,
        types: &[IssueType],
        of_test: &[ScreenField],
    ) -> Result<Option<TestSets>> {
        if self.setup.options.places.test_sets.is_none() {
            return Ok(None);
        }
        let sought = issue_type::test_set(&self.setup.options.issues.types);
        Ok(Some(TestSets {
            issue_type: sought.find(types, &project.key)?.id.clone(),
            of_test: field(of_test, "test-sets-custom-field", "Test")?.field_id.clone(),
        }))
    }

    pub(super) async fn list_test_sets(&self) -> Result<Vec<(Issue, String)>> {
        let schema = self.schema();
        let Some(of) = &schema.test_sets else {
            return Ok(Vec::new());
        };
        let (project, issue_type) = (&schema.destination.project.id, &of.issue_type);
        let jql = format!("project = {project} AND issuetype = {issue_type} ORDER BY id ASC");
        let found = self.jira.search(&jql, &["summary"]).await?;
        let summary = |name: &Value| name.as_str().unwrap_or_default().to_owned();
        Ok(found
            .iter()
            .map(|set| (set.issue(), summary(set.field("summary"))))
            .collect())
    }

    pub(super) async fn add_tests(&self, additions: &[(Issue, Vec<Issue>)]) -> Result<Vec<Option<String>>> {
        let mut refusals = Vec::with_capacity(additions.len());
        for (set, tests) in additions {
            let keys: Vec<&str> = tests.iter().map(|test| test.key.as_str()).collect();
            let call = Call::post(format!("{RAVEN}/api/testset/{}/test", set.key), &json!({"add": keys}));
            match self.jira.client().success(call, Idempotency::Idempotent).await {
                // Warnings name single Tests; what is not in the set shows when the Tests are read.
                Ok(_) => refusals.push(None),
                Err(error) if error.concerns_one_item() => refusals.push(Some(error.message.clone())),
                Err(error) => return Err(error),
            }
        }
        Ok(refusals)
    }
}
