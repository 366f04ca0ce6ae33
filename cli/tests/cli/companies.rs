//! Jiras and projects as companies have them, in front of the command.

use tms_sync_sim::answers::{BasicLogin, IssueTypes, ProjectStyle};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::field::Placement;
use tms_sync_sim::jira::issue::rich_text;
use tms_sync_sim::jira::project::Role;
use tms_sync_sim::jira::xray::{CustomField, Relation};
use tms_sync_sim::testops::data::{Case, File, Launch, Project, TestResult};
use tms_sync_sim::world::{JIRA_TOKEN, PROJECT};

use crate::rig::{Rig, Variant};

over_both!(
    a_german_project_is_exported_once_its_types_and_its_required_field_are_named,
    an_address_of_the_other_product_gets_no_credential,
    a_project_with_versions_and_required_fields_of_its_own_is_exported_by_options,
    launches_name_their_test_execution_version_plan_and_cases_their_test_sets,
    steps_of_passed_results_are_passed_and_not_asked_for,
    texts_of_terminals_editors_and_features_arrive_readable,
);

/// Jira 11 as it comes takes no passwords.
#[test]
fn a_jira_without_passwords_is_named_locks_nothing_and_takes_a_token() {
    let answers = |answers: &tms_sync_sim::answers::Answers| answers.choose(BasicLogin::Refused);
    let mut rig = Rig::answering(Variant::Dc, Plan::new(2, 1).build(), answers);
    let test = rig.printed(&["test"]);
    let export = rig.printed(&["export"]);
    let status = rig.printed(&["status"]);
    rig.rewrite(|file| {
        let keys = file.lines().filter(|line| !line.starts_with("username"));
        let keys: Vec<&str> = keys.collect();
        keys.join("\n").replace("password = ", "token = ") + "\n"
    });
    rig.store("JIRA_SECRET", JIRA_TOKEN);
    let with_a_token = rig.printed(&["export"]);
    reports!(test, export, status, with_a_token);
}

/// Adds a select of two levels to Tests, without which none is created.
fn require_an_area(rig: &Rig) {
    let mut site = rig.world.site.lock();
    let custom = "com.atlassian.x:cascadingselect";
    let area = site.fields.add_custom("Bereich", custom, "option-with-child", None);
    let field = site.fields.get_mut(&area).unwrap();
    field.options = vec!["Laden".to_owned(), "Büro".to_owned()];
    field
        .children
        .insert("Laden".to_owned(), vec!["Korb".to_owned(), "Kasse".to_owned()]);
    let project = site.projects().find(|project| project.key == PROJECT).unwrap().id;
    let of = site.type_of_role(project, Role::Test).unwrap().id;
    let screens = site.fields.screens_mut(project, of);
    screens.create.put(&area, Placement::default());
    screens.edit.put(&area, Placement::default());
    screens.create.require(&area);
}

/// On Cloud the project belongs to a team.
fn a_german_project_is_exported_once_its_types_and_its_required_field_are_named(variant: Variant) {
    let rig = Rig::answering(variant, Plan::new(2, 1).launch(2).build(), |answers| {
        answers.choose(IssueTypes::German);
        answers.choose(ProjectStyle::TeamManaged);
    });
    require_an_area(&rig);
    let types = [
        ("issue-type.test", "Testfall"),
        ("issue-type.test-execution", "Testausführung"),
    ];
    let unnamed = rig.printed(&["export"]);
    rig.map(&types);
    let field = rig.printed(&["export"]);
    rig.rewrite(|file| file + "defaults.Bereich = \"Laden / Kasse\"\n");
    let export = rig.printed(&["export"]);
    reports!(variant => unnamed, field, export);
    let writes = rig.world.tracker.writes();
    assert_eq!((rig.json(&["export"]).0, rig.world.tracker.writes()), (0, writes));
}

fn an_address_of_the_other_product_gets_no_credential(variant: Variant) {
    let rig = Rig::start(variant, 2);
    let other = Rig::start(
        match variant {
            Variant::Cloud => Variant::Dc,
            Variant::Dc => Variant::Cloud,
        },
        2,
    );
    let (own, theirs) = (rig.world.tracker.jira.url(), other.world.tracker.jira.url());
    rig.rewrite(|file| {
        let address = |url: &str| url.trim_start_matches("http://").to_owned();
        file.replace(&own, &theirs).replace(&address(&own), &address(&theirs))
    });
    let named = |text: String| text.replace(&theirs, "http://other");
    let test = named(rig.printed(&["test"]));
    let export = named(rig.printed(&["export"]));
    reports!(variant => test, export);
    let seen = other.world.tracker.jira.journal().entries();
    assert!(
        !seen.is_empty() && seen.iter().all(|entry| entry.credential.is_none()),
        "{seen:?}"
    );
}

