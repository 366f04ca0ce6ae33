//! What an export costs at the servers: requests and writes as Jira and Xray counted them, and the component's memory as
//! the host measured it. Prints a table; asserts nothing. `cargo bench -p tms-sync-host --bench requests`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    dead_code,
    reason = "a measurement: what fails ends it, and the table is its output"
)]

#[path = "../host-harness/tests/export/rig.rs"]
mod rig;

use rig::{Done, Rig, Variant};
use tms_sync_sim::generate::Plan;

#[tokio::main]
async fn main() {
    println!("| variant | export | Jira+Xray requests | of them writes | TestOps requests | guest memory |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for variant in [Variant::Cloud, Variant::Dc] {
        small(variant).await;
    }
    for variant in [Variant::Cloud, Variant::Dc] {
        large(variant).await;
    }
}

/// The budgets: 1,000 cases of five steps, nothing changed, a launch of 1,000 results.
async fn small(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(1_000, 5).build()).await;
    row(variant, "1,000 new cases of 5 steps", &rig.export().await);
    row(variant, "nothing changed", &rig.export().await);
    let launch = Plan::new(1_000, 5).launch(1_000).settled().build().launches.remove(0);
    rig.world.testops.edit(|site| site.add_launch(1, launch));
    row(
        variant,
        "nothing changed but a launch of 1,000 results",
        &rig.export().await,
    );
}

/// Memory is bounded by a page and a batch, not by the export.
async fn large(variant: Variant) {
    let mut rig = Rig::start(variant, Plan::new(20_000, 5).launch(20_000).settled().build()).await;
    rig.limits.cpu = std::time::Duration::from_secs(600);
    row(
        variant,
        "20,000 new cases of 5 steps, a launch of 20,000 results",
        &rig.export().await,
    );
}

fn row(variant: Variant, export: &str, done: &Done) {
    let stopped = done
        .report
        .stopped
        .as_ref()
        .map(|fault| format!(" STOPPED: {}", fault.message));
    println!(
        "| {variant:?} | {export}{} | {} | {} | {} | {:.1} MiB |",
        stopped.unwrap_or_default(),
        done.requests,
        done.writes,
        done.facts
            .connections
            .get("testops")
            .map_or(0, |traffic| traffic.requests),
        done.facts.peak_memory as f64 / f64::from(1 << 20),
    );
}
