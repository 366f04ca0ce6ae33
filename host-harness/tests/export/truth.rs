//! The report equals what the servers recorded.

use std::collections::BTreeSet;

use tms_sync_host::Job;
use tms_sync_host::model::{FaultKind, Outcome};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::testops::data::{Case, Project};

use crate::rig::{Rig, Variant, config};
use crate::seen;

scenarios!(
    every_entity_in_scope_has_one_verdict_and_the_sums_add_up,
    requests_are_counted_as_the_servers_counted_them,
    an_item_that_jira_refuses_is_reported_and_the_rest_goes_on,
    a_cancelled_run_ends_cleanly_and_the_next_one_goes_on,
    undo_takes_back_what_a_run_created_and_nothing_else,
    what_was_undone_is_created_again,
    verify_finds_nothing_after_an_export,
    verify_names_every_difference_and_writes_nothing,
);

async fn every_entity_in_scope_has_one_verdict_and_the_sums_add_up(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(45, 2).automated(25).launch(60).launch(10).build()).await;
    let done = rig.export().await;
    let ids: BTreeSet<_> = done.verdicts.iter().map(|v| (v.entity.clone(), v.id.clone())).collect();
    assert_eq!((ids.len(), done.verdicts.len()), (47, 47));
    let tally = done.report.tally("test-case");
    assert_eq!(
        (
            tally.created,
            done.cases(Outcome::Created).len(),
            seen::tests(&rig).len()
        ),
        (45, 45, 45)
    );
    let keys: BTreeSet<_> = seen::tests(&rig).into_iter().map(|test| test.key).collect();
    let reported: BTreeSet<_> = done
        .verdicts
        .iter()
        .filter(|v| v.entity == "test-case")
        .map(|v| v.issue.as_ref().unwrap().key.clone())
        .collect();
    assert_eq!(reported, keys);
    let runs: u64 = done
        .verdicts
        .iter()
        .flat_map(|v| &v.counts)
        .filter(|c| c.what == "runs")
        .map(|c| c.number)
        .sum();
    assert_eq!(
        runs as usize,
        seen::executions(&rig).iter().map(|e| e.runs.len()).sum::<usize>()
    );
}

async fn requests_are_counted_as_the_servers_counted_them(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(10, 2).launch(10).build()).await;
    let done = rig.export().await;
    let traffic = |name: &str| {
        done.facts
            .connections
            .get(name)
            .map_or(0, |t| t.requests + t.token_exchanges) as usize
    };
    assert_eq!(traffic("jira"), rig.world.tracker.jira.journal().len());
    assert_eq!(
        traffic("xray"),
        rig.world.tracker.xray.as_ref().map_or(0, |xray| xray.journal().len())
    );
    assert_eq!(traffic("testops"), rig.world.testops.server().journal().len());
}

async fn an_item_that_jira_refuses_is_reported_and_the_rest_goes_on(variant: Variant) {
    // A limit that this Jira has and the vendor's documentation does not name.
    let project = Project::new(1)
        .case(Case::new("Good").id(1))
        .case(Case::new("Bad").id(2).tag(&"x".repeat(60)))
        .case(Case::new("Fine").id(3));
    let rig = Rig::start(variant, project).await;
    rig.world.site.lock().limits.label = 40;
    let done = rig.export().await;
    reports!(done);
    let tests: Vec<String> = seen::tests(&rig).into_iter().map(|test| test.summary).collect();
    assert_eq!(tests, ["Good", "Fine"]);
}

async fn a_cancelled_run_ends_cleanly_and_the_next_one_goes_on(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(40, 2).build()).await;
    let tenant = rig.tenant().await;
    let mut run = tenant.run(Job::new(config()));
    run.next_event().await;
    run.cancel();
    let outcome = run.finish().await;
    let report = outcome.result.unwrap();
    assert_eq!(report.stopped.map(|fault| fault.kind), Some(FaultKind::Cancelled));
    // A create that was under way when the run was cancelled is left alone until it can be judged.
    rig.hours_later(2);
    let done = rig.export().await;
    assert!(done.report.stopped.is_none());
    assert_eq!(seen::tests(&rig).len(), 40, "{done}");
}

/// The run `first` created six Tests and a Test Execution; a person commented on one of the Tests.
async fn with_a_comment(variant: Variant) -> (Rig, seen::Test) {
    let rig = Rig::start(variant, Plan::new(6, 1).launch(6).build()).await;
    rig.export_with(config(), |job| job.run_id("first")).await;
    let touched = seen::tests(&rig)[2].clone();
    let mut site = rig.world.site.lock();
    site.add_comment(&Actor::System, IssueId(touched.id), serde_json::json!("mine"));
    drop(site);
    (rig, touched)
}

async fn undo_takes_back_what_a_run_created_and_nothing_else(variant: Variant) {
    let (rig, touched) = with_a_comment(variant).await;
    let dry = rig.undo(config(), "first", false).await;
    let applied = rig.undo(config(), "first", true).await;
    reports!(dry, applied);
    assert_eq!(dry.writes, 0);
    assert_eq!((seen::tests(&rig), seen::executions(&rig).len()), (vec![touched], 0));
}

async fn what_was_undone_is_created_again(variant: Variant) {
    let (rig, _) = with_a_comment(variant).await;
    rig.undo(config(), "first", true).await;
    let again = rig.export().await;
    reports!(again);
    assert_eq!((seen::tests(&rig).len(), seen::executions(&rig).len()), (6, 1));
}

async fn verify_finds_nothing_after_an_export(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(8, 2).build()).await;
    rig.export().await;
    let found = rig.verify(config()).await;
    reports!(found);
    assert_eq!((found.writes, found.facts.ledger_writes), (0, 0));
}

async fn verify_names_every_difference_and_writes_nothing(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(8, 2).build()).await;
    rig.export().await;
    let tests = seen::tests(&rig);
    rig.edit_issue(IssueId(tests[1].id), |issue| "Other".clone_into(&mut issue.summary));
    rig.delete_issue(IssueId(tests[4].id));
    rig.edit_case(7, |case| "Renamed".clone_into(&mut case.name));
    rig.add_case(Case::new("New").id(99));
    let found = rig.verify(config()).await;
    reports!(variant => found);
    assert_eq!((found.writes, found.facts.ledger_writes), (0, 0));
}
