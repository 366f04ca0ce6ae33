//! What every dispatcher does, of each of them. The one for fleets has a real nats-server, and nodes that share a store.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tms_sync_host::{Clock, Ledger, SqliteLedger};

use super::nats::Nats;
use super::*;
use crate::runs::{Hub, Origin, Run, RunOptions, Status};
use crate::store::{SharedStore, SqliteStore, sql};

/// After which silence a worker is taken for gone.
const PATIENCE: Duration = Duration::from_secs(2);
/// For what has to come.
const LONG: Duration = Duration::from_secs(40);

#[derive(Clone)]
struct Stepped(Arc<AtomicU64>);

impl Clock for Stepped {
    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A store, and how nodes are made that work on it.
struct Bed {
    store: SharedStore,
    ledger: Arc<dyn Ledger>,
    clock: Stepped,
    nats: Option<Nats>,
}

impl Bed {
    fn new(nats: Option<Nats>) -> Self {
        let clock = Stepped(Arc::new(AtomicU64::new(1_795_000_200_000)));
        let ledger = SqliteLedger::in_memory().unwrap();
        Self {
            store: Arc::new(SqliteStore::in_memory().unwrap()),
            ledger: Arc::new(ledger.with_clock(Arc::new(clock.clone()))),
            clock,
            nats,
        }
    }

    async fn node(&self, runs_at_once: usize) -> Arc<dyn Dispatcher> {
        let (store, clock) = (Arc::clone(&self.store), Arc::new(self.clock.clone()));
        let node: Arc<dyn Dispatcher> = match &self.nats {
            None => Arc::new(LocalDispatcher::new(store, clock, Hub::default(), runs_at_once)),
            Some(nats) => {
                let options = FleetOptions {
                    patience: PATIENCE,
                    ..FleetOptions::at(nats.address())
                };
                let ledger = Arc::clone(&self.ledger);
                let shared = Shared { store, ledger, clock };
                let joined = JetStreamDispatcher::join(options, shared, Hub::default(), runs_at_once).await;
                Arc::new(joined.unwrap())
            }
        };
        node.begin().await.unwrap();
        node
    }

    /// A tenant with syncs, each to a destination of its own unless one is named for all.
    async fn tenant(&self, name: &str, syncs: usize, destination: Option<&str>) -> TenantScope {
        let of = |text: &'static str| sql(text).bind(name);
        let mut rows = vec![
            of("INSERT INTO tenant VALUES (?1, ?1, '{}', 0)"),
            of("INSERT INTO project VALUES (?1, 'p', 'P', 'https://testops.example', '1', 1, 0, NULL)"),
            of("INSERT INTO integration VALUES (?1, 'i', 'I', 'xray-dc', '{}', 1, 0)"),
            of(
                "INSERT INTO credentials (tenant, id, project, integration, fields, revision, created_at) \
                 VALUES (?1, 'c', 'p', 'i', '{}', 1, 0)",
            ),
        ];
        for sync in 0..syncs {
            let row = of(
                "INSERT INTO sync (tenant, id, credentials, name, destination, test_case_aql, launches_aql, \
                 disable_test_case_create, disable_launches_sync, disable_export, mapping, schedule, delay_minutes, \
                 revision, created_at, failures) \
                 VALUES (?1, ?2, 'c', ?2, ?3, '', '', 0, 0, 0, '{}', '{\"type\":\"every\",\"minutes\":60}', 0, 1, 0, 0)",
            );
            let sync = format!("s{sync}");
            rows.push(row.bind(&sync).bind(destination.unwrap_or(&sync)));
        }
        self.store.write(rows).await.unwrap();
        TenantScope::proved(Arc::clone(&self.store), name)
    }

    fn pass(&self, time: Duration) {
        self.clock.0.fetch_add(time.as_millis() as u64, Ordering::SeqCst);
    }

