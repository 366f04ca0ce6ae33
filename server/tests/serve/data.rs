//! What is kept, for how long, and how it leaves.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tms_sync_server::store::{SqliteStore, Store, backup, sql};

use crate::rig::{Client, Rig, Servers, Variant, sync};

/// A tenant with one sync and its first export.
async fn furnished(rig: &Rig, servers: &Servers, owner: &Client) -> String {
    let credentials = servers.set_up(rig, owner).await;
    let made = owner.post(&owner.own("/syncs"), sync(&credentials, "main")).await;
    let sync = made["id"].as_str().unwrap().to_owned();
    export(owner, &sync).await;
    sync
}

async fn export(owner: &Client, sync: &str) -> Value {
    let path = owner.own(&format!("/syncs/{sync}/runs"));
    let run = owner.post(&path, json!({ "mode": "export" })).await;
    owner.over(run["id"].as_str().unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verdicts_go_with_the_days_and_beyond_the_quota() {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 3).await;
    let owner = rig.token("acme", "manage").await;
    let sync = furnished(&rig, &servers, &owner).await;
    for _ in 0..2 {
        rig.clock.advance(Duration::from_secs(60));
        export(&owner, &sync).await;
    }
    let kept = async || {
        let runs = owner.get(&owner.own(&format!("/syncs/{sync}/runs"))).await;
        let kept = runs
            .as_array()
            .unwrap()
            .iter()
            .map(|run| run["verdicts"].as_u64().unwrap());
        kept.collect::<Vec<u64>>()
    };
    let all = kept().await;
    assert!(all.len() == 3 && all.iter().all(|verdicts| *verdicts > 0), "{all:?}");
    let quotas = json!({ "title": "Acme", "quotas": { "stored-verdicts": all[0] + all[1], "verdict-days": 1 } });
    rig.admin.send(Method::PUT, "/admin/tenants/acme", Some(quotas)).await;
    rig.server.tick().await.unwrap();
    assert_eq!(kept().await, [all[0], all[1], 0]);
    rig.clock.advance(Duration::from_secs(2 * 24 * 3600));
    rig.server.tick().await.unwrap();
    assert_eq!(kept().await, [0, 0, 0], "what a run came to stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_leaves_with_everything_but_its_secrets() {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 2).await;
    let owner = rig.token("acme", "manage").await;
    furnished(&rig, &servers, &owner).await;
    let answer = owner
        .request(Method::GET, &format!("/api/v1{}", owner.own("/export")))
        .send()
        .await
        .unwrap();
    let text = answer.text().await.unwrap();
    assert!(!text.contains(servers.a_secret().1));
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines: Vec<Value> = lines.collect();
    let end = lines.last().unwrap();
    assert_eq!(end["lines"]["runs"], 1, "{end}");
    let mut kinds: Vec<String> = lines
        .iter()
        .map(|line| line["type"].as_str().unwrap().to_owned())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "credentials",
            "end",
            "integration",
            "log",
            "project",
            "run",
            "sync",
            "tenant",
            "token",
            "verdict"
        ]
    );

    let (status, _) = rig.admin.send(Method::DELETE, "/admin/tenants/acme", None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(
        owner.send(Method::GET, "/tenants", None).await.0,
        StatusCode::UNAUTHORIZED
    );
    for (file, tables) in [
        (
            "server.db",
            ["sync", "run", "verdict", "secret", "data_key", "audit"].as_slice(),
        ),
        ("ledger.db", &["link", "run", "standing"]),
    ] {
        let store = rusqlite::Connection::open(rig.folder.path().join(file)).unwrap();
        for table in tables {
            let count = format!("SELECT COUNT(*) FROM {table} WHERE tenant = 'acme'");
            let rows: i64 = store.query_row(&count, [], |row| row.get(0)).unwrap();
            assert_eq!(rows, 0, "{file} {table}");
        }
    }
}

/// More runs and entries of the log than fit in two pages, all of one time.
const CROWD: usize = 1_203;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_of_a_tenant_loses_nothing_at_the_end_of_a_page_and_takes_nothing_that_came_later() {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 2).await;
    let owner = rig.token("acme", "manage").await;
    let sync = furnished(&rig, &servers, &owner).await;
    let store = rusqlite::Connection::open(rig.folder.path().join("server.db")).unwrap();
    let crowd = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {CROWD}) \
         INSERT INTO run (tenant, id, sync, mode, status, origin, asked_by, options, asked_at, finished_at, summary) \
         SELECT tenant, 'r' || n.i, sync, mode, status, origin, asked_by, options, asked_at, finished_at, summary \
         FROM run, n WHERE tenant = 'acme' AND sync = ?1"
    );
    store.execute(&crowd, [&sync]).unwrap();
    let crowd = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {CROWD}) \
         INSERT INTO audit SELECT 'acme', 'a' || n.i, (SELECT MAX(at) FROM audit), 'a', 'b', 'c', '' FROM n"
    );
    store.execute(&crowd, []).unwrap();

    let path = format!("/api/v1{}", owner.own("/export"));
    let mut answer = owner.request(Method::GET, &path).send().await.unwrap();
    let mut bytes = answer.chunk().await.unwrap().unwrap().to_vec();
    rig.clock.advance(Duration::from_secs(1));
    export(&owner, &sync).await;
    while let Some(more) = answer.chunk().await.unwrap() {
        bytes.extend_from_slice(&more);
    }
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).count();
    assert_eq!(of("run"), CROWD + 1, "the run that came later is left out");
    let end = lines.last().unwrap();
    for (counted, kind) in [("runs", "run"), ("verdicts", "verdict"), ("log", "log")] {
        assert_eq!(end["lines"][counted], of(kind), "{end}");
    }
    assert!(of("log") > CROWD);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_working_service_starts_where_it_was() {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 2).await;
    let owner = rig.token("acme", "manage").await;
    let sync = furnished(&rig, &servers, &owner).await;
    let copy = rig.folder.path().join("copy");
    backup(rig.folder.path(), &copy).unwrap();
    assert!(
        backup(rig.folder.path(), &copy).is_err(),
        "a copy is never written over"
    );
    assert!(!copy.join("master.key").exists());
    std::fs::copy(rig.folder.path().join("master.key"), copy.join("master.key")).unwrap();
    let writes = servers.world.tracker.writes();
    let moved = rig.moved(&copy).await;
    let owner = owner.at(&moved.server);
    let again = export(&owner, &sync).await;
    assert_eq!(
        again["summary"]["totals"]["test-case"],
        json!({ "unchanged": 2 }),
        "{again}"
    );
    assert_eq!(servers.world.tracker.writes(), writes);
}

/// Every released schema, with a row in each table.
#[tokio::test]
async fn a_store_of_every_released_version_opens_with_everything_in_it() {
    let released = [include_str!("released/0001.sql"), include_str!("released/0002.sql")];
    assert_eq!(
        released.len() + 1,
        tms_sync_server::store::SCHEMA_VERSION,
        "add the schema before the newest"
    );
    for (version, text) in released.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.db");
        let old = rusqlite::Connection::open(&path).unwrap();
        old.execute_batch(text).unwrap();
        old.pragma_update(None, "user_version", version as u32 + 1).unwrap();
        drop(old);
        let store = SqliteStore::open(&path).unwrap();
        for table in [
            "account",
            "channel",
            "credentials",
            "membership",
            "message",
            "project",
            "run",
            "secret",
            "sync",
            "verdict",
        ] {
            let rows = store.read(sql(format!("SELECT * FROM {table}"))).await.unwrap();
            assert_eq!(rows.len(), 1, "{table} of version {}", version + 1);
        }
        let rows = store.read(sql("SELECT verdicts FROM run")).await.unwrap();
        assert_eq!(rows[0].get::<u64>("verdicts").unwrap(), 1);
    }
}
