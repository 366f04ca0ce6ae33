//! Two ledgers and one destination: what the second one finds, and what is said of copies.

use std::sync::Arc;

use tms_sync_host::model::{FaultKind, Outcome};
use tms_sync_host::{Job, SqliteLedger, Tenant};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::index::Lag;
use tms_sync_sim::jira::input::IssueInput;
use tms_sync_sim::world::PROJECT;

use crate::rig::{Rig, Variant, config, plugin};
use crate::seen;

scenarios!(
    a_ledger_that_knows_nothing_links_what_is_there,
    a_ledger_that_knows_nothing_links_what_the_index_does_not_show,
    two_exports_at_once_leave_one_test_for_each_case,
    a_copy_is_reported_by_verify_and_by_a_full_export,
    an_export_beside_tests_of_another_address_asks,
);

impl Rig {
    /// As if this host had never exported.
    fn forget(&mut self) {
        self.ledger = Arc::new(SqliteLedger::in_memory().unwrap().with_clock(self.clock()));
    }

    async fn tenant_with_a_ledger_of_its_own(&self) -> Tenant {
        let builder = Tenant::builder("other", plugin().await)
            .ledger(Arc::new(SqliteLedger::in_memory().unwrap().with_clock(self.clock())))
            .limits(self.limits.clone())
            .clock(self.clock());
        self.settings(builder).build().unwrap()
    }
}

async fn exported(variant: Variant) -> Rig {
    let rig = Rig::start(variant, Plan::new(6, 2).launch(6).settled().build()).await;
    let first = rig.export().await;
    assert_eq!(first.cases(Outcome::Created).len(), 6);
    rig
}

async fn a_ledger_that_knows_nothing_links_what_is_there(variant: Variant) {
    let mut rig = exported(variant).await;
    rig.forget();
    let next = rig.export().await;
    assert_eq!(
        (next.cases(Outcome::Created).len(), next.cases(Outcome::Unchanged).len()),
        (0, 6)
    );
    assert_eq!((seen::tests(&rig).len(), seen::executions(&rig).len()), (6, 1));
}

async fn a_ledger_that_knows_nothing_links_what_the_index_does_not_show(variant: Variant) {
    let mut rig = Rig::start(variant, Plan::new(6, 2).launch(6).settled().build()).await;
    rig.world.site.lock().index.set_lag(Lag::Never);
    rig.export().await;
    rig.forget();
    let next = rig.export().await;
    assert_eq!(
        (next.cases(Outcome::Created).len(), next.cases(Outcome::Unchanged).len()),
        (0, 6)
    );
    assert_eq!((seen::tests(&rig).len(), seen::executions(&rig).len()), (6, 1));
}

async fn two_exports_at_once_leave_one_test_for_each_case(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(6, 2).launch(6).settled().build()).await;
    let (one, other) = (rig.tenant().await, rig.tenant_with_a_ledger_of_its_own().await);
    tokio::join!(
        one.run(Job::new(config())).finish(),
        other.run(Job::new(config())).finish()
    );
    for _ in 0..2 {
        rig.world.clock.advance(std::time::Duration::from_secs(2 * 3_600));
        one.run(Job::new(config())).finish().await.result.unwrap();
        other.run(Job::new(config())).finish().await.result.unwrap();
    }
    assert_eq!((seen::tests(&rig).len(), seen::executions(&rig).len()), (6, 1));
}

/// A second issue with the labels of the first Test.
fn copy(rig: &Rig) -> String {
    let labels = seen::tests(rig)[0].labels.clone();
    let fields = [
        ("project".to_owned(), serde_json::json!({ "key": PROJECT })),
        ("issuetype".to_owned(), serde_json::json!({ "name": "Test" })),
        ("summary".to_owned(), serde_json::json!("A copy")),
        ("labels".to_owned(), serde_json::json!(labels)),
    ];
    let mut site = rig.world.site.lock();
    let id = site.create_issue(&Actor::System, &IssueInput::of(fields)).unwrap();
    site.issue(id).unwrap().key.clone()
}

async fn a_copy_is_reported_by_verify_and_by_a_full_export(variant: Variant) {
    let rig = exported(variant).await;
    let key = copy(&rig);
    let verified = rig.verify(config()).await;
    let named = |verdict: &&tms_sync_host::model::Verdict| verdict.notes.iter().any(|note| note.contains(&key));
    let found: Vec<Outcome> = verified
        .verdicts
        .iter()
        .filter(named)
        .map(|verdict| verdict.outcome)
        .collect();
    assert_eq!((found, verified.writes), (vec![Outcome::Updated], 0));
    let full = rig.export_with(config(), |job| job.full(true)).await;
    let found: Vec<Outcome> = full
        .verdicts
        .iter()
        .filter(named)
        .map(|verdict| verdict.outcome)
        .collect();
    assert_eq!((found, full.writes), (vec![Outcome::Unchanged], 0));
}

async fn an_export_beside_tests_of_another_address_asks(variant: Variant) {
    let mut rig = exported(variant).await;
    // As an export from another address marks them.
    for test in seen::tests(&rig) {
        let other = |label: &mut String| {
            if label.starts_with("tms-tc-") {
                *label = label
                    .chars()
                    .rev()
                    .collect::<String>()
                    .split_once('-')
                    .unwrap()
                    .0
                    .to_owned();
                label.insert_str(0, "tms-tc-");
            }
        };
        let mut site = rig.world.site.lock();
        site.touch(&Actor::System, IssueId(test.id), &["labels"], |issue| {
            issue.labels.iter_mut().for_each(other)
        });
    }
    rig.forget();
    let asks = rig.export().await;
    let kind = asks.report.stopped.as_ref().map(|fault| fault.kind);
    assert_eq!((kind, asks.writes), (Some(FaultKind::MassChange), 0));
    let planned = rig.plan(config()).await;
    assert_eq!(planned.cases(Outcome::Created).len(), 6);
    let accepted = rig.export_with(config(), |job| job.accept_changes(true)).await;
    assert_eq!(accepted.cases(Outcome::Created).len(), 6);
    assert_eq!(rig.export().await.cases(Outcome::Unchanged).len(), 6);
}
