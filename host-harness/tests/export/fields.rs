//! Jira fields that options fill: from attributes of a test case, and with values of their own where Jira requires them.

use serde_json::{Value, json};
use tms_sync_host::model::FaultKind;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::field::Placement;
use tms_sync_sim::jira::input::IssueInput;
use tms_sync_sim::jira::project::Role;
use tms_sync_sim::testops::data::{Case, Launch, Project, TestResult};
use tms_sync_sim::world;

use crate::rig::{Done, Rig, Variant, config};

scenarios!(
    a_required_field_without_a_value_ends_the_run_before_anything_is_written,
    names_and_values_that_jira_does_not_have_are_named_before_anything_is_written,
    attributes_fill_configured_fields,
    configured_fields_stand_still_and_cost_few_requests,
    fields_of_one_test_are_decided_on_their_own,
    a_test_execution_without_a_required_field_ends_the_run_before_anything_is_written,
    fields_that_a_test_execution_requires_get_their_values_by_options,
    a_required_cascading_select_gets_both_of_its_values,
);

/// A field to come onto the screens of an issue type.
struct New<'a> {
    name: &'a str,
    custom: &'a str,
    kind: &'a str,
    options: &'a [&'a str],
    required: bool,
}

const EPIC: New = New {
    name: "Epic name",
    custom: "com.atlassian.x:textfield",
    kind: "string",
    options: &[],
    required: false,
};
const RISK: New = New {
    name: "Risk",
    custom: "com.atlassian.x:select",
    kind: "option",
    options: &["High", "Low"],
    required: true,
};
const STAGE: New = New {
    name: "Stage",
    custom: "com.atlassian.x:select",
    kind: "option",
    options: &["QA", "Live"],
    required: true,
};
const OWNER: New = New {
    name: "Owner",
    custom: "com.atlassian.x:userpicker",
    kind: "user",
    options: &[],
    required: false,
};

fn add_field(rig: &Rig, role: Role, new: &New) -> String {
    let mut site = rig.world.site.lock();
    let id = site.fields.add_custom(new.name, new.custom, new.kind, None);
    if let Some(field) = site.fields.get_mut(&id) {
        field.options = new.options.iter().map(|&option| option.to_owned()).collect();
    }
    let mut projects = site.projects();
    let project = projects.find(|project| project.key == world::PROJECT).unwrap().id;
    drop(projects);
    let of = site.type_of_role(project, role).unwrap().id;
    let screens = site.fields.screens_mut(project, of);
    screens.create.put(&id, Placement::default());
    screens.edit.put(&id, Placement::default());
    if new.required {
        screens.create.require(&id);
    }
    id
}

/// What a Test has in a field.
fn field_of(rig: &Rig, summary: &str, field: &str) -> Value {
    let id = rig.test(summary);
    let site = rig.world.site.lock();
    let issue = site.issue(id).unwrap();
    issue.custom.get(field).cloned().unwrap_or_default()
}

/// Two cases, one with a risk that Jira does not have, and a Jira in which Tests have a risk and an epic.
struct Fields {
    rig: Rig,
    epic: String,
    risk: String,
}

impl Fields {
    async fn start(variant: Variant) -> Self {
        let rig = Rig::start(variant, cases()).await;
        let epic = add_field(&rig, Role::Test, &EPIC);
        let risk = add_field(&rig, Role::Test, &RISK);
        Self { rig, epic, risk }
    }

    fn options(&self) -> [(&str, &str); 4] {
        [
            ("fields.Epic", "epic NAME"),
            ("fields.Risk", &self.risk),
            ("defaults.Risk", "Low"),
            ("defaults.Priority", "High"),
        ]
    }
}

fn cases() -> Project {
    let case = Case::new("Log in")
        .id(7)
        .field("Epic", "Shop")
        .field("Risk", "High")
        .layer("API")
        .member("Owner", "qa");
    let other = Case::new("Log out").id(8).field("Risk", "Huge");
    Project::new(1).case(case).case(other)
}

/// The run stopped because of the configuration, before it wrote anything.
fn stopped_early(done: &Done) {
    let kind = done.report.stopped.as_ref().map(|fault| fault.kind);
    assert_eq!((kind, done.writes), (Some(FaultKind::Configuration), 0));
}

async fn a_required_field_without_a_value_ends_the_run_before_anything_is_written(variant: Variant) {
    let of = Fields::start(variant).await;
    let done = of.rig.export().await;
    reports!(variant => done);
    stopped_early(&done);
}

async fn names_and_values_that_jira_does_not_have_are_named_before_anything_is_written(variant: Variant) {
    let of = Fields::start(variant).await;
    let done = of
        .rig
        .export_mapped(&[("fields.Epic", "Epik name"), ("defaults.Risk", "Huge")])
        .await;
    reports!(done);
    stopped_early(&done);
}

