//! Consoles and workers of a fleet, in one process: one database, one nats-server, several services.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::Method;
use serde_json::{Value, json};
use tms_sync_host::{Clock, SystemClock};
use tms_sync_server::schedule::FleetOptions;
use tms_sync_server::{Keys, Options, Server};

use crate::nats::Nats;
use crate::postgres::{Postgres, shared};
use crate::rig::{Client, Servers, Variant, plugin, sync};

pub const SUITE: &str = "a fleet of consoles and workers";

/// The keys of all nodes.
fn keys() -> Keys {
    Keys::Text("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=".to_owned().into())
}

pub struct Fleet {
    pub nats: Nats,
    pub database: String,
}

impl Fleet {
    pub fn start() -> Option<Self> {
        Self::on(shared(SUITE)?)
    }

    pub fn on(server: &Postgres) -> Option<Self> {
        Some(Self {
            database: server.database(),
            nats: Nats::start(SUITE)?,
        })
    }

    pub async fn node(&self, serves: bool) -> Server {
        self.node_by(Arc::new(SystemClock), serves).await
    }

    /// One whose machine has another time.
    pub async fn node_by(&self, clock: Arc<dyn Clock>, serves: bool) -> Server {
        let options = options(&self.database, &self.nats.address(), serves).await;
        Server::start(Options { clock, ..options }).await.unwrap()
    }
}

/// A clock that is wrong by so many milliseconds.
pub struct Wrong(pub i64);

