//! Pictures of the main pages for the documentation, on demand: `TMS_SYNC_PICTURES=docs/pictures`.

use std::path::PathBuf;

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
    let plan = stage.run("plan").await;
    let export = stage.run("export").await;
    let gone = json!({ "credentials": stage.credentials, "name": "Old project", "destination": "GONE" });
    let gone = stage.owner.post(&stage.owner.own("/syncs"), gone).await;
    let gone = gone["id"].as_str().unwrap();
    let started = stage
        .owner
        .post(
            &stage.owner.own(&format!("/syncs/{gone}/runs")),
            json!({ "mode": "export" }),
        )
        .await;
    stage.owner.over(started["id"].as_str().unwrap()).await;
    stage
        .owner
        .post(
            &stage.owner.own(&format!("/credentials/{}/test", stage.credentials)),
            json!({}),
        )
        .await;
    let pages = [
        ("overview", stage.page("")),
        ("connection", stage.page(&format!("credentials/{}", stage.credentials))),
        ("sync", stage.page(&format!("syncs/{}", stage.sync))),
        ("sync-form", stage.page(&format!("syncs/{}/edit", stage.sync))),
        ("plan", stage.page(&format!("runs/{plan}"))),
        ("run", stage.page(&format!("runs/{export}"))),
        ("off", stage.page(&format!("syncs/{gone}"))),
        ("administration", "/admin/tenants/acme".to_owned()),
    ];
    let browser = &stage.browser;
    for (name, path) in &pages {
        browser.width(1100).await;
        browser.open(path.trim_end_matches('/')).await;
        settle(browser).await;
        std::fs::write(folder.join(format!("{name}.png")), browser.picture().await).unwrap();
    }
    browser.width(390).await;
    browser.open(stage.page("").trim_end_matches('/')).await;
    std::fs::write(folder.join("phone.png"), browser.picture().await).unwrap();
    stage.browser.close().await;
}

/// Waits for the answers that a form asks for while it is shown.
async fn settle(browser: &Browser) {
    if !browser.text("#test-case-aql").await.is_empty() || browser.here().await.ends_with("/edit") {
        browser.sees("TestOps finds").await;
        browser.find("#destinations input").await;
    }
}
