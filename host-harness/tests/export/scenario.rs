//! Steps, kinds and parameters: what they become, and what later edits on both sides do to them.

use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::xray;
use tms_sync_sim::testops::data::{Case, Launch, Project, RunStep, Status, Step, TestResult};

use crate::rig::{Rig, Variant};
use crate::seen;

scenarios!(
    a_scenario_in_gherkin_becomes_a_cucumber_test,
    an_outline_without_examples_becomes_a_scenario,
    a_project_without_cucumber_gets_the_steps,
    the_kind_can_be_configured,
    an_automated_case_changes_the_type_and_says_so,
    a_case_that_is_manual_again_changes_the_type_back,
    parameters_arrive_as_a_table,
    parameters_go_when_that_is_asked_for,
    steps_of_the_last_run_arrive_when_asked_for,
    steps_that_people_added_stay_where_they_are,
    steps_of_people_stay_when_a_step_is_added_after_them,
    steps_that_people_added_go_when_that_is_asked_for,
    an_emptied_scenario_does_not_empty_the_test,
    a_removed_step_leaves_the_others_their_ids,
    a_step_without_text_arrives,
    columns_that_people_filled_in_survive_an_edit,
);

const GHERKIN: [&str; 3] = [
    "Given <user> is known",
    "When <user> logs in",
    "Then a greeting is shown",
];

fn gherkin() -> Case {
    GHERKIN
        .iter()
        .fold(Case::new("Log in").id(7), |case, line| case.step(line, ""))
}

fn outline() -> Project {
    Project::new(1).case(gherkin().example(&[("user", "ann")]).example(&[("user", "bob")]))
}

fn steps(names: &[&str]) -> Project {
    let case = names
        .iter()
        .fold(Case::new("Log in").id(7), |case, name| case.step(name, ""));
    Project::new(1).case(case)
}

fn actions(rig: &Rig) -> Vec<String> {
    let test = seen::named(rig, "Log in");
    test.steps.into_iter().map(|(action, ..)| action).collect()
}

/// Scenario or scenario outline, as Xray holds it.
fn form(rig: &Rig) -> String {
    let test = rig.test("Log in");
    let site = rig.world.site.lock();
    site.xray.test(test).unwrap().definition.scenario_type.clone()
}

async fn a_scenario_in_gherkin_becomes_a_cucumber_test(variant: Variant) {
    let rig = Rig::start(variant, outline()).await;
    let done = rig.export().await;
    reports!(done);
    let test = seen::named(&rig, "Log in");
    assert_eq!((test.kind.as_str(), test.steps.len()), ("Cucumber", 0));
    let outline = format!(
        "{}\n\n  Examples:\n    | user |\n    | ann |\n    | bob |",
        GHERKIN.join("\n")
    );
    assert_eq!((test.definition, form(&rig).as_str()), (outline, "scenario_outline"));
}

async fn an_outline_without_examples_becomes_a_scenario(variant: Variant) {
    let rig = Rig::start(variant, outline()).await;
    rig.export().await;
    rig.later();
    rig.edit_case(7, |case| {
        case.examples.clear();
        case.parameters.clear();
        case.steps[1] = Step::new("When ann logs in");
    });
    let done = rig.export().await;
    reports!(variant => done);
    let lines = [GHERKIN[0], "When ann logs in", GHERKIN[2]];
    assert_eq!(seen::named(&rig, "Log in").definition, lines.join("\n"));
    assert_eq!(form(&rig), "scenario");
    assert_eq!(rig.export().await.writes, 0);
}

async fn a_project_without_cucumber_gets_the_steps(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1).case(gherkin())).await;
    {
        let mut site = rig.world.site.lock();
        let types = &mut site.xray.settings.test_types;
        types.retain(|of| of.kind != xray::Kind::Gherkin);
        site.fields
            .set_options(tms_sync_sim::jira::field::XrayField::TestType, &["Manual", "Generic"]);
    }
    let done = rig.export().await;
    reports!(done);
    assert_eq!(actions(&rig), GHERKIN);
}

