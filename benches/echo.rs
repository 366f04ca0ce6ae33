//! How fast answers are searched for credentials, and that their number hardly matters. Prints a table; asserts nothing.
//! `cargo bench -p tms-sync-host --bench echo`.

#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement: the table is its output"
)]

#[path = "../host-harness/src/credentials/scanner/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the host uses more of it, and its tests run there"
)]
mod scanner;

use std::hint::black_box;
use std::time::{Duration, Instant};

use scanner::{SecretScanner, contain_secret};
use serde_json::json;

/// Bytes searched in a round, at least.
const ROUND: usize = 4 << 20;
const ROUNDS: usize = 15;

fn main() {
    println!("| text | size | 1 secret | 6 secrets | 60 secrets |");
    println!("| --- | --- | --- | --- | --- |");
    for (name, text) in [
        ("a hundred Jira issues", issues(100)),
        ("one Jira issue", issues(1)),
        ("a TestOps case", case()),
    ] {
        let rates = [1, 6, 60].map(|secrets| rate(&scan(secrets), text.as_bytes()));
        let [one, six, sixty] = rates.map(|rate| format!("{rate:.0} MB/s"));
        println!("| {name} | {} bytes | {one} | {six} | {sixty} |", text.len());
    }
}

/// Secrets as long as Jira's API tokens.
fn scan(secrets: usize) -> SecretScanner {
    let secrets: Vec<String> = (0..secrets)
        .map(|number| format!("{number:03}-API-token").repeat(14))
        .collect();
    SecretScanner::new(secrets.iter().map(String::as_str))
}

/// Megabytes a second in the best round.
fn rate(scan: &SecretScanner, text: &[u8]) -> f64 {
    let times = ROUND.div_ceil(text.len());
    let round = || {
        let began = Instant::now();
        for _ in 0..times {
            black_box(contain_secret(&[scan], black_box(text)));
        }
        began.elapsed()
    };
    let best = (0..ROUNDS).map(|_| round()).min().unwrap_or(Duration::MAX);
    (times * text.len()) as f64 / best.as_secs_f64() / 1e6
}

/// As a search for Tests answers, with text that has line breaks, quotes and addresses.
fn issues(number: usize) -> String {
    let issue = |id: usize| {
        json!({
            "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
            "id": id.to_string(),
            "self": format!("https://jira.example.com/rest/api/2/issue/{id}"),
            "key": format!("CALC-{id}"),
            "fields": {
                "summary": format!("Adding {id} and 1 gives their sum"),
                "labels": ["allure", format!("allure-1-{id}")],
                "description": "h2. Description\r\nAdds *two* numbers.\r\n\r\n||Field||Value||\r\n|a|\"1\"|\r\n",
                "updated": "2026-11-23T03:22:11.000+0000",
                "status": {"self": "https://jira.example.com/rest/api/2/status/3", "name": "Open", "id": "3"},
                "creator": {"avatarUrls": {"48x48": "https://jira.example.com/secure/useravatar?size=large&avatarId=10122"}},
            },
        })
    };
    let issues: Vec<_> = (10_000..10_000 + number).map(issue).collect();
    json!({"startAt": 0, "maxResults": 100, "total": number, "issues": issues}).to_string()
}

fn case() -> String {
    let step = |number: usize| {
        let text = json!({"type": "text", "text": format!("Press {number}")});
        json!({"type": "body", "bodyJson": {"type": "doc", "content": [{"type": "paragraph", "content": [text]}]}})
    };
    json!({
        "id": 4711, "projectId": 1, "name": "Adding numbers gives their sum", "automated": false,
        "description": "Adds two numbers", "createdDate": 1_700_000_000_000_u64, "lastModifiedDate": 1_700_000_000_001_u64,
        "tags": [{"id": 1, "name": "smoke"}], "status": {"id": 1, "name": "Draft", "color": "#abb8c3"},
        "scenario": {"steps": (0..5).map(step).collect::<Vec<_>>()},
    })
    .to_string()
}
