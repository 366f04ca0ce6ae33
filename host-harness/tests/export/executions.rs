//! What a launch's own data become: environments, version, plan, issues, dates.

use serde_json::json;
use tms_sync_host::model::{FaultKind, Outcome, Verdict};
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::input::IssueInput;
use tms_sync_sim::jira::xray::Relation;
use tms_sync_sim::testops::data::{Case, Integration, Issue, Launch, Project, TestResult};
use tms_sync_sim::world::{INTEGRATION, PROJECT};

use crate::rig::{Rig, Variant, mapped};

scenarios!(
    environments_version_plan_and_issues_arrive_once,
    what_options_name_is_checked_before_anything_is_written,
    an_environment_that_xray_does_not_take_is_named_and_costs_nothing_else,
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

/// An issue of a type in the destination project.
pub fn add_issue(rig: &Rig, issue_type: &str, summary: &str) -> (IssueId, String) {
    let mut site = rig.world.site.lock();
    let fields = [
        ("project".to_owned(), json!({"key": PROJECT})),
        ("issuetype".to_owned(), json!({"name": issue_type})),
        ("summary".to_owned(), json!(summary)),
    ];
    let id = site.create_issue(&Actor::System, &IssueInput::of(fields)).unwrap();
    site.xray.learn(id);
    (id, site.issue(id).unwrap().key.clone())
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

fn of_launch(verdicts: &[Verdict]) -> &Verdict {
    verdicts.iter().find(|verdict| verdict.id == "5").unwrap()
}

async fn environments_version_plan_and_issues_arrive_once(variant: Variant) {
    let rig = Rig::start(variant, project(Launch::new("later"))).await;
    let (plan, plan_key) = add_issue(&rig, "Test Plan", "Release 2");
    let (_, bug) = add_issue(&rig, "Bug", "Cart is empty");
    add_version(&rig, "2.0");
    rig.world.testops.edit(|site| {
        site.add_integration(Integration::new(9, "jira", "https://other.example.com"));
        let launch = launch()
            .issue(Issue::new(&bug, INTEGRATION))
            .issue(Issue::new(&bug, 9))
            .issue(Issue::new("CALC-999", INTEGRATION));
        site.add_launch(1, launch)
    });
    let config = mapped(&[
        ("environments", "Browser"),
        ("fix-version", "2.0"),
        ("test-plan", &plan_key),
    ]);
    let done = rig.export_with(config.clone(), |job| job).await;
    assert_eq!(
        done.launches(Outcome::Created),
        ["5"],
        "{:?} {:?}",
        done.report.stopped,
        done.verdicts
    );
    let (id, environments, versions, linked) = execution(&rig);
    assert_eq!(
        (environments, versions),
        (
            vec!["Chrome_120".to_owned(), "Firefox".to_owned()],
            vec!["2.0".to_owned()]
        )
    );
    assert_eq!(linked, std::slice::from_ref(&bug));
    {
        let site = rig.world.site.lock();
        assert_eq!(site.xray.members(Relation::PlanExecutions, plan), [id]);
        let description = site.issue(id).unwrap().description.to_string();
        for part in ["Branch = main", "other.example.com", "CALC-999", "2026-11-06T"] {
            assert!(description.contains(part), "{part} in {description}");
        }
        if variant == Variant::Dc {
            let data = site.xray.execution(id).unwrap();
            assert_eq!((data.begin, data.end), (Some(START), Some(START + 4_000)));
        }
    }
    let notes = of_launch(&done.verdicts).notes.join("\n");
    for part in ["Chrome 120", "CALC-999 is not linked"] {
        assert!(notes.contains(part), "{part} in {notes}");
    }

    let same = rig.export_with(config.clone(), |job| job.full(true)).await;
    assert_eq!(
        (same.launches(Outcome::Unchanged), same.writes),
        (vec!["5"], 0),
        "{:?}",
        same.verdicts
    );

    rig.world.clock.advance(std::time::Duration::from_secs(60));
    rig.world.testops.edit(|site| {
        site.reopen_launch(5);
        site.edit_launch(5, |launch| {
            launch.environment.push(("Browser".to_owned(), "Safari".to_owned()))
        });
        site.close_launch(5);
    });
    let more = rig.export_with(config, |job| job).await;
    assert_eq!(more.launches(Outcome::Updated), ["5"], "{:?}", more.verdicts);
    let (_, environments, versions, linked) = execution(&rig);
    assert_eq!(environments, ["Chrome_120", "Firefox", "Safari"]);
    assert_eq!((versions, linked), (vec!["2.0".to_owned()], vec![bug]));
}

async fn what_options_name_is_checked_before_anything_is_written(variant: Variant) {
    let rig = Rig::start(variant, project(launch())).await;
    let (_, bug) = add_issue(&rig, "Bug", "no plan");
    add_version(&rig, "1.0");
    for (option, value, words) in [
        ("fix-version", "3.0", "it has 1.0"),
        ("test-plan", "CALC-999", "no issue CALC-999"),
        ("test-plan", bug.as_str(), "not a Test Plan"),
        ("launch-issues", "Conjures", "no link type Conjures"),
        ("user.ann", "nobody", "no account nobody"),
    ] {
        let config = mapped(&[(option, value)]);
        let done = rig.export_with(config.clone(), |job| job).await;
        let stopped = done.report.stopped.unwrap();
        assert_eq!(
            (stopped.kind, done.writes),
            (FaultKind::Configuration, 0),
            "{option}: {stopped:?}"
        );
        assert!(stopped.message.contains(words), "{option}: {stopped:?}");
        let test = rig.tenant().await.test(Some(&config)).await.unwrap();
        assert_ne!(test.summary, "Connection established", "{option}");
    }
}

async fn an_environment_that_xray_does_not_take_is_named_and_costs_nothing_else(variant: Variant) {
    let launch = launch().environment("Browser", "X");
    let rig = Rig::start(variant, project(launch)).await;
    rig.world.site.lock().xray.settings.inline_environments = false;
    rig.world.site.lock().xray.settings.environments = vec!["Firefox".to_owned()];
    let done = rig.export_with(mapped(&[("environments", "Browser")]), |job| job).await;
    assert_eq!(done.launches(Outcome::Created), ["5"], "{:?}", done.verdicts);
    let notes = of_launch(&done.verdicts).notes.join("\n");
    assert!(notes.contains("`X` makes no name"), "{notes}");
    let (_, environments, ..) = execution(&rig);
    assert!(environments.contains(&"Firefox".to_owned()), "{environments:?}");
    // Xray Cloud lets a project forbid new environments; Data Center has no such switch.
    if variant == Variant::Cloud {
        assert!(notes.contains("Chrome_120 does not exist"), "{notes}");
    }
}
