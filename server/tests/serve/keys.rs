//! Master keys: changed, lost, and held by somebody else.

use std::sync::Arc;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tms_sync_host::EgressPolicy;
use tms_sync_server::secrets::{Transit, TransitToken};
use tms_sync_server::{Keys, Options, rotate_keys};

use crate::bao::{Bao, TOKEN};
use crate::rig::{Client, Rig, Servers, Variant};

/// Whether the stored secrets open: the connection test uses them.
async fn test(owner: &Client, credentials: &str) -> (StatusCode, Value) {
    let path = owner.own(&format!("/credentials/{credentials}/test"));
    owner.send(Method::POST, &path, Some(json!({}))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_master_key_takes_over_and_the_old_one_opens_nothing() {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 1).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    let file = rig.folder.path().join("master.key");
    let before = std::fs::read_to_string(&file).unwrap();
    let options = Options::new(rig.folder.path());
    assert!(rotate_keys(&options).await.is_err(), "the service runs");
    let stopped = rig.stopped().await;
    assert_eq!(rotate_keys(&options).await.unwrap(), 1);
    let after = std::fs::read_to_string(&file).unwrap();
    assert!(after.lines().count() == 1 && after != before);
    let rig = stopped.started().await;
    let owner = owner.at(&rig.server);
    assert_eq!(test(&owner, &credentials).await.1["summary"], "Connection established");

    let stopped = rig.stopped().await;
    std::fs::write(&file, before).unwrap();
    let rig = stopped.started().await;
    let (status, problem) = test(&owner.at(&rig.server), &credentials).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
}

fn keys(bao: &Bao) -> Keys {
    let token = TransitToken::Text(TOKEN.to_owned().into());
    let url = format!("{}/v1/transit", bao.address);
    let transit = Transit::new(&url, "tms-sync", token, EgressPolicy::public_only()).unwrap();
    Keys::Source(Arc::new(transit))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transit_engine_seals_what_the_service_stores() {
    let Some(bao) = Bao::start("keys in a transit engine") else {
        return;
    };
    bao.ask(&["secrets", "enable", "transit"], "");
    bao.ask(&["write", "-f", "transit/keys/tms-sync"], "");
    let keys = keys(&bao);
    let chosen = keys.clone();
    let rig = Rig::start_with(move |options| Options {
        keys: chosen.clone(),
        ..options
    })
    .await;
    let servers = Servers::start(&rig, Variant::Dc, 1).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    assert_eq!(test(&owner, &credentials).await.1["summary"], "Connection established");
    assert!(!rig.folder.path().join("master.key").exists());

    bao.ask(&["write", "-f", "transit/keys/tms-sync/rotate"], "");
    let stopped = rig.stopped().await;
    let options = Options {
        keys,
        ..Options::new(stopped.folder())
    };
    assert_eq!(
        (
            rotate_keys(&options).await.unwrap(),
            rotate_keys(&options).await.unwrap()
        ),
        (1, 0)
    );
    let rig = stopped.started().await;
    let owner = owner.at(&rig.server);
    assert_eq!(test(&owner, &credentials).await.1["summary"], "Connection established");

    drop(bao);
    let (status, problem) = test(&owner, &credentials).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{problem}");
}
