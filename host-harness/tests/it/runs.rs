//! Runs that go as they should.

use tms_sync_host::model::Event;
use tms_sync_host::{CallLimits, Ending, Ledger, RunMode, SqliteLedger, Tenant};

use crate::rig::{self, Server, fine, job, obey};

#[tokio::test]
async fn cancelling_resolves_the_plugins_future_and_the_report_arrives() {
    let server = Server::start(fine).await;
    let tenant = rig::tenant(
        &rig::load(rig::speaks().await).await,
        &server,
        "jdoe",
        CallLimits::default(),
    );
    let mut run = tenant.run(job(&["plain GET /open/a", "wait"]));
    let Some(Event::Note(_)) = run.next_event().await else {
        panic!("no note")
    };
    run.canceller().cancel();
    assert!(matches!(run.next_event().await, Some(Event::Note(note)) if note == "said=done"));
    assert!(run.finish().await.result.is_ok());
}

#[tokio::test]
async fn the_plugin_learns_which_secrets_are_stored_and_no_more() {
    let server = Server::start(fine).await;
    let tenant = rig::tenant(
        &rig::load(rig::speaks().await).await,
        &server,
        "jdoe",
        CallLimits::default(),
    );
    assert_eq!(tenant.test(None).await.unwrap().summary, "client,password,token");
    assert_eq!(tenant.mapping(None).await.unwrap(), [("a".to_owned(), "b".to_owned())]);
}

#[tokio::test]
async fn a_missing_or_wrong_url_is_a_finding() {
    let plugin = rig::load(rig::speaks().await).await;
    for url in ["", "ftp://a", "http://10.0.0.1"] {
        let ledger = std::sync::Arc::new(SqliteLedger::in_memory().unwrap());
        let tenant = Tenant::builder("acme", &plugin)
            .kind("probe")
            .field("url", url)
            .ledger(ledger)
            .build()
            .unwrap();
        let findings = tenant.validate(None).await.unwrap();
        assert_eq!(
            findings
                .iter()
                .map(|finding| finding.field.as_str())
                .collect::<Vec<_>>(),
            ["url"],
            "{url}"
        );
    }
}

#[tokio::test]
async fn runs_and_plans_are_in_the_history_and_a_plan_writes_no_row() {
    let server = Server::start(fine).await;
    let plugin = rig::load(rig::speaks().await).await;
    let url = format!("http://{}", server.address);
    let ledger = std::sync::Arc::new(SqliteLedger::in_memory().unwrap());
    let tenant = Tenant::builder("acme", &plugin)
        .kind("probe")
        .field("url", url)
        .ledger(ledger.clone())
        .build()
        .unwrap();
    let mut plan = tenant.plan(job(&["link put 1"]));
    assert!(matches!(plan.next_event().await, Some(Event::Note(note)) if note.contains("only a run may write")));
    plan.finish().await;
    let (said, outcome) = obey(&tenant, &["link put 1", "link put 1", "link get 1"]).await;
    assert!(
        said[0].contains("Stored(1)") && said[1].contains("Conflict") && said[2].contains("Intent"),
        "{said:?}"
    );
    let runs = ledger.runs(tenant.scope(), 10).await.unwrap();
    let ended = |mode| {
        runs.iter()
            .find(|run| run.mode == mode)
            .and_then(|run| run.ending.clone())
    };
    assert_eq!(
        (runs.len(), ended(RunMode::Export), ended(RunMode::Plan)),
        (2, Some(Ending::Done), Some(Ending::Done))
    );
    assert_eq!((outcome.facts.ledger_writes, outcome.facts.ledger_reads), (1, 1));
}
