//! `export`, `verify`, `undo` and `history`, from outside.

use std::process::Stdio;

use tms_sync_sim::fault::Fault;
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
    a_run_that_was_killed_holds_up_nobody_on_its_machine,
    a_renamed_integration_keeps_its_links_by_its_id,
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

fn a_run_that_was_killed_holds_up_nobody_on_its_machine(variant: Variant) {
    let rig = Rig::start(variant, 3);
    let servers = || {
        [Some(&rig.world.tracker.jira), rig.world.tracker.xray.as_ref()]
            .into_iter()
            .flatten()
    };
    for server in servers() {
        let hours = std::time::Duration::from_secs(3_600);
        server.faults().add(Fault::delay(hours).on("POST", "*issue*").always());
        server.faults().add(Fault::delay(hours).on("POST", "*import*").always());
    }
    let mut run = rig
        .command(&["export"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Its create is on the way: the lease is held.
    while rig.world.tracker.writes() == 0 {
        assert!(run.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    run.kill().unwrap();
    run.wait().unwrap();
    servers().for_each(|server| server.faults().clear());
    let (_, next) = rig.json(&["export"]);
    assert!(next["syncs"][0]["stopped"].is_null(), "{next:#}");
    assert_eq!(next["syncs"][0]["totals"]["test-cases"]["waiting"], 3, "{next:#}");
    let (_, all) = rig.json(&["history"]);
    assert!(
        all["runs"][1]["outcome"].is_null(),
        "the killed run has no end: {all:#}"
    );
}

fn a_renamed_integration_keeps_its_links_by_its_id(variant: Variant) {
    let rig = Rig::start(variant, 2);
    rig.json(&["export"]);
    let file = rig.folder.path().join("tms-sync.toml");
    let written = std::fs::read_to_string(&file).unwrap();
    let name = format!("name = \"{variant:?}\"");
    std::fs::write(
        &file,
        written.replace(&name, &format!("name = \"Renamed\"\nid = \"{variant:?}\"")),
    )
    .unwrap();
    let (_, links) = rig.json(&["links"]);
    assert_eq!(links["links"].as_array().unwrap().len(), 3, "{links:#}");
    let (_, report) = rig.json(&["export"]);
    assert_eq!(report["integration"], "Renamed");
    assert_eq!(report["syncs"][0]["totals"]["test-cases"]["unchanged"], 2, "{report:#}");
}