impl Clock for Wrong {
    fn now(&self) -> u64 {
        SystemClock.now().saturating_add_signed(self.0)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}

/// Of a console or a worker.
pub async fn options(database: &str, nats: &str, serves: bool) -> Options {
    let fleet = FleetOptions {
        works: !serves,
        serves,
        patience: Duration::from_secs(3),
        sweep: Duration::from_secs(1),
        ..FleetOptions::at(nats)
    };
    Options {
        listen: ([127, 0, 0, 1], 0).into(),
        postgres: Some(database.to_owned()),
        keys: keys(),
        fleet: Some(fleet),
        plugins: vec![plugin().await],
        ..Options::new("")
    }
}

/// The tenant `acme` with credentials: its owner, and their id.
pub async fn furnished(console: &Server, servers: &Servers) -> (Client, String) {
    let (_, owner, credentials) = furnished_by(console, servers).await;
    (owner, credentials)
}

/// The same, and the administrator.
pub async fn furnished_by(console: &Server, servers: &Servers) -> (Client, Client, String) {
    let link = console.first_link().await.unwrap().unwrap();
    let admin = Client::by_link(console, &link, "admin@example.com").await;
    admin.post("/admin/tenants", json!({ "name": "acme" })).await;
    let body = json!({ "name": "t", "reach": "manage", "days": 30 });
    let made = admin.post("/tenants/acme/tokens", body).await;
    let owner = Client::with_token(console, "acme", made["secret"].as_str().unwrap());
    let credentials = servers.set_up_by(&admin, &owner).await;
    (admin, owner, credentials)
}

async fn begin(owner: &Client, sync: &str, mode: &str) -> String {
    let started = owner
        .post(&owner.own(&format!("/syncs/{sync}/runs")), json!({ "mode": mode }))
        .await;
    started["id"].as_str().unwrap().to_owned()
}

pub async fn made(owner: &Client, body: Value) -> String {
    owner.post(&owner.own("/syncs"), body).await["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

pub async fn servers(cases: usize) -> Servers {
    servers_of(Variant::Dc, cases).await
}

pub async fn servers_of(variant: Variant, cases: usize) -> Servers {
    let plan = tms_sync_sim::generate::Plan::new(cases, 2).launch(cases).build();
    let real = crate::clock::ManualClock(tms_sync_sim::Clock::real());
    Servers::beside(&real, variant, plan).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_console_shows_what_any_worker_carries_out() {
    let Some(fleet) = Fleet::start() else { return };
    let (first, second) = (fleet.node(true).await, fleet.node(true).await);
    let servers = servers(4).await;
    let (owner, credentials) = furnished(&first, &servers).await;
    let sync = made(&owner, sync(&credentials, "main")).await;
    let run = begin(&owner, &sync, "export").await;
    assert_eq!(owner.get(&owner.own(&format!("/runs/{run}"))).await["status"], "queued");
    let worker = fleet.node(false).await;
    let seen = owner.clone().at(&second).over(&run).await;
    assert_eq!(seen["status"], "done", "{seen}");
    // A secret that the first console sealed opened at the worker.
    assert_eq!(seen["summary"]["totals"]["test-case"]["created"], 4, "{seen}");
    let nobody = Client::nobody(&worker);
    let answers = async |path: &str| {
        nobody
            .request(Method::GET, path)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!((answers("/readyz").await, answers("/").await), (200, 404));
    for node in [worker, first, second] {
        node.stop().await;
    }
}

/// In milliseconds; more than anything here waits for.
pub const FIVE_MINUTES: i64 = 5 * 60 * 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_whose_clocks_differ_by_ten_minutes_agree_on_what_is_due() {
    let Some(fleet) = Fleet::start() else { return };
    let console = fleet.node_by(Arc::new(Wrong(FIVE_MINUTES)), true).await;
    let servers = servers(2).await;
    let (owner, credentials) = furnished(&console, &servers).await;
    let mut body = sync(&credentials, "main");
    body["schedule"] = json!({ "type": "every", "minutes": 600 });
    let sync = made(&owner, body).await;
    let worker = fleet.node_by(Arc::new(Wrong(-FIVE_MINUTES)), false).await;
    owner
        .post(&owner.own(&format!("/syncs/{sync}/changed")), json!({}))
        .await;
    let path = owner.own(&format!("/syncs/{sync}/runs"));
    let runs = loop {
        let runs = owner.get(&path).await;
        if runs[0]["status"] == "done" {
            break runs;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(runs.as_array().unwrap().len(), 1, "one time, one run: {runs}");
    let times = ["asked-at", "started-at", "finished-at"].map(|name| runs[0][name].as_u64().unwrap());
    assert!(times.is_sorted(), "{times:?}");
    assert!(times[2] - times[0] < FIVE_MINUTES.unsigned_abs(), "{times:?}");
    worker.stop().await;
    console.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_stopped_hands_its_run_over() {
    let Some(fleet) = Fleet::start() else { return };
    let console = fleet.node(true).await;
    let servers = servers(60).await;
    let (owner, credentials) = furnished(&console, &servers).await;
    let mut body = sync(&credentials, "main");
    body["schedule"] = json!({ "type": "every", "minutes": 600 });
    let sync = made(&owner, body).await;
    let worker = fleet.node(false).await;
    // Due at once: the server's schedule says so, and a node forwards it.
    owner
        .post(&owner.own(&format!("/syncs/{sync}/changed")), json!({}))
        .await;
    while servers.world.tracker.writes() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let another = fleet.node(false).await;
    worker.stop().await;
    let last = export_when_free(&owner, &sync).await;
    assert_eq!(last["status"], "done", "{last}");
    expect_settled(&servers, 60);
    let runs = owner.get(&owner.own(&format!("/syncs/{sync}/runs"))).await;
    let first = &runs.as_array().unwrap().last().unwrap()["status"];
    assert!(first == "interrupted" || first == "done", "{runs}");
    another.stop().await;
    console.stop().await;
}

/// Every case is one issue, and no marker is on two.
pub fn expect_settled(servers: &Servers, cases: usize) {
    let site = servers.world.site.lock();
    let mut markers = std::collections::BTreeSet::new();
    let mut tests = 0;
    for issue in site.issues() {
        for label in &issue.labels {
            let is_marker = label.starts_with("tms-tc-") || label.starts_with("tms-le-");
            assert!(
                !is_marker || markers.insert(label.clone()),
                "{label} is on several issues"
            );
            tests += usize::from(label.starts_with("tms-tc-"));
        }
    }
    assert_eq!(tests, cases, "cases that are lost");
}

/// An export that a person asks for, as soon as no run is open, to its end.
pub async fn export_when_free(owner: &Client, sync: &str) -> Value {
    let run = begin_when_free(owner, sync).await;
    owner.over(&run).await
}

/// A run that a person asks for, as soon as none is open.
async fn begin_when_free(owner: &Client, sync: &str) -> String {
    loop {
        let path = owner.own(&format!("/syncs/{sync}/runs"));
        let (status, answer) = owner.send(Method::POST, &path, Some(json!({ "mode": "export" }))).await;
        if status.is_success() {
            return answer["id"].as_str().unwrap().to_owned();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
