//! The store's promises, without HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use super::account::{Actor, Permission, User};
use super::id::IssueId;
use super::index::Lag;
use super::input::IssueInput;
use super::project::Role;
use super::rejection::Rejection;
use super::render::Selection;
use super::site::Site;
use super::variant::Variant;
use super::xray::Relation;
use crate::clock::Clock;

fn site(variant: Variant) -> (Site, Clock) {
    let clock = Clock::manual(1_769_854_272_000);
    let mut site = Site::new(variant, clock.clone());
    site.add_project("CALC", "Calculator");
    site.accounts.add(User {
        id: "ann".to_owned(),
        email: "ann@example.com".to_owned(),
        display_name: "Ann".to_owned(),
        password: "secret".to_owned(),
        tokens: Vec::new(),
        active: true,
        admin: false,
        failed_logins: 0,
    });
    (site, clock)
}

fn ann() -> Actor {
    Actor::User("ann".to_owned())
}

fn create(site: &mut Site, fields: &Value) -> Result<IssueId, Rejection> {
    let mut body = json!({ "project": { "key": "CALC" }, "issuetype": { "name": "Test" }, "summary": "adds" });
    for (id, value) in fields.as_object().unwrap() {
        body[id] = value.clone();
    }
    let input = IssueInput::from_json(&json!({ "fields": body })).unwrap();
    site.create_issue(&ann(), &input)
}

fn found(site: &mut Site, jql: &str) -> Vec<String> {
    let query = site.jql(&ann(), jql, true).unwrap();
    let ids = site.search(&ann(), &query, &[]);
    ids.into_iter().map(|id| site.issue(id).unwrap().key.clone()).collect()
}

fn custom(site: &Site, name: &str) -> String {
    site.fields.iter().find(|field| field.name == name).unwrap().id.clone()
}

#[test]
fn ids_ascend_and_keys_count_up() {
    let (mut site, _) = site(Variant::DataCenter);
    let first = create(&mut site, &json!({})).unwrap();
    let second = create(&mut site, &json!({})).unwrap();
    assert!(first < second);
    assert_eq!(site.issue(first).unwrap().key, "CALC-1");
    assert_eq!(site.issue(second).unwrap().key, "CALC-2");
}

#[test]
fn refused_creates_leave_nothing_behind_and_name_every_field() {
    let (mut site, _) = site(Variant::DataCenter);
    let refused = create(
        &mut site,
        &json!({ "summary": "two\nlines", "labels": ["a b"], "customfield_1": 1, "description": "x".repeat(32_768) }),
    )
    .unwrap_err();
    assert_eq!(
        refused.errors["summary"],
        "The summary is invalid because it contains newline characters."
    );
    assert_eq!(
        refused.errors["labels"],
        "The label 'a b' contains spaces which is invalid."
    );
    assert_eq!(
        refused.errors["customfield_1"],
        "Field 'customfield_1' cannot be set. It is not on the appropriate screen, or unknown."
    );
    assert_eq!(
        refused.errors["description"],
        "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
    );
    assert_eq!(site.issues().count(), 0);
    let id = create(&mut site, &json!({})).unwrap();
    assert_eq!(site.issue(id).unwrap().key, "CALC-1");
}

#[test]
fn xray_fields_travel_with_the_issue_on_data_center() {
    let (mut site, _) = site(Variant::DataCenter);
    let (steps, kind, path) = (
        custom(&site, "Manual Test Steps"),
        custom(&site, "Test Type"),
        custom(&site, "Test Repository Path"),
    );
    let body = json!({
        steps.clone(): { "steps": [
            { "index": 1, "fields": { "action": "open", "Expected Result": "opened" } },
            { "index": 2, "fields": { "Action": "close", "Data": "door" } },
        ] },
        kind: { "value": "Manual" },
        path.clone(): "/A/B",
    });
    let id = create(&mut site, &body).unwrap();
    let definition = &site.xray.test(id).unwrap().definition;
    assert_eq!(definition.steps.len(), 2);
    assert_eq!(definition.steps[1].data, "door");
    let shown = site.issue_json(
        site.issue(id).unwrap(),
        &Selection::new([steps.as_str(), path.as_str()], "*all"),
    );
    assert_eq!(shown["fields"][&path], "/A/B");
    assert_eq!(
        shown["fields"][&steps]["steps"][0]["fields"]["Expected Result"],
        "opened"
    );
    assert_eq!(shown["fields"].as_object().unwrap().len(), 2);
    assert_eq!(
        found(
            &mut site,
            "\"Test Repository Path\" = \"/a/b\" and \"Test Type\" = Manual"
        ),
        ["CALC-1"]
    );
}

