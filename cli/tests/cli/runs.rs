//! `export`, `verify`, `undo` and `history`, from outside.

use std::process::Stdio;

use serde_json::Value;
use tms_sync_sim::fault::Fault;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::issue::Issue;
use tms_sync_sim::jira::project::Role;
use tms_sync_sim::testops::data::{Case, Project};
use tms_sync_sim::world::PROJECT;

use crate::rig::{Rig, Variant};

over_both!(
    syncs_of_several_testops_projects_stand_in_one_file,
    verify_finds_nothing_after_an_export,
    verify_names_what_was_edited,
    undo_deletes_nothing_before_it_is_asked_to,
    undo_deletes_when_asked_and_leaves_what_was_touched,
    history_lists_every_kind_of_run_and_why_it_ended,
    a_deleted_issue_comes_back_only_when_asked,
    what_a_lost_ledger_knew_is_adopted_when_that_is_asked_for,
    a_run_that_was_killed_holds_up_nobody_on_its_machine,
    a_renamed_integration_keeps_its_links_by_its_id,
    an_export_does_exactly_what_a_kept_plan_shows,
    an_export_leaves_what_moved_since_its_plan,
    a_kept_plan_of_another_sync_is_refused,
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

fn verify_finds_nothing_after_an_export(variant: Variant) {
    let rig = Rig::start(variant, 4);
    let export = rig.printed(&["export"]);
    let verify = rig.printed(&["verify"]);
    reports!(variant => export, verify);
}

fn verify_names_what_was_edited(variant: Variant) {
    let rig = Rig::start(variant, 4);
    assert_eq!(rig.json(&["export"]).0, 0);
    let edited = tests(&rig)[1];
    let edit = |issue: &mut Issue| "Other".clone_into(&mut issue.summary);
    rig.world.site.lock().touch(&Actor::System, edited, &["summary"], edit);
    let writes = rig.world.tracker.writes();
    let (exit, found) = rig.json(&["verify", "main"]);
    assert_eq!((exit, rig.world.tracker.writes()), (1, writes), "{found:#}");
    let items = found["syncs"][0]["items"].as_array().unwrap().iter();
    let different: Vec<_> = items.filter(|item| item["outcome"] == "different").collect();
    assert_eq!(
        (different.len(), different[0]["id"].as_str()),
        (1, Some("2")),
        "{found:#}"
    );
    let verify = rig.printed(&["verify"]);
    reports!(variant => verify);
}

/// A run of five cases, and the Test of one of them, on which a person commented.
fn with_a_comment(variant: Variant) -> (Rig, String, IssueId) {
    let rig = Rig::start(variant, 5);
    let (_, export) = rig.json(&["export"]);
    let run = export["syncs"][0]["run"].as_str().unwrap().to_owned();
    let touched = tests(&rig)[2];
    let mut site = rig.world.site.lock();
    site.add_comment(&Actor::System, touched, serde_json::json!("mine"));
    drop(site);
    (rig, run, touched)
}

fn undo_deletes_nothing_before_it_is_asked_to(variant: Variant) {
    let (rig, run, _) = with_a_comment(variant);
    let undo = rig.printed(&["undo", &run]);
    reports!(variant => undo);
    assert_eq!(tests(&rig).len(), 5);
}

fn undo_deletes_when_asked_and_leaves_what_was_touched(variant: Variant) {
    let (rig, run, touched) = with_a_comment(variant);
    let first = rig.printed(&["undo", &run, "--apply"]);
    assert_eq!(tests(&rig), [touched]);
    let second = rig.printed(&["undo", &run, "--apply"]);
    let unknown = rig.printed(&["undo", "no-such-run"]);
    reports!(variant => first, second, unknown);
    assert_eq!(tests(&rig), [touched]);
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
    let runs = all["runs"].as_array().unwrap().iter();
    let modes: Vec<_> = runs
        .map(|run| (run["mode"].as_str().unwrap(), run["outcome"].as_str().unwrap()))
        .collect();
    let expected = [
        ("export", "stopped"),
        ("undo-dry-run", "done"),
        ("verify", "done"),
        ("export", "done"),
        ("plan", "done"),
    ];
    assert_eq!((exit, modes.as_slice()), (0, &expected[..]), "{all:#}");
    let stopped = &all["runs"][0];
    let why = (stopped["kind"].as_str(), stopped["side"].as_str());
    assert_eq!(why, (Some("credential"), Some("testops")));
    assert_eq!(all["runs"][1]["undoes"].as_str(), Some(run.as_str()));
    assert_eq!(all["runs"][3]["totals"]["test-cases"]["created"], 2);
    let all = rig.printed(&["history"]);
    let last_two = rig.printed(&["history", "-n", "2"]);
    reports!(variant => all, last_two);
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

fn what_a_lost_ledger_knew_is_adopted_when_that_is_asked_for(variant: Variant) {
    let rig = Rig::start(variant, 3);
    assert_eq!(rig.json(&["export"]).0, 0);
    for file in std::fs::read_dir(rig.folder.path()).unwrap().flatten() {
        if file.file_name().to_string_lossy().starts_with("tms-sync.db") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    let cases = |report: &Value, word: &str| report["syncs"][0]["totals"]["test-cases"][word].as_u64().unwrap_or(0);
    let writes = rig.world.tracker.writes();
    let (exit, shown) = rig.json(&["adopt"]);
    assert_eq!((exit, cases(&shown, "adopt")), (0, 3), "{shown:#}");
    assert_eq!(rig.world.tracker.writes(), writes);
    let (exit, done) = rig.json(&["adopt", "--apply"]);
    assert_eq!((exit, cases(&done, "adopted")), (0, 3), "{done:#}");
    let (exit, export) = rig.json(&["export"]);
    assert_eq!(
        (exit, cases(&export, "created"), tests(&rig).len()),
        (0, 0, 3),
        "{export:#}"
    );
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
        server
            .faults()
            .add(Fault::delay(hours).on("POST", "*issue/bulk").always());
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
    let links = links["links"].as_array().unwrap();
    let issues = links.iter().filter(|link| !link["issue"].is_null());
    assert_eq!(issues.count(), 3, "{links:#?}");
    let (_, report) = rig.json(&["export"]);
    assert_eq!(report["integration"], "Renamed");
    assert_eq!(report["syncs"][0]["totals"]["test-cases"]["unchanged"], 2, "{report:#}");
}

/// Renames a case in TestOps.
fn rename(rig: &Rig, id: i64, name: &str) {
    let edit = |case: &mut tms_sync_sim::testops::data::Case| name.clone_into(&mut case.name);
    rig.world.testops.edit(|site| site.edit_case(id, edit)).unwrap();
}

fn an_export_does_exactly_what_a_kept_plan_shows(variant: Variant) {
    let rig = Rig::start(variant, 2);
    assert_eq!(rig.json(&["export"]).0, 0);
    rename(&rig, 1, "Renamed");
    let plan = rig.printed(&["plan", "--out", "plan.json"]);
    rename(&rig, 2, "After the plan");
    let writes = rig.world.tracker.writes();
    let export = rig.printed(&["export", "--plan", "plan.json"]);
    reports!(variant => plan, export);
    assert_eq!(rig.world.tracker.writes() - writes, 1);
}

fn an_export_leaves_what_moved_since_its_plan(variant: Variant) {
    let rig = Rig::start(variant, 2);
    assert_eq!(rig.json(&["plan", "--out", "plan.json"]).0, 0);
    rename(&rig, 2, "Moved");
    let export = rig.printed(&["export", "--plan", "plan.json"]);
    reports!(variant => export);
    assert_eq!(tests(&rig).len(), 1);
}

fn a_kept_plan_of_another_sync_is_refused(variant: Variant) {
    let rig = Rig::start(variant, 2);
    rig.json(&["plan", "--out", "plan.json"]);
    let file = rig.folder.path().join("tms-sync.toml");
    let written = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        written.replace("[host]", "test-case-aql = 'tag = \"smoke\"'\n[host]"),
    )
    .unwrap();
    let edited = rig.printed(&["export", "--plan", "plan.json"]);
    let missing = rig.printed(&["export", "--plan", "no-plan.json"]);
    std::fs::write(rig.folder.path().join("plan.json"), "{}").unwrap();
    let other = rig.printed(&["export", "--plan", "plan.json"]);
    reports!(edited, missing, other);
    assert_eq!(rig.world.tracker.writes(), 0);
}

fn syncs_of_several_testops_projects_stand_in_one_file(variant: Variant) {
    let rig = Rig::start(variant, 2);
    rig.world.testops.edit(|site| {
        site.add_project(Project::new(2).case(Case::new("Of another project").id(900).step("Open", "It opens")))
    });
    let file = rig.folder.path().join("tms-sync.toml");
    let written = std::fs::read_to_string(&file).unwrap();
    let sync = format!("[[sync]]\nname = \"other\"\nproject = \"{PROJECT}\"\ntestops-project-id = 2\n");
    std::fs::write(&file, format!("{written}\n{sync}")).unwrap();
    let (exit, first) = rig.json(&["export"]);
    assert_eq!(exit, 0, "{first:#}");
    assert!(first.to_string().contains("Of another project"), "{first:#}");
    let writes = rig.world.tracker.writes();
    let (exit, again) = rig.json(&["export"]);
    assert_eq!((exit, rig.world.tracker.writes()), (0, writes), "{again:#}");
}
