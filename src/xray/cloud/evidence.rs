//! Evidence on Cloud. An import adds evidence to a run that has some.

use super::super::evidence;
use super::executions::CloudExecutions;
use crate::error::Result;
use crate::target::{Evidence, Issue, RunFiles};
use crate::web::{Call, Idempotency, describe};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const EVIDENCE: &str = "query($executions:[String],$tests:[String]){runs:getTestRuns(testExecIssueIds:$executions,\
testIssueIds:$tests,limit:100){results{test{issueId} evidence{filename size}}}}";

impl CloudExecutions<'_> {
    pub(super) async fn read_evidence(&self, execution: &Issue, tests: &[Issue]) -> Result<Vec<Evidence>> {
        let mut all = Vec::with_capacity(tests.len());
        for chunk in tests.chunks(100) {
            let ids: Vec<&str> = chunk.iter().map(|test| test.id.as_str()).collect();
            let variables = json!({"executions": [execution.id], "tests": ids});
            let runs = self.site.query(EVIDENCE, variables, "runs").await?;
            let runs = runs
                .get("results")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            let mut found = BTreeMap::from_iter(runs.iter().filter_map(|run| {
                let test = run.pointer("/test/issueId")?.as_str()?.to_owned();
                Some((test, evidence::files(run.get("evidence"), "filename", "size")))
            }));
            all.extend(
                chunk
                    .iter()
                    .map(|test| found.remove(test.id.as_str()).unwrap_or_default()),
            );
        }
        Ok(all)
    }

    pub(super) async fn import_evidence(&self, execution: &Issue, runs: &[RunFiles<'_>]) -> Result<Option<String>> {
        let body = evidence::import(execution, runs, true);
        let call = Call::post_pieces("/api/v2/import/execution", "application/json".to_owned(), body);
        // Twice would add the files twice.
        let response = self
            .site
            .xray
            .answer(call.patient(), Idempotency::NotIdempotent)
            .await?;
        Ok((!(200..300).contains(&response.status)).then(|| describe(&response)))
    }
}
