//! Runs that begin by themselves.

use std::time::Duration;

use serde_json::{Value, json};

use crate::rig::{Client, Rig, Servers, Variant, sync};

async fn scheduled(rig: &Rig, owner: &Client, servers: &Servers) -> String {
    let credentials = servers.set_up(rig, owner).await;
    let mut body = sync(&credentials, "main");
    body["schedule"] = json!({ "type": "every", "minutes": 60 });
    let made = owner.post(&owner.own("/syncs"), body).await;
    assert!(made["due-at"].is_u64(), "{made}");
    made["id"].as_str().unwrap().to_owned()
}

async fn history(owner: &Client, sync: &str) -> Vec<Value> {
    let runs = owner.get(&owner.own(&format!("/syncs/{sync}/runs"))).await;
    runs.as_array().unwrap().clone()
}

/// An hour passes, for everybody.
fn hour(rig: &Rig) {
    rig.clock.advance(Duration::from_secs(3600));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_runs_every_hour_and_once_after_a_long_night() {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 2).await;
    let owner = rig.token("acme", "manage").await;
    let sync = scheduled(&rig, &owner, &servers).await;
    rig.server.tick().await.unwrap();
    assert!(history(&owner, &sync).await.is_empty(), "it is not due yet");
    hour(&rig);
    rig.server.tick().await.unwrap();
    rig.server.tick().await.unwrap();
    let runs = history(&owner, &sync).await;
    assert_eq!(runs.len(), 1, "one time, one run");
    assert_eq!(owner.over(runs[0]["id"].as_str().unwrap()).await["status"], "done");
    for _ in 0..9 {
        hour(&rig);
    }
    rig.server.tick().await.unwrap();
    let runs = history(&owner, &sync).await;
    assert_eq!(runs.len(), 2, "nine missed times are made up for once");
    owner.over(runs[0]["id"].as_str().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_is_switched_off_does_not_run() {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 2).await;
    let owner = rig.token("acme", "manage").await;
    let sync = scheduled(&rig, &owner, &servers).await;
    let off = owner
        .post(&owner.own(&format!("/syncs/{sync}/disable")), json!({}))
        .await;
    assert_eq!(
        (&off["disabled"]["kind"], &off["due-at"]),
        (&json!("person"), &Value::Null)
    );
    hour(&rig);
    rig.server.tick().await.unwrap();
    assert!(history(&owner, &sync).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_under_way_when_the_process_died_is_marked_and_done_again() {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 40).await;
    let owner = rig.token("acme", "manage").await;
    let sync = scheduled(&rig, &owner, &servers).await;
    let started = owner
        .post(&owner.own(&format!("/syncs/{sync}/runs")), json!({ "mode": "export" }))
        .await;
    let run = started["id"].as_str().unwrap().to_owned();
    while owner.get(&owner.own(&format!("/runs/{run}"))).await["status"] == "queued" {
        tokio::task::yield_now().await;
    }
    let rig = rig.restarted().await;
    let owner = owner.at(&rig.server);
    let status = owner.get(&owner.own(&format!("/runs/{run}"))).await["status"].clone();
    assert!(status == "interrupted" || status == "done", "{status}");
    if status == "interrupted" {
        rig.server.tick().await.unwrap();
        let runs = history(&owner, &sync).await;
        assert!(runs.iter().any(|run| run["origin"] == "schedule"), "{runs:?}");
    }
}
