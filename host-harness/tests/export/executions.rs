//! What a launch's own data become: environments, version, plan, issues, dates.

use tms_sync_host::model::FaultKind;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::xray::Relation;
use tms_sync_sim::testops::data::{Case, Integration, Issue, Launch, Project, TestResult};
use tms_sync_sim::world::{INTEGRATION, PROJECT};

use crate::rig::{Done, Rig, Variant, mapped};
use crate::seen;

scenarios!(
    environments_version_plan_and_issues_arrive,
    what_a_launch_has_arrives_once,
    an_environment_that_is_added_later_leaves_the_others,
    what_options_name_is_checked_before_anything_is_written,
    an_environment_that_xray_does_not_take_is_named_and_costs_nothing_else,
    each_launch_has_its_own_version_and_plan_where_that_is_asked_for,
    results_go_into_a_test_execution_of_people_where_a_launch_names_it,
    the_test_execution_and_the_plan_of_a_launch_come_from_its_links,
);

const START: i64 = 1_794_000_000_000;

fn launch() -> Launch {
    Launch::new("nightly")
        .id(5)
        .closed()
        .environment("Browser", "Firefox")
        .environment("Browser", "Chrome 120")
        .environment("Branch", "main")
        .result(TestResult::of("One").case(1).passed().ran(START, START + 4_000))
}

fn project(launch: Launch) -> Project {
    Project::new(1).case(Case::new("One").id(1)).launch(launch)
}

fn add_version(rig: &Rig, name: &str) {
    let mut site = rig.world.site.lock();
    let id = site.visible_project(&Actor::System, PROJECT).unwrap().id;
    site.project_mut(id).unwrap().versions.push(name.to_owned());
}

/// The only execution: its id, environments, versions, and keys of linked issues.
pub fn execution(rig: &Rig) -> (IssueId, Vec<String>, Vec<String>, Vec<String>) {
    let site = rig.world.site.lock();
    let executions: Vec<_> = site.issues().filter(|issue| site.role(issue).is_execution()).collect();
    let [issue] = executions.as_slice() else {
        panic!("{} executions", executions.len())
    };
    let links = issue.links.iter().filter_map(|id| site.link(*id));
    let ends = links.map(|link| {
        if link.inward == issue.id {
            link.outward
        } else {
            link.inward
        }
    });
    let linked = ends.map(|id| site.issue(id).unwrap().key.clone()).collect();
    let mut environments = site.xray.execution(issue.id).unwrap().environments.clone();
    environments.sort();
    (issue.id, environments, issue.fix_versions.clone(), linked)
}

/// A launch with everything, and the plan, bug and version that Jira has for it.
struct Full {
    rig: Rig,
    plan: IssueId,
    plan_key: String,
    bug: String,
}

impl Full {
    async fn start(variant: Variant) -> Self {
        let rig = Rig::start(variant, project(Launch::new("later"))).await;
        let (plan, plan_key) = rig.add_issue("Test Plan", "Release 2");
        let (_, bug) = rig.add_issue("Bug", "Cart is empty");
        add_version(&rig, "2.0");
        rig.world.testops.edit(|site| {
            site.add_integration(Integration::new(9, "jira", "https://other.example.com"));
            let launch = launch()
                .issue(Issue::new(&bug, INTEGRATION))
                .issue(Issue::new(&bug, 9))
                .issue(Issue::new("CALC-999", INTEGRATION));
            site.add_launch(1, launch)
        });
        Self {
            rig,
            plan,
            plan_key,
            bug,
        }
    }

    async fn export(&self, full: bool) -> Done {
        let config = mapped(&[
            ("environments", "Browser"),
            ("fix-version", "2.0"),
            ("test-plan", &self.plan_key),
        ]);
        self.rig.export_with(config, |job| job.full(full)).await
    }
}

async fn environments_version_plan_and_issues_arrive(variant: Variant) {
    let of = Full::start(variant).await;
    let done = of.export(false).await;
    let (id, environments, versions, linked) = execution(&of.rig);
    assert_eq!(environments, ["Chrome_120", "Firefox"]);
    assert_eq!((versions, linked), (vec!["2.0".to_owned()], vec![of.bug.clone()]));
    let description = {
        let site = of.rig.world.site.lock();
        assert_eq!(site.xray.members(Relation::PlanExecutions, of.plan), [id]);
        if variant == Variant::Dc {
            let data = site.xray.execution(id).unwrap();
            assert_eq!((data.begin, data.end), (Some(START), Some(START + 4_000)));
        }
        of.rig.shown(seen::text(&site.issue(id).unwrap().description))
    };
    reports!(variant => done, description);
}

async fn what_a_launch_has_arrives_once(variant: Variant) {
    let of = Full::start(variant).await;
    of.export(false).await;
    let same = of.export(true).await;
    reports!(same);
    assert_eq!(same.writes, 0);
}

async fn an_environment_that_is_added_later_leaves_the_others(variant: Variant) {
    let of = Full::start(variant).await;
    of.export(false).await;
    of.rig.reopen_launch(5, |launch| {
        launch.environment.push(("Browser".to_owned(), "Safari".to_owned()));
    });
    let more = of.export(false).await;
    reports!(variant => more);
    let (_, environments, versions, linked) = execution(&of.rig);
    assert_eq!(environments, ["Chrome_120", "Firefox", "Safari"]);
    assert_eq!((versions, linked), (vec!["2.0".to_owned()], vec![of.bug]));
}

