//! Everybody can use the pages: with a screen reader, on a phone, in the dark, by keyboard.

use fantoccini::key::Key;
use serde_json::Value;
use tms_sync_sim::generate::Plan;

use crate::chromium::{Browser, browser};
use crate::rig::{PASSWORD, Rig, Variant};
use crate::stage::{ADMIN, Furnished};

/// axe-core 4.14.1 of npm, under the Mozilla Public License 2.0 (`assets/LICENSE-axe`).
const AXE: &str = include_str!("assets/axe.min.js");

/// What axe finds wrong, one line each.
async fn violations(browser: &Browser) -> Vec<String> {
    browser.script(AXE).await;
    let run = "const done = arguments[arguments.length - 1]; axe.run(document, { resultTypes: ['violations'] }).then(
        (found) => done(found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).join(' ')}`)))";
    let found = browser.client.execute_async(run, Vec::new()).await.unwrap();
    let lines = found.as_array().unwrap().iter();
    lines.map(|line| line.as_str().unwrap().to_owned()).collect()
}

/// The main pages of a tenant and of the administration.
fn pages(stage: &Furnished, run: &str, plan: &str) -> Vec<String> {
    let tenant = [
        String::new(),
        "runs".to_owned(),
        "integrations".to_owned(),
        "integrations/new?kind=xray-cloud".to_owned(),
        "projects/new".to_owned(),
        "members".to_owned(),
        "tokens".to_owned(),
        "audit".to_owned(),
        format!("credentials/{}", stage.credentials),
        format!("syncs/{}", stage.sync),
        format!("syncs/{}/edit", stage.sync),
        format!("runs/{run}"),
        format!("runs/{plan}"),
        format!("compare?run={run}&run={plan}"),
    ];
    let admin = [
        "tenants",
        "tenants/acme",
        "users",
        "integrations",
        "servers",
        "plugins",
        "audit",
    ];
    let tenant = tenant.map(|rest| stage.page(&rest).trim_end_matches('/').to_owned());
    let admin = admin.map(|rest| format!("/admin/{rest}"));
    ["/".to_owned()].into_iter().chain(tenant).chain(admin).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_main_pages_have_no_barrier_and_fit_a_phone() {
    let project = Plan::showcase(12).build();
    let Some(stage) = Furnished::start(Variant::Dc, project).await else {
        return;
    };
    let run = stage.run("export").await;
    let plan = stage.run("plan").await;
    let browser = &stage.browser;
    for path in pages(&stage, &run, &plan) {
        browser.width(1280).await;
        browser.scheme("light").await;
        browser.open(&path).await;
        let mut found = violations(browser).await;
        browser.scheme("dark").await;
        browser.width(390).await;
        found.extend(violations(browser).await);
        assert!(found.is_empty(), "{path}:\n{}", found.join("\n"));
        let sizes = browser
            .script("const e = document.documentElement; return [e.scrollWidth, e.clientWidth];")
            .await;
        assert!(
            sizes[0].as_u64() <= sizes[1].as_u64(),
            "{path} is wider than a phone: {sizes}"
        );
    }
    stage.browser.close().await;
}

/// What has the focus, as its own text or name.
async fn focused(browser: &Browser) -> String {
    let script = "const e = document.activeElement; return e.name || e.textContent.trim();";
    let Value::String(text) = browser.script(script).await else {
        return String::new();
    };
    text
}

async fn press(browser: &Browser, keys: &str) {
    browser
        .client
        .active_element()
        .await
        .unwrap()
        .send_keys(keys)
        .await
        .unwrap();
}

/// Goes on with the tabulator until something has the focus.
async fn reach(browser: &Browser, what: &str) {
    let mut passed = Vec::new();
    for _ in 0..60 {
        let now = focused(browser).await;
        if now == what {
            return;
        }
        passed.push(now);
        press(browser, &Key::Tab.to_string()).await;
    }
    panic!("the keyboard does not reach `{what}`: {passed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_with_a_keyboard_alone_logs_in_and_adds_a_tenant() {
    let rig = Rig::bare().await;
    let Some(browser) = browser(&format!("http://{}", rig.server.address())).await else {
        return;
    };
    let enter = Key::Enter.to_string();
    browser.open("/login").await;
    reach(&browser, "login").await;
    press(&browser, &format!("{ADMIN}{}{PASSWORD}{enter}", Key::Tab)).await;
    browser.find("a[href='/admin/tenants']").await;
    press(&browser, &Key::Tab.to_string()).await;
    assert_eq!(focused(&browser).await, "Skip to content");
    press(&browser, &enter).await;
    press(&browser, &Key::Tab.to_string()).await;
    assert_eq!(
        focused(&browser).await,
        "Add the first tenant",
        "the link skips what every page repeats"
    );
    let outline = browser
        .script("return getComputedStyle(document.activeElement).outlineStyle")
        .await;
    assert_eq!(outline, "solid", "the focus can be seen");
    press(&browser, &enter).await;
    browser.find("input[name=name]").await;
    reach(&browser, "name").await;
    press(&browser, &format!("payments{enter}")).await;
    browser.sees("Title and quotas").await;
    browser.close().await;
}
