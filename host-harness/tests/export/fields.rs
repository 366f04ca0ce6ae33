//! What a test case's attributes become.

use serde_json::{Value, json};
use tms_sync_host::model::{FaultKind, Outcome};
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::field::Placement;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::input::IssueInput;
use tms_sync_sim::jira::project::Role;
use tms_sync_sim::jira::xray::Owner;
use tms_sync_sim::testops::data::{Case, Integration, Issue, Launch, Project, TestKey, TestResult};
use tms_sync_sim::world;

use crate::rig::{Rig, Variant, config, mapped};
use crate::seen;

scenarios!(
    attributes_arrive_in_the_description_and_stand_still,
    attributes_fill_configured_fields_and_each_is_decided_on_its_own,
    fields_that_a_test_execution_requires_get_their_values_by_options,
    a_custom_field_that_testops_does_not_have_is_named_before_anything_is_written,
    issues_of_the_same_jira_are_covered_once,
    tests_stand_in_folders_that_follow_custom_fields,
    the_key_of_a_test_becomes_the_test_key_of_its_case,
);

async fn attributes_arrive_in_the_description_and_stand_still(variant: Variant) {
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
    let done = rig.export().await;
    assert_eq!(done.cases(Outcome::Created), ["7"], "{:?}", done.verdicts);
    let description = seen::named(&rig, "Log in").description;
    let mut rest = description.as_str();
    for text in [
        "Details", "Layer", "API", "Status", "Review", "Owner", "ann", "Tester", "eve", "Epic", "Shop", "Feature",
        "Cart", "OTHER-1", "Manual",
    ] {
        let at = rest
            .find(text)
            .unwrap_or_else(|| panic!("{text} in its place in {description}"));
        rest = &rest[at + text.len()..];
    }
    assert!(
        description.contains("https://tracker.example.com/browse/OTHER-1"),
        "{description}"
    );

    // The same rows in another order are no change.
    rig.world.testops.edit(|site| {
        site.edit_case(7, |case| {
            case.fields.reverse();
            case.members.reverse();
        });
    });
    let again = rig.export_with(config(), |job| job.full(true)).await;
    assert_eq!(
        (again.cases(Outcome::Unchanged).len(), again.writes),
        (1, 0),
        "{:?}",
        again.verdicts
    );

    let quiet = [
        ("layer", "label"),
        ("custom-fields", "label"),
        ("case-status", "none"),
        ("members", "none"),
        ("links", "none"),
    ];
    let moved = rig.export_with(mapped(&quiet), |job| job.full(true)).await;
    assert_eq!(moved.cases(Outcome::Updated), ["7"], "{:?}", moved.verdicts);
    let test = seen::named(&rig, "Log in");
    assert!(!test.description.contains("Details"), "{}", test.description);
    for label in ["layer:API", "Epic:Shop", "Feature:Cart"] {
        assert!(test.labels.iter().any(|l| l == label), "{label} in {:?}", test.labels);
    }
}

/// Adds a field to the screens of an issue type.
fn add_field(rig: &Rig, role: Role, name: &str, custom: &str, kind: &str, options: &[&str], required: bool) -> String {
    let mut site = rig.world.site.lock();
    let id = site.fields.add_custom(name, custom, kind, None);
    if let Some(field) = site.fields.get_mut(&id) {
        field.options = options.iter().map(|&option| option.to_owned()).collect();
    }
    let project = site
        .projects()
        .find(|project| project.key == world::PROJECT)
        .unwrap()
        .id;
    let of = site.type_of_role(project, role).unwrap().id;
    let screens = site.fields.screens_mut(project, of);
    screens.create.put(&id, Placement::default());
    screens.edit.put(&id, Placement::default());
    if required {
        screens.create.require(&id);
    }
    id
}

/// What a Test has in a field.
fn field_of(rig: &Rig, summary: &str, field: &str) -> Value {
    let id = seen::named(rig, summary).id;
    let site = rig.world.site.lock();
    let issue = site.issue(IssueId(id)).unwrap();
    issue.custom.get(field).cloned().unwrap_or_default()
}

