//! Guests that turn on the ledger.

use std::sync::Arc;

use tms_sync_host::{CallLimits, SqliteLedger};

use crate::rig::{self, Server, fine, job, obey};
use crate::sinner::Scene;

#[tokio::test]
async fn rows_by_the_hundred_megabytes_are_turned_away() {
    let scene = Scene::of("hammers the ledger", CallLimits::default()).await;
    let (said, outcome) = scene.run(job(&[])).await;
    assert!(outcome.result.is_ok(), "{:?}", outcome.result);
    assert!(said[0].contains("too large") && said[0].contains("stored"), "{said:?}");
    scene.leaves_the_neighbour_untouched().await;
}

#[tokio::test]
async fn each_limit_of_the_ledger_is_named() {
    let limits = CallLimits {
        ledger_rows: 50,
        ..CallLimits::default()
    };
    let scene = Scene::of("fills the ledger", limits).await;
    let (said, _) = scene.run(job(&[])).await;
    assert_eq!(said, ["many true", "large true", "keys true", "scan true", "rows 50"]);
    scene.leaves_the_neighbour_untouched().await;
}

#[tokio::test]
async fn another_tenants_rows_have_no_spelling() {
    let ledger = Arc::new(SqliteLedger::in_memory().unwrap());
    let server = Server::start(fine).await;
    let engine = rig::engine();
    let load = async |bytes: &'static [u8]| tms_sync_host::LoadedPlugin::load(&engine, bytes).await.unwrap();
    let (speaks, sins) = (load(rig::speaks().await).await, load(crate::sinner::sins().await).await);
    let neighbour = rig::builder("neighbour", &speaks, &server, "", CallLimits::default()).ledger(ledger.clone());
    obey(&neighbour.build().unwrap(), &["link put 1", "link put neighbour/1"]).await;
    let pries = rig::builder("acme", &sins, &server, "pries into the ledger", CallLimits::default()).ledger(ledger);
    assert_eq!(obey(&pries.build().unwrap(), &[]).await.0, ["found 0"]);
}