#[test]
fn searches_see_writes_only_after_the_lag() {
    let (mut site, clock) = site(Variant::Cloud);
    site.index.set_lag(Lag::After(5_000));
    let id = create(&mut site, &json!({ "labels": ["tx-1"] })).unwrap();
    assert!(found(&mut site, "labels = TX-1").is_empty());
    let query = site.jql(&ann(), "labels = tx-1", true).unwrap();
    assert_eq!(site.search(&ann(), &query, &[id]), [id]);
    clock.advance(Duration::from_secs(5));
    assert_eq!(found(&mut site, "labels = tx-1"), ["CALC-1"]);
    site.index.set_lag(Lag::Never);
    create(&mut site, &json!({ "labels": ["tx-1"] })).unwrap();
    clock.advance(Duration::from_secs(1_000_000));
    assert_eq!(found(&mut site, "labels = tx-1"), ["CALC-1"]);
    site.index.catch_up();
    assert_eq!(found(&mut site, "labels = tx-1 order by key"), ["CALC-1", "CALC-2"]);
}

#[test]
fn jql_covers_what_clients_use() {
    let (mut site, _) = site(Variant::DataCenter);
    for n in 0..12 {
        create(
            &mut site,
            &json!({ "summary": format!("adds {n} numbers"), "labels": [format!("n-{n}"), "all"] }),
        )
        .unwrap();
    }
    create(
        &mut site,
        &json!({ "issuetype": { "name": "Bug" }, "summary": "broken" }),
    )
    .unwrap();
    let first = site.find_issue("CALC-1").unwrap().id;
    assert_eq!(
        found(&mut site, "key in (CALC-2, CALC-11) order by key asc"),
        ["CALC-2", "CALC-11"]
    );
    assert_eq!(
        found(&mut site, "labels in (\"n-3\", N-4) order by id desc"),
        ["CALC-5", "CALC-4"]
    );
    assert_eq!(found(&mut site, "labels not in (all)").len(), 0);
    assert_eq!(found(&mut site, "labels is EMPTY"), ["CALC-13"]);
    assert_eq!(found(&mut site, "project = calc and not issuetype = Test"), ["CALC-13"]);
    assert_eq!(found(&mut site, "summary ~ \"adds 3\""), ["CALC-4"]);
    assert_eq!(found(&mut site, "summary ~ \"num*\" and id <= CALC-1"), ["CALC-1"]);
    assert_eq!(
        found(&mut site, &format!("id > {first} and issuetype = Test")).len(),
        11
    );
    assert_eq!(found(&mut site, "created >= -1d").len(), 13);
    assert_eq!(
        found(&mut site, "status = \"To Do\" order by created desc, key asc")
            .first()
            .unwrap(),
        "CALC-1"
    );
}

#[test]
fn jql_mistakes_are_refused_in_jiras_words_unless_validation_is_off() {
    let (mut site, _) = site(Variant::DataCenter);
    create(&mut site, &json!({})).unwrap();
    for (jql, message) in [
        (
            "project = NOPE",
            "The value 'NOPE' does not exist for the field 'project'.",
        ),
        (
            "nofield = 1",
            "Field 'nofield' does not exist or you do not have permission to view it.",
        ),
        (
            "key in (CALC-1, CALC-99)",
            "An issue with key 'CALC-99' does not exist for field 'key'.",
        ),
        (
            "summary = x",
            "The operator '=' is not supported by the 'summary' field.",
        ),
        (
            "issue in testPlanTests(CALC-1)",
            "Test Plan with key CALC-1 was not found.",
        ),
        ("issue in nothing()", "Unable to find JQL function 'nothing()'."),
    ] {
        assert_eq!(site.jql(&ann(), jql, true).unwrap_err(), [message]);
    }
    let lenient = site.jql(&ann(), "key in (CALC-1, CALC-99)", false).unwrap();
    assert_eq!(lenient.warnings.len(), 1);
    assert_eq!(site.search(&ann(), &lenient, &[]).len(), 1);
}

