//! Runs of a Test Execution in Xray's lists and look-ups.

use super::super::assumption::Findings;
use super::super::shape::shape;
use crate::domain::IssueKey;
use crate::error::Result;
use crate::jira::Jira;
use crate::web::{Call, Idempotency};
use crate::xray::dc::{RAVEN, RECORDED};
use serde_json::Value;

/// Runs per page that an export asks for.
const PAGE: usize = RECORDED;
/// Runs that are looked at one by one.
const LOOKED_AT: usize = 2;

/// What a look-up by Test Execution and Test returned.
pub(super) struct Lookup {
    /// How many runs.
    pub count: usize,
    /// The run of the Test.
    pub run: Value,
}

pub(super) async fn look(jira: &Jira<'_>, execution: &IssueKey, findings: &mut Findings) -> Result<()> {
    let rows = page(jira, execution, PAGE, 1).await?;
    let more = !page(jira, execution, PAGE, 2).await?.is_empty();
    let two = page(jira, execution, 2, 1).await?;
    maximum(rows.len(), more, findings);
    filling(rows.len(), more, two.len(), findings);
    let keys = rows.iter().filter_map(|row| row.get("key")?.as_str()).take(LOOKED_AT);
    for key in keys {
        let found = of_test(jira, execution, key).await?;
        if rows.len() > 1 || more {
            lookup(&found, findings);
        }
        if let Some(row) = rows
            .iter()
            .find(|row| row.get("key").and_then(Value::as_str) == Some(key))
        {
            run_list(row, &found.run, findings);
        }
        iteration_steps(&found.run, findings);
        file_size(evidence(&found.run), findings);
    }
    Ok(())
}

async fn page(jira: &Jira<'_>, execution: &IssueKey, limit: usize, page: usize) -> Result<Vec<Value>> {
    let call = Call::get(format!("{RAVEN}/api/testexec/{execution}/test"))
        .query("detailed", true)
        .query("limit", limit)
        .query("page", page);
    jira.client().json(call, Idempotency::Safe).await
}

/// The run of a Test, by a look-up with both keys.
pub(super) async fn of_test(jira: &Jira<'_>, execution: &IssueKey, test: &str) -> Result<Lookup> {
    let call = Call::get(format!("{RAVEN}/api/testruns"))
        .query("testExecKey", execution)
        .query("testKey", test);
    let runs: Vec<Value> = jira.client().json(call, Idempotency::Safe).await?;
    let count = runs.len();
    let of = |run: &Value| run.get("testKey").and_then(Value::as_str) == Some(test);
    let run = runs.into_iter().find(of).unwrap_or_default();
    Ok(Lookup { count, run })
}

/// Files of a run.
pub(super) fn evidence(run: &Value) -> &[Value] {
    list(run, "evidences")
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// `rows` is a page of as many as an export asks for at most, and `more` whether another follows. A page that is one row short
/// hides one of its maximum; one with more rows has room for more than any smaller known maximum.
fn maximum(rows: usize, more: bool, findings: &mut Findings) {
    const NAME: &str = "xray-dc.page-maximum";
    let form = match (rows, more) {
        (249 | 250, true) => "250",
        (99 | 100, true) => "100",
        (19 | 20, true) => "20",
        (1 | 2, true) => "2",
        (_, true) => "another maximum",
        (101.., false) => "250",
        (21.., false) => "100",
        (_, false) => {
            findings.miss(NAME, "no Test Execution with more than 20 runs was looked at");
            return;
        }
    };
    let follows = if more {
        "another page follows"
    } else {
        "no page follows"
    };
    findings.see(
        NAME,
        form,
        format!("of {PAGE} rows that are asked for a page has {rows}, and {follows}"),
    );
}

fn filling(rows: usize, more: bool, of_two: usize, findings: &mut Findings) {
    const NAME: &str = "xray-dc.page-filling";
    if rows <= 2 && !more {
        findings.miss(NAME, "no Test Execution with more than two runs was looked at");
        return;
    }
    let form = match of_two {
        2 => "full",
        1 => "short",
        _ => "another number",
    };
    findings.see(
        NAME,
        form,
        format!("of 2 rows that are asked for a page has {of_two}, and more follow"),
    );
}

fn lookup(found: &Lookup, findings: &mut Findings) {
    let form = match found.count {
        1 => "exact",
        0 => "another answer",
        _ => "ignores-test",
    };
    let seen = format!("a look-up with both keys finds {} of several runs", found.count);
    findings.see("xray-dc.run-lookup", form, seen);
}

/// A run that has steps or iterations by itself shows whether lists have them too.
fn run_list(row: &Value, run: &Value, findings: &mut Findings) {
    const NAME: &str = "xray-dc.run-list";
    let has_parts = |value: &Value| !list(value, "steps").is_empty() || !list(value, "iterations").is_empty();
    if !has_parts(run) {
        findings.miss(NAME, "no run with steps or iterations was looked at");
        return;
    }
    let form = if has_parts(row) { "with-steps" } else { "documented" };
    findings.see(NAME, form, format!("a detailed list has {}", shape(row)));
}

fn iteration_steps(run: &Value, findings: &mut Findings) {
    const NAME: &str = "xray-dc.iteration-steps";
    let in_iterations = |run: &Value| list(run, "iterations").iter().any(|one| !list(one, "steps").is_empty());
    if !in_iterations(run) {
        findings.miss(NAME, "no run with iterations of a Manual Test was looked at");
        return;
    }
    let form = match list(run, "steps").is_empty() {
        true => "in-iterations",
        false => "both",
    };
    findings.see(NAME, form, format!("a run with iterations is {}", shape(run)));
}

/// How the first of a run's files shows its size.
pub(super) fn file_size(files: &[Value], findings: &mut Findings) {
    const NAME: &str = "xray-dc.file-size";
    let Some(file) = files.first() else {
        findings.miss(NAME, "no run with evidence was looked at");
        return;
    };
    let form = match file.get("fileSize") {
        Some(Value::Number(_)) => "bytes",
        Some(Value::String(_)) => "text",
        _ => "another type",
    };
    findings.see(NAME, form, format!("evidence has {}", shape(file)));
}
