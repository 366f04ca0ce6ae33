//! Test Executions that were deleted in Jira and are created again.

use tms_sync_host::model::Outcome;
use tms_sync_sim::fault::{Fault, Faults};
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::xray::Relation;
use tms_sync_sim::testops::data::{Case, Issue, Launch, Project, TestResult};
use tms_sync_sim::world::INTEGRATION;

use crate::executions::execution;
use crate::rig::{Rig, Variant, mapped};

scenarios!(what_a_failure_left_out_of_a_recreated_execution_comes_with_the_next_export);

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
