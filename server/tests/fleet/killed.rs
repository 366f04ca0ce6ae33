//! A fleet whose parts are killed, stand still, are cut off or come back from a backup in the middle of an export: nothing is there twice, nothing is lost, and what
//! was due has run. Workers are processes of their own, nats-server and PostgreSQL are real.
//!
//! `TMS_SYNC_FLEET_KILLS=1` strikes every part after every request that writes, over both variants, while the clocks of the workers
//! are wrong by five minutes in both directions; otherwise each part is struck once, over Data Center.

use std::time::Duration;

use serde_json::json;

use crate::nodes::{FIVE_MINUTES, Fleet, SUITE, expect_settled, export_when_free, furnished, made, servers_of};
use crate::partition::Network;
use crate::postgres::{Postgres, own};
use crate::process::{Node, Part, signal};
use crate::rig::{Client, Servers, Variant, sync};

const CASES: usize = 40;

#[derive(Debug, Clone, Copy)]
enum Blow {
    /// A worker is killed.
    WorkerKilled,
    /// A worker stands still for longer than its lease, while another one goes on, and then wakes up.
    WorkerStands,
    /// A worker reaches neither the database nor NATS for five minutes, but Jira; another one goes on meanwhile.
    WorkerCutOff,
    /// A console is killed.
    ConsoleKilled,
    /// A console stands still for a while.
    ConsoleStands,
    /// The nats-server is killed and comes again.
    NatsKilled,
    /// The same, without anything that it kept.
    NatsLost,
    /// The nats-server stands still for a while.
    NatsStands,
    /// The database is killed and comes again.
    DatabaseKilled,
    /// The database is recovered from a base backup, which misses what was written after it.
    DatabaseRestored,
}

/// When and where a blow comes.
#[derive(Debug, Clone, Copy)]
struct Moment {
    variant: Variant,
    /// How many requests that write Jira and Xray have taken.
    step: usize,
    /// By how many milliseconds the clocks of the two workers are wrong.
    clocks: [i64; 2],
}

/// What is struck.
struct Struck<'a> {
    server: &'a Postgres,
    fleet: &'a Fleet,
    servers: &'a Servers,
    /// The first worker's way to its servers.
    network: Network,
    workers: Vec<Node>,
    /// Beside the one that the test asks.
    console: Node,
}

async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

impl Blow {
    async fn strike(self, struck: &mut Struck<'_>) {
        let Struck { server, fleet, .. } = *struck;
        match self {
            Self::WorkerKilled => struck.workers[0].kill(),
            Self::WorkerStands => {
                struck.workers[0].stop();
                struck.pass_five_minutes();
            }
            Self::WorkerCutOff => {
                struck.network.cut();
                struck.pass_five_minutes();
            }
            Self::ConsoleKilled => struck.console.kill(),
            Self::ConsoleStands => {
                struck.console.stop();
                pause(5000).await;
                struck.console.go_on();
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
            Self::DatabaseRestored => struck.restore().await,
        }
    }

    /// Whether the worker that began the run does not end it.
    fn needs_another_worker(self) -> bool {
        matches!(self, Self::WorkerKilled | Self::WorkerStands | Self::WorkerCutOff)
    }
}

impl Struck<'_> {
    fn sql(&self, sql: &str) -> String {
        let name = self.fleet.database.rsplit('/').next().unwrap();
        self.server.sql(name, sql)
    }

    /// Leases end sooner for the database's clock than for a test that waits.
    fn pass_five_minutes(&self) {
        self.sql(&format!(
            "UPDATE tms_sync_ledger.lease SET expires_at = expires_at - {FIVE_MINUTES}"
        ));
    }

    /// A backup, then requests that it does not know of, then the backup instead of the database. The ten minutes that nobody
    /// works after that pass at once.
    async fn restore(&self) {
        // Slow enough for the export to outlast the backup.
        let tracker = &self.servers.world.tracker;
        let slow = |latency| {
            let servers = [Some(&tracker.jira), tracker.xray.as_ref()];
            servers
                .into_iter()
                .flatten()
                .for_each(|server| server.faults().latency(latency));
        };
        slow(Duration::from_secs(2));
        let backup = self.server.back_up();
        slow(Duration::ZERO);
        let writes = self.servers.world.tracker.writes();
        while self.servers.world.tracker.writes() == writes && self.is_running() {
            pause(2).await;
        }
        self.server.recover(&backup);
        while self.sql("SELECT restored_at IS NULL FROM tms_sync_ledger.cluster") == "t" {
            pause(50).await;
        }
        self.sql("UPDATE tms_sync_ledger.cluster SET restored_at = restored_at - 600000");
    }

    fn is_running(&self) -> bool {
        self.sql("SELECT count(*) FROM tms_sync_server.run WHERE status = 'running'") != "0"
    }
}