async fn the_kind_can_be_configured(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1).case(gherkin())).await;
    rig.export_mapped(&[("test-type", "manual")]).await;
    let test = seen::named(&rig, "Log in");
    assert_eq!((test.kind.as_str(), test.steps.len()), ("Manual", 3));
}

async fn an_automated_case_changes_the_type_and_says_so(variant: Variant) {
    let rig = Rig::start(variant, steps(&["Open"])).await;
    rig.export().await;
    rig.later();
    rig.edit_case(7, |case| {
        case.steps.clear();
        case.automated = true;
        case.full_name = Some("com.acme.LoginTest.logsIn".to_owned());
    });
    let done = rig.export().await;
    reports!(done);
    let test = seen::named(&rig, "Log in");
    assert_eq!(
        (test.kind.as_str(), test.definition.as_str()),
        ("Generic", "com.acme.LoginTest.logsIn")
    );
    assert_eq!(rig.export().await.writes, 0);
}

async fn a_case_that_is_manual_again_changes_the_type_back(variant: Variant) {
    let case = Case::new("Log in").id(7).automated("com.acme.LoginTest.logsIn");
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    rig.export().await;
    rig.later();
    rig.edit_case(7, |case| {
        case.automated = false;
        case.steps = vec![Step::new("Look"), Step::new("Close")];
    });
    let done = rig.export().await;
    reports!(done);
    assert_eq!(actions(&rig), ["Look", "Close"]);
    assert_eq!(rig.export().await.writes, 0);
}

fn parameters() -> Project {
    let case = Case::new("Log in")
        .step("Open", "")
        .example(&[("user", "ann"), ("note", "a|b {x}")])
        .example(&[("user", "bob")]);
    Project::new(1).case(case)
}

async fn parameters_arrive_as_a_table(variant: Variant) {
    let rig = Rig::start(variant, parameters()).await;
    rig.export().await;
    let test = rig.shown(seen::named(&rig, "Log in"));
    reports!(variant => test);
}

async fn parameters_go_when_that_is_asked_for(variant: Variant) {
    let rig = Rig::start(variant, parameters()).await;
    rig.export().await;
    let done = rig.export_fully(&[("parameters", "none")]).await;
    let test = rig.shown(seen::named(&rig, "Log in"));
    reports!(variant => done, test);
}

async fn steps_of_the_last_run_arrive_when_asked_for(variant: Variant) {
    let step = RunStep {
        steps: vec![RunStep::new("Wait for it", Status::Passed)],
        ..RunStep::new("Open the page", Status::Passed)
    };
    let result = TestResult::new("run").case(7).passed().ran(1_000_000, 1_001_000);
    let project = Project::new(1)
        .case(Case::new("Log in").id(7).automated("com.acme.LoginTest.logsIn"))
        .launch(Launch::new("nightly").id(1).closed().result(result.step(step)));
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    let without = rig.shown(seen::named(&rig, "Log in"));
    let done = rig.export_fully(&[("automated-steps", "description")]).await;
    let with = rig.shown(seen::named(&rig, "Log in"));
    reports!(variant => without, done, with);
}

/// Exports three steps, lets a person add one between, and changes the last one in TestOps.
async fn with_an_added_step(variant: Variant) -> Rig {
    let rig = Rig::start(variant, steps(&["Open", "Type", "Send"])).await;
    rig.export().await;
    let id = rig.test("Log in");
    {
        let mut site = rig.world.site.lock();
        let now = site.now();
        let theirs = xray::Step {
            action: "Ask a colleague".to_owned(),
            ..xray::Step::default()
        };
        assert!(site.xray.add_step(id, now, theirs).is_some());
        site.xray.define(id, now, |definition| definition.steps.swap(1, 3));
        site.xray.define(id, now, |definition| definition.steps.swap(2, 3));
    }
    rig.later();
    rig.edit_case(7, |case| case.steps[2] = Step::new("Send it"));
    rig
}

