//! The connection test and the project list.

use tms_sync_host::model::{CheckStatus, ExportConfig, FaultKind, Side};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::world;

use crate::rig::{Rig, Variant, config, expect_no_secret};

scenarios!(
    good_settings_are_established_check_by_check,
    a_bad_testops_token_is_named,
    a_bad_jira_credential_is_named_and_tried_once,
    a_missing_project_is_named_and_what_needs_it_is_skipped,
    a_bad_credential_ends_an_export_before_anything_is_written,
    projects_are_listed_by_key,
    a_filter_that_matches_nothing_names_the_value_that_does_not_exist,
);

/// Runs a connection test: its rendering, and side and kind of the checks that failed.
async fn test(rig: &Rig, config: &ExportConfig) -> (String, Vec<(Side, Option<FaultKind>)>) {
    let result = rig.tenant().await.test(Some(config)).await.unwrap();
    expect_no_secret("a connection test", &result);
    let failed = result.checks.iter().filter(|check| check.status == CheckStatus::Failed);
    let failed = failed.inspect(|check| assert!(check.hint.is_some(), "{check:?}"));
    (
        rig.checks(&result),
        failed.map(|check| (check.side.clone(), check.kind)).collect(),
    )
}

async fn good_settings_are_established_check_by_check(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(3, 1).build()).await;
    let (checks, failed) = test(&rig, &config()).await;
    reports!(variant => checks);
    assert_eq!((failed.len(), rig.world.tracker.writes()), (0, 0));
}

async fn a_filter_that_matches_nothing_names_the_value_that_does_not_exist(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(3, 1).launch(3).build()).await;
    let config = ExportConfig {
        test_case_aql: r#"id > 0 and tag = "no such tag""#.to_owned(),
        launches_aql: r#"name = "no such launch""#.to_owned(),
        ..config()
    };
    let result = rig.tenant().await.test(Some(&config)).await.unwrap();
    let filters = result.checks.iter().filter(|check| check.name.ends_with("AQL"));
    let warned: Vec<&str> = filters.filter_map(|check| check.hint.as_deref()).collect();
    assert_eq!(
        warned,
        [
            "an export with it has nothing to do. No test case matches tag = \"no such tag\": check whether that value exists in this project",
            "an export with it has nothing to do. No launch matches name = \"no such launch\": check whether that value exists in this project",
        ]
    );
}

async fn a_bad_testops_token_is_named(variant: Variant) {
    let mut rig = Rig::start(variant, Plan::new(3, 1).build()).await;
    rig.testops_token = world::PASSWORD.to_owned();
    let (checks, failed) = test(&rig, &config()).await;
    reports!(variant => checks);
    assert_eq!(failed, [("testops".to_owned(), Some(FaultKind::Credential))]);
}

async fn a_bad_jira_credential_is_named_and_tried_once(variant: Variant) {
    let mut rig = Rig::start(variant, Plan::new(3, 1).build()).await;
    rig.jira_secret = world::PASSWORD.to_owned();
    let (checks, failed) = test(&rig, &config()).await;
    reports!(variant => checks);
    assert_eq!(
        failed.first(),
        Some(&("tracker".to_owned(), Some(FaultKind::Credential)))
    );
    assert!(failed.iter().all(|(side, _)| side == "tracker"), "{failed:?}");
    let log_ins = rig.world.tracker.jira.journal().entries().len();
    assert!(log_ins <= 2, "{log_ins} requests with a bad credential");
}

/// On Cloud alone: Data Center has one credential for both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_xray_client_is_named_beside_a_good_jira_credential() {
    let mut rig = Rig::start(Variant::Cloud, Plan::new(3, 1).build()).await;
    rig.xray_secret = world::PASSWORD.to_owned();
    let (checks, failed) = test(&rig, &config()).await;
    reports!(checks);
    assert_eq!(failed, [("product".to_owned(), Some(FaultKind::Credential))]);
}

async fn a_missing_project_is_named_and_what_needs_it_is_skipped(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(3, 1).build()).await;
    let elsewhere = ExportConfig {
        project: "NOPE".to_owned(),
        ..config()
    };
    let (checks, failed) = test(&rig, &elsewhere).await;
    reports!(variant => checks);
    assert_eq!(failed.len(), 1);
}

async fn a_bad_credential_ends_an_export_before_anything_is_written(variant: Variant) {
    let mut rig = Rig::start(variant, Plan::new(3, 1).build()).await;
    rig.jira_secret = world::PASSWORD.to_owned();
    let done = rig.export().await;
    reports!(variant => done);
    let stopped = done
        .report
        .stopped
        .as_ref()
        .map(|fault| (fault.kind, fault.side.clone()));
    assert_eq!(stopped, Some((FaultKind::Credential, "tracker".to_owned())));
    assert!(done.requests <= 2 && done.writes == 0, "{} requests", done.requests);
}

async fn projects_are_listed_by_key(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(1, 1).build()).await;
    rig.world.site.lock().add_project("ABC", "Alphabet");
    let tenant = rig.tenant().await;
    let keys = async |text: &str| -> Vec<String> {
        let found = tenant.projects(text).await.unwrap().into_iter();
        found.map(|project| project.key).collect()
    };
    assert_eq!(keys("").await, ["ABC", "CALC"]);
    assert_eq!(keys("alpha").await, ["ABC"]);
}