async fn attributes_fill_configured_fields(variant: Variant) {
    let of = Fields::start(variant).await;
    let done = of.rig.export_mapped(&of.options()).await;
    reports!(done);
    assert_eq!(field_of(&of.rig, "Log in", &of.epic), "Shop");
    assert_eq!(field_of(&of.rig, "Log in", &of.risk)["value"], "High");
    assert_eq!(field_of(&of.rig, "Log out", &of.risk)["value"], "Low");
}

async fn configured_fields_stand_still_and_cost_few_requests(variant: Variant) {
    let plain = Rig::start(variant, cases()).await.plan(config()).await.requests;
    let of = Fields::start(variant).await;
    let first = of.rig.export_mapped(&of.options()).await;
    let read_back = if variant == Variant::Cloud { 6 } else { 4 };
    let most = plain + read_back;
    assert!(first.requests <= most, "{} requests, a plan {plain}", first.requests);
    let again = of.rig.export_fully(&of.options()).await;
    reports!(again);
    assert_eq!(again.writes, 0);
}

async fn fields_of_one_test_are_decided_on_their_own(variant: Variant) {
    let of = Fields::start(variant).await;
    of.rig.export_mapped(&of.options()).await;
    // People edit one field, TestOps changes the other: both stand.
    let edit = IssueInput::from_json(&json!({"fields": {of.epic.as_str(): "Theirs"}})).unwrap();
    let id = of.rig.test("Log in");
    of.rig.world.site.lock().edit_issue(&Actor::System, id, &edit).unwrap();
    of.rig.edit_case(7, |case| case.fields[1].1 = "Low".to_owned());
    let done = of.rig.export_fully(&of.options()).await;
    reports!(variant => done);
    assert_eq!(field_of(&of.rig, "Log in", &of.epic), "Theirs");
    assert_eq!(field_of(&of.rig, "Log in", &of.risk)["value"], "Low");
}

/// A launch in a Jira whose Test Executions require a stage and may have an owner: their fields beside the rig.
async fn with_executions(variant: Variant) -> (Rig, String, String) {
    let result = TestResult::of("Log in").case(7).passed();
    let launch = Launch::new("nightly").id(5).closed().result(result);
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Log in").id(7)).launch(launch)).await;
    let stage = add_field(&rig, Role::TestExecution, &STAGE);
    let owner = add_field(&rig, Role::TestExecution, &OWNER);
    (rig, stage, owner)
}

async fn a_test_execution_without_a_required_field_ends_the_run_before_anything_is_written(variant: Variant) {
    let (rig, ..) = with_executions(variant).await;
    let nothing = rig.export().await;
    let no_value = rig.export_mapped(&[("execution-defaults.Stage", "Moon")]).await;
    let no_field = rig.export_mapped(&[("execution-defaults.Staje", "QA")]).await;
    let nobody = [
        ("execution-defaults.Stage", "QA"),
        ("execution-defaults.Owner", "nobody"),
    ];
    let no_account = rig.export_mapped(&nobody).await;
    for done in [&nothing, &no_value, &no_field, &no_account] {
        stopped_early(done);
    }
    reports!(variant => nothing, no_value, no_field, no_account);
}

async fn fields_that_a_test_execution_requires_get_their_values_by_options(variant: Variant) {
    let (rig, stage, owner) = with_executions(variant).await;
    let options = [
        ("execution-defaults.stage", "qa"),
        ("execution-defaults.Owner", "Exporter"),
    ];
    let done = rig.export_mapped(&options).await;
    reports!(done);
    let site = rig.world.site.lock();
    let execution = site.issues().find(|issue| site.role(issue).is_execution()).unwrap();
    let fields = &execution.custom;
    assert_eq!(fields[&stage].get("value"), Some(&json!("QA")), "{fields:?}");
    assert!(fields.contains_key(&owner), "{fields:?}");
}

async fn a_required_cascading_select_gets_both_of_its_values(variant: Variant) {
    const AREA: New = New {
        name: "Area",
        custom: "com.atlassian.x:cascadingselect",
        kind: "option-with-child",
        options: &["Shop", "Office"],
        required: true,
    };
    let rig = Rig::start(variant, cases()).await;
    let area = add_field(&rig, Role::Test, &AREA);
    {
        let mut site = rig.world.site.lock();
        let below = vec!["Cart".to_owned(), "Checkout".to_owned()];
        let field = site.fields.get_mut(&area).unwrap();
        field.children.insert("Shop".to_owned(), below);
    }
    let wrong = rig.export_mapped(&[("defaults.Area", "Office / Cart")]).await;
    stopped_early(&wrong);
    let done = rig.export_mapped(&[("defaults.Area", "shop / checkout")]).await;
    let again = rig.export_fully(&[("defaults.Area", "shop / checkout")]).await;
    reports!(variant => wrong, done);
    assert_eq!(again.writes, 0);
    let held = field_of(&rig, "Log in", &area);
    assert_eq!(
        (&held["value"], &held["child"]["value"]),
        (&json!("Shop"), &json!("Checkout"))
    );
}
