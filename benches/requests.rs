//! What an export costs at the servers: requests and writes as Jira and Xray counted them, and the component's memory as
//! the host measured it, and which requests they are. Prints tables; asserts nothing.
//! `cargo bench -p tms-sync-host --bench requests`.

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
use std::collections::BTreeMap;
use tms_sync_sim::generate::Plan;
use tms_sync_sim::server::Server;

/// The measured exports, and the requests of each by route.
#[derive(Default)]
struct Tables {
    exports: Vec<String>,
    routes: Vec<String>,
}

#[tokio::main]
async fn main() {
    let mut tables = Tables::default();
    for variant in [Variant::Cloud, Variant::Dc] {
        small(variant, &mut tables).await;
    }
    tables.print();
    let mut tables = Tables::default();
    for variant in [Variant::Cloud, Variant::Dc] {
        large(variant, &mut tables).await;
    }
    tables.print();
}

/// The budgets: 1,000 cases of five steps, nothing changed, a launch of 1,000 results, one case changed.
async fn small(variant: Variant, tables: &mut Tables) {
    let rig = Rig::start(variant, Plan::new(1_000, 5).build()).await;
    tables.measure(&rig, "1,000 new cases of 5 steps").await;
    tables.measure(&rig, "nothing changed").await;
    let launch = Plan::new(1_000, 5).launch(1_000).settled().build().launches.remove(0);
    rig.world.testops.edit(|site| site.add_launch(1, launch));
    tables.measure(&rig, "a launch of 1,000 results").await;
    // An edit within the millisecond of the others would not be the last change.
    rig.world.clock.advance(std::time::Duration::from_secs(60));
    rig.world.testops.edit(|site| {
        let case = site.case_ids(1).first().copied();
        site.edit_case(case.unwrap(), |case| "Renamed".clone_into(&mut case.name));
    });
    tables.measure(&rig, "one case renamed").await;
}

/// Memory is bounded by a page and a batch, not by the export.
async fn large(variant: Variant, tables: &mut Tables) {
    let mut rig = Rig::start(variant, Plan::new(20_000, 5).launch(20_000).settled().build()).await;
    rig.limits.cpu = std::time::Duration::from_secs(600);
    tables
        .measure(&rig, "20,000 new cases of 5 steps, a launch of 20,000 results")
        .await;
    tables.measure(&rig, "nothing changed at 20,000 cases").await;
}

impl Tables {
    fn print(&self) {
        println!("| variant | export | Jira+Xray requests | of them writes | TestOps requests | guest memory |");
        println!("| --- | --- | --- | --- | --- | --- |");
        println!("{}", self.exports.join("\n"));
        println!("\n| variant | export | request | number |\n| --- | --- | --- | --- |");
        println!("{}\n", self.routes.join("\n"));
    }

    async fn measure(&mut self, rig: &Rig, export: &str) {
        let before: Vec<usize> = servers(rig).map(|server| server.journal().len()).collect();
        let done = rig.export().await;
        let mut routes: BTreeMap<String, usize> = BTreeMap::new();
        for (server, before) in servers(rig).zip(before) {
            for (route, number) in server.journal().counts_since(before).by_route {
                *routes.entry(route).or_default() += number;
            }
        }
        let variant = rig.variant;
        self.exports.push(row(variant, export, &done));
        let routes = routes.into_iter();
        let routes = routes.map(|(route, number)| format!("| {variant:?} | {export} | `{route}` | {number} |"));
        self.routes.extend(routes);
    }
}

fn servers(rig: &Rig) -> impl Iterator<Item = &Server> {
    let tracker = &rig.world.tracker;
    let jira = [rig.world.testops.server(), &tracker.jira];
    jira.into_iter().chain(&tracker.xray)
}

fn row(variant: Variant, export: &str, done: &Done) -> String {
    let stopped = done
        .report
        .stopped
        .as_ref()
        .map(|fault| format!(" STOPPED: {}", fault.message));
    format!(
        "| {variant:?} | {export}{} | {} | {} | {} | {:.1} MiB |",
        stopped.unwrap_or_default(),
        done.requests,
        done.writes,
        done.facts
            .connections
            .get("testops")
            .map_or(0, |traffic| traffic.requests),
        done.facts.peak_memory as f64 / f64::from(1 << 20),
    )
}
