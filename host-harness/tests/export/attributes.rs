//! What a test case's attributes become where nothing is configured: lines of the description, labels, coverage,
//! folders, test keys.

use tms_sync_host::model::FaultKind;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::xray::Owner;
use tms_sync_sim::testops::data::{Case, Integration, Issue, Project, TestKey};
use tms_sync_sim::world;

use crate::rig::{Rig, Variant};
use crate::seen;

scenarios!(
    attributes_arrive_in_the_description,
    the_same_attributes_in_another_order_are_no_change,
    attributes_become_labels_or_nothing_where_asked,
    issues_of_the_same_jira_are_covered_once,
    a_link_that_testops_drops_stays_and_is_reported,
    tests_stand_in_folders_of_custom_fields,
    folders_follow_custom_fields,
    a_folder_of_a_custom_field_that_testops_does_not_have_is_named_before_anything_is_written,
    the_key_of_a_test_becomes_the_test_key_of_its_case,
    an_integration_that_testops_does_not_have_is_a_note_and_no_failure,
);

/// A case with every attribute, exported.
async fn with_attributes(variant: Variant) -> Rig {
    let case = Case::new("Log in")
        .id(7)
        .layer("API")
        .status("Review")
        .member("Tester", "eve")
        .member("Owner", "ann")
        .field("Feature", "Cart")
        .field("Epic", "Shop")
        .link("Manual", "https://docs.example.com/manual")
        .issue(Issue::new("OTHER-1", 5));
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    let tracker = Integration::new(5, "jira", "https://tracker.example.com");
    rig.world.testops.edit(|site| site.add_integration(tracker));
    rig
}

async fn attributes_arrive_in_the_description(variant: Variant) {
    let rig = with_attributes(variant).await;
    let done = rig.export().await;
    let test = rig.shown(seen::named(&rig, "Log in"));
    reports!(variant => done, test);
}

async fn the_same_attributes_in_another_order_are_no_change(variant: Variant) {
    let rig = with_attributes(variant).await;
    rig.export().await;
    rig.edit_case(7, |case| {
        case.fields.reverse();
        case.members.reverse();
    });
    let again = rig.export_fully(&[]).await;
    reports!(again);
    assert_eq!(again.writes, 0);
}

async fn attributes_become_labels_or_nothing_where_asked(variant: Variant) {
    let rig = with_attributes(variant).await;
    rig.export().await;
    let options = [
        ("layer", "label"),
        ("custom-fields", "label"),
        ("case-status", "none"),
        ("members", "none"),
        ("links", "none"),
    ];
    let done = rig.export_fully(&options).await;
    let test = rig.shown(seen::named(&rig, "Log in"));
    reports!(variant => done, test);
}

async fn a_folder_of_a_custom_field_that_testops_does_not_have_is_named_before_anything_is_written(variant: Variant) {
    let case = Case::new("Log in").id(7).field("Epic", "Shop").field("Feature", "Cart");
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    let done = rig
        .export_mapped(&[("folder", "Epik / Feature"), ("fields.Risk", "Summary")])
        .await;
    reports!(done);
    let kind = done.report.stopped.map(|fault| fault.kind);
    assert_eq!((kind, done.writes), (Some(FaultKind::Configuration), 0));
}

/// Two cases that link to CALC-1, to an issue that nobody has, and to one of another Jira; CALC-1 is a story.
async fn with_issues(variant: Variant) -> Rig {
    let linked = |case: Case| {
        let ours = ["CALC-1", "CALC-999"].map(|key| Issue::new(key, 5));
        ours.into_iter().fold(case.issue(Issue::new("OTHER-1", 6)), Case::issue)
    };
    let rig = Rig::start(variant, Project::new(1)).await;
    let jira = rig.world.tracker.jira.url();
    rig.world.testops.edit(|site| {
        site.add_integration(Integration::new(5, "jira", &jira));
        site.add_integration(Integration::new(6, "jira", "https://tracker.example.com"));
        site.add_case(1, linked(Case::new("Log in").id(7)));
        site.add_case(1, linked(Case::new("Log out").id(8)))
    });
    assert_eq!(rig.add_issue("Story", "A story").1, "CALC-1");
    rig
}

/// Names of the Tests that cover a story.
fn covering(rig: &Rig, story: &str) -> Vec<String> {
    let site = rig.world.site.lock();
    let story = site.visible_issue(&Actor::System, story).unwrap();
    let links = story.links.iter().filter_map(|id| site.link(*id));
    let mut tests: Vec<String> = links
        .filter(|link| link.outward == story.id)
        .filter_map(|link| site.issue(link.inward).map(|issue| issue.summary.clone()))
        .collect();
    tests.sort();
    tests
}

