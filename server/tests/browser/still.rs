//! A run under way: what comes in moves nothing that was there.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tms_sync_sim::fault::Fault;
use tms_sync_sim::generate::Plan;

use crate::rig::Variant;
use crate::stage::Furnished;

/// How long each request is held up, on the clock of the test.
const HELD: Duration = Duration::from_secs(1);

/// Looks at a page that may show nothing new.
const PATIENCE: usize = 50;

/// Keeps where everything of the page is, and what it says, whenever the state of the run is exchanged.
const WATCH: &str = "
    window.seen = [];
    const look = () => {
        const all = document.querySelectorAll('main h1, main button, .live, .live > *, .phases > li, .phases progress');
        const places = [...all].map((one) => {
            const { x, y, width } = one.getBoundingClientRect();
            return `${one.tagName} ${Math.round(x)} ${Math.round(y)} ${Math.round(width)}`;
        });
        window.seen.push({ places: places.join('\\n'), text: document.querySelector('.live').innerText });
    };
    look();
    new MutationObserver(look).observe(document.querySelector('.live'), { childList: true });
";

/// What the browser saw until the run was over and the page was another one.
async fn watched(stage: &Furnished, width: u32) -> Vec<Value> {
    let path = stage.owner.own(&format!("/syncs/{}/runs", stage.sync));
    let jira = &stage.servers.world.tracker.jira;
    jira.faults().add(Fault::delay(HELD).on("*", "*").always());
    jira.faults().add(Fault::rate_limited(7).on("PUT", "*"));
    let started = stage
        .owner
        .post(&path, json!({ "mode": "export", "options": { "full": true } }))
        .await;
    let run = started["id"].as_str().unwrap();
    stage.browser.width(width).await;
    stage.browser.open(&stage.page(&format!("runs/{run}"))).await;
    stage.browser.find("ol.phases").await;
    stage.browser.script(WATCH).await;
    let (mut seen, mut looks) = (Vec::new(), 0);
    while let Some(so_far) = stage.browser.script("return window.seen ?? null").await.as_array() {
        looks += 1;
        // The requests that wait go on when the page has shown what the last ones brought, or seems to show nothing new.
        if so_far.len() > seen.len() || looks >= PATIENCE {
            looks = 0;
            stage.rig.clock.advance(HELD);
        }
        seen.clone_from(so_far);
    }
    jira.faults().clear();
    stage.browser.result().await;
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_jumps_while_phases_counts_and_waits_come_in() {
    let project = Plan::new(8, 2).launch(8).build();
    let Some(stage) = Furnished::start(Variant::Dc, project).await else {
        return;
    };
    for (width, name) in [(1280, "Pay by card"), (390, "Pay by bill")] {
        stage.rename_first_case(name);
        let seen = watched(&stage, width).await;
        let text = |of: &Value| of["text"].as_str().unwrap().to_owned();
        let texts: BTreeSet<String> = seen.iter().map(text).collect();
        let shows = |word: &str| texts.iter().any(|text| text.contains(word));
        assert!(shows("waiting") && shows(" of ") && shows("unchanged"), "{texts:#?}");
        let places: BTreeSet<&str> = seen.iter().map(|of| of["places"].as_str().unwrap()).collect();
        assert_eq!(
            places.len(),
            1,
            "at a width of {width}:\n{}",
            Vec::from_iter(places).join("\n\n")
        );
    }
    stage.browser.close().await;
}
