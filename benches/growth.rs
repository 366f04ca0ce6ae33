//! How cost grows with the number of cases: the first export, and the next one, which finds nothing to do.
//! `cargo bench -p tms-sync-host --bench growth`; sizes of one's own: `-- 100 1000`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    dead_code,
    reason = "a measurement: what fails ends it, and the table is its output"
)]

mod bed;

use bed::{Servers, Spec};
use tms_sync_host::{LoadedPlugin, Tenant};

const SIZES: [usize; 4] = [100, 1_000, 10_000, 50_000];
/// Time that every answer takes longer.
const LATENCY_MS: u64 = 20;

fn main() {
    let asked: Vec<usize> = std::env::args().filter_map(|size| size.parse().ok()).collect();
    let sizes = if asked.is_empty() { SIZES.to_vec() } else { asked };
    bed::run(async || {
        let plugin = bed::plugin().await;
        println!(
            "| variant | cases | export | TestOps requests | Jira+Xray requests | CPU | plugin's memory | host's memory, peak | \
             wall | wall ÷ lower bound |"
        );
        println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        for size in sizes {
            for spec in [Spec::cloud(size), Spec::dc(size)] {
                grow(&plugin, spec.latency_ms(LATENCY_MS)).await;
            }
        }
    });
}

async fn grow(plugin: &LoadedPlugin, spec: Spec) {
    let mut servers = Servers::start(spec);
    let tenant = servers.tenant(plugin, "acme", bed::ledger());
    row(&mut servers, &tenant, "first").await;
    row(&mut servers, &tenant, "nothing changed").await;
}

async fn row(servers: &mut Servers, tenant: &Tenant, export: &str) {
    let spec = servers.spec;
    let before = servers.counts();
    bed::forget_peak();
    let done = bed::export(tenant).await;
    let peak = bed::peak();
    let counts = servers.counts().since(before);
    let tally = done.report.tally("test-case");
    assert_eq!(tally.created + tally.unchanged, spec.cases as u64);
    let wall = done.wall.as_secs_f64();
    println!(
        "| {} | {} | {export} | {} | {} | {:.2} s | {:.1} MiB | {peak:.0} MiB | {wall:.1} s | {:.2} |",
        if spec.cloud { "Cloud" } else { "Data Center" },
        spec.cases,
        counts.testops,
        counts.tracker,
        done.cpu.as_secs_f64(),
        done.facts.peak_memory as f64 / f64::from(1 << 20),
        wall / counts.lower_bound(spec.latency).as_secs_f64(),
    );
}
