//! The connection test and the project list.

use tms_sync_host::model::{CheckStatus, FaultKind, Outcome, Side};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::world;

use crate::rig::{Rig, Variant, config, expect_no_secret};
use crate::seen;

scenarios!(
    good_settings_are_established_check_by_check,
    a_bad_testops_token_is_named,
    a_bad_jira_credential_is_named_and_tried_once,
    a_bad_xray_client_is_named_beside_a_good_jira_credential,
    a_missing_project_is_named,
    a_bad_credential_ends_an_export_before_anything_is_written,
    projects_are_listed_by_key,
);

async fn good_settings_are_established_check_by_check(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(3, 1).build()).await;
    let result = rig.tenant().await.test(Some(&config())).await.unwrap();
    assert_eq!(result.summary, "Connection established", "{:?}", result.checks);
    assert!(
        result.checks.iter().all(|check| check.status == CheckStatus::Passed),
        "{:?}",
        result.checks
    );
    assert!(result.checks.len() >= 8, "{:?}", result.checks);
    assert_eq!(rig.world.tracker.writes(), 0);
}

async fn failing(rig: &Rig) -> Vec<(Side, Option<FaultKind>)> {
    let result = rig.tenant().await.test(Some(&config())).await.unwrap();
    assert_ne!(result.summary, "Connection established");
    expect_no_secret("a connection test", &result);
    let failed = result.checks.iter().filter(|check| check.status == CheckStatus::Failed);
    failed
        .inspect(|check| assert!(check.hint.is_some(), "{check:?}"))
        .map(|check| (check.side.clone(), check.kind))
        .collect()
}

async fn a_bad_testops_token_is_named(variant: Variant) {
    let mut rig = Rig::start(variant, Plan::new(3, 1).build()).await;
    rig.testops_token = world::PASSWORD.to_owned();
    assert_eq!(
        failing(&rig).await,
        [("testops".to_owned(), Some(FaultKind::Credential))]
    );
}

async fn a_bad_jira_credential_is_named_and_tried_once(variant: Variant) {
    let mut rig = Rig::start(variant, Plan::new(3, 1).build()).await;
    rig.jira_secret = world::PASSWORD.to_owned();
    let failed = failing(&rig).await;
    assert_eq!(
        failed.first(),
        Some(&("tracker".to_owned(), Some(FaultKind::Credential))),
        "{failed:?}"
    );
    assert!(failed.iter().all(|(side, _)| side == "tracker"));
    let logins = rig.world.tracker.jira.journal().entries().len();
    assert!(logins <= 2, "{logins} requests with a bad credential");
}

async fn a_bad_xray_client_is_named_beside_a_good_jira_credential(variant: Variant) {
    if variant == Variant::Dc {
        return; // Data Center has one credential for both.
    }
    let mut rig = Rig::start(variant, Plan::new(3, 1).build()).await;
    rig.xray_secret = world::PASSWORD.to_owned();
    assert_eq!(
        failing(&rig).await,
        [("product".to_owned(), Some(FaultKind::Credential))]
    );
}

async fn a_missing_project_is_named(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(3, 1).build()).await;
    let mut elsewhere = config();
    elsewhere.project = "NOPE".to_owned();
    let result = rig.tenant().await.test(Some(&elsewhere)).await.unwrap();
    let failed: Vec<_> = result
        .checks
        .iter()
        .filter(|check| check.status == CheckStatus::Failed)
        .collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].message.contains("NOPE"), "{failed:?}");
    assert!(result.checks.iter().any(|check| check.status == CheckStatus::Skipped));
}

async fn a_bad_credential_ends_an_export_before_anything_is_written(variant: Variant) {
    let mut rig = Rig::start(variant, Plan::new(3, 1).build()).await;
    rig.jira_secret = world::PASSWORD.to_owned();
    let done = rig.export().await;
    let stopped = done.report.stopped.clone().expect("the run stops");
    assert_eq!(
        (stopped.kind, stopped.side),
        (FaultKind::Credential, "tracker".to_owned())
    );
    assert!(done.verdicts.is_empty() && seen::tests(&rig).is_empty() && done.writes == 0);
    assert!(done.requests <= 2);
    assert_eq!(done.cases(Outcome::Failed).len(), 0);
}

async fn projects_are_listed_by_key(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(1, 1).build()).await;
    rig.world.site.lock().add_project("ABC", "Alphabet");
    let tenant = rig.tenant().await;
    let keys: Vec<_> = tenant.projects("").await.unwrap().into_iter().map(|p| p.key).collect();
    assert_eq!(keys, ["ABC", "CALC"]);
    let found: Vec<_> = tenant
        .projects("alpha")
        .await
        .unwrap()
        .into_iter()
        .map(|p| p.key)
        .collect();
    assert_eq!(found, ["ABC"]);
}
