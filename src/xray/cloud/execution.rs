//! Test Executions on Cloud: created through Xray (Jira would keep them unknown to Xray for seconds), filled by results
//! imports, read back because an import answers nothing about its tests.

use super::super::import::Import;
use super::super::launches::plan_of;
use super::super::recorded_fields;
use super::executions::CloudExecutions;
use super::graphql::{RESOLVERS, refused};
use super::version::has_several;
use crate::domain::{IssueId, IssueKey};
use crate::error::{Error, Kind, Result, Side};
use crate::mapping::fields::Plan;
use crate::mapping::options::TestVersion;
use crate::mapping::{Execution, Marker, StepText, TestRun};
use crate::target::{Issue, RecordedRun, RunPage, RunRows};
use crate::web::Idempotency;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const CREATE: &str = "mutation($jira:JSON!){made:createTestExecution(jira:$jira){testExecution{issueId jira(fields:[\"key\"])} warnings}}";
/// What is read of runs, and the resolvers that a list of them costs.
const RUNS: (&str, usize) = ("total results{status{name} test{issueId}}", 4);
const DETAILED: (&str, usize) = (
    "total results{status{name} test{issueId} steps{status{name}} iterations(limit:1){total}}",
    7,
);
const STEPS: (&str, usize) = (
    "results{test{issueId testVersions(limit:1,archived:false){total}} steps{action data result}}",
    5,
);
/// The same of their own fields, where some are filled.
const OF_RUNS: &str = "test{issueId} customFields{id values}";
/// Runs of one list ("GraphQL API", limits).
pub const LIST: usize = 100;
/// Runs that one request reads with their steps.
pub const RUNS_READ: usize = RESOLVERS / DETAILED.1 * LIST;
const ENVIRONMENTS: &str = "mutation($id:String!,$names:[String]!){done:addTestEnvironmentsToTestExecution(issueId:$id,\
testEnvironments:$names){warning}}";
const PLAN: &str = "mutation($plan:String!,$ids:[String]!){done:addTestExecutionsToTestPlan(issueId:$plan,testExecIssueIds:$ids)\
{warning}}";