#[test]
fn moves_and_renames_keep_old_keys_alive() {
    let (mut site, _) = site(Variant::DataCenter);
    let id = create(&mut site, &json!({})).unwrap();
    let other = site.add_project("OTHER", "Other");
    assert_eq!(site.move_issue(&ann(), id, other).unwrap(), "OTHER-1");
    assert_eq!(site.find_issue("CALC-1").unwrap().key, "OTHER-1");
    site.rename_project(other, "NEW");
    assert_eq!(site.find_issue("OTHER-1").unwrap().key, "NEW-1");
    assert_eq!(site.visible_project(&ann(), "OTHER").unwrap().key, "NEW");
    assert_eq!(found(&mut site, "project = OTHER"), ["NEW-1"]);
}

#[test]
fn what_may_not_be_browsed_does_not_exist() {
    let (mut site, _) = site(Variant::DataCenter);
    let id = create(&mut site, &json!({})).unwrap();
    let project = site.issue(id).unwrap().project;
    site.accounts.revoke(project, "ann", Permission::Browse);
    assert!(site.visible_issue(&ann(), "CALC-1").is_none());
    assert!(site.jql(&ann(), "project = CALC", true).is_err());
    assert_eq!(
        create(&mut site, &json!({})).unwrap_err().errors["project"],
        "valid project is required"
    );
    site.accounts.grant(project, "ann", Permission::Browse);
    site.accounts.revoke(project, "ann", Permission::Create);
    let refused = create(&mut site, &json!({})).unwrap_err();
    assert_eq!(
        refused.messages,
        ["You do not have permission to create issues in this project."]
    );
}

#[test]
fn runs_keep_the_definition_they_were_created_with() {
    let (mut site, _) = site(Variant::DataCenter);
    let steps = custom(&site, "Manual Test Steps");
    let test = create(
        &mut site,
        &json!({ steps: { "steps": [{ "fields": { "Action": "one" } }] } }),
    )
    .unwrap();
    let execution = create(&mut site, &json!({ "issuetype": { "name": "Test Execution" } })).unwrap();
    let now = site.now();
    let run = site.xray.add_run(execution, test, now).unwrap();
    assert_eq!(site.xray.add_run(execution, test, now), None);
    site.xray.set_steps(test, now, Vec::new());
    assert_eq!(site.xray.run(&run).unwrap().definition.steps.len(), 1);
    assert_eq!(site.xray.run(&run).unwrap().status, "TODO");
    site.xray.reset_run(&run, None, now);
    assert!(site.xray.run(&run).unwrap().steps.is_empty());
    site.delete_issue(&ann(), test);
    assert_eq!(site.xray.run_count(execution), 0);
}

#[test]
fn clones_copy_labels_and_definition_but_not_properties() {
    let (mut site, _) = site(Variant::DataCenter);
    let id = create(&mut site, &json!({ "labels": ["tx-1"] })).unwrap();
    site.set_property(id, "p", json!(1));
    let copy = site.clone_issue(&ann(), id).unwrap();
    let copy = site.issue(copy).unwrap();
    assert_eq!(
        (copy.labels.clone(), copy.properties.len()),
        (vec!["tx-1".to_owned()], 0)
    );
    assert_eq!(site.role(copy), Role::Test);
    assert!(site.xray.test(copy.id).is_some());
}

#[test]
fn membership_is_one_fact_seen_from_both_sides() {
    let (mut site, _) = site(Variant::DataCenter);
    let test = create(&mut site, &json!({})).unwrap();
    let tests = custom(&site, "Tests associated with a Test Plan");
    let plan = create(
        &mut site,
        &json!({ "issuetype": { "name": "Test Plan" }, tests: ["CALC-1"] }),
    )
    .unwrap();
    assert_eq!(site.xray.containers(Relation::PlanTests, test), [plan]);
    assert_eq!(found(&mut site, "issue in testPlanTests(\"CALC-2\")"), ["CALC-1"]);
}

#[test]
fn cloud_takes_documents_and_data_center_takes_markup() {
    let (mut cloud, _) = site(Variant::Cloud);
    let refused = create(&mut cloud, &json!({ "description": "plain" })).unwrap_err();
    assert!(refused.errors["description"].starts_with("Operation value must be an Atlassian Document"));
    let (mut dc, _) = site(Variant::DataCenter);
    let refused = create(&mut dc, &json!({ "description": { "type": "doc" } })).unwrap_err();
    assert_eq!(refused.errors["description"], "Operation value must be a string");
}

