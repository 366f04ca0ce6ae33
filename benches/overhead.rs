//! What the sandbox costs: the same export with the plugin's code linked natively and as component, over the same host,
//! against the same servers, in turns. `cargo bench -p tms-sync-host --bench overhead`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    dead_code,
    reason = "a measurement: what fails ends it, and the table is its output"
)]

mod bed;
#[path = "bed/native.rs"]
mod native;

use std::time::Instant;

use bed::{Servers, Spec, median};
use tms_sync_host::LoadedPlugin;

const ROUNDS: usize = 5;

fn main() {
    bed::run(async || {
        let plugin = bed::plugin().await;
        println!("| server latency | CPU native | CPU component | ratio | wall native | wall component | ratio |");
        println!("| --- | --- | --- | --- | --- | --- | --- |");
        for latency in [0, 20] {
            compare(&plugin, Spec::dc(1_000).results(1_000).latency_ms(latency)).await;
        }
    });
}

/// CPU and wall, in seconds.
type Cost = (f64, f64);

async fn compare(plugin: &LoadedPlugin, spec: Spec) {
    let (mut natives, mut components) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        natives.push(native_export(plugin, spec).await);
        components.push(component_export(plugin, spec).await);
    }
    let cpu = |costs: &[Cost]| median(costs.iter().map(|cost| cost.0).collect());
    let wall = |costs: &[Cost]| median(costs.iter().map(|cost| cost.1).collect());
    println!(
        "| {} ms | {:.2} s | {:.2} s | {:.2} | {:.2} s | {:.2} s | {:.2} |",
        spec.latency.as_millis(),
        cpu(&natives),
        cpu(&components),
        cpu(&components) / cpu(&natives),
        wall(&natives),
        wall(&components),
        wall(&components) / wall(&natives),
    );
}

async fn native_export(plugin: &LoadedPlugin, spec: Spec) -> Cost {
    let servers = Servers::start(spec);
    let tenant = servers.tenant(plugin, "native", bed::ledger());
    let fields = [
        ("testops-endpoint", servers.testops.as_str()),
        ("testops-project-id", "1"),
        ("endpoint", servers.jira.as_str()),
    ];
    let (cpu, begun) = (bed::cpu(), Instant::now());
    let report = native::export(&tenant, "xray-dc", &fields).await;
    let cost = ((bed::cpu() - cpu).as_secs_f64(), begun.elapsed().as_secs_f64());
    assert_eq!(report.test_cases.created, spec.cases as u64);
    cost
}

async fn component_export(plugin: &LoadedPlugin, spec: Spec) -> Cost {
    let servers = Servers::start(spec);
    let done = bed::export(&servers.tenant(plugin, "component", bed::ledger())).await;
    assert_eq!(done.report.tally("test-case").created, spec.cases as u64);
    (done.cpu.as_secs_f64(), done.wall.as_secs_f64())
}
