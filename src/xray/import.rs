//! Results imports, the same on both variants but for where they go and what their answers show: as many runs per request as
//! are worked on in the time of a request, and fewer where that was too much for what is in between.

use super::results::result;
use crate::domain::IssueKey;
use crate::error::{Kind, Result};
use crate::mapping::TestRun;
use crate::ports::Response;
use crate::target::Issue;
use crate::web::{Call, Client, Idempotency, describe};
use serde_json::json;
use std::cell::Cell;
use std::collections::BTreeMap;

/// Runs per import at the most.
pub const MOST: usize = 1_000;
/// An import of more is tried once, because proxies give up after a minute and Xray goes on: its halves follow.
const PATIENTLY: usize = 500;
/// Bytes of one import: proxies allow as little as one megabyte, and answer 413 where they do.
const BYTES: usize = 4 << 20;

/// Imports into a Test Execution.
pub struct Import<'i, 'a> {
    /// Who sends them.
    pub client: &'i Client<'a>,
    /// Where they go.
    pub path: String,
    /// The Test Execution.
    pub execution: &'i Issue,
    /// Iterations have a log, which only Cloud knows.
    pub log: bool,
    /// Runs of one import, which this run has found out.
    pub most: &'i Cell<usize>,
}

impl Import<'_, '_> {
    /// Sends runs. Returns what was refused, by the Test's key; `failed` reads that from a success.
    pub async fn send(
        &self,
        mut runs: &[TestRun],
        failed: impl Fn(&Response) -> Result<BTreeMap<IssueKey, String>>,
    ) -> Result<BTreeMap<IssueKey, String>> {
        let mut refused = BTreeMap::new();
        while !runs.is_empty() {
            let (number, body) = self.body(runs);
            let (part, rest) = runs.split_at(number);
            // With an execution's key the import replaces the same runs, so sending it twice is sending it once.
            let class = match number > PATIENTLY {
                true => Idempotency::NotIdempotent,
                false => Idempotency::Idempotent,
            };
            let call = Call::post_bytes(self.path.clone(), body).patient();
            match self.client.answer(call, class).await {
                Err(error) if number > PATIENTLY && error.kind == Kind::Unknown => self.most.set(number / 2),
                Err(error) if number > 1 && error.status == Some(413) => self.most.set(number / 2),
                Ok(response) if number > 1 && response.status == 413 => self.most.set(number / 2),
                answer => {
                    let answer = answer?;
                    match answer.status {
                        200..300 => refused.extend(failed(&answer)?),
                        _ => refused.extend(super::all_refused(part, &describe(&answer))),
                    }
                    runs = rest;
                }
            }
        }
        Ok(refused)
    }

    /// How many of the runs one import takes, and its body. One at a time: trees of all take many times the memory of
    /// their text.
    fn body(&self, runs: &[TestRun]) -> (usize, Vec<u8>) {
        let mut body = format!("{{\"testExecutionKey\":{},\"tests\":[", json!(self.execution.key));
        let mut number = 0;
        for run in runs.iter().take(self.most.get()) {
            let text = result(run, self.log).to_string();
            if number > 0 && body.len() + text.len() > BYTES {
                break;
            }
            body.push_str(if number > 0 { "," } else { "" });
            body.push_str(&text);
            number += 1;
        }
        body.push_str("]}");
        (number, body.into_bytes())
    }
}
