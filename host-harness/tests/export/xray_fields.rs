//! Xray's own fields of steps and Test Runs, which an administrator adds and may require.

use serde_json::{Value, json};
use tms_sync_host::model::{CheckStatus, FaultKind, Outcome};
use tms_sync_sim::answers::RequiredRunField;
use tms_sync_sim::jira::xray::CustomField;
use tms_sync_sim::testops::data::{Case, Launch, Parameter, Project, TestResult};

use crate::rig::{Rig, Variant, mapped};

scenarios!(
    fields_of_steps_and_runs_are_filled_from_options,
    what_somebody_changed_in_such_a_field_is_shown_and_mended,
    a_value_of_one_run_that_somebody_changed_is_found_by_a_verification,
    changed_options_of_runs_reach_the_launches_that_are_there_already,
    a_required_field_that_nothing_fills_is_named,
    a_step_without_a_value_for_a_required_field_fails_its_case_alone,
    names_and_constants_that_do_not_fit_the_project_end_the_run_before_anything_is_written,
    exports_without_such_options_never_ask_for_the_fields,
);

/// Options that fill every field of [`start`].
const OPTIONS: [(&str, &str); 7] = [
    ("step-fields.number", "Position"),
    ("step-fields.Stage", "Stages"),
    ("step-defaults.Component", "UI"),
    ("step-defaults.Automatable", "yes"),
    ("run-fields.parameter.Browser", "Browser"),
    ("run-defaults.Browser", "none"),
    ("run-defaults.Build", "tag:build-"),
];

struct New {
    name: &'static str,
    kind: &'static str,
    required: bool,
    values: &'static [&'static str],
}

/// Fields of steps, and those of runs.
const STEPS: [New; 4] = [
    New {
        name: "Position",
        kind: "Number Value",
        required: false,
        values: &[],
    },
    New {
        name: "Stages",
        kind: "Multi Select",
        required: false,
        values: &["QA", "Live"],
    },
    New {
        name: "Component",
        kind: "Single Select",
        required: true,
        values: &["UI", "API"],
    },
    New {
        name: "Automatable",
        kind: "Toggle Switch",
        required: false,
        values: &[],
    },
];
const RUNS: [New; 2] = [
    New {
        name: "Build",
        kind: "Text",
        required: true,
        values: &[],
    },
    New {
        name: "Browser",
        kind: "Single Select",
        required: false,
        values: &["none", "firefox"],
    },
];

fn fields(variant: Variant, all: &[New], first: usize) -> Vec<CustomField> {
    let field = |(number, new): (usize, &New)| CustomField {
        id: match variant {
            Variant::Cloud => format!("5ddc0e585da96700{number:08x}"),
            Variant::Dc => (first + number).to_string(),
        },
        name: new.name.to_owned(),
        kind: new.kind.to_owned(),
        required: new.required,
        disabled: false,
        values: new.values.iter().map(|value| (*value).to_owned()).collect(),
    };
    all.iter().enumerate().map(field).collect()
}

/// A case with two steps, a launch with a result of it, and a project with fields of its own.
async fn start(variant: Variant) -> Rig {
    let case = Case::new("Log in").id(1).field("Stage", "Live").field("Stage", "QA");
    let case = case.step("Open", "It opens").step("Type", "It is there");
    let result = TestResult::of("x")
        .case(1)
        .passed()
        .parameter(Parameter::new("Browser", "firefox"));
    let launch = Launch::new("nightly").id(500).tag("build-4.2").closed().result(result);
    let rig = Rig::start(variant, Project::new(1).case(case).launch(launch)).await;
    let mut site = rig.world.site.lock();
    site.xray.settings.step_fields = fields(variant, &STEPS, 4);
    site.xray.settings.run_fields = fields(variant, &RUNS, 40);
    drop(site);
    rig
}

/// Fields of the steps of the Test, in order, by name.
fn steps(rig: &Rig) -> Vec<Value> {
    let test = rig.test("Log in");
    let site = rig.world.site.lock();
    let definition = site.xray.definition(test, None).unwrap();
    definition.steps.iter().map(|step| json!(step.custom)).collect()
}

/// Fields of the runs of the Test, by name.
fn runs(rig: &Rig) -> Vec<Value> {
    let test = rig.test("Log in");
    let site = rig.world.site.lock();
    let named = |(id, value): (&String, &Value)| {
        let field = site
            .xray
            .settings
            .run_fields
            .iter()
            .find(|field| field.id == *id)
            .unwrap();
        (field.name.clone(), value.clone())
    };
    let fields = site
        .xray
        .runs_of_test(test)
        .map(|run| run.custom.iter().map(named).collect());
    fields.collect()
}

async fn fields_of_steps_and_runs_are_filled_from_options(variant: Variant) {
    let rig = start(variant).await;
    let plan = rig.plan(mapped(&OPTIONS)).await;
    let done = rig.export_mapped(&OPTIONS).await;
    let same = rig.export_fully(&OPTIONS).await;
    let verified = rig.verify(mapped(&OPTIONS)).await;
    let of_step =
        |number: &str| json!({"Position": number, "Stages": ["Live", "QA"], "Component": "UI", "Automatable": true});
    assert_eq!(steps(&rig), [of_step("1"), of_step("2")]);
    assert_eq!(runs(&rig), [json!({"Build": "4.2", "Browser": "firefox"})]);
    assert_eq!((same.numbers(Outcome::Unchanged), same.writes), ((1, 1), 0));
    let other = OPTIONS.map(|(name, value)| match name {
        "step-defaults.Component" => (name, "API"),
        _ => (name, value),
    });
    let next = rig.plan(mapped(&other)).await;
    let more = rig.export_mapped(&other).await;
    reports!(variant => plan, done, same, verified, next, more);
    assert!(
        steps(&rig).iter().all(|step| step["Component"] == "API"),
        "{:?}",
        steps(&rig)
    );
}

