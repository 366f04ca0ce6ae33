//! A fleet whose parts are killed or stand still in the middle of an export: nothing is there twice, nothing is lost, and what
//! was due has run. Workers are processes of their own, nats-server and PostgreSQL are real.
//!
//! `TMS_SYNC_FLEET_KILLS=1` strikes every part at every step; otherwise each is struck at one.

use std::time::Duration;

use serde_json::json;

use crate::nodes::{Fleet, SUITE, expect_settled, export_when_free, furnished, made, servers};
use crate::postgres::{Postgres, own};
use crate::process::{Worker, signal};
use crate::rig::sync;

const CASES: usize = 40;
/// How many requests that write Jira has taken when the blow comes: the first, and others of the export.
const STEPS: [usize; 3] = [1, 2, 3];

#[derive(Debug, Clone, Copy)]
enum Blow {
    /// A worker is killed.
    WorkerKilled,
    /// A worker stands still for longer than its lease, while another one goes on, and then wakes up.
    WorkerStands,
    /// The nats-server is killed and comes again.
    NatsKilled,
    /// The same, without anything that it kept.
    NatsLost,
    /// The nats-server stands still for a while.
    NatsStands,
    /// The database is killed and comes again.
    DatabaseKilled,
}

async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

impl Blow {
    async fn strike(self, fleet: &Fleet, server: &Postgres, workers: &mut [Worker]) {
        match self {
            Self::WorkerKilled => workers[0].kill(),
            Self::WorkerStands => {
                workers[0].stop();
                // Its lease ends sooner for the database's clock than for a test that waits.
                let name = fleet.database.rsplit('/').next().unwrap();
                server.sql(
                    name,
                    "UPDATE tms_sync_ledger.lease SET expires_at = expires_at - 300000",
                );
            }
            Self::NatsKilled => {
                fleet.nats.kill();
                pause(1500).await;
                fleet.nats.begin();
            }
            Self::NatsLost => {
                fleet.nats.kill();
                fleet.nats.lose_data();
                fleet.nats.begin();
            }
            Self::NatsStands => {
                signal(fleet.nats.pid(), "STOP");
                pause(5000).await;
                signal(fleet.nats.pid(), "CONT");
            }
            Self::DatabaseKilled => {
                server.kill();
                pause(500).await;
                server.begin();
            }
        }
    }
}

async fn struck(blow: Blow, step: usize) {
    let Some(server) = own(SUITE) else { return };
    let Some(fleet) = Fleet::on(&server) else { return };
    let console = fleet.node(true).await;
    let servers = servers(CASES).await;
    let (owner, credentials) = furnished(&console, &servers).await;
    let mut body = sync(&credentials, "main");
    body["schedule"] = json!({ "type": "every", "minutes": 1200 });
    let sync = made(&owner, body).await;
    let mut workers = vec![Worker::start(&fleet)];
    // It is due now, by the server's own schedule.
    owner
        .post(&owner.own(&format!("/syncs/{sync}/changed")), json!({}))
        .await;
    while servers.world.tracker.writes() < step {
        pause(2).await;
    }
    blow.strike(&fleet, &server, &mut workers).await;
    workers.push(Worker::start(&fleet));
    // Whoever comes after the blow: the same sync, done to its end.
    let path = owner.own(&format!("/syncs/{sync}/runs"));
    let done = async || {
        let runs = owner.get(&path).await;
        runs.as_array()
            .unwrap()
            .iter()
            .any(|run| run["status"] == "done" && run["origin"] != "person")
    };
    let is_done_again = matches!(blow, Blow::WorkerKilled | Blow::WorkerStands);
    if is_done_again {
        while !done().await {
            pause(50).await;
        }
    }
    if matches!(blow, Blow::WorkerStands) {
        workers[0].go_on();
    }
    let last = export_when_free(&owner, &sync).await;
    assert_eq!(last["status"], "done", "{blow:?} at {step}: {last}");
    expect_settled(&servers, CASES);
    let writes = servers.world.tracker.writes();
    let again = export_when_free(&owner, &sync).await;
    assert_eq!(again["status"], "done", "{blow:?} at {step}: {again}");
    assert_eq!(
        servers.world.tracker.writes(),
        writes,
        "{blow:?} at {step}: a settled export writes nothing"
    );
    let runs = owner.get(&path).await;
    assert!(
        runs.as_array().unwrap().iter().any(|run| run["origin"] != "person"),
        "{runs}"
    );
    eprintln!("{blow:?} at write {step} of {writes}: nothing twice, nothing lost");
    console.stop().await;
}

async fn struck_at_steps(blow: Blow, usual: usize) {
    let all = std::env::var_os("TMS_SYNC_FLEET_KILLS").is_some();
    let steps = if all { STEPS.to_vec() } else { vec![usual] };
    for step in steps {
        let story = struck(blow, step);
        tokio::time::timeout(Duration::from_secs(240), story)
            .await
            .expect("it goes on after the blow");
    }
}

macro_rules! blows {
    ($($name:ident: $blow:ident at $step:literal),+ $(,)?) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() { struck_at_steps(Blow::$blow, $step).await; })+
    };
}

blows!(
    a_killed_worker_loses_and_doubles_nothing: WorkerKilled at 3,
    a_worker_that_stands_still_and_wakes_up_loses_and_doubles_nothing: WorkerStands at 1,
    a_killed_nats_server_loses_and_doubles_nothing: NatsKilled at 3,
    a_nats_server_without_its_data_loses_and_doubles_nothing: NatsLost at 2,
    a_nats_server_that_stands_still_loses_and_doubles_nothing: NatsStands at 1,
    a_killed_database_loses_and_doubles_nothing: DatabaseKilled at 2,
);
