//! An hour of many tenants in injected time, with real exports: none missed, none twice, everybody in turn.
//!
//! `TMS_SYNC_HOUR=200` takes 200 tenants with 400 syncs and prints its numbers; see benches/README.md.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tms_sync_server::Options;
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::index::Lag;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::fairness::{fairness, syncs_of};
use crate::rig::{Rig, Servers, Variant, sync};

/// Tenants where nobody asks for more.
const TENANTS: usize = 5;
/// Steps of half a minute.
const STEPS: usize = 120;
/// How often each sync is due: every quarter of an hour.
const QUARTERS: usize = 4;

/// A run in the log: what happened to it, its tenant and its sync.
type Entry = (String, String, String);

/// The log of this process, as far as it has runs of this test's tenants, in its order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Entry>>>);

impl Log {
    fn listen() -> Self {
        let log = Self::default();
        tracing::subscriber::set_global_default(log.clone()).unwrap();
        log
    }

    /// Tenant and sync of the runs to which this happened.
    fn of(&self, what: &str) -> Vec<(String, String)> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = entries.iter().filter(|(happened, ..)| happened == what);
        of.map(|(_, tenant, sync)| (tenant.clone(), sync.clone())).collect()
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with("tms_sync_server::runs")
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let of = |name: &str| fields.0.get(name).cloned().unwrap_or_default();
        if of("tenant").starts_with("hour-") {
            assert_eq!(of("stopped"), "");
            let entry = (of("message"), of("tenant"), of("sync"));
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

/// Tenants with servers of their own; each of their syncs exports a test case of its own.
async fn furnish(rig: &Rig, tenants: usize) -> Vec<Servers> {
    let mut all = Vec::new();
    for tenant in 0..tenants {
        let name = format!("hour-{tenant:03}");
        rig.admin
            .post("/admin/tenants", serde_json::json!({ "name": name }))
            .await;
        let owner = rig.token(&name, "manage").await;
        let project = Plan::new(syncs_of(tenant), 1).build();
        let servers = Servers::beside(&rig.clock, Variant::Dc, project).await;
        servers.world.site.lock().index.set_lag(Lag::After(0));
        let credentials = servers.set_up(rig, &owner).await;
        for case in 1..=syncs_of(tenant) {
            let mut draft = sync(&credentials, &format!("case {case}"));
            draft["test-case-aql"] = format!("id = {case}").into();
            draft["disable-launches-sync"] = true.into();
            draft["schedule"] = serde_json::json!({ "type": "cron", "expression": "*/15 * * * *", "zone": "UTC" });
            owner.post(&owner.own("/syncs"), draft).await;
        }
        all.push(servers);
    }
    all
}

/// Runs that are queued or under way.
fn open(store: &rusqlite::Connection) -> i64 {
    let query = "SELECT COUNT(*) FROM run WHERE status IN ('queued', 'running')";
    store.query_row(query, [], |row| row.get(0)).unwrap()
}

/// Memory of this process, service and simulators together, in MiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hour_of_many_tenants_exports_every_sync_in_its_turn() {
    let asked = std::env::var("TMS_SYNC_HOUR").ok().and_then(|text| text.parse().ok());
    let tenants: usize = asked.unwrap_or(TENANTS);
    let log = Log::listen();
    let rig = Rig::start_with(|options| Options {
        runs_at_once: 8,
        ..options
    })
    .await;
    let syncs: usize = (0..tenants).map(syncs_of).sum();
    let servers = furnish(&rig, tenants).await;

    let store = rusqlite::Connection::open(rig.folder.path().join("server.db")).unwrap();
    let begun = Instant::now();
    // What is due within half a minute is due in one step.
    let past = rig.clock.0.now_ms().rem_euclid(30_000).unsigned_abs();
    rig.clock.advance(Duration::from_millis(30_000 - past));
    for _ in 0..STEPS {
        rig.clock.advance(Duration::from_secs(30));
        let before = log.of("a run ended").len();
        rig.server.tick().await.unwrap();
        while open(&store) > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let ended = log.of("a run ended").len() - before;
        if asked.is_some() && ended > 0 {
            let (seconds, memory) = (begun.elapsed().as_secs(), resident());
            eprintln!("{ended} exports, {seconds} s since the hour began, {memory} MiB");
        }
        // What was asked of the simulators would be all that grows.
        servers.iter().for_each(Servers::forget_requests);
    }

    let ended = log.of("a run ended");
    let mut runs: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, sync) in &ended {
        *runs.entry(sync).or_default() += 1;
    }
    assert_eq!(runs.len(), syncs, "none is missed");
    assert!(runs.values().all(|runs| *runs == QUARTERS), "none runs twice: {runs:?}");
    let skipped: i64 = store
        .query_row("SELECT COUNT(*) FROM run WHERE status = 'skipped'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(skipped, 0);
    for (tenant, servers) in servers.iter().enumerate() {
        let tests = servers.world.site.lock().issues().count();
        assert_eq!(tests, syncs_of(tenant), "one Test for each test case");
    }
    for burst in log.of("a run begins").chunks(syncs) {
        let fairness = fairness(burst.iter().map(|(tenant, _)| tenant.as_str()), tenants);
        assert!(fairness >= 0.95, "{fairness}");
        if asked.is_some() {
            eprintln!("Jain's index of a quarter: {fairness:.3}");
        }
    }
}