/// Whether a run that nobody asked for is done.
async fn is_done(owner: &Client, sync: &str) -> bool {
    let runs = owner.get(&owner.own(&format!("/syncs/{sync}/runs"))).await;
    let mut runs = runs.as_array().unwrap().iter();
    runs.any(|run| run["status"] == "done" && run["origin"] != "person")
}

/// Whether the export has written so often by now; false: it is done without.
async fn reaches(step: usize, servers: &Servers, owner: &Client, sync: &str) -> bool {
    for look in 1_u32.. {
        if servers.world.tracker.writes() >= step {
            return true;
        }
        if look.is_multiple_of(100) && is_done(owner, sync).await {
            return servers.world.tracker.writes() >= step;
        }
        pause(2).await;
    }
    false
}

/// One blow at one moment; false: there is no such moment, or no server to strike.
async fn struck(blow: Blow, moment: Moment) -> bool {
    let Moment { variant, step, clocks } = moment;
    let Some(server) = own(SUITE) else { return false };
    let Some(fleet) = Fleet::on(&server) else { return false };
    let console = fleet.node(true).await;
    let servers = servers_of(variant, CASES).await;
    let (owner, credentials) = furnished(&console, &servers).await;
    let mut body = sync(&credentials, "main");
    body["schedule"] = json!({ "type": "every", "minutes": 1200 });
    let sync = made(&owner, body).await;
    let network = Network::before(&fleet).await;
    let mut struck = Struck {
        server: &server,
        fleet: &fleet,
        servers: &servers,
        workers: vec![Node::at(&network.database, &network.nats, Part::Worker, clocks[0])],
        network,
        console: Node::start(&fleet, Part::Console),
    };
    // It is due now, by the server's own schedule.
    owner
        .post(&owner.own(&format!("/syncs/{sync}/changed")), json!({}))
        .await;
    if !reaches(step, &servers, &owner, &sync).await {
        return false;
    }
    blow.strike(&mut struck).await;
    let (database, nats) = (&fleet.database, fleet.nats.address());
    struck.workers.push(Node::at(database, &nats, Part::Worker, clocks[1]));
    // Whoever comes after the blow: the same sync, done to its end.
    if blow.needs_another_worker() {
        while !is_done(&owner, &sync).await {
            pause(50).await;
        }
    }
    match blow {
        Blow::WorkerStands => struck.workers[0].go_on(),
        Blow::WorkerCutOff => struck.network.mend(),
        _ => {}
    }
    let last = export_when_free(&owner, &sync).await;
    assert_eq!(last["status"], "done", "{blow:?} at {moment:?}: {last}");
    expect_settled(&servers, CASES);
    let writes = servers.world.tracker.writes();
    let again = export_when_free(&owner, &sync).await;
    assert_eq!(again["status"], "done", "{blow:?} at {moment:?}: {again}");
    assert_eq!(
        servers.world.tracker.writes(),
        writes,
        "{blow:?} at {moment:?}: a settled export writes nothing"
    );
    let runs = owner.get(&owner.own(&format!("/syncs/{sync}/runs"))).await;
    assert!(
        runs.as_array().unwrap().iter().any(|run| run["origin"] != "person"),
        "{runs}"
    );
    eprintln!("{blow:?} at write {step} of {writes}, {variant:?}: nothing twice, nothing lost");
    console.stop().await;
    true
}

async fn struck_at_steps(blow: Blow, usual: usize) {
    let at = async |variant, step, clocks| {
        let story = struck(blow, Moment { variant, step, clocks });
        let ended = tokio::time::timeout(Duration::from_secs(240), story).await;
        ended.expect("it goes on after the blow")
    };
    if std::env::var_os("TMS_SYNC_FLEET_KILLS").is_none() {
        at(Variant::Dc, usual, [0, 0]).await;
        return;
    }
    for variant in [Variant::Dc, Variant::Cloud] {
        let mut step = 1;
        while at(variant, step, [-FIVE_MINUTES, FIVE_MINUTES]).await {
            step += 1;
        }
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
    a_worker_that_is_cut_off_loses_and_doubles_nothing: WorkerCutOff at 1,
    a_killed_console_loses_and_doubles_nothing: ConsoleKilled at 2,
    a_console_that_stands_still_loses_and_doubles_nothing: ConsoleStands at 1,
    a_killed_nats_server_loses_and_doubles_nothing: NatsKilled at 3,
    a_nats_server_without_its_data_loses_and_doubles_nothing: NatsLost at 2,
    a_nats_server_that_stands_still_loses_and_doubles_nothing: NatsStands at 1,
    a_killed_database_loses_and_doubles_nothing: DatabaseKilled at 2,
    a_database_from_a_backup_loses_and_doubles_nothing: DatabaseRestored at 1,
);
