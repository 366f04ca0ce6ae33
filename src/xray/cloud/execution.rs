//! Test Executions on Cloud: created through Xray (Jira would keep them unknown to Xray for seconds), filled by results
//! imports, read back because an import answers nothing about its tests.

use super::super::launches::plan_of;
use super::super::results::result;
use super::Cloud;
use super::graphql::refused;
use crate::domain::{IssueId, IssueKey};
use crate::error::{Error, Kind, Result, Side};
use crate::mapping::{Execution, Marker, StepText, TestRun};
use crate::target::{Issue, RecordedRun, RunPage, RunRows};
use crate::web::{Call, Idempotency, words};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CREATE: &str = "mutation($jira:JSON!){made:createTestExecution(jira:$jira){testExecution{issueId jira(fields:[\"key\"])} warnings}}";
const RUNS: &str = "query($executions:[String],$limit:Int!,$start:Int){runs:getTestRuns(testExecIssueIds:$executions,limit:$limit,start:$start)\
{total results{status{name} test{issueId}}}}";
const DETAILED: &str = "query($executions:[String],$limit:Int!,$start:Int){runs:getTestRuns(testExecIssueIds:$executions,limit:$limit,start:$start)\
{total results{status{name} test{issueId} steps{status{name}} iterations(limit:1){total}}}}";
const STEPS: &str = "query($executions:[String],$tests:[String]){runs:getTestRuns(testExecIssueIds:$executions,\
testIssueIds:$tests,limit:100){results{test{issueId} steps{action data result}}}}";
const ENVIRONMENTS: &str = "mutation($id:String!,$names:[String]!){done:addTestEnvironmentsToTestExecution(issueId:$id,\
testEnvironments:$names){warning}}";
const PLAN: &str = "mutation($plan:String!,$ids:[String]!){done:addTestExecutionsToTestPlan(issueId:$plan,testExecIssueIds:$ids)\
{warning}}";

