//! Steps, kinds and parameters: what they become, and what later edits on both sides do to them.

use std::time::Duration;

use tms_sync_host::model::{Outcome, Verdict};
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::xray;
use tms_sync_sim::testops::data::{Case, Launch, Project, RunStep, Status, Step, TestResult};

use crate::rig::{Done, Rig, Variant, mapped};
use crate::seen;

scenarios!(
    a_scenario_in_gherkin_becomes_a_cucumber_test,
    a_project_without_cucumber_gets_the_steps,
    the_kind_can_be_configured,
    a_test_changes_its_type_only_with_a_word,
    parameters_arrive_as_a_table,
    steps_of_the_last_run_arrive_when_asked_for,
    steps_that_people_added_stay_where_they_are,
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

fn noted<'a>(done: &'a Done, words: &str) -> Option<&'a Verdict> {
    done.verdicts
        .iter()
        .find(|verdict| verdict.notes.iter().any(|note| note.contains(words)))
}

fn later(rig: &Rig) {
    rig.world.clock.advance(Duration::from_secs(60));
}

fn actions(rig: &Rig) -> Vec<String> {
    let test = seen::named(rig, "Log in");
    test.steps.into_iter().map(|(action, ..)| action).collect()
}

async fn a_scenario_in_gherkin_becomes_a_cucumber_test(variant: Variant) {
    let case = gherkin().example(&[("user", "ann")]).example(&[("user", "bob")]);
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    rig.export().await;
    let test = seen::named(&rig, "Log in");
    assert_eq!((test.kind.as_str(), test.steps.len()), ("Cucumber", 0));
    let outline = format!(
        "{}\n\n  Examples:\n    | user |\n    | ann |\n    | bob |",
        GHERKIN.join("\n")
    );
    assert_eq!(test.definition, outline);
    let form = |rig: &Rig| {
        let site = rig.world.site.lock();
        site.xray
            .test(IssueId(test.id))
            .unwrap()
            .definition
            .scenario_type
            .clone()
    };
    assert_eq!(form(&rig), "scenario_outline");
    later(&rig);
    rig.world.testops.edit(|site| {
        site.edit_case(7, |case| {
            case.examples.clear();
            case.parameters.clear();
            case.steps[1] = Step::new("When ann logs in");
        })
    });
    let done = rig.export().await;
    assert_eq!(done.cases(Outcome::Updated), ["7"], "{:?}", done.verdicts);
    let test = seen::named(&rig, "Log in");
    assert!(test.definition.contains("When ann logs in"), "{}", test.definition);
    assert_eq!(form(&rig), "scenario");
    assert_eq!(rig.export().await.writes, 0);
}

async fn a_project_without_cucumber_gets_the_steps(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1).case(gherkin())).await;
    {
        let mut site = rig.world.site.lock();
        site.xray
            .settings
            .test_types
            .retain(|of| of.kind != xray::Kind::Gherkin);
        site.fields
            .set_options(tms_sync_sim::jira::field::XrayField::TestType, &["Manual", "Generic"]);
    }
    let done = rig.export().await;
    assert_eq!(seen::named(&rig, "Log in").steps.len(), 3, "{:?}", done.verdicts);
    assert!(noted(&done, "no Cucumber test type").is_some(), "{:?}", done.verdicts);
}

async fn the_kind_can_be_configured(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1).case(gherkin())).await;
    rig.export_with(mapped(&[("test-type", "manual")]), |job| job).await;
    let test = seen::named(&rig, "Log in");
    assert_eq!((test.kind.as_str(), test.steps.len()), ("Manual", 3));
}

async fn a_test_changes_its_type_only_with_a_word(variant: Variant) {
    let case = Case::new("Log in").id(7).step("Open", "");
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    rig.export().await;
    later(&rig);
    rig.world.testops.edit(|site| {
        site.edit_case(7, |case| {
            case.steps.clear();
            case.automated = true;
            case.full_name = Some("com.acme.LoginTest.logsIn".to_owned());
        })
    });
    let done = rig.export().await;
    assert!(
        noted(&done, "type changes from Manual to Generic").is_some(),
        "{:?}",
        done.verdicts
    );
    let test = seen::named(&rig, "Log in");
    assert_eq!(
        (test.kind.as_str(), test.definition.as_str()),
        ("Generic", "com.acme.LoginTest.logsIn")
    );
    later(&rig);
    rig.world.testops.edit(|site| {
        site.edit_case(7, |case| {
            case.automated = false;
            case.steps = vec![Step::new("Look"), Step::new("Close")];
        })
    });
    let done = rig.export().await;
    assert!(
        noted(&done, "type changes from Generic to Manual").is_some(),
        "{:?}",
        done.verdicts
    );
    assert_eq!(actions(&rig), ["Look", "Close"]);
    assert_eq!(rig.export().await.writes, 0);
}

