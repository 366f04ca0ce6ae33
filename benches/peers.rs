//! The same export by what a user would write instead: a Python script, one call per issue and step.
//! `cargo bench -p tms-sync-host --bench peers`; needs `python3` with `requests`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    dead_code,
    reason = "a measurement: what fails ends it, and the table is its output"
)]

mod bed;

use std::process::{Command, Stdio};
use std::time::Instant;

use bed::{Counts, Servers, Spec};
use tms_sync_host::LoadedPlugin;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../benches/peers/testops_to_xray_dc.py");

fn main() {
    bed::run(async || {
        let plugin = bed::plugin().await;
        println!(
            "| latency | exporter | TestOps requests | Jira+Xray requests | wall | requests against tms-sync | wall |"
        );
        println!("| --- | --- | --- | --- | --- | --- | --- |");
        for latency in [0, 20] {
            compare(&plugin, Spec::dc(200).results(200).latency_ms(latency)).await;
        }
    });
}

async fn compare(plugin: &LoadedPlugin, spec: Spec) {
    let servers = Servers::start(spec);
    let ours = bed::export(&servers.tenant(plugin, "acme", bed::ledger()))
        .await
        .wall
        .as_secs_f64();
    let ours = Took::new(servers, ours);
    ours.row(&ours, "tms-sync");

    let servers = Servers::start(spec);
    let begun = Instant::now();
    let script = Command::new("python3")
        .arg(SCRIPT)
        .env("TESTOPS", &servers.testops)
        .env("TESTOPS_TOKEN", tms_sync_sim::testops::TOKEN)
        .env("JIRA", &servers.jira)
        .env("JIRA_TOKEN", tms_sync_sim::world::JIRA_TOKEN)
        .env("PROJECT", tms_sync_sim::world::PROJECT)
        .stdout(Stdio::null())
        .status();
    let theirs = begun.elapsed().as_secs_f64();
    assert!(script.is_ok_and(|status| status.success()), "{SCRIPT} failed");
    Took::new(servers, theirs).row(&ours, "script");
}

struct Took {
    spec: Spec,
    counts: Counts,
    wall: f64,
}

impl Took {
    fn new(mut servers: Servers, wall: f64) -> Self {
        Self {
            spec: servers.spec,
            counts: servers.counts(),
            wall,
        }
    }

    fn row(&self, ours: &Self, exporter: &str) {
        println!(
            "| {} ms | {exporter} | {} | {} | {:.1} s | {:.1} | {:.1} |",
            self.spec.latency.as_millis(),
            self.counts.testops,
            self.counts.tracker,
            self.wall,
            self.counts.tracker as f64 / ours.counts.tracker as f64,
            self.wall / ours.wall,
        );
    }
}
