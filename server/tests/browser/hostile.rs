//! Names from TestOps that are meant to do harm stay names.

use tms_sync_sim::testops::data::{Case, Project};

use crate::rig::Variant;
use crate::stage::Furnished;

const PAYLOADS: [&str; 6] = [
    "<script>window.harmed = 1</script>",
    "<img src=x onerror=\"window.harmed = 1\">",
    "\"><svg onload=window.harmed=1>",
    "</td></tr></table><form action=https://evil.example><button>Log in</button></form>",
    "{{constructor.constructor('window.harmed = 1')()}} ${harmed}",
    "<div hx-get=\"/logout\" hx-trigger=\"load\" data-live=\"https://evil.example\">x</div>",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_names_are_inert() {
    let cases = PAYLOADS.iter().map(|payload| Case::new(payload).step(payload, payload));
    let project = cases.fold(Project::new(1), Project::case);
    let Some(stage) = Furnished::start(Variant::Cloud, project).await else {
        return;
    };
    let plan = stage.run("plan").await;
    let runs = stage.owner.get(&stage.owner.own("/runs")).await;
    let export = runs[1]["id"].as_str().unwrap().to_owned();
    let browser = &stage.browser;
    for page in [
        format!("runs/{export}"),
        format!("runs/{plan}?outcome=all"),
        format!("compare?run={export}&run={plan}"),
    ] {
        browser.open(&stage.page(&page)).await;
        let seen = browser.text("main").await;
        for payload in PAYLOADS {
            assert!(
                seen.contains(payload),
                "{page} shows {payload} as it is written:\n{seen}"
            );
        }
        let made = "return [window.harmed ?? null, document.querySelectorAll('main script, main svg, main [onerror], main [hx-get*=logout], main [data-live], form[action*=evil]').length]";
        assert_eq!(browser.script(made).await, serde_json::json!([null, 0]), "{page}");
    }
    browser
        .open(&stage.page(&format!(
            "runs/{export}?search=%22%3E%3Csvg%20onload%3Dwindow.harmed%3D1%3E"
        )))
        .await;
    assert_eq!(
        browser.script("return window.harmed ?? null").await,
        serde_json::Value::Null
    );
    stage.browser.close().await;
}
