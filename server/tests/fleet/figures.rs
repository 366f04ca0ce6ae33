//! What a fleet costs and brings, measured on demand: `TMS_SYNC_FLEET_FIGURES=1`, printed as Markdown.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tms_sync_server::{Options, Server};

use crate::nodes::{Fleet, furnished, made, servers};
use crate::process::{Node, Part};
use crate::rig::{Client, Servers, plugin, sync};

/// Runs in a row of which the median is taken.
const IN_A_ROW: usize = 31;
/// Syncs that all begin at once.
const AT_ONCE: usize = 32;
/// Of every answer of every server.
const LATENCY: Duration = Duration::from_millis(50);

async fn begin(owner: &Client, sync: &str) -> String {
    let path = owner.own(&format!("/syncs/{sync}/runs"));
    let run = owner.post(&path, json!({ "mode": "plan" })).await;
    run["id"].as_str().unwrap().to_owned()
}

async fn ended(owner: &Client, run: &str) -> Value {
    loop {
        let now = owner.get(&owner.own(&format!("/runs/{run}"))).await;
        if now["status"] != "queued" && now["status"] != "running" {
            assert_eq!(now["status"], "done", "{now}");
            return now;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Median milliseconds from asking for a plan of one case to its end, and of its own work.
async fn one_by_one(console: &Server) -> (u64, u64) {
    let servers = servers(1).await;
    let (owner, credentials) = furnished(console, &servers).await;
    let sync = made(&owner, sync(&credentials, "main")).await;
    let (mut whole, mut work) = (Vec::new(), Vec::new());
    for _ in 0..IN_A_ROW {
        let run = begin(&owner, &sync).await;
        let run = ended(&owner, &run).await;
        let of = |name: &str| run[name].as_u64().unwrap();
        whole.push(of("finished-at") - of("asked-at"));
        work.push(run["summary"]["duration-ms"].as_u64().unwrap());
    }
    whole.sort_unstable();
    work.sort_unstable();
    (whole[IN_A_ROW / 2], work[IN_A_ROW / 2])
}

fn slow(servers: &Servers) {
    for server in [servers.world.testops.server(), &servers.world.tracker.jira] {
        server.faults().latency(LATENCY);
    }
}

/// Seconds until plans of all syncs are done.
async fn all_at_once(fleet: &Fleet, workers: usize) -> f64 {
    let console = fleet.node(true).await;
    let servers = servers(40).await;
    slow(&servers);
    let (admin, owner, credentials) = crate::nodes::furnished_by(&console, &servers).await;
    let quotas = json!({ "title": "Acme", "quotas": { "runs-at-once": AT_ONCE } });
    admin.send(Method::PUT, "/admin/tenants/acme", Some(quotas)).await;
    let mut syncs = Vec::new();
    for number in 0..=AT_ONCE {
        syncs.push(made(&owner, sync(&credentials, &format!("s{number}"))).await);
    }
    let _workers: Vec<Node> = (0..workers).map(|_| Node::start(fleet, Part::Worker)).collect();
    // The workers are there when the first run is done, and a moment later all of them.
    let run = begin(&owner, &syncs.remove(0)).await;
    ended(&owner, &run).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let began = Instant::now();
    let mut runs = Vec::new();
    for sync in &syncs {
        runs.push(begin(&owner, sync).await);
    }
    for run in &runs {
        ended(&owner, run).await;
    }
    began.elapsed().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_fleet_costs_and_brings_is_printed() {
    if std::env::var_os("TMS_SYNC_FLEET_FIGURES").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        listen: ([127, 0, 0, 1], 0).into(),
        plugins: vec![plugin().await],
        ..Options::new(folder.path())
    };
    let alone = Server::start(options).await.unwrap();
    let (whole, work) = one_by_one(&alone).await;
    eprintln!(
        "| a plan of one case, median of {IN_A_ROW} | asked for to recorded | of it the run |\n| --- | --- | --- |"
    );
    eprintln!("| SQLite, one process | {whole} ms | {work} ms |");
    drop(alone);
    let fleet = Fleet::start().unwrap();
    let console = fleet.node(true).await;
    let _worker = Node::start(&fleet, Part::Worker);
    let (whole, work) = one_by_one(&console).await;
    eprintln!("| PostgreSQL and NATS, a console and a worker | {whole} ms | {work} ms |\n");
    drop(console);
    eprintln!(
        "| workers | {AT_ONCE} plans of 40 cases, {} ms latency | runs per second |\n| --- | --- | --- |",
        LATENCY.as_millis()
    );
    for workers in [1, 2, 4] {
        let seconds = all_at_once(&Fleet::start().unwrap(), workers).await;
        eprintln!("| {workers} | {seconds:.1} s | {:.2} |", AT_ONCE as f64 / seconds);
    }
}
