//! What was there before: Tests of people, projects that moved, servers that were renamed.

use std::fmt::Write as _;

use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::project::Role;
use tms_sync_sim::testops::data::{Case, Project, TestKey};
use tms_sync_sim::world::{INTEGRATION, PROJECT, World};

use crate::rig::{Rig, Variant};

over_both!(
    a_test_that_a_case_names_is_adopted_and_none_is_created,
    a_data_center_that_moved_is_adopted_by_the_ids_of_its_migration,
    launches_and_cases_of_a_renamed_testops_are_marked_anew_and_nothing_is_created,
    tests_of_a_former_address_are_adopted_where_the_ledger_is_lost,
    reports_show_the_keys_of_a_renamed_project,
);

/// Labels of all Tests and Test Executions, each with the role that its issue has.
fn marked(world: &World) -> Vec<(Role, Vec<String>)> {
    let site = world.site.lock();
    let all = site.issues().map(|issue| (site.role(issue), issue.labels.clone()));
    all.collect()
}

fn a_test_that_a_case_names_is_adopted_and_none_is_created(variant: Variant) {
    let rig = Rig::with(variant, Project::new(1));
    let (_, key) = rig.add_issue("Test", "Written by hand");
    let (labelled, _) = rig.add_issue("Test", "Log out");
    let (_, named) = rig.add_issue("Test", "Pay");
    let label = |issue: &mut tms_sync_sim::jira::issue::Issue| issue.labels.push("case-8".to_owned());
    rig.world
        .site
        .lock()
        .touch(&Actor::System, labelled, &["labels"], label);
    rig.world.testops.edit(|site| {
        site.add_case(1, Case::new("Log in").id(7).test_key(TestKey::new(&key, INTEGRATION)));
        site.add_case(1, Case::new("Log out").id(8));
        site.add_case(1, Case::new("Pay").id(9).field("Xray", &named))
    });
    rig.map(&[
        ("adopt-jql", "labels = \"case-{id}\""),
        ("adopt-field", "Xray"),
        ("custom-fields", "none"),
    ]);
    let plan = rig.printed(&["plan"]);
    let export = rig.printed(&["export"]);
    reports!(variant => plan, export);
    let marked = marked(&rig.world);
    let keeps_its_own = marked
        .iter()
        .any(|(_, labels)| labels.iter().any(|label| label == "case-8"));
    assert_eq!((marked.len(), keeps_its_own), (3, true), "{marked:?}");
    let writes = rig.world.tracker.writes();
    assert_eq!((rig.json(&["export"]).0, rig.world.tracker.writes()), (0, writes));
}

/// Takes over what the ledger of another folder has.
fn take_ledger(from: &Rig, to: &Rig) {
    for file in std::fs::read_dir(from.folder.path()).unwrap().flatten() {
        if file.file_name().to_string_lossy().starts_with("tms-sync.db") {
            std::fs::copy(file.path(), to.folder.path().join(file.file_name())).unwrap();
        }
    }
}

/// The file of `to`, with the TestOps of `from`.
fn keep_testops(from: &Rig, to: &Rig) {
    let (kept, other) = (from.world.testops.url(), to.world.testops.url());
    let address = |url: &str| url.trim_start_matches("http://").to_owned();
    to.rewrite(|file| file.replace(&address(&other), &address(&kept)));
}

