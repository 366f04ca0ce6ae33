//! The items of a run: what happened is listed, and the rest when somebody asks for it.

use tms_sync_sim::generate::Plan;

use crate::chromium::Browser;
use crate::rig::Variant;
use crate::stage::Furnished;

async fn rows(browser: &Browser) -> u64 {
    let rows = browser
        .script("return document.querySelectorAll('table.items tbody tr').length")
        .await;
    rows.as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_that_are_as_they_were_are_listed_when_somebody_asks() {
    let Some(stage) = Furnished::start(Variant::Dc, Plan::new(8, 2).build()).await else {
        return;
    };
    stage.rename_first_case("Pay by card");
    let run = stage.page(&format!("runs/{}", stage.run("export").await));
    let browser = &stage.browser;
    browser.open(&run).await;
    browser.sees("7 more unchanged items.").await;
    assert_eq!(rows(browser).await, 1);
    browser.click("Show all items").await;
    browser.find("table.items tr:nth-child(8)").await;
    assert_eq!(rows(browser).await, 8);

    // Whoever looks for one finds it, whatever became of it.
    browser.fill("search", "CALC-2").await;
    browser.click("Show").await;
    browser.find("table.items tr:only-child").await;
    assert!(browser.here().await.contains("CALC-2"));

    let idle = stage.page(&format!("runs/{}", stage.run("export").await));
    browser.open(&idle).await;
    browser.sees("8 unchanged items.").await;
    assert_eq!(rows(browser).await, 0);
    stage.browser.close().await;
}