async fn a_custom_field_that_testops_does_not_have_is_named_before_anything_is_written(variant: Variant) {
    let case = Case::new("Log in").id(7).field("Epic", "Shop").field("Feature", "Cart");
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    let misspelt = mapped(&[("folder", "Epik / Feature"), ("fields.Risk", "Summary")]);
    let done = rig.export_with(misspelt, |job| job).await;
    let stopped = done.report.stopped.expect("the run stops");
    assert_eq!((stopped.kind, done.writes), (FaultKind::Configuration, 0));
    for words in [
        "`Epik` (option folder); did you mean Epic?",
        "`Risk` (option fields.Risk)",
    ] {
        assert!(stopped.message.contains(words), "{}", stopped.message);
    }
    assert!(!stopped.message.contains("Feature"), "{}", stopped.message);
}

async fn fields_that_a_test_execution_requires_get_their_values_by_options(variant: Variant) {
    let launch = Launch::new("nightly")
        .id(5)
        .closed()
        .result(TestResult::of("Log in").case(7).passed());
    let project = Project::new(1).case(Case::new("Log in").id(7)).launch(launch);
    let rig = Rig::start(variant, project).await;
    let execution = Role::TestExecution;
    let stage = add_field(
        &rig,
        execution,
        "Stage",
        "com.atlassian.x:select",
        "option",
        &["QA", "Live"],
        true,
    );
    let owner = add_field(
        &rig,
        execution,
        "Owner",
        "com.atlassian.x:userpicker",
        "user",
        &[],
        false,
    );

    for (options, words) in [
        (vec![], "Stage"),
        (vec![], "execution-defaults.…"),
        (
            vec![("execution-defaults.Stage", "Moon")],
            "one of QA, Live, not “Moon”",
        ),
        (vec![("execution-defaults.Staje", "QA")], "did you mean Stage?"),
        (
            vec![
                ("execution-defaults.Stage", "QA"),
                ("execution-defaults.Owner", "nobody"),
            ],
            "no one Jira account belongs to “nobody”",
        ),
    ] {
        let done = rig.export_with(mapped(&options), |job| job).await;
        let stopped = done.report.stopped.expect("the run stops");
        let told = format!("{} {:?}", stopped.message, stopped.hint);
        assert_eq!((stopped.kind, done.writes), (FaultKind::Configuration, 0), "{told}");
        assert!(told.contains(words), "{words} in {told}");
    }

    let options = [
        ("execution-defaults.stage", "qa"),
        ("execution-defaults.Owner", "Exporter"),
    ];
    let done = rig.export_with(mapped(&options), |job| job).await;
    assert_eq!(
        done.launches(Outcome::Created),
        ["5"],
        "{:?} {:?}",
        done.verdicts,
        done.report
    );
    let site = rig.world.site.lock();
    let execution = site.issues().find(|issue| site.role(issue).is_execution()).unwrap();
    let fields = &execution.custom;
    assert_eq!(fields[&stage].get("value"), Some(&json!("QA")), "{fields:?}");
    assert!(fields.contains_key(&owner), "{fields:?}");
}