    async fn end(&self, node: &Arc<dyn Dispatcher>, claim: Claim) {
        let end = sql("UPDATE run SET status = 'done', finished_at = ?3 WHERE tenant = ?1 AND id = ?2");
        let end = end.bind(&claim.turn.run).bind(self.clock.now());
        claim.turn.scope.write(vec![end]).await.unwrap();
        node.settle(claim).await.unwrap();
    }
}

fn run(id: &str, sync: &str) -> NewRun {
    NewRun {
        id: id.to_owned(),
        sync: sync.to_owned(),
        mode: Mode::Export,
        origin: Origin::Person,
        asked_by: "somebody".to_owned(),
        options: RunOptions::default(),
        idempotency_key: None,
    }
}

async fn claim(node: &Arc<dyn Dispatcher>) -> Claim {
    tokio::time::timeout(LONG, node.claim()).await.expect("a run to claim")
}

async fn has_none(node: &Arc<dyn Dispatcher>) -> bool {
    tokio::time::timeout(Duration::from_millis(500), node.claim())
        .await
        .is_err()
}

async fn statuses(scope: &TenantScope) -> Vec<String> {
    let rows = scope
        .read(sql(
            "SELECT status FROM run WHERE tenant = ?1 ORDER BY asked_at, status",
        ))
        .await;
    rows.unwrap().iter().map(|row| row.get("status").unwrap()).collect()
}

macro_rules! stories {
    ($($name:ident),+ $(,)?) => {
        mod local {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::Bed::new(None)).await; })+
        }
        mod jetstream {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let nats = super::Nats::start("the dispatcher for fleets");
                if nats.is_some() { super::$name(super::Bed::new(nats)).await; }
            })+
        }
    };
}

stories!(
    a_sync_has_one_open_run,
    what_is_due_runs_once_and_what_overlaps_is_skipped,
    a_queued_run_is_let_go_and_one_under_way_is_asked_to_end,
    two_runs_to_one_destination_follow_each_other,
    tenants_take_turns,
    a_run_whose_worker_died_is_done_again,
);

async fn a_sync_has_one_open_run(bed: Bed) {
    let (scope, node) = (bed.tenant("acme", 1, None).await, bed.node(2).await);
    assert_eq!(node.enqueue(&scope, &run("a", "s0")).await.unwrap(), Enqueued::Queued);
    let overlaps = Enqueued::Overlaps("a".to_owned());
    assert_eq!(node.enqueue(&scope, &run("b", "s0")).await.unwrap(), overlaps);
    let claimed = claim(&node).await;
    assert_eq!(node.enqueue(&scope, &run("b", "s0")).await.unwrap(), overlaps);
    bed.end(&node, claimed).await;
    assert_eq!(node.enqueue(&scope, &run("b", "s0")).await.unwrap(), Enqueued::Queued);
    assert_eq!(claim(&node).await.turn.run, "b");
}

async fn what_is_due_runs_once_and_what_overlaps_is_skipped(bed: Bed) {
    let (scope, node) = (bed.tenant("acme", 1, None).await, bed.node(2).await);
    let sync = Sync::get(&scope, "s0").await.unwrap();
    node.plan(&scope, &sync, When::AsScheduled).await.unwrap();
    node.turn().await.unwrap();
    assert!(statuses(&scope).await.is_empty(), "it is not due yet");
    bed.pass(Duration::from_secs(3600));
    node.turn().await.unwrap();
    node.turn().await.unwrap();
    assert_eq!(statuses(&scope).await, ["queued"]);
    let claimed = claim(&node).await;
    node.plan(&scope, &sync, When::At(bed.clock.now())).await.unwrap();
    node.turn().await.unwrap();
    assert_eq!(statuses(&scope).await, ["running", "skipped"]);
    bed.end(&node, claimed).await;
}