/// Fields that the project requires: of steps a choice, of Test Runs a text.
fn require_fields(rig: &Rig, variant: Variant) {
    let field = |id: u32, name: &str, kind: &str, values: &[&str]| CustomField {
        id: match variant {
            Variant::Cloud => format!("5ddc0e585da96700{id:08x}"),
            Variant::Dc => id.to_string(),
        },
        name: name.to_owned(),
        kind: kind.to_owned(),
        required: true,
        disabled: false,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let settings = &mut rig.world.site.lock().xray.settings;
    settings.step_fields = vec![field(4, "Component", "Single Select", &["UI", "API"])];
    settings.run_fields = vec![field(40, "Build", "Text", &[])];
}

fn a_project_with_versions_and_required_fields_of_its_own_is_exported_by_options(variant: Variant) {
    let case = |id: i64, name: &str| Case::new(name).id(id).step("Open", "It opens");
    let launch = |name: &str, build: &str| {
        let launch = Launch::new(name).tag(&format!("build-{build}")).closed();
        launch.result(TestResult::of("One").case(1).passed())
    };
    let project = Project::new(1).case(case(1, "One")).case(case(2, "Two"));
    let rig = Rig::with(variant, project.launch(launch("first", "4.1")));
    require_fields(&rig, variant);
    let test = rig.printed(&["test"]);
    rig.map(&[
        ("step-defaults.Component", "UI"),
        ("run-defaults.Build", "tag:build-"),
        ("test-version", "v2"),
    ]);
    let export = rig.printed(&["export"]);
    {
        let mut site = rig.world.site.lock();
        let one = site.issues().find(|issue| issue.summary == "One").unwrap().id;
        let now = site.now();
        site.xray.add_version(one, now, "v2").unwrap();
    }
    rig.world.testops.edit(|site| {
        site.edit_case(1, |case| *case = std::mem::take(case).step("Close", "It closes"));
        site.add_launch(1, launch("second", "4.2"))
    });
    let second = rig.printed(&["export"]);
    let verify = rig.printed(&["verify"]);
    reports!(variant => test, export, second, verify);
}

fn launches_name_their_test_execution_version_plan_and_cases_their_test_sets(variant: Variant) {
    let rig = Rig::with(variant, Project::new(1));
    let (execution, execution_key) = rig.add_issue("Test Execution", "Theirs");
    let (plan, plan_key) = rig.add_issue("Test Plan", "Release 2");
    let (smoke, _) = rig.add_issue("Test Set", "Smoke");
    {
        let mut site = rig.world.site.lock();
        let project = site.projects().find(|project| project.key == PROJECT).unwrap().id;
        site.project_mut(project).unwrap().versions.push("2.0".to_owned());
    }
    let launch = |name: &str| {
        Launch::new(name)
            .closed()
            .result(TestResult::of("One").case(1).passed())
    };
    let address = format!("{}/browse/{plan_key}", rig.world.tracker.jira.url());
    rig.world.testops.edit(|site| {
        site.add_case(1, Case::new("One").id(1).field("Suite", "Smoke"));
        site.add_launch(1, launch("into theirs").id(11).tag(&format!("into-{execution_key}")));
        let released = launch("of a release").id(12).environment("Version", "2.0");
        site.add_launch(1, released.link("Plan", &address))
    });
    rig.map(&[
        ("test-execution", "tag:into-"),
        ("fix-version", "variable:Version"),
        ("test-plan", "link:Plan"),
        ("test-sets", "Suite"),
        ("custom-fields", "none"),
    ]);
    let plan_of_export = rig.printed(&["plan"]);
    let export = rig.printed(&["export"]);
    reports!(variant => plan_of_export, export);
    let site = rig.world.site.lock();
    let executions: Vec<_> = site.issues().filter(|issue| site.role(issue).is_execution()).collect();
    let released = executions.iter().find(|issue| issue.id != execution).unwrap();
    assert_eq!(
        (executions.len(), &*released.fix_versions),
        (2, ["2.0".to_owned()].as_slice())
    );
    assert_eq!(site.xray.runs_of_execution(execution).count(), 1);
    assert_eq!(site.xray.members(Relation::PlanExecutions, plan), [released.id]);
    assert_eq!(site.xray.members(Relation::SetTests, smoke).len(), 1);
}

fn steps_of_passed_results_are_passed_and_not_asked_for(variant: Variant) {
    let case = Case::new("One")
        .id(1)
        .step("Open", "It opens")
        .step("Close", "It closes");
    let launch = Launch::new("nightly").id(9).closed();
    let launch = launch.result(TestResult::of("One").case(1).passed());
    let rig = Rig::with(variant, Project::new(1).case(case).launch(launch));
    assert_eq!(rig.json(&["export"]).0, 0);
    let passed = if variant == Variant::Cloud { "PASSED" } else { "PASS" };
    let site = rig.world.site.lock();
    let runs = site.issues().flat_map(|issue| site.xray.runs_of_execution(issue.id));
    let steps: Vec<_> = runs
        .flat_map(|run| &run.steps)
        .map(|step| step.status.as_str())
        .collect();
    assert_eq!(steps, [passed, passed]);
    let asked = rig.world.testops.server().journal().entries();
    assert!(
        !asked.iter().any(|entry| entry.path.ends_with("/execution")),
        "{asked:?}"
    );
}

const FEATURE: &str = "# language: de\nFunktionalität: Anmelden\n  Grundlage:\n    Angenommen ein Konto\n\n  Szenario: Richtig\n    \
                       Wenn ich mich anmelde\n    Dann bin ich da\n";

/// What a terminal, an editor and a feature file leave in texts: sequences, a table with spans, own and foreign links.
fn texts(testops: &str) -> Project {
    let described = format!(
        "\u{1b}[31mexpected 200\u{1b}[0m\u{7}, see [the log]({testops}/api/testcase/attachment/1/content) and \
         [the wiki](https://wiki.example.com/api/testcase/attachment/1/content)\n\n\
         <table><tr><th>Price</th><th colspan=\"2\">5&nbsp;&euro; &ndash; 7&nbsp;&euro;</th></tr>\
         <tr><td>a</td><td>b</td><td><ol><li>one</li><li>two</li></ol></td></tr></table>"
    );
    let written = Case::new("\u{1b}[1mPay\u{1b}[0m by card").id(1).description(&described);
    let written = written.step("Type \u{1b}]0;title\u{7}the number", "It is taken");
    let feature = Case::new("Anmelden").id(2).step(FEATURE, "");
    let failed = TestResult::of("Pay by card").case(1);
    let failed = failed.failed(
        "\u{1b}[31mexpected 200, got 500\u{1b}[0m",
        "at \u{1b}[2mpay.rs\u{1b}[22m:7",
    );
    let passed = TestResult::of("Anmelden").case(2).passed();
    let launch = Launch::new("\u{1b}[32mnightly\u{1b}[0m").id(9).closed();
    let file = File::new("log.txt", "text/plain", "200");
    let project = Project::new(1).case(written.file(file)).case(feature);
    project.launch(launch.result(failed).result(passed))
}

fn texts_of_terminals_editors_and_features_arrive_readable(variant: Variant) {
    let rig = Rig::with(variant, Project::new(1));
    let project = texts(&rig.world.testops.url());
    rig.world.testops.edit(|site| {
        for case in project.cases {
            site.add_case(1, case);
        }
        for launch in project.launches {
            site.add_launch(1, launch);
        }
    });
    let plan = rig.printed(&["plan", "--full-values"]);
    let export = rig.printed(&["export"]);
    reports!(variant => plan, export);
    let site = rig.world.site.lock();
    let texts = site
        .issues()
        .map(|issue| format!("{} {}", issue.summary, rich_text(&issue.description)));
    let runs = site.issues().flat_map(|issue| site.xray.runs_of_execution(issue.id));
    let texts: Vec<String> = texts.chain(runs.map(|run| run.comment.clone())).collect();
    assert!(
        !texts.iter().any(|text| text.contains(['\u{1b}', '\u{7}'])),
        "{texts:?}"
    );
}
