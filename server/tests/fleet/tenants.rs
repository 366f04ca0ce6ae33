//! Many tenants on one fleet, whose syncs are all due at once: everybody in turn, none missed, none twice.
//!
//! `TMS_SYNC_FLEET_TENANTS=100` takes so many and prints its numbers; see benches/README.md.

use std::time::{Duration, Instant};

use serde_json::json;
use tms_sync_server::Server;
use tms_sync_sim::generate::Plan;

use crate::clock::ManualClock;
use crate::fairness::{fairness, syncs_of};
use crate::nodes::{Fleet, SUITE, made};
use crate::postgres::{Postgres, shared};
use crate::process::{Node, Part};
use crate::rig::{Client, Servers, Variant, sync};

/// Tenants where nobody asks for more.
const TENANTS: usize = 5;
const WORKERS: usize = 2;

/// Tenants with servers of their own; each of their syncs exports a test case of its own, and is due.
async fn furnish(console: &Server, tenants: usize) -> Vec<Servers> {
    let link = console.first_link().await.unwrap().unwrap();
    let admin = Client::by_link(console, &link, "admin@example.com").await;
    let mut all = Vec::new();
    for tenant in 0..tenants {
        let name = format!("tenant-{tenant:03}");
        admin.post("/admin/tenants", json!({ "name": name })).await;
        let body = json!({ "name": "t", "reach": "manage", "days": 30 });
        let token = admin.post(&format!("/tenants/{name}/tokens"), body).await;
        let owner = Client::with_token(console, &name, token["secret"].as_str().unwrap());
        let project = Plan::new(syncs_of(tenant), 1).build();
        let servers = Servers::beside(&ManualClock(tms_sync_sim::Clock::real()), Variant::Dc, project).await;
        let credentials = servers.set_up_by(&admin, &owner).await;
        for case in 1..=syncs_of(tenant) {
            let mut draft = sync(&credentials, &format!("case {case}"));
            draft["test-case-aql"] = format!("id = {case}").into();
            draft["disable-launches-sync"] = true.into();
            draft["schedule"] = json!({ "type": "every", "minutes": 1200 });
            let sync = made(&owner, draft).await;
            owner
                .post(&owner.own(&format!("/syncs/{sync}/changed")), json!({}))
                .await;
        }
        all.push(servers);
    }
    all
}

/// How many runs are in a status.
fn count(server: &Postgres, fleet: &Fleet, status: &str) -> usize {
    let query = format!("SELECT count(*) FROM tms_sync_server.run WHERE status = '{status}'");
    server.sql(name(fleet), &query).trim().parse().unwrap()
}

fn name(fleet: &Fleet) -> &str {
    fleet.database.rsplit('/').next().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn syncs_of_many_tenants_run_once_each_and_everybody_has_a_turn() {
    let asked = std::env::var("TMS_SYNC_FLEET_TENANTS")
        .ok()
        .and_then(|text| text.parse().ok());
    let tenants: usize = asked.unwrap_or(TENANTS);
    let Some(server) = shared(SUITE) else { return };
    let Some(fleet) = Fleet::on(server) else { return };
    let console = fleet.node(true).await;
    let servers = furnish(&console, tenants).await;
    let syncs: usize = (0..tenants).map(syncs_of).sum();
    let until = async |status, wanted| {
        while count(server, &fleet, status) < wanted {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    until("queued", syncs).await;
    let began = Instant::now();
    let workers: Vec<Node> = (0..WORKERS).map(|_| Node::start(&fleet, Part::Worker)).collect();
    until("done", syncs).await;
    let seconds = began.elapsed().as_secs_f64();

    let once = "SELECT count(*) || ' ' || count(DISTINCT sync) FROM tms_sync_server.run";
    let once = server.sql(name(&fleet), once);
    assert_eq!(once.trim(), format!("{syncs} {syncs}"), "one run of each sync");
    for (tenant, servers) in servers.iter().enumerate() {
        let tests = servers.world.site.lock().issues().count();
        assert_eq!(tests, syncs_of(tenant), "one Test for each test case");
    }
    let begun = server.sql(
        name(&fleet),
        "SELECT tenant FROM tms_sync_server.run ORDER BY started_at, id",
    );
    let fairness = fairness(begun.lines(), tenants);
    assert!(fairness >= 0.95, "{fairness}");
    if asked.is_some() {
        eprintln!(
            "| {tenants} | {syncs} | {WORKERS} | 0 | 0 | {fairness:.3} | {:.2} |",
            syncs as f64 / seconds
        );
    }
    drop(workers);
    console.stop().await;
}
