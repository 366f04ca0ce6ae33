//! The switches of an export configuration, and its scope.

use tms_sync_host::model::{ExportConfig, FaultKind, Outcome};
use tms_sync_host::{CallError, Job};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::testops::data::{Case, Launch, Project, TestResult};

use crate::rig::{Rig, Variant, config};
use crate::seen;

scenarios!(
    a_plan_decides_what_the_export_then_does_and_writes_nothing,
    disable_test_case_create_updates_only_what_was_exported_before,
    disable_launches_sync_exports_no_launch,
    disable_export_does_nothing_at_all,
    filters_bound_the_scope,
    an_invalid_filter_is_refused_before_anything_is_sent,
);

async fn a_plan_decides_what_the_export_then_does_and_writes_nothing(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(20, 2).launch(30).build()).await;
    for round in 0..2 {
        let plan = rig.plan(config()).await;
        assert_eq!((plan.writes, plan.facts.ledger_writes), (0, 0));
        let done = rig.export().await;
        let decided = |run: &crate::rig::Done| {
            let mut list: Vec<_> = run
                .verdicts
                .iter()
                .map(|v| (v.entity.clone(), v.id.clone(), v.outcome as u8))
                .collect();
            list.sort();
            list
        };
        assert_eq!(decided(&plan), decided(&done), "round {round}");
    }
}

async fn disable_test_case_create_updates_only_what_was_exported_before(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Old").id(7))).await;
    rig.export().await;
    rig.world.testops.edit(|site| {
        site.edit_case(7, |case| case.name = "Old, renamed".to_owned());
        site.add_case(1, Case::new("New").id(8))
    });
    let done = rig
        .export_with(
            ExportConfig {
                disable_test_case_create: true,
                ..config()
            },
            |job| job,
        )
        .await;
    assert_eq!(
        (done.cases(Outcome::Updated), done.cases(Outcome::Skipped)),
        (vec!["7"], vec!["8"]),
        "{:?}",
        done.verdicts
    );
    assert_eq!(seen::tests(&rig).len(), 1);
}

async fn disable_launches_sync_exports_no_launch(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(5, 1).launch(5).build()).await;
    let done = rig
        .export_with(
            ExportConfig {
                disable_launches_sync: true,
                ..config()
            },
            |job| job,
        )
        .await;
    assert_eq!(done.cases(Outcome::Created).len(), 5);
    assert!(seen::executions(&rig).is_empty());
    let later = rig.export().await;
    assert_eq!(
        (later.launches(Outcome::Created).len(), seen::executions(&rig).len()),
        (1, 1),
        "{:?}",
        later.verdicts
    );
}

async fn disable_export_does_nothing_at_all(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(5, 1).build()).await;
    let tenant = rig.tenant().await;
    let outcome = tenant
        .run(Job::new(ExportConfig {
            disable_export: true,
            ..config()
        }))
        .finish()
        .await;
    let Err(CallError::Fault(fault)) = outcome.result else {
        panic!("{:?}", outcome.result)
    };
    assert_eq!(fault.kind, FaultKind::Configuration);
    assert!(fault.message.contains("disable-export"), "{}", fault.message);
    assert_eq!(
        (rig.world.tracker.requests(), rig.world.testops.server().journal().len()),
        (0, 0)
    );
}

async fn filters_bound_the_scope(variant: Variant) {
    let launch = |name: &str, id| {
        Launch::new(name)
            .id(id)
            .closed()
            .result(TestResult::of("Smoke one").case(7).passed())
    };
    let project = Project::new(1)
        .case(Case::new("Smoke one").id(7).tag("smoke"))
        .case(Case::new("Other").id(8))
        .launch(launch("nightly", 1))
        .launch(launch("local", 2));
    let rig = Rig::start(variant, project).await;
    let scoped = ExportConfig {
        test_case_aql: r#"tag = "smoke""#.to_owned(),
        launches_aql: r#"name = "nightly""#.to_owned(),
        ..config()
    };
    let done = rig.export_with(scoped, |job| job).await;
    assert_eq!(
        (done.cases(Outcome::Created), done.launches(Outcome::Created)),
        (vec!["7"], vec!["1"]),
        "{:?}",
        done.verdicts
    );
    assert_eq!((seen::tests(&rig).len(), seen::executions(&rig).len()), (1, 1));
}

async fn an_invalid_filter_is_refused_before_anything_is_sent(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(5, 1).build()).await;
    let tenant = rig.tenant().await;
    let wrong = ExportConfig {
        test_case_aql: "tag = = 1".to_owned(),
        ..config()
    };
    let findings = tenant.validate(Some(&wrong)).await.unwrap();
    let finding = findings
        .iter()
        .find(|finding| finding.field == "test-case-aql")
        .unwrap();
    assert_eq!(finding.at.as_ref().map(|at| (at.line, at.column)), Some((1, 7)));
    assert!(finding.excerpt.as_ref().is_some_and(|excerpt| excerpt.contains('^')));
    let outcome = tenant.run(Job::new(wrong)).finish().await;
    assert!(matches!(outcome.result, Err(CallError::Fault(fault)) if fault.kind == FaultKind::Configuration));
    assert_eq!(
        (rig.world.tracker.requests(), rig.world.testops.server().journal().len()),
        (0, 0)
    );
}