async fn attributes_fill_configured_fields_and_each_is_decided_on_its_own(variant: Variant) {
    let case = Case::new("Log in")
        .id(7)
        .field("Epic", "Shop")
        .field("Risk", "High")
        .layer("API")
        .member("Owner", "qa");
    let other = Case::new("Log out").id(8).field("Risk", "Huge");
    let rig = Rig::start(variant, Project::new(1).case(case).case(other)).await;
    let plain = rig.plan(config()).await.requests;
    let epic = add_field(
        &rig,
        Role::Test,
        "Epic name",
        "com.atlassian.x:textfield",
        "string",
        &[],
        false,
    );
    let risk = add_field(
        &rig,
        Role::Test,
        "Risk",
        "com.atlassian.x:select",
        "option",
        &["High", "Low"],
        true,
    );
    let options = [
        ("fields.Epic", "epic NAME"),
        ("fields.Risk", risk.as_str()),
        ("defaults.Risk", "Low"),
        ("defaults.Priority", "High"),
    ];

    // A required field without a value ends the run before anything is written, and names what it takes.
    let stopped = rig.export_with(mapped(&[]), |job| job).await;
    let message = stopped
        .report
        .stopped
        .as_ref()
        .map(|fault| fault.message.clone())
        .unwrap_or_default();
    assert!(message.contains("Risk") && message.contains("High, Low"), "{message}");
    let wrong = rig
        .export_with(
            mapped(&[("fields.Epic", "Epik name"), ("defaults.Risk", "Huge")]),
            |job| job,
        )
        .await;
    let message = wrong
        .report
        .stopped
        .as_ref()
        .map(|fault| fault.message.clone())
        .unwrap_or_default();
    for words in ["did you mean Epic name?", "one of High, Low, not “Huge”"] {
        assert!(message.contains(words), "{words} in {message}");
    }
    assert_eq!((stopped.writes, wrong.writes), (0, 0));

    let done = rig.export_with(mapped(&options), |job| job).await;
    assert_eq!(
        done.cases(Outcome::Created),
        ["7", "8"],
        "{:?} {:?}",
        done.verdicts,
        done.report
    );
    let read_back = if variant == Variant::Cloud { 6 } else { 4 };
    assert!(
        done.requests <= plain + read_back,
        "{} requests, a plan {plain}",
        done.requests
    );
    assert_eq!(field_of(&rig, "Log in", &epic), "Shop");
    assert_eq!(field_of(&rig, "Log in", &risk)["value"], "High");
    assert_eq!(field_of(&rig, "Log out", &risk)["value"], "Low");
    let lost = done.verdicts.iter().find(|verdict| verdict.id == "8").unwrap();
    assert!(lost.notes.iter().any(|note| note.contains("Huge")), "{:?}", lost.notes);

    let again = rig.export_with(mapped(&options), |job| job.full(true)).await;
    assert_eq!(
        (again.cases(Outcome::Unchanged).len(), again.writes),
        (2, 0),
        "{:?}",
        again.verdicts
    );

    // People edit one field, TestOps changes the other: both stand.
    {
        let id = IssueId(seen::named(&rig, "Log in").id);
        let edit = IssueInput::from_json(&json!({"fields": {epic.as_str(): "Theirs"}})).unwrap();
        rig.world.site.lock().edit_issue(&Actor::System, id, &edit).unwrap();
    }
    rig.world
        .testops
        .edit(|site| site.edit_case(7, |case| case.fields[1].1 = "Low".to_owned()));
    let moved = rig.export_with(mapped(&options), |job| job.full(true)).await;
    assert_eq!(moved.cases(Outcome::Updated), ["7"], "{:?}", moved.verdicts);
    assert_eq!(field_of(&rig, "Log in", &epic), "Theirs");
    assert_eq!(field_of(&rig, "Log in", &risk)["value"], "Low");
    let notes = &moved.verdicts.iter().find(|verdict| verdict.id == "7").unwrap().notes;
    assert!(
        notes
            .iter()
            .any(|note| note == "Epic name was edited in Jira; the edit is kept"),
        "{notes:?}"
    );
}

/// A requirement in the destination project.
fn add_story(rig: &Rig, summary: &str) -> String {
    let fields = json!({"project": {"key": world::PROJECT}, "issuetype": {"name": "Story"}, "summary": summary});
    let input = IssueInput::from_json(&json!({ "fields": fields })).unwrap();
    let mut site = rig.world.site.lock();
    let id = site.create_issue(&Actor::System, &input).unwrap();
    site.issue(id).unwrap().key.clone()
}

async fn issues_of_the_same_jira_are_covered_once(variant: Variant) {
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
    assert_eq!(add_story(&rig, "A story"), "CALC-1");
    let covering = || -> Vec<String> {
        let site = rig.world.site.lock();
        let story = site.visible_issue(&Actor::System, "CALC-1").unwrap();
        let links = story.links.iter().filter_map(|id| site.link(*id));
        let mut tests: Vec<String> = links
            .filter(|link| link.outward == story.id)
            .filter_map(|link| site.issue(link.inward).map(|issue| issue.summary.clone()))
            .collect();
        tests.sort();
        tests
    };
    let done = rig.export().await;
    assert_eq!(
        done.cases(Outcome::Created),
        ["7", "8"],
        "{:?} {:?}",
        done.verdicts,
        done.report
    );
    assert_eq!(covering(), ["Log in", "Log out"]);
    for verdict in &done.verdicts {
        assert!(
            verdict.notes.iter().any(|note| note.contains("CALC-999")),
            "{:?}",
            verdict.notes
        );
    }
    let again = rig.export_with(config(), |job| job.full(true)).await;
    assert_eq!(
        (again.cases(Outcome::Unchanged).len(), again.writes),
        (2, 0),
        "{:?}",
        again.verdicts
    );

    // A link that TestOps drops stays and is told, a new one is made by the edit.
    assert_eq!(add_story(&rig, "Another story"), "CALC-4");
    rig.world.testops.edit(|site| {
        site.edit_case(7, |case| case.issues.clear());
        site.edit_case(8, |case| {
            case.issues = vec![Issue::new("CALC-1", 5), Issue::new("CALC-4", 5)]
        })
    });
    let moved = rig.export_with(config(), |job| job.full(true)).await;
    assert_eq!(covering(), ["Log in", "Log out"]);
    let notes = &moved.verdicts.iter().find(|verdict| verdict.id == "7").unwrap().notes;
    assert!(
        notes.iter().any(|note| note.contains("no longer links to CALC-1")),
        "{notes:?}"
    );
    let links = {
        let site = rig.world.site.lock();
        site.visible_issue(&Actor::System, "CALC-4").unwrap().links.len()
    };
    assert_eq!(links, 1, "{:?}", moved.verdicts);
}