async fn steps_that_people_added_stay_where_they_are(variant: Variant) {
    let rig = with_an_added_step(variant).await;
    let done = rig.export().await;
    reports!(done);
    assert_eq!(actions(&rig), ["Open", "Ask a colleague", "Type", "Send it"]);
    assert_eq!(rig.export().await.writes, 0);
}

async fn steps_of_people_stay_when_a_step_is_added_after_them(variant: Variant) {
    let rig = with_an_added_step(variant).await;
    rig.export().await;
    rig.later();
    rig.edit_case(7, |case| case.steps.push(Step::new("Close")));
    let done = rig.export().await;
    reports!(done);
    assert_eq!(actions(&rig), ["Open", "Ask a colleague", "Type", "Send it", "Close"]);
}

async fn steps_that_people_added_go_when_that_is_asked_for(variant: Variant) {
    let rig = with_an_added_step(variant).await;
    let done = rig.export_mapped(&[("policy.steps", "replace")]).await;
    reports!(done);
    assert_eq!(actions(&rig), ["Open", "Type", "Send it"]);
}

async fn an_emptied_scenario_does_not_empty_the_test(variant: Variant) {
    let rig = Rig::start(variant, steps(&["Open"])).await;
    rig.export().await;
    rig.later();
    rig.edit_case(7, |case| case.steps.clear());
    let done = rig.export().await;
    assert_eq!((done.writes, actions(&rig)), (0, vec!["Open".to_owned()]));
    let settled = rig.export_fully(&[("policy.steps", "replace")]).await;
    assert_eq!(settled.writes, 0, "what was settled stays settled");
    reports!(done, settled);
}

async fn a_removed_step_leaves_the_others_their_ids(variant: Variant) {
    let rig = Rig::start(variant, steps(&["Open", "Type", "Send"])).await;
    rig.export().await;
    let before = seen::named(&rig, "Log in").step_ids;
    rig.later();
    rig.edit_case(7, |case| drop(case.steps.remove(0)));
    let done = rig.export().await;
    reports!(done);
    let left = vec!["Type".to_owned(), "Send".to_owned()];
    assert_eq!((done.writes, actions(&rig)), (1, left));
    if variant == Variant::Cloud {
        assert_eq!(seen::named(&rig, "Log in").step_ids, before[1..]);
    }
}

async fn a_step_without_text_arrives(variant: Variant) {
    let case = Case::new("Log in")
        .add_step(Step::default().expect("It is there"))
        .add_step(Step::default());
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    let done = rig.export().await;
    reports!(done);
    assert_eq!(actions(&rig), ["…"]);
}

/// A step that has a custom field of this Xray.
fn fill_in(rig: &Rig, test: IssueId, step: usize) {
    let mut site = rig.world.site.lock();
    site.xray.settings.step_fields.push(xray::CustomField {
        id: "77".to_owned(),
        name: "Owner".to_owned(),
        kind: "Text".to_owned(),
        required: false,
        disabled: false,
        values: Vec::new(),
    });
    let now = site.now();
    let fill =
        |definition: &mut xray::Definition| definition.steps[step].custom.insert("Owner".to_owned(), "ann".into());
    site.xray.define(test, now, fill);
}

async fn columns_that_people_filled_in_survive_an_edit(variant: Variant) {
    let rig = Rig::start(variant, steps(&["Open", "Send"])).await;
    rig.export().await;
    let id = rig.test("Log in");
    fill_in(&rig, id, 0);
    rig.later();
    rig.edit_case(7, |case| case.steps[1] = Step::new("Send it"));
    rig.export().await;
    assert_eq!(actions(&rig), ["Open", "Send it"]);
    let site = rig.world.site.lock();
    let step = &site.xray.test(id).unwrap().definition.steps[0];
    assert_eq!(step.custom.get("Owner"), Some(&"ann".into()));
}
