//! Nodes of two versions on one fleet, as they are while it is updated.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tms_sync_server::Server;

use crate::nodes::{Fleet, SUITE, furnished, furnished_by, made, options, servers};
use crate::postgres::shared;
use crate::rig::sync;

/// What a node of another version offers: by a subject of that form, with words of its own.
const OTHERS: [&str; 2] = ["runs.0.acme.place", "runs.2.acme.place"];
const FOREIGN: &[u8] = br#"{"what":"else"}"#;

/// The queue, as others of the fleet see it.
async fn queue(fleet: &Fleet) -> async_nats::jetstream::Context {
    async_nats::jetstream::new(async_nats::connect(fleet.nats.address()).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_of_another_form_are_left_to_others_and_take_nobodys_turn() {
    let Some(fleet) = Fleet::start() else { return };
    let console = fleet.node(true).await;
    let servers = servers(2).await;
    let (admin, owner, credentials) = furnished_by(&console, &servers).await;
    // Were one of them held here, nothing else of this tenant could begin.
    let quotas = json!({ "title": "Acme", "quotas": { "runs-at-once": 1 } });
    admin.send(Method::PUT, "/admin/tenants/acme", Some(quotas)).await;
    let sync = made(&owner, sync(&credentials, "main")).await;
    let queue = queue(&fleet).await;
    for subject in OTHERS.into_iter().chain(["runs.1.acme.unreadable"]) {
        let sent = queue.publish(format!("tms-sync.{subject}"), FOREIGN.into()).await;
        sent.unwrap().await.unwrap();
    }
    let path = owner.own(&format!("/syncs/{sync}/runs"));
    let run = owner.post(&path, json!({ "mode": "export" })).await;
    let worker = fleet.node(false).await;
    let done = owner.over(run["id"].as_str().unwrap()).await;
    assert_eq!(done["status"], "done", "{done}");

    let stream = queue.get_stream("tms-sync_RUNS").await.unwrap();
    let kept = async |subject: &str| {
        let subject = format!("tms-sync.{subject}");
        stream.get_last_raw_message_by_subject(&subject).await.ok()
    };
    // What no version writes is dropped; what another one wrote waits for it.
    while kept("runs.1.acme.unreadable").await.is_some() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for subject in OTHERS {
        assert_eq!(kept(subject).await.unwrap().payload.as_ref(), FOREIGN, "{subject}");
    }
    worker.stop().await;
    console.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_older_than_the_database_does_not_start_and_those_that_run_go_on() {
    let Some(server) = shared(SUITE) else { return };
    let Some(fleet) = Fleet::on(server) else { return };
    let console = fleet.node(true).await;
    let worker = fleet.node(false).await;
    let servers = servers(2).await;
    let (owner, credentials) = furnished(&console, &servers).await;
    let sync = made(&owner, sync(&credentials, "main")).await;
    let name = fleet.database.rsplit('/').next().unwrap();
    server.sql(name, "UPDATE tms_sync_server.version SET version = 99");

    let late = Server::start(options(&fleet.database, &fleet.nats.address(), false).await).await;
    let refused = late.err().unwrap().to_string();
    assert!(refused.contains("version 99, this tms-sync knows up to"), "{refused}");
    let path = owner.own(&format!("/syncs/{sync}/runs"));
    let run = owner.post(&path, json!({ "mode": "export" })).await;
    let done = owner.over(run["id"].as_str().unwrap()).await;
    assert_eq!(done["status"], "done", "{done}");
    worker.stop().await;
    console.stop().await;
}
