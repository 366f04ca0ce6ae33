//! The export as its documentation describes it, click by click, from the empty instance to records at the destination.

use std::time::Duration;

use tms_sync_sim::generate::Plan;
use tms_sync_sim::testops::data::Case;
use tms_sync_sim::{cloud, testops, world};

use crate::chromium::Browser;
use crate::rig::{PASSWORD, Servers, Variant};
use crate::stage::{ADMIN, Bare};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_to_cloud_goes_from_the_first_link_to_records_at_the_destination() {
    walk(Variant::Cloud).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_to_data_center_goes_from_the_first_link_to_records_at_the_destination() {
    walk(Variant::Dc).await;
}

async fn walk(variant: Variant) {
    let Some(bare) = Bare::start().await else { return };
    let servers = Servers::beside(&bare.clock, variant, Plan::new(6, 2).launch(6).build()).await;
    let browser = &bare.browser;

    administrate(&bare, &servers, variant).await;
    connect(browser, &servers, variant).await;
    create(browser).await;
    roll_out(browser, &servers).await;
    break_and_fix(&bare, variant).await;
    bare.browser.close().await;
}

/// The administrator comes in, adds a tenant, allows the servers and adds the integration.
async fn administrate(bare: &Bare, servers: &Servers, variant: Variant) {
    let browser = &bare.browser;
    browser.open(&bare.server.first_link().await.unwrap().unwrap()).await;
    browser.fill("login", ADMIN).await;
    browser.fill("password", PASSWORD).await;
    browser.click("Set the password and log in").await;
    browser.click("Add the first tenant").await;
    browser.fill("name", "payments").await;
    browser.fill("title", "Payments").await;
    browser.click("Add tenant").await;
    browser.sees("Title and quotas").await;

    browser.click("Private servers").await;
    for url in servers.urls() {
        browser.fill("server", url.trim_start_matches("http://")).await;
        browser.click("Allow").await;
    }

    browser.click("Integrations").await;
    browser
        .click(match variant {
            Variant::Cloud => "Xray Test Management for Jira Cloud",
            Variant::Dc => "Xray Test Management for Jira",
        })
        .await;
    browser.fill("name", "Jira of the payments department").await;
    browser.fill("field:endpoint", &servers.world.tracker.jira.url()).await;
    if let Some(xray) = &servers.world.tracker.xray {
        browser.fill("field:xray-endpoint", &xray.url()).await;
    }
    browser.click("Add integration").await;
    browser.click("Payments").await;
}

/// The owner adds the project and connects it: with a wrong secret first, then with the right one.
async fn connect(browser: &Browser, servers: &Servers, variant: Variant) {
    browser.click("Add a project").await;
    browser.fill("name", "Web shop").await;
    browser.fill("endpoint", &servers.world.testops.url()).await;
    browser.fill("number", "1").await;
    browser.fill("token", testops::TOKEN).await;
    browser.click("Add project").await;
    browser.click("Add integration").await;
    match variant {
        Variant::Cloud => {
            browser.fill("field:username", world::EMAIL).await;
            browser.fill("secret:api-token", world::JIRA_TOKEN).await;
            browser.fill("secret:xray-client-id", cloud::XRAY_CLIENT_ID).await;
        }
        Variant::Dc => browser.click("Token").await,
    }
    let (field, right) = secret(variant);
    browser.fill(&field, "wrong").await;
    browser.click("Save and test connection").await;
    browser.sees("Connection failed").await;
    browser.fill(&field, right).await;
    browser.click("Save and test connection").await;
    browser.sees("Connection established").await;
}

/// The secret of Xray, and its right value.
fn secret(variant: Variant) -> (String, &'static str) {
    match variant {
        Variant::Cloud => ("secret:xray-client-secret".to_owned(), cloud::XRAY_CLIENT_SECRET),
        Variant::Dc => ("secret:token".to_owned(), world::JIRA_TOKEN),
    }
}

/// The sync is created: destination by search, a filter that is checked while it is typed.
async fn create(browser: &Browser) {
    browser.click("Create sync").await;
    browser.fill("name", "Regression").await;
    browser.fill("query", "nowhere").await;
    browser.sees("No project of this key or name").await;
    browser.fill("query", "calc").await;
    let destination = format!("input[name=\"destination\"][value=\"{}\"]", world::PROJECT);
    browser.find(&destination).await.click().await.unwrap();
    browser.fill("test-case-aql", "id in [1, 2").await;
    let caret = browser.find("#test-case-aql-check pre").await.text().await.unwrap();
    assert!(caret.ends_with('^'), "a caret below the place: {caret}");
    browser.fill("test-case-aql", "id in [1, 2]").await;
    browser.sees("TestOps finds 2 test cases.").await;
    browser.click("Every").await;
    browser.sees("It runs about").await;
    browser.click("Submit").await;
}

/// Narrow, plan, run, look, verify, widen.
async fn roll_out(browser: &Browser, servers: &Servers) {
    browser.sees("First rollout 1 of 6 steps done").await;
    browser.find(".guide button").await.click().await.unwrap();
    browser.result().await;
    browser.sees("A plan writes nothing.").await;
    browser.sees("2 created").await;
    assert_eq!(servers.world.tracker.writes(), 0);

    browser.click("Run now").await;
    browser.sees("Export of Regression").await;
    browser.result().await;
    browser.sees("2 created").await;
    let link = browser.find("table.items a.outside[href*=\"/browse/\"]").await;
    let key = link.text().await.unwrap();
    assert!(key.starts_with(world::PROJECT), "{key}");

    browser.click("Verify").await;
    browser.sees("Verification of Regression").await;
    browser.result().await;
    browser.sees("2 unchanged").await;

    let renamed = |case: &mut Case| case.name = "Renamed".to_owned();
    servers.world.testops.edit(|site| site.edit_case(1, renamed)).unwrap();
    browser.click("Regression").await;
    browser.click("Plan").await;
    browser.result().await;
    browser.sees("1 updated").await;
    let after = browser.find(".changes ins").await.text().await.unwrap();
    assert!(
        after.contains("Renamed"),
        "a plan shows the values that a run would change: {after}"
    );

    browser.click("Regression").await;
    browser.click("Widen the sync").await;
    browser.fill("test-case-aql", "").await;
    browser.tick("disable-launches-sync").await;
    browser.click("Submit").await;
    browser.click("Run now").await;
    browser.result().await;
    browser.sees("4 created").await;
    browser.sees("1 updated").await;
    browser.sees("Launches").await;
    browser.fill("search", "3").await;
    browser.click("Show").await;
    browser.sees("test case 3").await;
}

/// A secret turns wrong: the sync switches itself off, says why, and is fixed and enabled in one place.
async fn break_and_fix(bare: &Bare, variant: Variant) {
    let browser = &bare.browser;
    let (field, right) = secret(variant);
    browser.click("Regression").await;
    browser.click("Jira of the payments department").await;
    browser.fill(&field, "expired").await;
    browser.click("Save").await;
    browser.open("/t/payments").await;
    for _ in 0..2 {
        browser.click("Regression").await;
        browser.click("Run now").await;
        browser.result().await;
        browser.find(".notice.bad").await;
        bare.clock.advance(Duration::from_secs(15 * 60));
        browser.open("/t/payments").await;
    }
    browser.open("/").await;
    browser.find(".card .badge.bad").await;
    browser.click("Payments").await;
    browser.sees("Needs attention").await;
    browser.click("Fix and enable").await;
    browser.sees("Switched off").await;
    browser.fill(&field, right).await;
    browser.click("Test and enable").await;
    browser.sees("Export of Regression").await;
    browser.result().await;
    browser.click("Regression").await;
    browser.sees("all right").await;
}
