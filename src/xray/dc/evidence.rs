//! Evidence on Data Center. An import replaces the evidence of its runs.

use super::super::evidence;
use super::{DataCenter, RAVEN};
use crate::error::Result;
use crate::target::{Evidence, Issue, RunFiles};
use crate::web::{Call, Idempotency, words};
use serde_json::Value;

impl DataCenter<'_> {
    pub(super) async fn read_evidence(&self, execution: &Issue, tests: &[Issue]) -> Result<Vec<Evidence>> {
        let mut all = Vec::with_capacity(tests.len());
        for test in tests {
            let call = Call::get(format!("{RAVEN}/api/testruns"))
                .query("testExecKey", &execution.key)
                .query("testKey", &test.key);
            let runs: Value = self.jira.client().json(call, Idempotency::Safe).await?;
            all.push(evidence::files(runs.pointer("/0/evidences"), "fileName", "fileSize"));
        }
        Ok(all)
    }

    pub(super) async fn import_evidence(&self, execution: &Issue, runs: &[RunFiles<'_>]) -> Result<Option<String>> {
        let body = evidence::import(execution, runs, false);
        let path = format!("{RAVEN}/import/execution");
        let call = Call::post_pieces(path, "application/json".to_owned(), body).patient();
        let response = self.jira.client().answer(call, Idempotency::NotIdempotent).await?;
        if !(200..300).contains(&response.status) {
            return Ok(Some(words(&response)));
        }
        // A 200 can hide runs that failed to import.
        let answer: Value =
            self.jira
                .client()
                .decode(&response, "the import of evidence", Idempotency::NotIdempotent)?;
        let failed = answer.pointer("/testIssues/error/0");
        Ok(failed.map(Value::to_string))
    }
}
