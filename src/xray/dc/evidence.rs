//! Evidence on Data Center. Whether an import replaces the evidence of its runs or adds to it is not documented: what they
//! have is read first.

use super::super::evidence;
use super::RAVEN;
use super::executions::DataCenterExecutions;
use crate::error::{Kind, Result};
use crate::target::{Evidence, Issue, RunFiles};
use crate::web::{Call, Idempotency, describe};
use serde_json::Value;
use std::collections::BTreeMap;

/// Runs that are looked up one by one.
const ALONE: usize = 10;
/// Rows per page.
const PAGE: usize = 100;
/// Pages of one list.
const MOST_PAGES: usize = 100_000;

impl DataCenterExecutions<'_> {
    /// Evidence of runs: few are looked up one by one, many are read with the list of the execution.
    pub(super) async fn read_evidence(&self, execution: &Issue, tests: &[Issue]) -> Result<Vec<Evidence>> {
        let mut found = BTreeMap::new();
        let mut exact = tests.len() <= ALONE;
        for test in tests {
            if !exact {
                break;
            }
            let call = Call::get(format!("{RAVEN}/api/testruns"))
                .query("testExecKey", &execution.key)
                .query("testKey", &test.key);
            let runs: Vec<Value> = self.site.jira.client().json(call, Idempotency::Safe).await?;
            // Some servers pass over the Test and return runs of others.
            exact = runs.is_empty() || runs.iter().any(|run| key_of(run) == Some(test.key.as_str()));
            found.extend(runs.iter().filter_map(evidence_of));
        }
        if !exact {
            found.extend(self.list_evidence(execution, tests).await?);
        }
        let of = |test: &Issue| found.get(test.key.as_str()).cloned().unwrap_or_default();
        Ok(tests.iter().map(of).collect())
    }

    /// Evidence by Test key, page by page until that of all Tests is there or a page is empty.
    async fn list_evidence(&self, execution: &Issue, tests: &[Issue]) -> Result<BTreeMap<String, Evidence>> {
        let mut found = BTreeMap::new();
        let (mut page, mut limit) = (1, PAGE);
        // The fuse: no execution has more pages than runs.
        for _ in 0..MOST_PAGES {
            let call = Call::get(format!("{RAVEN}/api/testexec/{}/test", execution.key))
                .query("detailed", true)
                .query("limit", limit)
                .query("page", page);
            let runs: Vec<Value> = match self.site.jira.client().json(call, Idempotency::Safe).await {
                // A site may allow fewer rows than were asked for, so smaller pages are counted from the first again.
                Err(error) if error.kind == Kind::TooLarge && limit > 1 => {
                    (page, limit) = (1, limit / 2);
                    continue;
                }
                runs => runs?,
            };
            page += 1;
            found.extend(runs.iter().filter_map(evidence_of));
            if runs.is_empty() || tests.iter().all(|test| found.contains_key(test.key.as_str())) {
                break;
            }
        }
        Ok(found)
    }

    pub(super) async fn import_evidence(&self, execution: &Issue, runs: &[RunFiles<'_>]) -> Result<Option<String>> {
        let body = evidence::import(execution, runs, false);
        let path = format!("{RAVEN}/import/execution");
        let call = Call::post_pieces(path, "application/json".to_owned(), body).patient();
        let response = self.site.jira.client().answer(call, Idempotency::NotIdempotent).await?;
        if !(200..300).contains(&response.status) {
            return Ok(Some(describe(&response)));
        }
        // A 200 can hide runs that failed to import.
        let answer: Value =
            self.site
                .jira
                .client()
                .decode(&response, "the import of evidence", Idempotency::NotIdempotent)?;
        let failed = answer.pointer("/testIssues/error/0");
        Ok(failed.map(Value::to_string))
    }
}

/// Test key of a run, by the name that either list gives it.
fn key_of(run: &Value) -> Option<&str> {
    run.get("testKey").or_else(|| run.get("key"))?.as_str()
}

fn evidence_of(run: &Value) -> Option<(String, Evidence)> {
    let files = evidence::files(run.get("evidences"), "fileName", "fileSize");
    Some((key_of(run)?.to_owned(), files))
}
