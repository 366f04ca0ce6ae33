//! Waits that a server asks for, and jobs of Xray that never end.

use std::sync::Arc;

use tms_sync_host::SqliteLedger;
use tms_sync_host::model::{FaultKind, Outcome};
use tms_sync_sim::answers::JobEnd;
use tms_sync_sim::fault::{Fault, Moment};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::input::IssueInput;
use tms_sync_sim::testops::data::{Case, Project};
use tms_sync_sim::world::PROJECT;

use crate::rig::{Rig, Variant, config};
use crate::seen;

scenarios!(
    a_wait_until_a_date_is_sat_out,
    a_copy_whose_withdrawal_was_cut_off_is_withdrawn_by_the_next_run,
);

const MINUTE: i64 = 60_000;

async fn a_wait_until_a_date_is_sat_out(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(3, 1).build()).await;
    let begun = rig.world.clock.now_ms();
    // Two minutes after the simulators' clock begins.
    let limited = Fault::status(429).header("retry-after", "Wed, 18 Nov 2026 11:08:40 GMT");
    rig.world.tracker.jira.faults().add(limited.on("*", "/rest/api/*"));
    let done = rig.export().await;
    assert_eq!(done.cases(Outcome::Created).len(), 3, "{done}");
    let took = rig.world.clock.now_ms() - begun;
    assert!((2 * MINUTE..4 * MINUTE).contains(&took), "{took} ms");
}

/// Xray Cloud's log-in counts against its limit: a 429 there ends the run with its time, and counts against no credential.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_in_beyond_the_limit_is_rate_limited_until_its_time() {
    let rig = Rig::start(Variant::Cloud, Plan::new(3, 1).build()).await;
    let xray = rig.world.tracker.xray.as_ref().unwrap();
    xray.faults()
        .add(Fault::rate_limited(120).on("POST", "*/authenticate").always());
    let limited = rig.export().await;
    let stopped = limited.report.stopped.as_ref().unwrap();
    assert_eq!((stopped.kind, limited.writes), (FaultKind::RateLimited, 0), "{limited}");
    let fault = rig.fault(stopped);
    reports!(fault);
    let health = rig.tenant().await.credential_reports(Some(&config())).await.unwrap();
    let trouble: Vec<_> = health.iter().filter_map(|report| report.health.reason()).collect();
    assert!(trouble.is_empty(), "{trouble:?}");
    xray.faults().clear();
    rig.world.clock.advance(std::time::Duration::from_secs(120));
    assert_eq!(rig.export().await.cases(Outcome::Created).len(), 3);
}

/// Exports while import jobs stay `working`, and gives how long the run took on the servers' clock.
async fn stuck(end: JobEnd) -> Rig {
    let rig = Rig::start_as(Variant::Cloud, Plan::new(3, 1).build(), |answers| answers.choose(end)).await;
    let begun = rig.world.clock.now_ms();
    let done = rig.export().await;
    assert_eq!(
        done.report.stopped.as_ref().map(|fault| fault.kind),
        Some(FaultKind::RateLimited),
        "{done}"
    );
    assert_eq!(done.cases(Outcome::Waiting).len(), 3, "{done}");
    let took = rig.world.clock.now_ms() - begun;
    assert!(took < 30 * MINUTE, "{took} ms");
    rig
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tests_of_a_job_that_never_ends_are_found_by_the_next_run() {
    let rig = stuck(JobEnd::Stuck).await;
    let next = rig.export().await;
    assert!(next.report.stopped.is_none(), "{next}");
    assert_eq!(
        next.cases(Outcome::Failed).len() + next.cases(Outcome::Waiting).len(),
        0,
        "{next}"
    );
    assert_eq!(seen::tests(&rig).len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn creates_of_a_job_that_never_ends_are_sent_again_once_it_cannot_commit() {
    let rig = stuck(JobEnd::StuckEmpty).await;
    let early = rig.export().await;
    assert!(early.report.stopped.is_none(), "{early}");
    assert_eq!(
        (early.cases(Outcome::Waiting).len(), seen::tests(&rig).len()),
        (3, 0),
        "{early}"
    );
    rig.world.answers.choose(JobEnd::Finish);
    rig.hours_later(25);
    let late = rig.export().await;
    assert_eq!(late.cases(Outcome::Created).len(), 3, "{late}");
    assert_eq!(seen::tests(&rig).len(), 3);
}

/// Another ledger's create arrives right before ours, and the run ends before it can delete its own.
async fn a_copy_whose_withdrawal_was_cut_off_is_withdrawn_by_the_next_run(variant: Variant) {
    let project = Project::new(1).case(Case::new("Alone").id(7).step("Open", "It opens"));
    let mut rig = Rig::start(variant, project).await;
    rig.export().await;
    let test = seen::tests(&rig).remove(0);
    rig.world.site.lock().delete_issue(&Actor::System, IssueId(test.id));
    rig.ledger = Arc::new(SqliteLedger::in_memory().unwrap());
    let site = rig.world.site.clone();
    let fields = [
        ("project".to_owned(), serde_json::json!({ "key": PROJECT })),
        ("issuetype".to_owned(), serde_json::json!({ "name": "Test" })),
        ("summary".to_owned(), serde_json::json!("Of the other ledger")),
        ("labels".to_owned(), serde_json::json!(test.labels)),
    ];
    let other = move || {
        drop(
            site.lock()
                .create_issue(&Actor::System, &IssueInput::of(fields.clone())),
        )
    };
    let race = Fault::call(Moment::Arrived, other);
    match &rig.world.tracker.xray {
        Some(xray) => xray.faults().add(race.on("POST", "/api/v2/import/test/bulk")),
        None => rig
            .world
            .tracker
            .jira
            .faults()
            .add(race.on("POST", "/rest/api/2/issue*")),
    };
    let jira = &rig.world.tracker.jira;
    jira.faults()
        .add(Fault::reset().on("DELETE", "/rest/api/*/issue/*").always());
    let cut = rig.export().await;
    assert!(cut.report.stopped.is_some(), "{cut}");
    assert_eq!(seen::tests(&rig).len(), 2);
    jira.faults().clear();
    rig.hours_later(2);
    let next = rig.export().await;
    let left: Vec<u64> = seen::tests(&rig).into_iter().map(|test| test.id).collect();
    assert_eq!(left.len(), 1, "{next}");
    assert!(next.notes.iter().any(|note| note.contains("was withdrawn")), "{next}");
    let verified = rig.verify(crate::rig::config()).await;
    assert_eq!(verified.cases(Outcome::Unchanged), ["7"], "{verified}");
}