async fn issues_of_the_same_jira_are_covered_once(variant: Variant) {
    let rig = with_issues(variant).await;
    let done = rig.export().await;
    let again = rig.export_fully(&[]).await;
    reports!(done, again);
    assert_eq!(
        (again.writes, covering(&rig, "CALC-1")),
        (0, vec!["Log in".to_owned(), "Log out".to_owned()])
    );
}

async fn a_link_that_testops_drops_stays_and_is_reported(variant: Variant) {
    let rig = with_issues(variant).await;
    rig.export().await;
    assert_eq!(rig.add_issue("Story", "Another story").1, "CALC-4");
    rig.edit_case(7, |case| case.issues.clear());
    rig.edit_case(8, |case| {
        case.issues = vec![Issue::new("CALC-1", 5), Issue::new("CALC-4", 5)]
    });
    let moved = rig.export_fully(&[]).await;
    reports!(variant => moved);
    assert_eq!(covering(&rig, "CALC-1"), ["Log in", "Log out"]);
    assert_eq!(covering(&rig, "CALC-4"), ["Log out"]);
}

const FOLDERS: [(&str, &str); 2] = [("folder", "Epic / Feature"), ("folder-root", "From TestOps")];

fn foldered() -> Project {
    let case = |name: &str, id| {
        let case = Case::new(name).id(id).field("Epic", "Shop");
        case.field("Feature", "Cart / Basket")
    };
    Project::new(1)
        .case(case("Add", 7))
        .case(case("Remove", 8))
        .case(Case::new("Loose").id(9))
}

fn folder(rig: &Rig, summary: &str) -> String {
    let id = rig.test(summary);
    let site = rig.world.site.lock();
    let project = site.issue(id).unwrap().project;
    let tree = site.xray.repository(Owner::Project(project)).unwrap();
    tree.path(tree.folder_of(id)).unwrap()
}

async fn tests_stand_in_folders_of_custom_fields(variant: Variant) {
    let rig = Rig::start(variant, foldered()).await;
    let done = rig.export_mapped(&FOLDERS).await;
    let again = rig.export_fully(&FOLDERS).await;
    reports!(done, again);
    assert_eq!(folder(&rig, "Add"), "/From TestOps/Shop/Cart - Basket");
    assert_eq!(folder(&rig, "Loose"), "/From TestOps");
    assert_eq!(again.writes, 0);
}

async fn folders_follow_custom_fields(variant: Variant) {
    let rig = Rig::start(variant, foldered()).await;
    rig.export_mapped(&FOLDERS).await;
    for id in [7, 8] {
        rig.edit_case(id, |case| case.fields[1].1 = "Wishes".to_owned());
    }
    let moved = rig.export_fully(&FOLDERS).await;
    reports!(variant => moved);
    assert_eq!(folder(&rig, "Remove"), "/From TestOps/Shop/Wishes");
}

/// Two cases, of which one has a test key of another integration.
async fn with_a_test_key(variant: Variant) -> Rig {
    let case = Case::new("Log in").id(7).test_key(TestKey::new("OLD-1", 9));
    let rig = Rig::start(variant, Project::new(1).case(case).case(Case::new("Log out").id(8))).await;
    let old = Integration::new(9, "xray", "https://old.example.com");
    rig.world.testops.edit(|site| site.add_integration(old));
    rig
}

/// A case's test keys: integration and key.
fn keys(rig: &Rig, case: i64) -> Vec<(i64, String)> {
    let case = rig.world.testops.edit(|site| site.case(case).cloned()).unwrap();
    let keys = case.test_keys.into_iter();
    keys.map(|key| (key.integration, key.name)).collect()
}

async fn the_key_of_a_test_becomes_the_test_key_of_its_case(variant: Variant) {
    let rig = with_a_test_key(variant).await;
    rig.export().await;
    assert_eq!(keys(&rig, 8), [], "nothing is written to TestOps unless asked");
    let done = rig
        .export_fully(&[("test-key-integration-id", &world::INTEGRATION.to_string())])
        .await;
    reports!(done);
    assert_eq!(done.writes, 0);
    let key = |summary: &str| (world::INTEGRATION, seen::named(&rig, summary).key);
    assert_eq!(keys(&rig, 7), [(9, "OLD-1".to_owned()), key("Log in")]);
    assert_eq!(keys(&rig, 8), [key("Log out")]);
}

async fn an_integration_that_testops_does_not_have_is_a_note_and_no_failure(variant: Variant) {
    let rig = with_a_test_key(variant).await;
    rig.export().await;
    let done = rig.export_fully(&[("test-key-integration-id", "77")]).await;
    reports!(done);
    assert_eq!((keys(&rig, 7).len(), keys(&rig, 8).len()), (1, 0));
}
