//! Pictures of the main pages for the documentation, on demand: `TMS_SYNC_PICTURES=docs/pictures`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tms_sync_sim::generate::Plan;

use crate::chromium::Browser;
use crate::rig::Variant;
use crate::stage::Furnished;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_of_the_main_pages_are_written_where_somebody_asks_for_them() {
    let Some(folder) = std::env::var_os("TMS_SYNC_PICTURES") else {
        return;
    };
    // Relative to the workspace, as everything else that documentation names.
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let Some(stage) = Furnished::start(Variant::Cloud, Plan::showcase(20).build()).await else {
        return;
    };
    stage.rename_first_case("Checkout: pay by card, twice");
    let plan = stage.run("plan").await;
    let export = stage.run("export").await;
    let test = format!("/credentials/{}/test", stage.credentials);
    stage.owner.post(&stage.owner.own(&test), json!({})).await;
    let sync = stage.page(&format!("syncs/{}", stage.sync));
    let pages = [
        ("connection", stage.page(&format!("credentials/{}", stage.credentials))),
        ("sync-form", format!("{sync}/edit")),
        ("plan", stage.page(&format!("runs/{plan}"))),
        ("run", stage.page(&format!("runs/{export}"))),
    ];
    for (name, path) in &pages {
        take(&stage.browser, &folder, name, path, 1100).await;
    }
    take(
        &stage.browser,
        &folder,
        "phone-run",
        &format!("{}?outcome=all", pages[3].1),
        390,
    )
    .await;
    break_a_secret(&stage).await;
    take(&stage.browser, &folder, "overview", "/t/acme", 1100).await;
    take(&stage.browser, &folder, "off", &sync, 1100).await;
    take(&stage.browser, &folder, "phone", "/t/acme", 390).await;
    stage.browser.close().await;
}

/// A secret turns wrong, and the sync switches itself off.
async fn break_a_secret(stage: &Furnished) {
    let (field, _) = stage.servers.a_secret();
    stage
        .servers
        .change_secret(&stage.owner, &stage.credentials, field, "expired")
        .await;
    for _ in 0..2 {
        stage.run("export").await;
        stage.rig.clock.advance(Duration::from_secs(15 * 60));
    }
}

async fn take(browser: &Browser, folder: &Path, name: &str, path: &str, width: u32) {
    browser.width(width).await;
    browser.open(path).await;
    settle(browser).await;
    std::fs::write(folder.join(format!("{name}.png")), browser.picture().await).unwrap();
}

/// Waits for the answers that a form asks for while it is shown.
async fn settle(browser: &Browser) {
    if browser.here().await.ends_with("/edit") {
        browser.sees("TestOps finds").await;
        browser.find("#destinations input").await;
    }
}