impl CloudExecutions<'_> {
    pub(super) async fn new_execution(&self, marker: &Marker, draft: &Execution) -> Result<Issue> {
        let mut labels = draft.labels.clone();
        labels.push(marker.0.clone());
        let mut fields = json!({"project": {"key": self.site.destination().project.key}, "summary": draft.summary,
            "description": draft.description, "labels": labels});
        if let Some(fields) = fields.as_object_mut() {
            fields.extend(self.site.schema.borrow().execution_fields.clone());
            if let Some(version) = &draft.fix_version {
                fields.insert("fixVersions".to_owned(), json!([{"name": version}]));
            }
        }
        let answer = self
            .site
            .graphql(CREATE, json!({"jira": {"fields": fields}}), Idempotency::NotIdempotent)
            .await?;
        let made = answer
            .alias("made")
            .map_err(|message| refused("createTestExecution", &message))?;
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
        let import = Import {
            client: &self.site.xray,
            path: "/api/v2/import/execution".to_owned(),
            execution,
            log: true,
            most: &self.together,
        };
        import.send(runs, |_| Ok(BTreeMap::new())).await
    }

    /// Environments and the Test Plan, which are Xray's own data.
    pub(super) async fn complete(&self, execution: &Issue, draft: &Execution) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        if !draft.environments.is_empty() {
            let variables = json!({"id": execution.id, "names": draft.environments});
            notes.extend(self.add(ENVIRONMENTS, variables, "test environments").await?);
        }
        let plan = self.site.schema.borrow().plan.clone();
        let options = &self.site.setup.options.launches;
        if let Some(plan) = plan_of(self.site.jira, options, draft, plan, &mut notes).await? {
            let variables = json!({"plan": plan.id, "ids": [execution.id]});
            notes.extend(self.add(PLAN, variables, "Test Plan").await?);
        }
        Ok(notes)
    }

    /// Adds something that may be there already. Gives Xray's warning about it.
    async fn add(&self, document: &str, variables: Value, what: &str) -> Result<Option<String>> {
        let answer = self.site.graphql(document, variables, Idempotency::Idempotent).await?;
        let done = answer.alias("done").map_err(|message| refused(what, &message))?;
        let warning = done
            .get("warning")
            .and_then(Value::as_str)
            // That it is there already is a warning too.
            .filter(|message| !message.is_empty() && !message.contains("already"));
        Ok(warning.map(|message| format!("{what}: {message}")))
    }

    /// Runs keep the steps that their Tests had when they were created, with those of called Tests in place of the calls.
    pub(super) async fn steps_of(
        &self,
        execution: &Issue,
        again: bool,
        tests: &[IssueId],
    ) -> Result<BTreeMap<IssueId, Vec<StepText>>> {
        let is_default = self.site.setup.options.test_version == TestVersion::Default;
        let mut steps = BTreeMap::new();
        if again {
            let lists = tests.chunks(LIST).map(|tests| (Some(tests), 0)).collect();
            for runs in self.lists_of_runs(execution, STEPS, LIST, lists).await? {
                // A run may be of another version than the one that results go to now.
                let is_sure = |run: &&Value| is_default || !run.get("test").is_some_and(has_several);
                for run in list(&runs, "results").filter(is_sure) {
                    let own = list(run, "steps").map(step_text).collect();
                    steps.insert(IssueId::from(text(run, "/test/issueId")), own);
                }
            }
        }
        let missing: Vec<IssueId> = tests.iter().filter(|id| !steps.contains_key(*id)).cloned().collect();
        if !missing.is_empty() {
            let mut own = self.site.read_steps(&missing).await?;
            let unread: Vec<IssueId> = missing.into_iter().filter(|id| !own.contains_key(id)).collect();
            if !unread.is_empty() {
                own.extend(super::super::launches::steps(self.site.read_tests(&unread).await?));
            }
            self.site.expand(&mut own).await?;
            steps.extend(own);
        }
        Ok(steps)
    }

    /// As many lists as Xray allows in one request, and as are expected to hold anything.
    pub(super) async fn read_runs(&self, execution: &Issue, rows: RunRows, detailed: bool) -> Result<RunPage> {
        let RunRows { page, limit, expected } = rows;
        let plan = self.site.destination().xray_fields.runs;
        let with_fields = detailed && !plan.is_empty();
        let (what, cost) = if detailed { DETAILED } else { RUNS };
        let what = match with_fields {
            true => what.replace("test{issueId}", OF_RUNS),
            false => what.to_owned(),
        };
        let cost = cost + usize::from(with_fields);
        let to = expected.div_ceil(limit).clamp(page + 1, page + RESOLVERS / cost);
        let lists = (page..to).map(|list| (None, list * limit)).collect();
        let lists = self.lists_of_runs(execution, (&what, cost), limit, lists).await?;
        let results: Vec<RecordedRun> = lists
            .iter()
            .flat_map(|runs| list(runs, "results"))
            .map(|run| recorded(run, &plan))
            .collect();
        let total = lists.first().and_then(|runs| runs.get("total")).and_then(Value::as_u64);
        let last = results.is_empty() || total.is_some_and(|total| (to * limit) as u64 >= total);
        Ok((results, (!last).then_some(RunRows { page: to, ..rows })))
    }

    /// Lists of an execution's runs, of these Tests or of all, `limit` from a position each; as many in one request as Xray
    /// allows.
    async fn lists_of_runs(
        &self,
        execution: &Issue,
        (what, cost): (&str, usize),
        limit: usize,
        mut lists: Vec<(Option<&[IssueId]>, usize)>,
    ) -> Result<Vec<Value>> {
        let mut found = Vec::with_capacity(lists.len());
        while !lists.is_empty() {
            let next: Vec<_> = lists.drain(..lists.len().min(RESOLVERS / cost)).collect();
            let (mut head, mut body) = ("$executions:[String]".to_owned(), String::new());
            let mut variables = Map::from_iter([("executions".to_owned(), json!([execution.id]))]);
            for (index, (tests, start)) in next.iter().enumerate() {
                head.push_str(&format!(",$tests{index}:[String],$start{index}:Int"));
                body.push_str(&format!(
                    " r{index}:getTestRuns(testExecIssueIds:$executions,testIssueIds:$tests{index},limit:{limit},\
                     start:$start{index}){{{what}}}"
                ));
                variables.extend(tests.map(|tests| (format!("tests{index}"), json!(tests))));
                variables.insert(format!("start{index}"), json!(start));
            }
            let document = format!("query({head}){{{body} }}");
            let answer = self
                .site
                .graphql(&document, Value::Object(variables), Idempotency::Safe)
                .await?;
            for index in 0..next.len() {
                let runs = answer.alias(&format!("r{index}"));
                found.push(runs.cloned().map_err(|message| refused("getTestRuns", &message))?);
            }
        }
        Ok(found)
    }
}

fn recorded(run: &Value, plan: &Plan) -> RecordedRun {
    let steps = run.get("steps").and_then(Value::as_array);
    let steps = steps.map(|steps| steps.iter().map(|step| text(step, "/status/name")).collect());
    let iterations = run.pointer("/iterations/total").and_then(Value::as_u64);
    let fields = run.get("customFields").and_then(Value::as_array);
    let value = |id: &str| {
        let is_it = |field: &&Value| field.get("id").and_then(Value::as_str) == Some(id);
        fields?.iter().find(is_it)?.get("values")
    };
    RecordedRun {
        test: text(run, "/test/issueId"),
        status: text(run, "/status/name"),
        steps,
        iterations: iterations.map(|total| usize::try_from(total).unwrap_or(usize::MAX)),
        fields: fields.map(|_| recorded_fields(plan, value)),
    }
}

pub(super) fn step_text(step: &Value) -> StepText {
    StepText {
        action: text(step, "/action"),
        data: text(step, "/data"),
        result: text(step, "/result"),
        ..StepText::default()
    }
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, pointer: &str) -> String {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}
