//! Which Xray status a result gets, and that no name is sent that the server does not know.

use tms_sync_host::model::{CheckStatus, FaultKind};
use tms_sync_sim::testops::data::{Case, Launch, Project, Status, TestResult};

use crate::rig::{Rig, Variant, mapped};
use crate::seen;

scenarios!(
    a_configured_status_is_used_in_the_servers_spelling,
    a_status_that_the_server_does_not_know_ends_the_run_before_anything_is_written,
);

fn project() -> Project {
    let with = |id: i64, status| {
        TestResult::new(&format!("result {id}"))
            .case(id)
            .status(status)
            .ran(1_000_000, 1_001_000)
    };
    let statuses = [
        Status::Passed,
        Status::Failed,
        Status::Broken,
        Status::Skipped,
        Status::Unknown,
    ];
    let mut launch = Launch::new("nightly").closed();
    let mut project = Project::new(1);
    for (id, status) in (1..).zip(statuses) {
        project = project.case(Case::new(status.name()).id(id));
        launch = launch.result(with(id, status));
    }
    project.launch(launch)
}

async fn a_configured_status_is_used_in_the_servers_spelling(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    rig.world
        .site
        .lock()
        .xray
        .settings
        .add_status("Blocked by X", true, "NOK");
    let done = rig
        .export_mapped(&[("status.skipped", "ABORTED"), ("status.broken", "blocked BY x")])
        .await;
    reports!(done);
    let runs = seen::executions(&rig).remove(0).runs;
    let status = |name: &str| {
        let test = seen::named(&rig, name).key;
        let run = runs.iter().find(|run| run.test == test).unwrap();
        run.status.replace(' ', "")
    };
    let (passed, failed) = match variant {
        Variant::Cloud => ("PASSED", "FAILED"),
        Variant::Dc => ("PASS", "FAIL"),
    };
    let got = ["passed", "failed", "broken", "skipped", "unknown"].map(status);
    assert_eq!(got, [passed, failed, "BlockedbyX", "ABORTED", "TODO"]);
}

async fn a_status_that_the_server_does_not_know_ends_the_run_before_anything_is_written(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let config = mapped(&[("status.skipped", "SKIPPED")]);
    let test = rig.tenant().await.test(Some(&config)).await.unwrap();
    let failed = test.checks.iter().filter(|check| check.status == CheckStatus::Failed);
    assert_eq!(failed.count(), 1);
    let test = rig.checks(&test);
    let done = rig.export_with(config, |job| job).await;
    reports!(variant => test, done);
    let kind = done.report.stopped.as_ref().map(|fault| fault.kind);
    assert_eq!((kind, done.writes), (Some(FaultKind::Configuration), 0));
    assert!(seen::tests(&rig).is_empty());
}
