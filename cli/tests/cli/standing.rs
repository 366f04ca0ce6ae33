//! `status` and `enable`, from outside: what one command learnt, the next one knows.

use serde_json::Value;
use tms_sync_sim::world;

use crate::rig::{Rig, Variant};

over_both!(
    a_refused_credential_is_not_tried_again,
    a_refused_credential_is_shown_by_status,
    another_secret_is_taken_up_after_it_worked,
    a_secret_whose_day_is_over_is_noted_by_runs_and_shown_by_status,
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

/// Two cases, and a command whose secret for Jira was refused once.
fn with_a_refused_secret(variant: Variant) -> Rig {
    let mut rig = Rig::start(variant, 2);
    rig.store("JIRA_SECRET", "wrong-secret-0000000000");
    assert_eq!(rig.json(&["export"]).0, 2);
    rig
}

fn a_refused_credential_is_not_tried_again(variant: Variant) {
    let rig = with_a_refused_secret(variant);
    let (before, requests) = (refused(&rig), rig.world.tracker.requests());
    assert!(before <= 2, "{before}");
    for command in ["export", "plan", "verify", "projects"] {
        let (exit, answer) = rig.json(&[command]);
        assert_eq!(exit, 2, "{command}: {answer:#}");
    }
    let test = rig.printed(&["test"]);
    let after = (refused(&rig), rig.world.tracker.requests());
    assert_eq!(after, (before, requests), "nothing was sent");
    // A person may always try once.
    let enable = rig.printed(&["enable", "main"]);
    assert_eq!(refused(&rig), before + 1);
    let enable_again = rig.printed(&["enable", "main"]);
    reports!(variant => test, enable, enable_again);
    assert_eq!(refused(&rig), before + 1);
}

fn a_refused_credential_is_shown_by_status(variant: Variant) {
    let well = Rig::start(variant, 2).printed(&["status"]);
    let rig = with_a_refused_secret(variant);
    let (exit, suspect) = rig.json(&["status"]);
    assert_eq!((exit, suspect["syncs"][0]["state"].as_str()), (1, Some("suspect")));
    let refused = tracker(&suspect);
    assert_eq!(
        (refused["kind"].as_str(), refused["retry-at"].is_u64()),
        (Some("credential"), true)
    );
    let suspect = rig.printed(&["status"]);
    assert!(!suspect.contains("wrong-secret"), "{suspect}");
    reports!(variant => well, suspect);
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
    assert_eq!((exit, status["syncs"][0]["state"].as_str()), (0, Some("enabled")));
    assert_eq!(status["syncs"][0]["runs"][0]["outcome"], "done");
    let status = rig.printed(&["status"]);
    let enable = rig.printed(&["enable", "main"]);
    let misspelt = rig.printed(&["enable", "mian"]);
    reports!(variant => status, enable, misspelt);
}

fn a_secret_whose_day_is_over_is_noted_by_runs_and_shown_by_status(variant: Variant) {
    let rig = Rig::start(variant, 2);
    let file = rig.folder.path().join("tms-sync.toml");
    let written = std::fs::read_to_string(&file).unwrap();
    let dated = written.replace("\"JIRA_SECRET\" }", "\"JIRA_SECRET\", expires = \"2020-01-01\" }");
    assert_ne!(dated, written);
    std::fs::write(&file, dated).unwrap();
    // The server takes it still: the day is a person's word.
    let (exit, answer) = rig.json(&["export"]);
    let note = "the credential for `jira` has ended by the date beside it: make a new one and store it";
    let notes = answer["syncs"][0]["notes"].to_string();
    assert_eq!((exit, notes.contains(note)), (0, true), "{answer:#}");
    let status = rig.printed(&["status"]);
    assert!(
        status.contains("the credential has ended by the date beside it"),
        "{status}"
    );
}