async fn parameters_arrive_as_a_table(variant: Variant) {
    let case = Case::new("Log in")
        .step("Open", "")
        .example(&[("user", "ann"), ("note", "a|b {x}")])
        .example(&[("user", "bob")]);
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    rig.export().await;
    let text = seen::named(&rig, "Log in").description;
    for words in ["Parameters", "user", "note", "ann", "bob"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    if variant == Variant::Dc {
        assert!(text.contains("||user||note||\n|ann|a\\|b \\{x\\}|\n|bob|"), "{text}");
    }
    let done = rig
        .export_with(mapped(&[("parameters", "none")]), |job| job.full(true))
        .await;
    assert_eq!(done.cases(Outcome::Updated).len(), 1, "{:?}", done.verdicts);
    assert!(!seen::named(&rig, "Log in").description.contains("Parameters"));
}

async fn steps_of_the_last_run_arrive_when_asked_for(variant: Variant) {
    let step = RunStep {
        steps: vec![RunStep::new("Wait for it", Status::Passed)],
        ..RunStep::new("Open the page", Status::Passed)
    };
    let result = TestResult::new("run")
        .case(7)
        .passed()
        .ran(1_000_000, 1_001_000)
        .step(step);
    let project = Project::new(1)
        .case(Case::new("Log in").id(7).automated("com.acme.LoginTest.logsIn"))
        .launch(Launch::new("nightly").id(1).closed().result(result));
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    assert!(!seen::named(&rig, "Log in").description.contains("Open the page"));
    let done = rig
        .export_with(mapped(&[("automated-steps", "description")]), |job| job.full(true))
        .await;
    assert_eq!(done.cases(Outcome::Updated), ["7"], "{:?}", done.verdicts);
    let text = seen::named(&rig, "Log in").description;
    assert!(text.contains("Open the page") && text.contains("Wait for it"), "{text}");
}

/// Exports three steps, lets a person add one between, and changes the last one in TestOps.
async fn with_an_added_step(variant: Variant) -> Rig {
    let case = Case::new("Log in")
        .id(7)
        .step("Open", "")
        .step("Type", "")
        .step("Send", "");
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    rig.export().await;
    let id = IssueId(seen::named(&rig, "Log in").id);
    {
        let mut site = rig.world.site.lock();
        let now = site.now();
        let added = site.xray.add_step(
            id,
            now,
            xray::Step {
                action: "Ask a colleague".to_owned(),
                ..xray::Step::default()
            },
        );
        assert!(added.is_some());
        site.xray.define(id, now, |definition| definition.steps.swap(1, 3));
        site.xray.define(id, now, |definition| definition.steps.swap(2, 3));
    }
    later(&rig);
    rig.world
        .testops
        .edit(|site| site.edit_case(7, |case| case.steps[2] = Step::new("Send it")));
    rig
}

async fn steps_that_people_added_stay_where_they_are(variant: Variant) {
    let rig = with_an_added_step(variant).await;
    let done = rig.export().await;
    assert!(
        noted(&done, "added in Jira stay: “Ask a colleague”").is_some(),
        "{:?}",
        done.verdicts
    );
    assert_eq!(actions(&rig), ["Open", "Ask a colleague", "Type", "Send it"]);
    assert_eq!(rig.export().await.writes, 0);
    later(&rig);
    rig.world
        .testops
        .edit(|site| site.edit_case(7, |case| case.steps.push(Step::new("Close"))));
    rig.export().await;
    assert_eq!(actions(&rig), ["Open", "Ask a colleague", "Type", "Send it", "Close"]);
}

async fn steps_that_people_added_go_when_that_is_asked_for(variant: Variant) {
    let rig = with_an_added_step(variant).await;
    let done = rig.export_with(mapped(&[("policy.steps", "replace")]), |job| job).await;
    assert!(
        noted(&done, "added in Jira are removed: “Ask a colleague”").is_some(),
        "{:?}",
        done.verdicts
    );
    assert_eq!(actions(&rig), ["Open", "Type", "Send it"]);
}

async fn an_emptied_scenario_does_not_empty_the_test(variant: Variant) {
    let case = Case::new("Log in").id(7).step("Open", "");
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    rig.export().await;
    later(&rig);
    rig.world
        .testops
        .edit(|site| site.edit_case(7, |case| case.steps.clear()));
    let done = rig.export().await;
    assert!(noted(&done, "those in Xray are kept").is_some(), "{:?}", done.verdicts);
    assert_eq!((done.writes, actions(&rig)), (0, vec!["Open".to_owned()]));
    let asked = rig
        .export_with(mapped(&[("policy.steps", "replace")]), |job| job.full(true))
        .await;
    assert_eq!(asked.writes, 0, "what was settled stays settled: {:?}", asked.verdicts);
}

async fn a_removed_step_leaves_the_others_their_ids(variant: Variant) {
    let case = Case::new("Log in")
        .id(7)
        .step("Open", "")
        .step("Type", "")
        .step("Send", "");
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    rig.export().await;
    let before = seen::named(&rig, "Log in").step_ids;
    later(&rig);
    rig.world
        .testops
        .edit(|site| site.edit_case(7, |case| drop(case.steps.remove(0))));
    let done = rig.export().await;
    assert_eq!(
        (done.writes, actions(&rig)),
        (1, vec!["Type".to_owned(), "Send".to_owned()])
    );
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
    assert_eq!(done.cases(Outcome::Created).len(), 1, "{:?}", done.verdicts);
    assert_eq!(actions(&rig), ["…"]);
    assert!(noted(&done, "an empty step").is_some(), "{:?}", done.verdicts);
}

async fn columns_that_people_filled_in_survive_an_edit(variant: Variant) {
    let case = Case::new("Log in").id(7).step("Open", "").step("Send", "");
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    rig.export().await;
    let id = IssueId(seen::named(&rig, "Log in").id);
    {
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
        site.xray.define(id, now, |definition| {
            definition.steps[0].custom.insert("Owner".to_owned(), "ann".into())
        });
    }
    later(&rig);
    rig.world
        .testops
        .edit(|site| site.edit_case(7, |case| case.steps[1] = Step::new("Send it")));
    rig.export().await;
    assert_eq!(actions(&rig), ["Open", "Send it"]);
    let site = rig.world.site.lock();
    let step = &site.xray.test(id).unwrap().definition.steps[0];
    assert_eq!(step.custom.get("Owner"), Some(&"ann".into()));
}