async fn tests_stand_in_folders_that_follow_custom_fields(variant: Variant) {
    let case = |name: &str, id| {
        Case::new(name)
            .id(id)
            .field("Epic", "Shop")
            .field("Feature", "Cart / Basket")
    };
    let project = Project::new(1)
        .case(case("Add", 7))
        .case(case("Remove", 8))
        .case(Case::new("Loose").id(9));
    let rig = Rig::start(variant, project).await;
    let options = [("folder", "Epic / Feature"), ("folder-root", "From TestOps")];
    let folder = |name: &str| -> String {
        let id = IssueId(seen::named(&rig, name).id);
        let site = rig.world.site.lock();
        let project = site.issue(id).unwrap().project;
        let tree = site.xray.repository(Owner::Project(project)).unwrap();
        tree.path(tree.folder_of(id)).unwrap()
    };
    let done = rig.export_with(mapped(&options), |job| job).await;
    assert_eq!(
        done.cases(Outcome::Created).len(),
        3,
        "{:?} {:?}",
        done.verdicts,
        done.report
    );
    assert_eq!(
        (folder("Add"), folder("Loose")),
        (
            "/From TestOps/Shop/Cart - Basket".to_owned(),
            "/From TestOps".to_owned()
        )
    );
    let again = rig.export_with(mapped(&options), |job| job.full(true)).await;
    assert_eq!(
        (again.cases(Outcome::Unchanged).len(), again.writes),
        (3, 0),
        "{:?}",
        again.verdicts
    );
    rig.world.testops.edit(|site| {
        for id in [7, 8] {
            site.edit_case(id, |case| case.fields[1].1 = "Wishes".to_owned());
        }
    });
    let moved = rig.export_with(mapped(&options), |job| job.full(true)).await;
    assert_eq!(moved.cases(Outcome::Updated), ["7", "8"], "{:?}", moved.verdicts);
    assert_eq!(folder("Remove"), "/From TestOps/Shop/Wishes");
}

async fn the_key_of_a_test_becomes_the_test_key_of_its_case(variant: Variant) {
    let case = Case::new("Log in").id(7).test_key(TestKey::new("OLD-1", 9));
    let rig = Rig::start(variant, Project::new(1).case(case).case(Case::new("Log out").id(8))).await;
    rig.world
        .testops
        .edit(|site| site.add_integration(Integration::new(9, "xray", "https://old.example.com")));
    let keys = |id: i64| -> Vec<(i64, String)> {
        let case = rig.world.testops.edit(|site| site.case(id).cloned()).unwrap();
        case.test_keys
            .into_iter()
            .map(|key| (key.integration, key.name))
            .collect()
    };
    rig.export().await;
    assert!(keys(8).is_empty(), "nothing is written to TestOps unless asked");
    let id = world::INTEGRATION.to_string();
    let options = [("test-key-integration-id", id.as_str())];
    let done = rig.export_with(mapped(&options), |job| job.full(true)).await;
    assert_eq!(
        (done.cases(Outcome::Unchanged).len(), done.writes),
        (2, 0),
        "{:?}",
        done.verdicts
    );
    let key = seen::named(&rig, "Log in").key;
    assert_eq!(keys(7), [(9, "OLD-1".to_owned()), (world::INTEGRATION, key)]);
    assert_eq!(keys(8).len(), 1);

    // An integration that TestOps does not have is a note and no failure.
    let wrong = rig
        .export_with(mapped(&[("test-key-integration-id", "77")]), |job| job.full(true))
        .await;
    assert_eq!(wrong.cases(Outcome::Unchanged).len(), 2, "{:?}", wrong.report);
    assert!(
        wrong.verdicts[0].notes.iter().any(|note| note.contains("test key")),
        "{:?}",
        wrong.verdicts
    );
}
