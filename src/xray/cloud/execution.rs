//! Test Executions on Cloud: created through Xray (Jira would keep them unknown to Xray for seconds), filled by results
//! imports, read back because an import tells nothing about its tests.

use super::Cloud;
use super::graphql::refused;
use crate::error::{Error, Kind, Result, Side};
use crate::mapping::{Execution, Marker, Run};
use crate::target::{Issue, RunPage};
use crate::web::{Call, Verb, words};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CREATE: &str = "mutation($jira:JSON!){made:createTestExecution(jira:$jira){testExecution{issueId jira(fields:[\"key\"])} warnings}}";
const RUNS: &str = "query($executions:[String],$start:Int){runs:getTestRuns(testExecIssueIds:$executions,limit:100,start:$start)\
{total results{status{name} test{issueId}}}}";

impl Cloud<'_> {
    pub(super) async fn new_execution(&self, marker: &Marker, draft: &Execution) -> Result<Issue> {
        let mut labels = draft.labels.clone();
        labels.push(marker.0.clone());
        let fields = json!({"project": {"key": self.destination().project_key}, "summary": draft.summary,
            "description": draft.description, "labels": labels});
        let answer = self
            .graphql(CREATE, json!({"jira": {"fields": fields}}), Verb::Create)
            .await?;
        let made = answer
            .alias("made")
            .map_err(|words| refused("createTestExecution", &words))?;
        let id = made.pointer("/testExecution/issueId").and_then(Value::as_str);
        let key = made.pointer("/testExecution/jira/key").and_then(Value::as_str);
        match (id, key) {
            (Some(id), Some(key)) => Ok(Issue {
                id: id.to_owned(),
                key: key.to_owned(),
            }),
            _ => Err(Error::new(
                Kind::Unknown,
                Side::Xray,
                "createTestExecution did not tell the new issue",
            )),
        }
    }

    pub(super) async fn import_runs(&self, execution: &Issue, runs: &[Run]) -> Result<BTreeMap<String, String>> {
        let tests: Vec<Value> = runs.iter().map(super::super::result).collect();
        let body = json!({"testExecutionKey": execution.key, "tests": tests});
        let call = Call::post("/api/v2/import/execution", &body).patient();
        // With an execution's key the import replaces the same runs, so sending it twice is sending it once.
        let response = self.xray.answer(call, Verb::Idempotent).await?;
        if (200..300).contains(&response.status) {
            return Ok(BTreeMap::new());
        }
        let words = words(&response);
        Ok(super::super::all_refused(runs, &words))
    }

    pub(super) async fn read_runs(&self, execution: &Issue, page: usize) -> Result<RunPage> {
        let variables = json!({"executions": [execution.id], "start": page * 100});
        let runs = self.query(RUNS, variables, "runs").await?;
        let results = runs
            .get("results")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let total = runs.get("total").and_then(Value::as_u64).unwrap_or(0);
        let last = results.is_empty() || (page as u64 + 1) * 100 >= total;
        let text = |run: &Value, pointer: &str| {
            run.pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Ok((
            results
                .iter()
                .map(|run| (text(run, "/test/issueId"), text(run, "/status/name")))
                .collect(),
            last,
        ))
    }
}
