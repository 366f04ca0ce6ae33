//! Tests that call others: which call which, and the steps of a run of one.

use super::execution::step_text;
use super::site::Site;
use crate::domain::IssueId;
use crate::error::Result;
use crate::mapping::StepText;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CALLS: &str = "query($project:String,$start:Int){tests:getTests(projectId:$project,limit:100,start:$start){total \
results{issueId steps{callTestIssueId}}}}";
const EXPANDED: &str = "query($ids:[String]){tests:getExpandedTests(issueIds:$ids,limit:100){results{issueId \
steps{action data result}}}}";

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

impl Site<'_> {
    /// Who calls whom in the project. Xray can only be asked for all of its Tests.
    pub(super) async fn read_calls(&self) -> Result<Vec<(IssueId, IssueId)>> {
        let project = self.destination().project.id;
        let (mut calls, mut start) = (Vec::new(), 0);
        loop {
            let tests = self
                .query(CALLS, json!({"project": project, "start": start}), "tests")
                .await?;
            let results = list(&tests, "results");
            for test in results {
                let called = list(test, "steps").iter().map(|step| text(step, "callTestIssueId"));
                let called = called.filter(|id| !id.is_empty());
                calls.extend(called.map(|called| (IssueId::from(text(test, "issueId")), IssueId::from(called))));
            }
            start += results.len() as u64;
            let total = tests.get("total").and_then(Value::as_u64).unwrap_or(0);
            if results.is_empty() || start >= total {
                return Ok(calls);
            }
        }
    }

    /// Puts the steps of called Tests in the place of the calls, as runs show them.
    pub(super) async fn expand(&self, tests: &mut BTreeMap<IssueId, Vec<StepText>>) -> Result<()> {
        let calls = |steps: &[StepText]| steps.iter().any(|step| step.call.is_some());
        let calling = tests.iter().filter(|(_, steps)| calls(steps));
        let ids: Vec<IssueId> = calling.map(|(id, _)| id.clone()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let found = self.query(EXPANDED, json!({"ids": ids}), "tests").await?;
        for test in list(&found, "results") {
            let steps = list(test, "steps").iter().map(step_text).collect();
            tests.insert(text(test, "issueId").into(), steps);
        }
        Ok(())
    }
}
