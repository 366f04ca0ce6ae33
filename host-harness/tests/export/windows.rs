//! Rate windows of servers, kept for all runs that use the same credential.

use futures_util::future::join_all;
use tms_sync_host::model::FaultKind;
use tms_sync_host::{Facts, Job, Tenant};
use tms_sync_sim::fault::Fault;
use tms_sync_sim::generate::Plan;

use crate::rig::{Rig, Variant, config, plugin};

impl Rig {
    /// A tenant with the same credentials and the same ledger.
    async fn neighbour(&self, name: &str) -> Tenant {
        let builder = Tenant::builder(name, plugin().await)
            .ledger(self.ledger.clone())
            .limits(self.limits.clone())
            .clock(self.clock());
        self.settings(builder).build().unwrap()
    }

    /// Requests that reached Xray so far.
    fn at_xray(&self) -> usize {
        self.world.tracker.xray.as_ref().unwrap().journal().len()
    }
}

/// Answers of Xray with 4xx, 429 among them.
fn refused(facts: &Facts) -> u64 {
    facts.connections.get("xray").map_or(0, |traffic| traffic.answers[3])
}

/// One export after the other, with no time between them: each alone is far below the window, all of them are not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exports_one_after_the_other_stay_within_one_window() {
    let rig = Rig::start(Variant::Cloud, Plan::new(20, 2).build()).await;
    let begun = rig.clock().now();
    rig.export().await;
    while rig.at_xray() < 350 {
        let export = rig.export_with(config(), |job| job.full(true)).await;
        assert_eq!(refused(&export.facts), 0);
    }
    assert!(
        rig.clock().now() - begun >= 300_000,
        "350 requests were sent within five minutes"
    );
}

/// Ten tenants with one credential at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_exports_at_once_stay_within_one_window() {
    let rig = Rig::start(Variant::Cloud, Plan::new(20, 2).build()).await;
    rig.export().await;
    let begun = (rig.clock().now(), rig.at_xray());
    let mut tenants = Vec::new();
    for number in 0..10 {
        tenants.push(rig.neighbour(&format!("tenant-{number}")).await);
    }
    let mut rounds = 0;
    while rig.at_xray() - begun.1 < 350 {
        let job = || Job::new(config()).full(true);
        let ended = join_all(tenants.iter().map(|tenant| tenant.verify(job()).finish())).await;
        for outcome in ended {
            assert_eq!(refused(&outcome.facts), 0);
            outcome.result.unwrap();
        }
        rounds += 1;
        assert!(rounds < 50, "{} requests", rig.at_xray());
    }
    assert!(rig.clock().now() - begun.0 >= 300_000);
}

/// Longer than a run waits for a server, so that the one that was asked to wait ends.
const PAUSE: u64 = 50 * 60;

/// Xray asks one run to stay away. Its neighbour, of another tenant, would be answered, and stays away as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_that_one_run_is_asked_for_holds_for_its_neighbours() {
    let rig = Rig::start(Variant::Cloud, Plan::new(3, 1).build()).await;
    rig.export().await;
    let neighbour = rig.neighbour("rival").await;
    let xray = rig.world.tracker.xray.as_ref().unwrap();
    xray.faults()
        .add(Fault::rate_limited(PAUSE).on("POST", "/api/v2/graphql"));
    let asked = rig.clock().now();
    let limited = rig.verify(config()).await;
    let stopped = limited.report.stopped.as_ref().unwrap();
    assert_eq!(stopped.kind, FaultKind::RateLimited, "{limited}");
    assert!(rig.clock().now() < asked + PAUSE * 1000, "it did not wait itself");

    xray.journal().clear();
    let outcome = neighbour.verify(Job::new(config())).finish().await;
    assert!(outcome.result.unwrap().stopped.is_none());
    assert_eq!(refused(&outcome.facts), 0);
    assert!(rig.at_xray() > 0, "its neighbour asks Xray");
    assert!(
        rig.clock().now() >= asked + PAUSE * 1000,
        "and not before the pause is over"
    );
}
