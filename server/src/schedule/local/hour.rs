//! An hour of 200 tenants with 400 syncs: none missed, none twice, and whoever has one sync waits for nobody's queue.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::*;
use crate::store::SqliteStore;

const TENANTS: usize = 200;
/// Syncs of every fifth tenant; the others have one.
const MANY: usize = 6;
/// Runs under way at once.
const AT_ONCE: usize = 8;
/// Rounds of so many runs in half a minute.
const ROUNDS: usize = 5;

#[derive(Clone)]
struct Stepped(Arc<AtomicU64>);

impl Clock for Stepped {
    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

fn syncs_of(tenant: usize) -> usize {
    if tenant.is_multiple_of(5) { MANY } else { 1 }
}

async fn furnished() -> (SharedStore, usize) {
    let store: SharedStore = Arc::new(SqliteStore::in_memory().unwrap());
    let mut rows = Vec::new();
    let mut syncs = 0;
    for tenant in 0..TENANTS {
        let name = format!("t{tenant:03}");
        let of = |text: &'static str| sql(text).bind(&name);
        rows.push(of("INSERT INTO tenant VALUES (?1, ?1, '{}', 0)"));
        rows.push(of(
            "INSERT INTO project VALUES (?1, 'p', 'P', 'https://testops.example', '1', 1, 0, NULL)",
        ));
        rows.push(of(
            "INSERT INTO integration VALUES (?1, 'i', 'I', 'xray-dc', '{}', 1, 0)",
        ));
        rows.push(of(
            "INSERT INTO credentials (tenant, id, project, integration, fields, revision, created_at) \
             VALUES (?1, 'c', 'p', 'i', '{}', 1, 0)",
        ));
        for sync in 0..syncs_of(tenant) {
            syncs += 1;
            let row = of(
                "INSERT INTO sync (tenant, id, credentials, name, destination, test_case_aql, launches_aql, \
                 disable_test_case_create, disable_launches_sync, disable_export, mapping, schedule, delay_minutes, \
                 revision, created_at, failures) VALUES (?1, ?2, 'c', ?2, ?2, '', '', 0, 0, 0, '{}', ?3, 0, 1, 0, 0)",
            );
            let schedule = r#"{"type":"cron","expression":"*/15 * * * *","zone":"UTC"}"#;
            rows.push(row.bind(format!("{name}-{sync}")).bind(schedule));
        }
    }
    store.write(rows).await.unwrap();
    (store, syncs)
}

/// Jain's index: 1 where all have the same, 1/n where one has everything.
fn jain(shares: &[f64]) -> f64 {
    let sum: f64 = shares.iter().sum();
    let squares: f64 = shares.iter().map(|share| share * share).sum();
    sum * sum / (shares.len() as f64 * squares)
}

/// Carries out whose turn it is, and returns their tenants and syncs in that order.
async fn work(dispatcher: &LocalDispatcher) -> Vec<(String, String)> {
    let mut done = Vec::new();
    for _ in 0..ROUNDS {
        let mut claims = Vec::new();
        while let Some(claim) = dispatcher.try_claim().await.unwrap() {
            claims.push(claim);
        }
        assert!(claims.len() <= AT_ONCE);
        for claim in claims {
            let end = sql("UPDATE run SET status = 'done', finished_at = ?3 WHERE tenant = ?1 AND id = ?2");
            let end = end.bind(&claim.turn.run).bind(dispatcher.clock.now());
            claim.turn.scope.write(vec![end]).await.unwrap();
            done.push((claim.turn.scope.tenant().to_owned(), claim.turn.sync.clone()));
            dispatcher.settle(claim).await.unwrap();
        }
    }
    done
}

#[tokio::test]
async fn four_hundred_syncs_of_two_hundred_tenants_run_fairly_for_an_hour() {
    let (store, syncs) = furnished().await;
    assert_eq!(syncs, 400);
    let clock = Stepped(Arc::new(AtomicU64::new(1_795_000_200_000)));
    let dispatcher = LocalDispatcher::new(Arc::clone(&store), Arc::new(clock.clone()), Hub::default(), AT_ONCE);
    for row in store.read(sql("SELECT tenant, id FROM sync")).await.unwrap() {
        let scope = TenantScope::proved(store.clone(), &row.get::<String>("tenant").unwrap());
        let sync = Sync::get(&scope, &row.get::<String>("id").unwrap()).await.unwrap();
        dispatcher.plan(&scope, &sync, When::AsScheduled).await.unwrap();
    }
    let mut order = Vec::new();
    for _ in 0..120 {
        clock.0.fetch_add(30_000, Ordering::SeqCst);
        dispatcher.turn().await.unwrap();
        order.extend(work(&dispatcher).await);
    }
    let mut runs: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, sync) in &order {
        *runs.entry(sync).or_default() += 1;
    }
    assert_eq!(runs.len(), syncs, "none is missed");
    assert!(runs.values().all(|runs| *runs == 4), "none runs twice: {runs:?}");
    let skipped = store
        .read(sql("SELECT id FROM run WHERE status = 'skipped'"))
        .await
        .unwrap();
    assert!(skipped.is_empty());
    for burst in order.chunks(syncs) {
        // While everybody has something to do, everybody has the same share.
        let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
        for (tenant, _) in burst.iter().take(TENANTS) {
            *shares.entry(tenant).or_default() += 1.0;
        }
        let shares: Vec<f64> = (0..TENANTS)
            .map(|tenant| {
                shares
                    .get(format!("t{tenant:03}").as_str())
                    .copied()
                    .unwrap_or_default()
            })
            .collect();
        assert!(jain(&shares) >= 0.95, "{}", jain(&shares));
    }
}