fn a_data_center_that_moved_is_adopted_by_the_ids_of_its_migration(variant: Variant) {
    let from = Rig::with(Variant::Dc, Plan::new(3, 1).launch(3).settled().build());
    assert_eq!(from.json(&["export"]).0, 0);
    let to = Rig::with(variant, Project::new(1));
    take_ledger(&from, &to);
    keep_testops(&from, &to);
    let (ids, former) = {
        let old = from.world.site.lock();
        let ids = to.world.site.lock().migrate_project(&old, PROJECT);
        (
            ids,
            old.visible_project(&Actor::System, PROJECT).unwrap().id.to_string(),
        )
    };
    let mut csv = "issue id on the server,issue id on the cloud\n".to_owned();
    for (before, now) in ids {
        writeln!(csv, "{before},{now}").unwrap();
    }
    std::fs::write(to.folder.path().join("migrated.csv"), csv).unwrap();
    let moved = ["--from-project", &former, "--ids", "migrated.csv"];

    let asks = to.printed(&["export", "--new-servers"]);
    let shown = to.printed(&[&["adopt"], &moved[..]].concat());
    assert_eq!(to.world.tracker.writes(), 0);
    let adopted = to.printed(&[&["adopt", "--apply"], &moved[..]].concat());
    let export = to.printed(&["export"]);
    let (asks, shown, adopted) = (asks.replace(&former, "10001"), shown.replace(&former, "10001"), adopted);
    reports!(variant => asks, shown, adopted, export);
    assert_eq!(marked(&to.world).len(), marked(&from.world).len(), "nothing is created");
    let writes = to.world.tracker.writes();
    assert_eq!((to.json(&["export"]).0, to.world.tracker.writes()), (0, writes));
}

fn launches_and_cases_of_a_renamed_testops_are_marked_anew_and_nothing_is_created(variant: Variant) {
    let project = || Plan::new(2, 1).launch(2).settled().build();
    let (rig, renamed) = (Rig::with(variant, project()), Rig::with(variant, project()));
    assert_eq!(rig.json(&["export"]).0, 0);
    let before = marked(&rig.world);
    keep_testops(&renamed, &rig);
    let refused = rig.printed(&["export"]);
    let export = rig
        .printed(&["export", "--new-servers"])
        .replace(&renamed.world.testops.url(), "http://renamed");
    reports!(variant => refused, export);
    let after = marked(&rig.world);
    assert_eq!(after.len(), before.len(), "nothing is created");
    for ((role, now), (_, then)) in after.iter().zip(&before) {
        let has_moved = now.iter().any(|label| !then.contains(label));
        assert!(has_moved, "{role:?} {now:?}");
    }
    let writes = rig.world.tracker.writes();
    assert_eq!((rig.json(&["export"]).0, rig.world.tracker.writes()), (0, writes));
}

fn tests_of_a_former_address_are_adopted_where_the_ledger_is_lost(variant: Variant) {
    let project = || Plan::new(2, 1).launch(2).settled().build();
    let (rig, renamed) = (Rig::with(variant, project()), Rig::with(variant, project()));
    assert_eq!(rig.json(&["export"]).0, 0);
    let (before, former) = (marked(&rig.world), rig.world.testops.url());
    keep_testops(&renamed, &rig);
    std::fs::remove_file(rig.folder.path().join("tms-sync.db")).unwrap();
    let named = |text: String| text.replace(&former, "http://former");
    // Tests with labels of ours under markers that nobody knows.
    let asks = named(rig.printed(&["export"]));
    let shown = named(rig.printed(&["adopt", "--from", &former]));
    let adopted = named(rig.printed(&["adopt", "--from", &former, "--apply"]));
    let export = named(rig.printed(&["export"]));
    reports!(variant => asks, shown, adopted, export);
    let tests = |marked: &[(Role, Vec<String>)]| marked.iter().filter(|(role, _)| *role == Role::Test).count();
    assert_eq!(tests(&marked(&rig.world)), tests(&before), "no Test is created");
}

fn reports_show_the_keys_of_a_renamed_project(variant: Variant) {
    let rig = Rig::start(variant, 2);
    assert_eq!(rig.json(&["export"]).0, 0);
    {
        let mut site = rig.world.site.lock();
        let id = site.visible_project(&Actor::System, PROJECT).unwrap().id;
        site.rename_project(id, "SUMS");
    }
    let edit = |case: &mut Case| "Renamed".clone_into(&mut case.name);
    rig.world.testops.edit(|site| site.edit_case(1, edit)).unwrap();
    let verify = rig.printed(&["verify", "--full-values"]);
    let export = rig.printed(&["export"]);
    reports!(variant => verify, export);
}
