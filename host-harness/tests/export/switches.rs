//! The switches of an export configuration, and its scope.

use tms_sync_host::model::{ExportConfig, FaultKind, Finding};
use tms_sync_host::{CallError, Job};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::testops::data::{Case, Launch, Project, TestResult};

use crate::rig::{Done, Rig, Variant, config};
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
        assert_eq!(decided(&plan), decided(&rig.export().await), "round {round}");
    }
}

/// What a run decided of each item.
fn decided(run: &Done) -> Vec<(String, String, u8)> {
    let verdicts = run.verdicts.iter();
    let mut decided: Vec<_> = verdicts
        .map(|v| (v.entity.clone(), v.id.clone(), v.outcome as u8))
        .collect();
    decided.sort();
    decided
}

async fn disable_test_case_create_updates_only_what_was_exported_before(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Old").id(7))).await;
    rig.export().await;
    rig.edit_case(7, |case| case.name = "Old, renamed".to_owned());
    rig.add_case(Case::new("New").id(8));
    let config = ExportConfig {
        disable_test_case_create: true,
        ..config()
    };
    let done = rig.export_with(config, |job| job).await;
    reports!(done);
    assert_eq!(seen::tests(&rig).len(), 1);
}

async fn disable_launches_sync_exports_no_launch(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(5, 1).launch(5).build()).await;
    let without = ExportConfig {
        disable_launches_sync: true,
        ..config()
    };
    let without = rig.export_with(without, |job| job).await;
    assert!(seen::executions(&rig).is_empty());
    let with = rig.export().await;
    reports!(without, with);
    assert_eq!(seen::executions(&rig).len(), 1);
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
    let fault = rig.fault(&fault);
    reports!(fault);
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
    reports!(done);
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
    let of_filter = |finding: &&Finding| finding.field == "test-case-aql";
    let finding = findings.iter().find(of_filter).unwrap();
    let at = finding.at.as_ref().map(|at| (at.line, at.column));
    assert_eq!(at, Some((1, 7)));
    let finding = format!(
        "{}\n{}",
        finding.message,
        finding.excerpt.as_deref().unwrap_or_default()
    );
    let outcome = tenant.run(Job::new(wrong)).finish().await;
    let Err(CallError::Fault(fault)) = outcome.result else {
        panic!("{:?}", outcome.result)
    };
    assert_eq!(fault.kind, FaultKind::Configuration);
    let fault = rig.fault(&fault);
    reports!(finding, fault);
    assert_eq!(
        (rig.world.tracker.requests(), rig.world.testops.server().journal().len()),
        (0, 0)
    );
}
