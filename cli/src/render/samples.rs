//! Reports to render in tests.

use tms_sync_host::model::{FaultKind, Outcome};

use crate::report::{Change, Count, Issue, Item, Plugin, Report, Requests, Stop, SyncReport, Tally, Totals, Verb};

const TEST_CASE: &str = "test-case";
const LAUNCH: &str = "launch";

fn item(verb: Verb, entity: &str, id: u64, name: &str, outcome: Outcome) -> Item {
    Item {
        entity: entity.to_owned(),
        id: id.to_string(),
        name: name.to_owned(),
        source_url: None,
        outcome: (verb, outcome),
        issue: None,
        fields: Vec::new(),
        changes: Vec::new(),
        decision: String::new(),
        is_approved: false,
        reason: None,
        notes: Vec::new(),
        counts: Vec::new(),
    }
}

fn change(field: &str, before: Option<&str>, after: &str) -> Change {
    Change {
        field: field.to_owned(),
        before: before.map(str::to_owned),
        after: Some(after.to_owned()),
    }
}

fn issue(number: u64) -> Option<Issue> {
    Some(Issue {
        id: (10_000 + number).to_string(),
        key: format!("CALC-{number}"),
        url: None,
    })
}

fn requests(numbers: [u64; 3]) -> Vec<Requests> {
    let connections = ["testops", "jira", "xray"];
    let pair = |(connection, requests): (&str, u64)| Requests {
        connection: connection.to_owned(),
        requests,
    };
    connections.into_iter().zip(numbers).map(pair).collect()
}

fn report(verb: Verb, exit_code: u8, sync: SyncReport) -> Report {
    Report {
        command: verb,
        exit_code,
        integration: "Xray production".to_owned(),
        plugin: Plugin {
            name: "xray".to_owned(),
            version: "0.2.0".to_owned(),
            digest: "5e".repeat(32),
        },
        duration_ms: sync.duration_ms,
        syncs: vec![sync],
    }
}

fn sync(verb: Verb, items: Vec<Item>) -> SyncReport {
    let tally = |entity: &str| {
        let mut tally = Tally::none(verb);
        for item in items.iter().filter(|item| item.entity == entity) {
            tally.add(item.outcome.1);
        }
        (entity.to_owned(), tally)
    };
    SyncReport {
        name: "main".to_owned(),
        project: "CALC".to_owned(),
        run: Some("main-2026-08-23T10-00-00Z".to_owned()),
        disabled: None,
        stopped: None,
        totals: Totals(vec![tally(TEST_CASE), tally(LAUNCH)]),
        resumed: 0,
        left_of_plan: 0,
        expected_requests: 0,
        items,
        notes: Vec::new(),
        requests: requests([9, 3, 7]),
        waits: Vec::new(),
        duration_ms: 3_240,
    }
}

/// Everything done.
pub fn done() -> Report {
    let verb = Verb::Export;
    let mut created = item(verb, TEST_CASE, 7, "Adds two numbers", Outcome::Created);
    created.issue = issue(1);
    let mut updated = item(verb, TEST_CASE, 8, "Divides", Outcome::Updated);
    updated.issue = issue(2);
    updated.fields = vec!["summary".to_owned(), "steps".to_owned()];
    let mut launch = item(verb, LAUNCH, 31, "Nightly", Outcome::Created);
    launch.issue = issue(3);
    launch.counts = vec![Count {
        what: "runs published".to_owned(),
        number: 2,
    }];
    report(verb, 0, sync(verb, vec![created, updated, launch]))
}

/// Ran, and some items failed or wait.
pub fn partial() -> Report {
    let verb = Verb::Export;
    let mut failed = item(verb, TEST_CASE, 12, "Opens a file of 2 GB", Outcome::Failed);
    failed.reason = Some("Jira: Components is required.".to_owned());
    let mut waiting = item(verb, LAUNCH, 32, "Smoke", Outcome::Waiting);
    waiting.issue = issue(9);
    waiting.reason = Some("the search index has not caught up; the next run looks again".to_owned());
    let mut unchanged = item(verb, TEST_CASE, 7, "Adds two numbers", Outcome::Unchanged);
    unchanged.issue = issue(1);
    unchanged.notes = vec!["a nested table became text".to_owned()];
    let mut sync = sync(verb, vec![unchanged, failed, waiting]);
    sync.resumed = 1;
    sync.notes = vec!["1 launch is still running in TestOps".to_owned()];
    report(verb, 1, sync)
}

/// What would be done.
pub fn plan() -> Report {
    let verb = Verb::Plan;
    let mut created = item(verb, TEST_CASE, 7, "Adds two numbers", Outcome::Created);
    created.changes = vec![
        change("summary", None, "Adds two numbers"),
        change("steps", None, "1. Type 1 + 1\n2. Press = → 2"),
    ];
    created.notes = vec!["a nested table became text".to_owned()];
    let mut updated = item(verb, TEST_CASE, 8, "Divides", Outcome::Updated);
    updated.issue = issue(2);
    updated.fields = vec!["summary".to_owned(), "steps".to_owned(), "fields".to_owned()];
    updated.changes = vec![
        change("summary", Some("Divide"), "Divides"),
        change(
            "steps",
            Some("1. Type 6 / 2\n2. Press ="),
            "1. Type 6 / 2\n2. Press = → 3",
        ),
    ];
    let mut skipped = item(verb, TEST_CASE, 9, "Multiplies", Outcome::Skipped);
    skipped.reason = Some("Disable Test Case create is on".to_owned());
    let mut refused = item(verb, TEST_CASE, 10, "Subtracts", Outcome::Failed);
    refused.reason = Some("step 3 is longer than 8,192 characters".to_owned());
    report(verb, 1, sync(verb, vec![created, updated, skipped, refused]))
}

/// Ended early by a fault that no repetition cures.
pub fn stopped() -> Report {
    let mut sync = sync(Verb::Export, Vec::new());
    sync.stopped = Some(Stop {
        kind: FaultKind::Credential,
        side: "tracker".to_owned(),
        message: "Jira refused the API token of qa@example.com (401)".to_owned(),
        hint: Some("create a new API token and put it into JIRA_API_TOKEN".to_owned()),
        retry_at: None,
    });
    report(Verb::Export, 2, sync)
}

/// Not tried at all.
pub fn disabled() -> Report {
    let mut sync = sync(Verb::Export, Vec::new());
    sync.run = None;
    sync.requests = Vec::new();
    sync.disabled = Some("`disable-export` is true".to_owned());
    report(Verb::Export, 2, sync)
}
