//! Issues and runs that were deleted in Jira, and cases that were deleted in TestOps.

use tms_sync_host::model::Outcome;
use tms_sync_sim::fault::{Fault, Faults};
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::xray::Relation;
use tms_sync_sim::testops::data::{Case, Issue, Launch, Project, TestResult};
use tms_sync_sim::world::INTEGRATION;

use crate::executions::execution;
use crate::rig::{Rig, Variant, config, mapped};
use crate::seen;

scenarios!(
    what_a_failure_left_out_of_a_recreated_execution_comes_with_the_next_export,
    a_deleted_test_is_created_again_in_the_run_that_finds_it,
    a_plan_shows_that_a_deleted_test_would_be_created_again,
    the_deleted_execution_of_a_closed_launch_is_reported,
    a_deleted_execution_is_created_again_in_the_run_that_finds_it,
    runs_that_were_taken_out_of_an_open_launch_come_back,
    the_marker_of_an_execution_is_put_back,
    deleting_a_case_in_testops_publishes_no_launch_again,
);

const START: i64 = 1_794_000_000_000;

fn result(name: &str, case: i64) -> TestResult {
    TestResult::of(name).case(case).passed().ran(START, START + 4_000)
}

/// The server that is asked to complete Test Executions, and where.
fn completing(rig: &Rig) -> (&Faults, &'static str) {
    match &rig.world.tracker.xray {
        Some(xray) => (xray.faults(), "/api/v2/graphql"),
        None => (rig.world.tracker.jira.faults(), "/rest/raven/*"),
    }
}

async fn what_a_failure_left_out_of_a_recreated_execution_comes_with_the_next_export(variant: Variant) {
    let mut failed = 0;
    // Whichever of its requests fails.
    for nth in 1..=6 {
        let launch = Launch::new("nightly")
            .id(5)
            .closed()
            .environment("Browser", "Firefox")
            .result(result("One", 1));
        let project = Project::new(1)
            .case(Case::new("One").id(1))
            .case(Case::new("Two").id(2));
        let rig = Rig::start(variant, project).await;
        let (plan, plan_key) = rig.add_issue("Test Plan", "Release 2");
        let (_, bug) = rig.add_issue("Bug", "Cart is empty");
        let launch = launch.issue(Issue::new(&bug, INTEGRATION));
        rig.world.testops.edit(|site| site.add_launch(1, launch));
        let config = mapped(&[("environments", "Browser"), ("test-plan", &plan_key)]);
        rig.export_with(config.clone(), |job| job).await;
        let (first, ..) = execution(&rig);
        rig.world.site.lock().delete_issue(&Actor::System, first);
        // What Xray is to hold of the launch itself stays the same; its runs change, so that the deletion is noticed.
        rig.world.clock.advance(std::time::Duration::from_secs(60));
        rig.world.testops.edit(|site| {
            site.reopen_launch(5);
            site.edit_launch(5, |launch| launch.results.push(result("Two", 2)));
            site.close_launch(5);
        });
        rig.export_with(config.clone(), |job| job).await;

        let (faults, path) = completing(&rig);
        faults.add(Fault::status(500).on("POST", path).nth(nth).times(10));
        let asked = rig.export_with(config.clone(), |job| job.recreate(true)).await;
        failed += usize::from(asked.report.stopped.is_some() || !asked.launches(Outcome::Failed).is_empty());
        completing(&rig).0.clear();
        rig.world.clock.advance(std::time::Duration::from_secs(2 * 3_600));
        let healed = rig.export_with(config, |job| job.recreate(true)).await;
        assert!(healed.report.stopped.is_none(), "{nth}: {:?}", healed.report);
        let (again, environments, _, linked) = execution(&rig);
        assert_ne!(first, again);
        let planned = rig
            .world
            .site
            .lock()
            .xray
            .members(Relation::PlanExecutions, plan)
            .to_vec();
        assert_eq!(
            (planned, environments, linked),
            (vec![again], vec!["Firefox".to_owned()], vec![bug]),
            "request {nth}: {:?} {:?}",
            asked.verdicts,
            healed.verdicts
        );
    }
    assert!(failed > 0, "no request of these failed an export");
}

/// Two cases and a launch with a result of each, exported.
async fn exported(variant: Variant, launch: Launch) -> Rig {
    let launch = launch.id(5).result(result("One", 1)).result(result("Two", 2));
    let project = Project::new(1)
        .case(Case::new("One").id(1))
        .case(Case::new("Two").id(2))
        .launch(launch);
    let rig = Rig::start(variant, project).await;
    let first = rig.export().await;
    assert_eq!(first.numbers(Outcome::Created), (2, 1));
    rig
}

