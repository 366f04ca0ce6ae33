//! A service moves from files into a database and back.

use serde_json::{Value, json};
use tms_sync_server::{Options, copy_service};

use crate::postgres::shared;
use crate::rig::{Client, Rig, Servers, Variant, sync};

async fn export(owner: &Client, sync: &str) -> Value {
    let run = owner
        .post(&owner.own(&format!("/syncs/{sync}/runs")), json!({ "mode": "export" }))
        .await;
    owner.over(run["id"].as_str().unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_moves_to_files_and_into_another_database_without_a_change() {
    let Some(server) = shared("moving a service between PostgreSQL and files") else {
        return;
    };
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 3).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    let made = owner.post(&owner.own("/syncs"), sync(&credentials, "main")).await;
    let sync = made["id"].as_str().unwrap();
    assert_eq!(export(&owner, sync).await["status"], "done");
    let history = owner.get(&owner.own(&format!("/syncs/{sync}/runs"))).await;
    let first = std::fs::read_to_string(rig.folder.path().join("database")).unwrap();
    let of = |address: &str| Options {
        postgres: Some(address.to_owned()),
        ..Options::new("")
    };

    let busy = copy_service(&of(&first), &of(&server.database())).await.unwrap_err();
    assert!(busy.to_string().contains("another tms-sync works"), "{busy}");
    let stopped = rig.stopped().await;
    let files = tempfile::tempdir().unwrap();
    let there = copy_service(&of(&first), &Options::new(files.path())).await.unwrap();
    let second = server.database();
    let back = copy_service(&Options::new(files.path()), &of(&second)).await.unwrap();
    assert_eq!(there, back);
    let again = copy_service(&of(&first), &of(&second)).await.unwrap_err();
    assert!(again.to_string().contains("not empty"), "{again}");

    std::fs::write(stopped.folder().join("database"), &second).unwrap();
    let rig = stopped.started().await;
    let owner = owner.at(&rig.server);
    assert_eq!(owner.get(&owner.own(&format!("/syncs/{sync}/runs"))).await, history);
    let writes = servers.world.tracker.writes();
    assert_eq!(export(&owner, sync).await["status"], "done");
    assert_eq!(
        servers.world.tracker.writes(),
        writes,
        "the moved ledger knows every issue"
    );
}