async fn a_queued_run_is_let_go_and_one_under_way_is_asked_to_end(bed: Bed) {
    let (scope, node) = (bed.tenant("acme", 2, None).await, bed.node(1).await);
    for (id, sync) in [("a", "s0"), ("b", "s1")] {
        node.enqueue(&scope, &run(id, sync)).await.unwrap();
    }
    let claimed = claim(&node).await;
    let queued = if claimed.turn.run == "a" { "b" } else { "a" };
    node.cancel(&scope, queued).await.unwrap();
    assert_eq!(Run::get(&scope, queued).await.unwrap().status, Status::Stopped);
    // From another node, where there can be one.
    let other = if bed.nats.is_some() {
        bed.node(0).await
    } else {
        Arc::clone(&node)
    };
    let watched = other.watch(&scope, &claimed.turn.run).await.expect("it is under way");
    assert!(!watched.borrow().is_cancelled);
    other.cancel(&scope, &claimed.turn.run).await.unwrap();
    assert!(claimed.begun.live.watch().borrow().is_cancelled);
    let mut watched = watched;
    watched.wait_for(|live| live.is_cancelled).await.unwrap();
    bed.end(&node, claimed).await;
    watched.wait_for(|live| live.is_over).await.unwrap();
}

async fn two_runs_to_one_destination_follow_each_other(bed: Bed) {
    let (scope, node) = (bed.tenant("acme", 2, Some("CALC")).await, bed.node(2).await);
    for (id, sync) in [("a", "s0"), ("b", "s1")] {
        node.enqueue(&scope, &run(id, sync)).await.unwrap();
        bed.pass(Duration::from_millis(1));
    }
    let first = claim(&node).await;
    assert_eq!(first.turn.run, "a");
    assert!(has_none(&node).await);
    bed.end(&node, first).await;
    let second = claim(&node).await;
    assert_eq!(second.turn.run, "b");
    bed.end(&node, second).await;
    assert_eq!(statuses(&scope).await, ["done", "done"]);
}

async fn tenants_take_turns(bed: Bed) {
    let node = bed.node(2).await;
    let (loud, quiet) = (bed.tenant("loud", 6, None).await, bed.tenant("quiet", 2, None).await);
    for number in 0..6 {
        node.enqueue(&loud, &run(&format!("l{number}"), &format!("s{number}")))
            .await
            .unwrap();
    }
    for number in 0..2 {
        node.enqueue(&quiet, &run(&format!("q{number}"), &format!("s{number}")))
            .await
            .unwrap();
    }
    let mut first_four: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..4 {
        let claimed = claim(&node).await;
        *first_four.entry(claimed.turn.scope.tenant().to_owned()).or_default() += 1;
        bed.end(&node, claimed).await;
    }
    assert_eq!(first_four["quiet"], 2, "{first_four:?}");
}

async fn a_run_whose_worker_died_is_done_again(bed: Bed) {
    let (scope, node) = (bed.tenant("acme", 1, None).await, bed.node(1).await);
    let sync = Sync::get(&scope, "s0").await.unwrap();
    node.plan(&scope, &sync, When::AsScheduled).await.unwrap();
    bed.pass(Duration::from_secs(3600));
    node.turn().await.unwrap();
    let claimed = claim(&node).await;
    let first = claimed.turn.run.clone();
    // Its process is gone without a word.
    drop(node);
    std::mem::forget(claimed);
    bed.pass(PATIENCE * 2);
    let another = bed.node(1).await;
    another.turn().await.unwrap();
    let again = claim(&another).await;
    assert_ne!(again.turn.run, first);
    assert_eq!(Run::get(&scope, &first).await.unwrap().status, Status::Interrupted);
    bed.end(&another, again).await;
}

/// A worker of an older version beside newer ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_a_newer_version_is_left_to_others() {
    let Some(nats) = Nats::start("the dispatcher for fleets") else {
        return;
    };
    let client = async_nats::connect(nats.address()).await.unwrap();
    let bed = Bed::new(Some(nats));
    let (scope, node) = (bed.tenant("acme", 1, None).await, bed.node(2).await);
    let jetstream = async_nats::jetstream::new(client);
    let newer = jetstream
        .publish("tms-sync.runs.acme.newer", r#"{"version":2}"#.into())
        .await;
    newer.unwrap().await.unwrap();
    node.enqueue(&scope, &run("a", "s0")).await.unwrap();
    let claimed = claim(&node).await;
    assert_eq!(claimed.turn.run, "a");
    bed.end(&node, claimed).await;
    let mut stream = jetstream.get_stream("tms-sync_RUNS").await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 1, "it is still there");
}
