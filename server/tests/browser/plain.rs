//! Without scripts everything works but live updates and checks while typing.

use tms_sync_sim::generate::Plan;
use tms_sync_sim::world;

use crate::rig::Variant;
use crate::stage::Furnished;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_without_scripts_creates_runs_and_compares() {
    let Some(stage) = Furnished::start(Variant::Dc, Plan::new(3, 1).build()).await else {
        return;
    };
    let browser = &stage.browser;
    browser.without_scripts().await;
    browser
        .open(&stage.page(&format!("syncs/new?credentials={}", stage.credentials)))
        .await;
    browser.fill("name", "Plain").await;
    browser.fill("destination", world::PROJECT).await;
    browser.fill("test-case-aql", "id in [").await;
    browser.click("Submit").await;
    browser.find(".finding pre").await;
    browser.fill("test-case-aql", "id in [1]").await;
    browser.click("Submit").await;
    browser.click("Plan").await;
    // The page loads itself again until the run is over.
    browser.result().await;
    browser.sees("1 unchanged").await;
    browser.open(&stage.page(&format!("syncs/{}", stage.sync))).await;
    browser.click("Verify").await;
    browser.result().await;
    browser.click("Regression").await;
    for choice in browser
        .client
        .find_all(fantoccini::Locator::Css("input[name=run]"))
        .await
        .unwrap()
    {
        choice.click().await.unwrap();
    }
    browser.click("Compare the two chosen").await;
    browser.sees("Two runs compared").await;
    stage.browser.close().await;
}
