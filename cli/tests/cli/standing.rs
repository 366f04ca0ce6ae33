//! `status` and `enable`, from outside: what one command learnt, the next one knows.

use serde_json::Value;
use tms_sync_sim::world;

use crate::rig::{Rig, Variant};
use crate::{code, err, out};

over_both!(
    a_refused_credential_is_told_by_status_and_not_tried_again,
    another_secret_is_taken_up_after_it_worked,
);

fn refused(rig: &Rig) -> usize {
    let entries = rig.world.tracker.jira.journal().entries();
    entries.iter().filter(|entry| entry.status == Some(401)).count()
}

fn tracker(status: &Value) -> &Value {
    let access = status["syncs"][0]["access"].as_array().unwrap();
    access
        .iter()
        .find(|one| one["side"] == "tracker" && !one["message"].is_null())
        .unwrap_or_else(|| panic!("{status:#}"))
}

fn a_refused_credential_is_told_by_status_and_not_tried_again(variant: Variant) {
    let mut rig = Rig::start(variant, 2);
    let (exit, well) = rig.json(&["status"]);
    assert_eq!(
        (exit, well["syncs"][0]["state"].as_str()),
        (0, Some("enabled")),
        "{well:#}"
    );
    rig.store("JIRA_SECRET", "wrong-secret-0000000000");
    assert_eq!(rig.json(&["export"]).0, 2);
    let (before, requests) = (refused(&rig), rig.world.tracker.requests());
    assert!(before <= 2, "{before}");
    for command in ["export", "plan", "verify", "test", "projects"] {
        let (exit, told) = rig.json(&[command]);
        assert_eq!(exit, 2, "{command}: {told:#}");
    }
    let enable = rig.run(&["enable", "main"]);
    assert_eq!(code(&enable), Some(2), "{}{}", out(&enable), err(&enable));
    assert!(out(&enable).contains("Not enabled"), "{}", out(&enable));
    assert_eq!(
        (refused(&rig), rig.world.tracker.requests()),
        (before, requests),
        "nothing was sent"
    );
    let test = rig.run(&["test"]);
    assert!(out(&test).contains("must not be tried now"), "{}", out(&test));
    let (exit, suspect) = rig.json(&["status"]);
    assert_eq!(
        (exit, suspect["syncs"][0]["state"].as_str()),
        (1, Some("suspect")),
        "{suspect:#}"
    );
    let told = tracker(&suspect);
    assert_eq!(
        (told["kind"].as_str(), told["retry-at"].is_u64()),
        (Some("credential"), true),
        "{told:#}"
    );
    let text = out(&rig.run(&["status"]));
    assert!(
        text.contains("suspect") && text.contains("Jira") && text.contains("nothing is sent before"),
        "{text}"
    );
    assert!(!text.contains("wrong-secret"), "{text}");
}

fn another_secret_is_taken_up_after_it_worked(variant: Variant) {
    let mut rig = Rig::start(variant, 2);
    rig.json(&["export"]);
    rig.store("JIRA_SECRET", "wrong-secret-0000000000");
    assert_eq!(rig.json(&["export"]).0, 2);
    let good = match variant {
        Variant::Cloud => world::JIRA_TOKEN,
        Variant::Dc => world::PASSWORD,
    };
    rig.store("JIRA_SECRET", good);
    let (exit, report) = rig.json(&["export"]);
    assert_eq!(exit, 0, "{report:#}");
    let (exit, status) = rig.json(&["status"]);
    assert_eq!(
        (exit, status["syncs"][0]["state"].as_str()),
        (0, Some("enabled")),
        "{status:#}"
    );
    assert_eq!(status["syncs"][0]["runs"][0]["outcome"], "done");
    let enable = rig.run(&["enable", "main"]);
    assert_eq!(code(&enable), Some(0));
    assert!(out(&enable).contains("Nothing was switched off"), "{}", out(&enable));
    let unknown = rig.run(&["enable", "mian"]);
    assert_eq!(code(&unknown), Some(2));
    assert!(err(&unknown).contains("did you mean `main`?"), "{}", err(&unknown));
}
