//! First exports of many sizes: requests, time, time against what the latency allows, and memory.
//! `cargo bench -p tms-sync-host --bench throughput`; `-- 10` divides all sizes by ten.

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
use tms_sync_host::LoadedPlugin;

fn main() {
    let less = std::env::args()
        .find_map(|number| number.parse::<usize>().ok())
        .unwrap_or(1);
    bed::run(async || {
        let plugin = bed::plugin().await;
        println!(
            "| variant | export | latency | TestOps requests | Jira+Xray requests | wall | wall ÷ lower bound | \
             CPU | plugin's memory | host's memory, peak |"
        );
        println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        for latency in [0, 50] {
            let (thousand, many) = (1_000 / less, 20_000 / less);
            let many_results = Spec::dc(thousand).results(many);
            for spec in [Spec::cloud(thousand), Spec::dc(thousand), many_results, Spec::dc(many)] {
                row(&plugin, spec.latency_ms(latency)).await;
            }
        }
    });
}

async fn row(plugin: &LoadedPlugin, spec: Spec) {
    let mut servers = Servers::start(spec);
    let tenant = servers.tenant(plugin, "acme", bed::ledger());
    bed::forget_peak();
    let done = bed::export(&tenant).await;
    let peak = bed::peak();
    let counts = servers.counts();
    assert_eq!(done.report.tally("test-case").created, spec.cases as u64);
    let bound = counts.lower_bound(spec.latency).as_secs_f64();
    let wall = done.wall.as_secs_f64();
    let against = if spec.latency.is_zero() {
        "–".to_owned()
    } else {
        format!("{:.2}", wall / bound)
    };
    let variant = if spec.cloud { "Cloud" } else { "Data Center" };
    let launch = match spec.results {
        0 => String::new(),
        results => format!(", a launch of {results} results"),
    };
    println!(
        "| {variant} | {} cases{launch} | {} ms | {} | {} | {wall:.1} s | {against} | {:.1} s | {:.1} MiB | {peak:.0} MiB |",
        spec.cases,
        spec.latency.as_millis(),
        counts.testops,
        counts.tracker,
        done.cpu.as_secs_f64(),
        done.facts.peak_memory as f64 / f64::from(1 << 20),
    );
}