impl Cloud<'_> {
    pub(super) async fn new_execution(&self, marker: &Marker, draft: &Execution) -> Result<Issue> {
        let mut labels = draft.labels.clone();
        labels.push(marker.0.clone());
        let mut fields = json!({"project": {"key": self.destination().project.key}, "summary": draft.summary,
            "description": draft.description, "labels": labels});
        if let Some(fields) = fields.as_object_mut() {
            fields.extend(self.schema.borrow().execution_fields.clone());
            if let Some(version) = &draft.fix_version {
                fields.insert("fixVersions".to_owned(), json!([{"name": version}]));
            }
        }
        let answer = self
            .graphql(CREATE, json!({"jira": {"fields": fields}}), Idempotency::NotIdempotent)
            .await?;
        let made = answer
            .alias("made")
            .map_err(|words| refused("createTestExecution", &words))?;
        let id = made.pointer("/testExecution/issueId").and_then(Value::as_str);
        let key = made.pointer("/testExecution/jira/key").and_then(Value::as_str);
        match (id, key) {
            (Some(id), Some(key)) => Ok(Issue::new(id, key)),
            _ => Err(Error::new(
                Kind::Unknown,
                Side::Xray,
                "createTestExecution did not return the new issue",
            )),
        }
    }

    pub(super) async fn import_runs(&self, execution: &Issue, runs: &[TestRun]) -> Result<BTreeMap<IssueKey, String>> {
        let tests: Vec<Value> = runs.iter().map(|run| result(run, true)).collect();
        let body = json!({"testExecutionKey": execution.key, "tests": tests});
        let call = Call::post("/api/v2/import/execution", &body).patient();
        // With an execution's key the import replaces the same runs, so sending it twice is sending it once.
        let response = self.xray.answer(call, Idempotency::Idempotent).await?;
        if (200..300).contains(&response.status) {
            return Ok(BTreeMap::new());
        }
        let words = words(&response);
        Ok(super::super::all_refused(runs, &words))
    }

    /// Environments and the Test Plan, which are Xray's own data.
    pub(super) async fn complete(&self, execution: &Issue, draft: &Execution) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        if !draft.environments.is_empty() {
            let variables = json!({"id": execution.id, "names": draft.environments});
            notes.extend(self.add(ENVIRONMENTS, variables, "test environments").await?);
        }
        let plan = self.schema.borrow().plan.clone();
        let options = &self.setup.options.launches;
        if let Some(plan) = plan_of(self.jira, options, draft, plan, &mut notes).await? {
            let variables = json!({"plan": plan.id, "ids": [execution.id]});
            notes.extend(self.add(PLAN, variables, "Test Plan").await?);
        }
        Ok(notes)
    }

    /// Adds something that may be there already. Gives Xray's warning about it.
    async fn add(&self, document: &str, variables: Value, what: &str) -> Result<Option<String>> {
        let answer = self.graphql(document, variables, Idempotency::Idempotent).await?;
        let done = answer.alias("done").map_err(|words| refused(what, &words))?;
        let warning = done
            .get("warning")
            .and_then(Value::as_str)
            // That it is there already is a warning too.
            .filter(|words| !words.is_empty() && !words.contains("already"));
        Ok(warning.map(|words| format!("{what}: {words}")))
    }

    /// Runs keep the steps that their Tests had when they were created, with those of called Tests in place of the calls.
    pub(super) async fn steps_of(
        &self,
        execution: &Issue,
        again: bool,
        tests: &[IssueId],
    ) -> Result<BTreeMap<IssueId, Vec<StepText>>> {
        let mut steps = BTreeMap::new();
        if again {
            let variables = json!({"executions": [execution.id], "tests": tests});
            let runs = self.query(STEPS, variables, "runs").await?;
            for run in runs.get("results").and_then(Value::as_array).into_iter().flatten() {
                let own = run.get("steps").and_then(Value::as_array).into_iter().flatten();
                steps.insert(IssueId::from(text(run, "/test/issueId")), own.map(step_text).collect());
            }
        }
        let missing: Vec<IssueId> = tests.iter().filter(|id| !steps.contains_key(*id)).cloned().collect();
        if !missing.is_empty() {
            let mut own = super::super::launches::steps(self.read_tests(&missing).await?);
            self.expand(&mut own).await?;
            steps.extend(own);
        }
        Ok(steps)
    }

    pub(super) async fn read_runs(&self, execution: &Issue, rows: RunRows, detailed: bool) -> Result<RunPage> {
        let variables = json!({"executions": [execution.id], "limit": rows.limit,
            "start": rows.page * rows.limit});
        let document = if detailed { DETAILED } else { RUNS };
        let runs = self.query(document, variables, "runs").await?;
        let results = runs.get("results").and_then(Value::as_array);
        let results: Vec<RecordedRun> = results.into_iter().flatten().map(recorded).collect();
        let total = runs.get("total").and_then(Value::as_u64);
        let last = results.is_empty() || total.is_some_and(|total| ((rows.page + 1) * rows.limit) as u64 >= total);
        Ok((results, last))
    }
}

fn recorded(run: &Value) -> RecordedRun {
    let steps = run.get("steps").and_then(Value::as_array);
    let steps = steps.map(|steps| steps.iter().map(|step| text(step, "/status/name")).collect());
    let iterations = run.pointer("/iterations/total").and_then(Value::as_u64);
    RecordedRun {
        test: text(run, "/test/issueId"),
        status: text(run, "/status/name"),
        steps,
        iterations: iterations.map(|total| usize::try_from(total).unwrap_or(usize::MAX)),
    }
}

pub(super) fn step_text(step: &Value) -> StepText {
    StepText {
        action: text(step, "/action"),
        data: text(step, "/data"),
        result: text(step, "/result"),
        call: None,
    }
}

fn text(value: &Value, pointer: &str) -> String {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}
