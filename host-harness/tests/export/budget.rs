//! Few calls: what an export may cost at Jira and Xray, counted by the servers. And a component of bounded size.

use tms_sync_host::model::Outcome;
use tms_sync_sim::answers::PageMaximum;
use tms_sync_sim::generate::Plan;

use crate::rig::{Rig, Variant};
use crate::seen;

scenarios!(a_thousand_cases_and_a_launch_cost_tens_of_requests);

async fn a_thousand_cases_and_a_launch_cost_tens_of_requests(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(1_000, 5).build()).await;
    let first = rig.export().await;
    assert_eq!(
        first.cases(Outcome::Created).len(),
        1_000,
        "{}",
        first.report.tally("test-case").created
    );
    assert_eq!(seen::tests(&rig).len(), 1_000);
    // Among them the second look at the markers of new Tests, which reads them back too.
    let most = if variant == Variant::Cloud { 30 } else { 36 };
    assert!(
        first.requests <= most,
        "the first export took {} requests",
        first.requests
    );
    let testops = rig.world.testops.server().journal().len();
    assert!(testops <= 2 * 1_000 + 20, "TestOps had {testops} requests");

    let second = rig.export().await;
    assert_eq!(second.cases(Outcome::Unchanged).len(), 1_000);
    // At any size, see `looks`.
    let in_all = second.requests as u64 + second.facts.connections["testops"].requests;
    assert!(
        in_all <= 15 && second.writes == 0,
        "{in_all} requests, {} writes",
        second.writes
    );

    let launch = Plan::new(1_000, 5).launch(1_000).settled().build().launches.remove(0);
    rig.world.testops.edit(|site| site.add_launch(1, launch));
    let third = rig.export().await;
    assert_eq!(third.launches(Outcome::Created).len(), 1, "{:?}", third.report);
    let publishing = third.requests - second.requests;
    // Among them the steps of the Tests, the second look at the marker of the execution, and what Xray recorded: on Data
    // Center a hundred runs per request, where its administrator allows no more.
    let most = if variant == Variant::Cloud { 11 } else { 15 };
    assert!(publishing <= most, "publishing took {publishing} requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_launch_of_a_thousand_results_costs_nine_requests_where_pages_are_large() {
    let rig = Rig::start(Variant::Dc, Plan::new(1_000, 5).build()).await;
    rig.world.answers.choose(PageMaximum::TwoHundredFifty);
    rig.export().await;
    let idle = rig.export().await;
    let launch = Plan::new(1_000, 5).launch(1_000).settled().build().launches.remove(0);
    rig.world.testops.edit(|site| site.add_launch(1, launch));
    let done = rig.export().await;
    assert_eq!(done.launches(Outcome::Created).len(), 1, "{:?}", done.report);
    let publishing = done.requests - idle.requests;
    assert!(publishing <= 9, "publishing took {publishing} requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_of_a_case_that_lie_far_apart_in_a_launch_wait_as_rows() {
    // Twenty results of each case, each round of all cases after the other.
    let rig = Rig::start(Variant::Dc, Plan::new(250, 5).launch(5_000).settled().build()).await;
    let done = rig.export().await;
    assert_eq!(done.launches(Outcome::Created).len(), 1, "{:?}", done.report);
    let memory = done.facts.peak_memory >> 20;
    assert!(memory <= 24, "the plugin held {memory} MiB");
}

/// A guard against accidents, such as a second JSON library or a table of all of Unicode.
#[test]
fn the_component_is_not_larger_than_4_mib() {
    let size = tms_sync_component::bytes().len();
    assert!(size <= 4 << 20, "the component has {size} bytes, more than 4 MiB");
}