async fn what_options_name_is_checked_before_anything_is_written(variant: Variant) {
    let rig = Rig::start(variant, project(launch())).await;
    let (_, bug) = rig.add_issue("Bug", "no plan");
    add_version(&rig, "1.0");
    let mut faults = String::new();
    for (option, value) in [
        ("fix-version", "3.0"),
        ("test-plan", "CALC-999"),
        ("test-plan", bug.as_str()),
        ("launch-issues", "Conjures"),
        ("user.ann", "nobody"),
    ] {
        let config = mapped(&[(option, value)]);
        let done = rig.export_with(config.clone(), |job| job).await;
        let stopped = done.report.stopped.unwrap();
        assert_eq!((stopped.kind, done.writes), (FaultKind::Configuration, 0), "{option}");
        let test = rig.tenant().await.test(Some(&config)).await.unwrap();
        faults += &format!("{option} = {value}\n{}{}\n\n", rig.fault(&stopped), test.summary);
    }
    reports!(variant => faults);
}

async fn an_environment_that_xray_does_not_take_is_named_and_costs_nothing_else(variant: Variant) {
    let launch = launch().environment("Browser", "X");
    let rig = Rig::start(variant, project(launch)).await;
    rig.world.site.lock().xray.settings.inline_environments = false;
    rig.world.site.lock().xray.settings.environments = vec!["Firefox".to_owned()];
    let done = rig.export_mapped(&[("environments", "Browser")]).await;
    // Xray Cloud lets a project forbid new environments; Data Center has no such switch.
    reports!(variant => done);
    let (_, environments, ..) = execution(&rig);
    assert!(environments.contains(&"Firefox".to_owned()), "{environments:?}");
}

async fn each_launch_has_its_own_version_and_plan_where_that_is_asked_for(variant: Variant) {
    let rig = Rig::start(variant, project(Launch::new("later"))).await;
    let (plan, plan_key) = rig.add_issue("Test Plan", "Release 2");
    add_version(&rig, "2.0");
    let with = |name: &str, version: &str, plan: &str| {
        let result = TestResult::of("One").case(1).passed();
        let launch = Launch::new(name).closed().environment("Version", version);
        launch.tag(&format!("plan-{plan}")).result(result)
    };
    rig.world.testops.edit(|site| {
        site.add_launch(1, with("right", "2.0", &plan_key));
        site.add_launch(1, with("wrong", "9.9", "CALC-999"));
        site.add_launch(1, with("odd", "2.0", "../../serverInfo"))
    });
    let rules = [("fix-version", "variable:version"), ("test-plan", "tag:plan-")];
    let done = rig.export_mapped(&rules).await;
    reports!(done);
    let site = rig.world.site.lock();
    let executions: Vec<_> = site.issues().filter(|issue| site.role(issue).is_execution()).collect();
    let versions = |name: &str| {
        let issue = executions.iter().find(|issue| issue.summary == name);
        issue.unwrap().fix_versions.clone()
    };
    assert_eq!((versions("right"), versions("wrong")), (vec!["2.0".to_owned()], vec![]));
    assert_eq!(site.xray.members(Relation::PlanExecutions, plan).len(), 1);
}

async fn results_go_into_a_test_execution_of_people_where_a_launch_names_it(variant: Variant) {
    let rig = Rig::start(variant, project(Launch::new("later"))).await;
    let (id, key) = rig.add_issue("Test Execution", "Theirs");
    let with = |tag: &str| {
        let result = TestResult::of("One").case(1).passed();
        Launch::new(&format!("tagged {tag}")).closed().tag(tag).result(result)
    };
    rig.world.testops.edit(|site| {
        site.add_launch(1, with(&format!("into-{key}")));
        site.add_launch(1, with("into-CALC-999"))
    });
    let rule = [("test-execution", "tag:into-")];
    let done = rig.export_mapped(&rule).await;
    let again = rig.export_mapped(&rule).await;
    reports!(done, again);
    let site = rig.world.site.lock();
    assert_eq!(site.issue(id).unwrap().summary, "Theirs");
    assert_eq!(site.xray.runs_of_execution(id).count(), 1);
    assert_eq!(site.issues().filter(|issue| site.role(issue).is_execution()).count(), 1);
}

async fn the_test_execution_and_the_plan_of_a_launch_come_from_its_links(variant: Variant) {
    let rig = Rig::start(variant, project(Launch::new("later"))).await;
    let (execution, execution_key) = rig.add_issue("Test Execution", "Theirs");
    let (plan, plan_key) = rig.add_issue("Test Plan", "Release 2");
    let jira = rig.world.tracker.jira.url();
    let with = |name: &str| {
        let launch = Launch::new(name)
            .closed()
            .link("Build", "https://ci.example.com/job/12");
        launch.result(TestResult::of("One").case(1).passed())
    };
    rig.world.testops.edit(|site| {
        let into = format!("{jira}/browse/{execution_key}?focusedId=1#top");
        let planned = format!("{jira}/browse/{plan_key}/");
        site.add_launch(1, with("into theirs").link("Execution", &into));
        site.add_launch(1, with("for a release").link("plan", &planned));
        site.add_launch(
            1,
            with("of nobody").link("Plan", "https://jira.example.com/browse/CALC-999"),
        )
    });
    let rules = [("test-execution", "link:Execution"), ("test-plan", "link:Plan")];
    let done = rig.export_mapped(&rules).await;
    let again = rig.export_mapped(&rules).await;
    reports!(done, again);
    assert_eq!(again.writes, 0);
    let site = rig.world.site.lock();
    assert_eq!(site.issue(execution).unwrap().summary, "Theirs");
    assert_eq!(site.xray.runs_of_execution(execution).count(), 1);
    let members = site.xray.members(Relation::PlanExecutions, plan);
    let names = members.iter().map(|id| site.issue(*id).unwrap().summary.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["for a release"]);
}
