//! `export`, `verify`, `undo` and `history`, from outside.

use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::project::Role;

use crate::rig::{Rig, Variant};
use crate::{code, err, out};

over_both!(
    verify_finds_nothing_after_an_export_and_names_what_was_edited,
    undo_tells_first_deletes_when_asked_and_leaves_what_was_touched,
    history_lists_every_kind_of_run_and_why_it_ended,
    a_deleted_issue_comes_back_only_when_asked,
);

/// Ids of the Tests, by ascending id.
fn tests(rig: &Rig) -> Vec<IssueId> {
    let site = rig.world.site.lock();
    let mut tests: Vec<IssueId> = site
        .issues()
        .filter(|issue| site.role(issue) == Role::Test)
        .map(|issue| issue.id)
        .collect();
    tests.sort_by_key(|id| id.0);
    tests
}

fn verify_finds_nothing_after_an_export_and_names_what_was_edited(variant: Variant) {
    let rig = Rig::start(variant, 4);
    assert_eq!(rig.json(&["export"]).0, 0);
    let (exit, clean) = rig.json(&["verify"]);
    let totals = &clean["syncs"][0]["totals"];
    assert_eq!(
        (exit, clean["command"].as_str(), totals["test-cases"]["same"].as_u64()),
        (0, Some("verify"), Some(4)),
        "{clean:#}"
    );
    let edited = tests(&rig)[1];
    rig.world
        .site
        .lock()
        .touch(&Actor::System, edited, &["summary"], |issue| {
            issue.summary = "Other".to_owned();
        });
    let writes = rig.world.tracker.writes();
    let (exit, found) = rig.json(&["verify", "main"]);
    assert_eq!((exit, rig.world.tracker.writes()), (1, writes), "{found:#}");
    let different: Vec<_> = found["syncs"][0]["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["outcome"] == "different")
        .map(|item| (item["id"].as_str().unwrap(), item["fields"][0].as_str().unwrap()))
        .collect();
    assert_eq!(different, [("2", "summary")], "{found:#}");
    let text = out(&rig.run(&["verify"]));
    assert!(text.contains("different case 2") && text.contains("summary"), "{text}");
}

fn undo_tells_first_deletes_when_asked_and_leaves_what_was_touched(variant: Variant) {
    let rig = Rig::start(variant, 5);
    let (_, export) = rig.json(&["export"]);
    let run = export["syncs"][0]["run"].as_str().unwrap().to_owned();
    let touched = tests(&rig)[2];
    rig.world
        .site
        .lock()
        .add_comment(&Actor::System, touched, serde_json::json!("mine"));
    let (exit, dry) = rig.json(&["undo", &run]);
    let totals = &dry["syncs"][0]["totals"]["test-cases"];
    assert_eq!(
        (
            exit,
            totals["remove"].as_u64(),
            totals["keep"].as_u64(),
            tests(&rig).len()
        ),
        (1, Some(4), Some(1), 5),
        "{dry:#}"
    );
    let wet = rig.run(&["undo", &run, "--apply"]);
    assert_eq!(code(&wet), Some(1), "{}{}", out(&wet), err(&wet));
    assert!(out(&wet).contains("4 removed, 1 kept"), "{}", out(&wet));
    assert_eq!(tests(&rig), [touched]);
    let (_, second) = rig.json(&["undo", &run, "--apply"]);
    assert_eq!(second["syncs"][0]["totals"]["test-cases"]["removed"], 0, "{second:#}");
    assert_eq!(tests(&rig), [touched]);
    let unknown = rig.run(&["undo", "no-such-run"]);
    assert_eq!(code(&unknown), Some(2));
    assert!(err(&unknown).contains("tms-sync history"), "{}", err(&unknown));
}

fn history_lists_every_kind_of_run_and_why_it_ended(variant: Variant) {
    let mut rig = Rig::start(variant, 2);
    for command in ["plan", "export", "verify"] {
        assert!(rig.json(&[command]).0 <= 1);
    }
    let (_, all) = rig.json(&["history"]);
    let run = all["runs"][1]["run"].as_str().unwrap().to_owned();
    rig.json(&["undo", &run]);
    rig.store("TESTOPS_TOKEN", "wrong-token");
    assert_eq!(rig.json(&["export"]).0, 2);
    let (exit, all) = rig.json(&["history"]);
    let told: Vec<_> = all["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| (run["mode"].as_str().unwrap(), run["outcome"].as_str().unwrap()))
        .collect();
    let expected = [
        ("export", "stopped"),
        ("undo-dry-run", "done"),
        ("verify", "done"),
        ("export", "done"),
        ("plan", "done"),
    ];
    assert_eq!((exit, told.as_slice()), (0, &expected[..]), "{all:#}");
    let stopped = &all["runs"][0];
    assert_eq!(
        (stopped["kind"].as_str(), stopped["side"].as_str()),
        (Some("credential"), Some("testops"))
    );
    assert_eq!(all["runs"][1]["undoes"].as_str(), Some(run.as_str()));
    assert_eq!(all["runs"][3]["totals"]["test-cases"]["created"], 2);
    let text = out(&rig.run(&["history", "-n", "2"]));
    assert!(
        text.contains("stopped") && text.contains("undo-dry-run") && !text.contains("verify"),
        "{text}"
    );
}

fn a_deleted_issue_comes_back_only_when_asked(variant: Variant) {
    let rig = Rig::start(variant, 3);
    rig.json(&["export"]);
    let gone = tests(&rig)[0];
    rig.world.site.lock().delete_issue(&Actor::System, gone);
    rig.json(&["export"]);
    assert_eq!(tests(&rig).len(), 2);
    let (_, plan) = rig.json(&["plan", "--recreate", "--full"]);
    assert_eq!(plan["syncs"][0]["totals"]["test-cases"]["create"], 1, "{plan:#}");
    let (_, again) = rig.json(&["export", "--recreate", "--full", "--accept-changes"]);
    assert_eq!(again["syncs"][0]["totals"]["test-cases"]["created"], 1, "{again:#}");
    assert_eq!(tests(&rig).len(), 3);
}