fn delete(rig: &Rig, summary: &str) {
    let mut site = rig.world.site.lock();
    let id = site.issues().find(|issue| issue.summary == summary).unwrap().id;
    site.delete_issue(&Actor::System, id);
}

async fn a_deleted_test_is_created_again_in_the_run_that_finds_it(variant: Variant) {
    let rig = exported(variant, Launch::new("nightly").closed()).await;
    delete(&rig, "One");
    let asked = rig.export_with(config(), |job| job.recreate(true)).await;
    assert_eq!(
        (asked.cases(Outcome::Created), asked.cases(Outcome::Unchanged)),
        (vec!["1"], vec!["2"])
    );
    assert_eq!(seen::tests(&rig).len(), 2);
    let next = rig.export().await;
    assert_eq!(next.cases(Outcome::Unchanged), ["1", "2"]);
}

async fn a_plan_shows_that_a_deleted_test_would_be_created_again(variant: Variant) {
    let rig = exported(variant, Launch::new("nightly").closed()).await;
    delete(&rig, "One");
    let tenant = rig.tenant().await;
    let plan = rig
        .follow(|| tenant.plan(tms_sync_host::Job::new(config()).recreate(true)))
        .await;
    assert_eq!((plan.cases(Outcome::Created), plan.writes), (vec!["1"], 0));
}

async fn the_deleted_execution_of_a_closed_launch_is_reported(variant: Variant) {
    let rig = exported(variant, Launch::new("nightly").closed()).await;
    delete(&rig, "nightly");
    for _ in 0..2 {
        let next = rig.export().await;
        assert_eq!((next.launches(Outcome::Skipped), next.writes), (vec!["5"], 0));
    }
    let asked = rig.export_with(config(), |job| job.recreate(true)).await;
    assert_eq!(asked.launches(Outcome::Created), ["5"]);
    assert_eq!(seen::executions(&rig)[0].runs.len(), 2);
}

async fn a_deleted_execution_is_created_again_in_the_run_that_finds_it(variant: Variant) {
    for launch in [Launch::new("nightly"), Launch::new("nightly").closed()] {
        let rig = exported(variant, launch).await;
        delete(&rig, "nightly");
        let asked = rig.export_with(config(), |job| job.recreate(true)).await;
        assert_eq!(asked.launches(Outcome::Created), ["5"]);
        assert_eq!(seen::executions(&rig)[0].runs.len(), 2);
        let next = rig.export().await;
        assert_eq!((next.launches(Outcome::Unchanged), next.writes), (vec!["5"], 0));
    }
}

async fn runs_that_were_taken_out_of_an_open_launch_come_back(variant: Variant) {
    let rig = exported(variant, Launch::new("nightly")).await;
    let (execution, ..) = execution(&rig);
    {
        let mut site = rig.world.site.lock();
        let test = site.issues().find(|issue| issue.summary == "Two").unwrap().id;
        assert!(site.xray.remove_run(execution, test));
    }
    let next = rig.export().await;
    assert_eq!(next.launches(Outcome::Updated), ["5"]);
    assert_eq!(seen::executions(&rig)[0].runs.len(), 2);
    let last = rig.export().await;
    assert_eq!((last.launches(Outcome::Unchanged), last.writes), (vec!["5"], 0));
}

async fn the_marker_of_an_execution_is_put_back(variant: Variant) {
    let rig = exported(variant, Launch::new("nightly").closed()).await;
    let (id, ..) = execution(&rig);
    let before = seen::executions(&rig)[0].labels.clone();
    rig.world.site.lock().touch(&Actor::System, id, &["labels"], |issue| {
        issue.labels.retain(|label| !label.starts_with("tms-le-"));
    });
    let next = rig.export().await;
    assert_eq!((next.launches(Outcome::Updated), next.writes), (vec!["5"], 1));
    let sorted = |mut labels: Vec<String>| {
        labels.sort();
        labels
    };
    assert_eq!(sorted(seen::executions(&rig)[0].labels.clone()), sorted(before));
    let last = rig.export().await;
    assert_eq!((last.launches(Outcome::Unchanged), last.writes), (vec!["5"], 0));
}

async fn deleting_a_case_in_testops_publishes_no_launch_again(variant: Variant) {
    for launch in [Launch::new("nightly"), Launch::new("nightly").closed()] {
        // A result of a case that is not exported makes a closed launch be looked at again whenever the scope changes.
        let rig = exported(variant, launch.result(result("Other", 9))).await;
        rig.world.testops.edit(|site| site.trash_case(1, true));
        for full in [false, true, false] {
            let next = rig.export_with(config(), |job| job.full(full)).await;
            assert_eq!(
                (next.launches(Outcome::Unchanged), next.writes),
                (vec!["5"], 0),
                "{full}"
            );
        }
    }
}
