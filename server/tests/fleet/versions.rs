//! Nodes of two versions on one fleet, as they are while it is updated.

use std::time::Duration;

use serde_json::json;
use tms_sync_server::Server;

use crate::nodes::{Fleet, SUITE, furnished, made, options, servers};
use crate::postgres::shared;
use crate::rig::sync;

const NEWER: &[u8] = br#"{"version":2,"tenant":"acme","what":"else"}"#;

/// The queue, as others of the fleet see it.
async fn queue(fleet: &Fleet) -> async_nats::jetstream::Context {
    async_nats::jetstream::new(async_nats::connect(fleet.nats.address()).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_a_newer_version_is_left_to_others_and_everything_else_goes_on() {
    let Some(fleet) = Fleet::start() else { return };
    let console = fleet.node(true).await;
    let servers = servers(2).await;
    let (owner, credentials) = furnished(&console, &servers).await;
    let sync = made(&owner, sync(&credentials, "main")).await;
    let queue = queue(&fleet).await;
    for (place, message) in [("newer", NEWER), ("unreadable", b"{}")] {
        let subject = format!("tms-sync.runs.acme.{place}");
        queue.publish(subject, message.into()).await.unwrap().await.unwrap();
    }
    let path = owner.own(&format!("/syncs/{sync}/runs"));
    let run = owner.post(&path, json!({ "mode": "export" })).await;
    let worker = fleet.node(false).await;
    let done = owner.over(run["id"].as_str().unwrap()).await;
    assert_eq!(done["status"], "done", "{done}");

    let stream = queue.get_stream("tms-sync_RUNS").await.unwrap();
    let kept = async |place: &str| {
        let subject = format!("tms-sync.runs.acme.{place}");
        stream.get_last_raw_message_by_subject(&subject).await.ok()
    };
    // What no version can read is dropped; what a newer one wrote waits for it.
    while kept("unreadable").await.is_some() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(kept("newer").await.unwrap().payload.as_ref(), NEWER);
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