async fn what_somebody_changed_in_such_a_field_is_shown_and_mended(variant: Variant) {
    let rig = start(variant).await;
    rig.export_mapped(&OPTIONS).await;
    let test = rig.test("Log in");
    {
        let mut site = rig.world.site.lock();
        let now = site.now();
        let id = site.xray.definition(test, None).unwrap().steps[1].id.clone();
        site.xray
            .update_step(&id, now, |step| {
                step.custom.insert("Component".to_owned(), json!("API"))
            })
            .unwrap();
    }
    change_run(&rig, 0, "4.1");
    let verified = rig.verify(mapped(&OPTIONS)).await;
    rig.later();
    rig.edit_case(1, |case| *case = std::mem::take(case).step("Close", "It closes"));
    let mended = rig.export_mapped(&OPTIONS).await;
    reports!(variant => verified, mended);
    let steps = steps(&rig);
    assert!(
        steps.len() == 3 && steps.iter().all(|step| step["Component"] == "UI"),
        "{steps:?}"
    );
}

/// Somebody gives a field of the only run another value.
fn change_run(rig: &Rig, field: usize, value: &str) {
    let test = rig.test("Log in");
    let mut site = rig.world.site.lock();
    let now = site.now();
    let run = site.xray.runs_of_test(test).next().unwrap().id.clone();
    let field = site.xray.settings.run_fields[field].id.clone();
    site.xray.run_mut(&run, now).unwrap().custom.insert(field, json!(value));
}

async fn a_value_of_one_run_that_somebody_changed_is_found_by_a_verification(variant: Variant) {
    let rig = start(variant).await;
    rig.export_mapped(&OPTIONS).await;
    let sound = rig.verify(mapped(&OPTIONS)).await;
    // It is the parameter of a result.
    change_run(&rig, 1, "none");
    let verified = rig.verify(mapped(&OPTIONS)).await;
    reports!(variant => verified);
    assert_eq!(
        (sound.numbers(Outcome::Unchanged), verified.launches(Outcome::Updated)),
        ((1, 1), vec!["500"])
    );
}

async fn changed_options_of_runs_reach_the_launches_that_are_there_already(variant: Variant) {
    let rig = start(variant).await;
    rig.export_mapped(&OPTIONS).await;
    let other = OPTIONS.map(|(name, value)| match name {
        "run-defaults.Build" => (name, "name:*"),
        _ => (name, value),
    });
    let plan = rig.plan(mapped(&other)).await;
    let done = rig.export_mapped(&other).await;
    let same = rig.export_mapped(&other).await;
    reports!(variant => plan, done, same);
    assert_eq!(runs(&rig), [json!({"Build": "nightly", "Browser": "firefox"})]);
    assert_eq!(same.writes, 0);
}

async fn a_required_field_that_nothing_fills_is_named(variant: Variant) {
    let rig = start(variant).await;
    let tested = rig.tenant().await.test(Some(&mapped(&[]))).await.unwrap();
    let check = tested
        .checks
        .iter()
        .find(|check| check.name == "Fields of steps and Test Runs")
        .unwrap();
    assert_eq!(
        (check.status, check.kind),
        (CheckStatus::Failed, Some(FaultKind::Configuration))
    );
    let half = rig.export_mapped(&[("step-defaults.Component", "UI")]).await;
    assert_eq!(half.writes, 0);
    rig.world.site.lock().xray.settings.step_fields.clear();
    let refused = rig.export().await;
    assert_eq!(refused.launches(Outcome::Failed), ["500"]);
    let checks = rig.checks(&tested);
    reports!(variant => checks, half, refused);
    assert_eq!(runs(&rig).iter().filter(|run| run.get("Build").is_some()).count(), 0);
    rig.world.answers.choose(RequiredRunField::Accepted);
    assert_eq!(rig.export().await.launches(Outcome::Failed), [""; 0]);
}

async fn a_step_without_a_value_for_a_required_field_fails_its_case_alone(variant: Variant) {
    let rig = start(variant).await;
    rig.add_case(Case::new("Log out").id(2).field("Part", "Backend").step("Leave", ""));
    rig.add_case(Case::new("Look").id(3).field("Part", "API").step("See", ""));
    let options = [("step-fields.Part", "Component"), ("run-defaults.Build", "1")];
    let done = rig.export_mapped(&options).await;
    reports!(variant => done);
    assert_eq!(
        (done.cases(Outcome::Created), done.cases(Outcome::Failed)),
        (vec!["3"], vec!["1", "2"])
    );
}

async fn names_and_constants_that_do_not_fit_the_project_end_the_run_before_anything_is_written(variant: Variant) {
    let rig = start(variant).await;
    let steps = rig
        .export_mapped(&[
            ("step-fields.number", "Positon"),
            ("step-defaults.Component", "Backend"),
        ])
        .await;
    let runs = rig
        .export_mapped(&[("step-defaults.Component", "UI"), ("run-fields.name", "Browsers")])
        .await;
    let unknown = rig.export_mapped(&[("step-fields.Part", "Component")]).await;
    reports!(variant => steps, runs, unknown);
    for done in [steps, runs, unknown] {
        assert_eq!(
            (done.report.stopped.unwrap().kind, done.writes),
            (FaultKind::Configuration, 0)
        );
    }
}

async fn exports_without_such_options_never_ask_for_the_fields(variant: Variant) {
    let rig = start(variant).await;
    {
        let mut site = rig.world.site.lock();
        site.xray.settings.step_fields.clear();
        site.xray.settings.run_fields.clear();
    }
    rig.export().await;
    assert_eq!(rig.requests_with(&["customfields", "fieldsettings"]), 0);
}