#[test]
fn a_migrated_project_keeps_keys_labels_and_results_under_other_ids() {
    let (mut dc, clock) = site(Variant::DataCenter);
    let test = create(&mut dc, &json!({ "description": "h1. Text", "labels": ["tx-1"] })).unwrap();
    let execution = create(&mut dc, &json!({ "issuetype": { "name": "Test Execution" } })).unwrap();
    let step = super::xray::Step {
        action: "press".to_owned(),
        ..super::xray::Step::default()
    };
    dc.xray.set_steps(test, 0, vec![step]);
    let run = dc.xray.add_run(execution, test, 0).unwrap();
    dc.xray.run_mut(&run, 0).unwrap().status = "PASS".to_owned();

    let mut cloud = Site::new(Variant::Cloud, clock);
    let ids = cloud.migrate_project(&dc, "CALC");

    let [(old_test, new_test), (old_execution, new_execution)] = ids[..] else {
        panic!("two issues moved: {ids:?}")
    };
    assert_eq!((old_test, old_execution), (test, execution));
    assert_ne!(new_test, test);
    let moved = cloud.find_issue("CALC-1").unwrap();
    assert_eq!(
        (moved.id, moved.labels.as_slice()),
        (new_test, ["tx-1".to_owned()].as_slice())
    );
    assert_eq!(moved.description_text(), "h1. Text");
    assert_eq!(cloud.xray.test(new_test).unwrap().definition.steps[0].action, "press");
    assert_eq!(cloud.xray.run_of(new_execution, new_test).unwrap().status, "PASSED");
}

#[test]
fn a_cascading_select_takes_an_option_with_one_below_it() {
    let (mut site, _) = site(Variant::DataCenter);
    let id = site.fields.add_custom(
        "Area",
        "com.atlassian.jira.plugin.system.customfieldtypes:cascadingselect",
        "option-with-child",
        None,
    );
    let field = site.fields.get_mut(&id).unwrap();
    field.options = vec!["Shop".to_owned(), "Office".to_owned()];
    field
        .children
        .insert("Shop".to_owned(), vec!["Cart".to_owned(), "Checkout".to_owned()]);
    let project = site.projects().next().unwrap().id;
    let ty = site.type_of_role(project, Role::Test).unwrap().id;
    site.fields.screens_mut(project, ty).create.require(&id);

    let refused = create(&mut site, &json!({})).unwrap_err();
    assert_eq!(refused.errors[&id], "Area is required.");
    let wrong = json!({ &id: { "value": "Office", "child": { "value": "Cart" } } });
    assert_eq!(
        create(&mut site, &wrong).unwrap_err().errors[&id],
        "Option value is not valid"
    );
    let right = json!({ &id: { "value": "Shop", "child": { "value": "Checkout" } } });
    let made = create(&mut site, &right).unwrap();
    let kept = &site.issue(made).unwrap().custom[&id];
    assert_eq!(
        (&kept["value"], &kept["child"]["value"]),
        (&json!("Shop"), &json!("Checkout"))
    );
}

#[test]
fn a_version_has_a_definition_of_its_own_and_runs_keep_the_one_they_ran() {
    let (mut site, _) = site(Variant::DataCenter);
    let test = create(&mut site, &json!({})).unwrap();
    let step = |action: &str| super::xray::Step {
        action: action.to_owned(),
        ..super::xray::Step::default()
    };
    site.xray.set_steps(test, 0, vec![step("old")]);
    let second = site.xray.add_version(test, 0, "v2").unwrap();
    let added = site.xray.add_step_to(test, Some(second), 0, step("new")).unwrap();
    assert_eq!(site.xray.owner_of_step(&added), Some((test, second)));
    let steps = |site: &Site, version| site.xray.steps_of_runs(test, version);
    assert_eq!((steps(&site, None), steps(&site, Some(second))), (1, 2));
    let execution = create(&mut site, &json!({ "issuetype": { "name": "Test Execution" } })).unwrap();
    let run = site.xray.add_run(execution, test, 0).unwrap();
    assert!(site.xray.choose_default(test, 0, second));
    assert_eq!((steps(&site, None), steps(&site, Some(1))), (2, 1));
    assert_eq!(
        (
            site.xray.run(&run).unwrap().version,
            site.xray.run(&run).unwrap().steps.len()
        ),
        (1, 1)
    );
    assert_eq!(site.xray.version(test, Some("V2")).unwrap().id, second);
}
