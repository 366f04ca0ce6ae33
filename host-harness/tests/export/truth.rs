//! The report equals what the servers recorded.

use std::collections::BTreeSet;

use tms_sync_host::model::{FaultKind, Outcome};
use tms_sync_host::{Job, Undo};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::testops::data::{Case, Project};

use crate::rig::{Rig, Variant, config};
use crate::seen;

scenarios!(
    every_entity_in_scope_has_one_verdict_and_the_sums_add_up,
    requests_are_counted_as_the_servers_counted_them,
    an_item_that_jira_refuses_is_told_and_the_rest_goes_on,
    a_cancelled_run_ends_cleanly_and_the_next_one_goes_on,
    undo_takes_back_what_a_run_created_and_nothing_else,
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
    let told: BTreeSet<_> = done
        .verdicts
        .iter()
        .filter(|v| v.entity == "test-case")
        .map(|v| v.issue.as_ref().unwrap().key.clone())
        .collect();
    assert_eq!(told, keys);
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

async fn an_item_that_jira_refuses_is_told_and_the_rest_goes_on(variant: Variant) {
    // A limit that this Jira has and the vendor's documentation does not tell.
    let project = Project::new(1)
        .case(Case::new("Good").id(1))
        .case(Case::new("Bad").id(2).tag(&"x".repeat(60)))
        .case(Case::new("Fine").id(3));
    let rig = Rig::start(variant, project).await;
    rig.world.site.lock().limits.label = 40;
    let done = rig.export().await;
    assert_eq!(
        (done.cases(Outcome::Created), done.cases(Outcome::Failed)),
        (vec!["1", "3"], vec!["2"]),
        "{:?}",
        done.verdicts
    );
    let bad = done.verdicts.iter().find(|v| v.id == "2").unwrap();
    assert!(
        bad.reason.as_deref().is_some_and(|reason| reason.contains("label")),
        "{bad:?}"
    );
    assert_eq!(seen::tests(&rig).len(), 2);
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
    rig.world.clock.advance(std::time::Duration::from_secs(2 * 3600));
    let done = rig.export().await;
    assert!(done.report.stopped.is_none());
    assert_eq!(seen::tests(&rig).len(), 40, "{:?}", done.report);
}

async fn undo_takes_back_what_a_run_created_and_nothing_else(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(6, 1).launch(6).build()).await;
    let tenant = rig.tenant().await;
    let first = rig.follow(|| tenant.run(Job::new(config()).run_id("first"))).await;
    assert_eq!(first.cases(Outcome::Created).len(), 6, "{:?}", first.report);
    let touched = seen::tests(&rig)[2].clone();
    {
        let mut site = rig.world.site.lock();
        let actor = Actor::System;
        site.add_comment(&actor, IssueId(touched.id), serde_json::json!("mine"));
    }
    let dry = rig.follow(|| tenant.undo(Undo::new(config(), "first"))).await;
    assert_eq!(
        (
            dry.writes,
            dry.cases(Outcome::Removed).len(),
            dry.launches(Outcome::Removed).len()
        ),
        (0, 5, 1),
        "{:?}",
        dry.verdicts
    );
    let wet = rig
        .follow(|| tenant.undo(Undo::new(config(), "first").apply(true)))
        .await;
    assert_eq!(
        (wet.cases(Outcome::Removed).len(), wet.cases(Outcome::Skipped).len()),
        (5, 1),
        "{:?}",
        wet.verdicts
    );
    let left = seen::tests(&rig);
    assert_eq!(
        (left.len(), left[0].key.as_str(), seen::executions(&rig).len()),
        (1, touched.key.as_str(), 0)
    );
    let again = rig.export().await;
    assert_eq!(
        (
            again.cases(Outcome::Created).len(),
            again.cases(Outcome::Unchanged).len()
        ),
        (5, 1),
        "{:?}",
        again.verdicts
    );
}

async fn verify_names_every_difference_and_writes_nothing(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(8, 2).build()).await;
    rig.export().await;
    let tenant = rig.tenant().await;
    let clean = rig.follow(|| tenant.verify(Job::new(config()))).await;
    assert_eq!(clean.cases(Outcome::Unchanged).len(), 8, "{:?}", clean.verdicts);
    let edited = seen::tests(&rig)[1].id;
    let gone = seen::tests(&rig)[4].id;
    {
        let mut site = rig.world.site.lock();
        site.touch(&Actor::System, IssueId(edited), &["summary"], |issue| {
            issue.summary = "Other".to_owned()
        });
        site.delete_issue(&Actor::System, IssueId(gone));
    }
    rig.world.testops.edit(|site| {
        site.edit_case(7, |case| case.name = "Renamed".to_owned());
        site.add_case(1, Case::new("New").id(99))
    });
    let found = rig.follow(|| tenant.verify(Job::new(config()))).await;
    assert_eq!(found.cases(Outcome::Updated), ["2", "7"], "{:?}", found.verdicts);
    assert_eq!(found.cases(Outcome::Created), ["5", "99"], "{:?}", found.verdicts);
    assert_eq!((found.writes, found.facts.ledger_writes), (0, 0));
}
