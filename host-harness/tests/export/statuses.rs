//! Which Xray status a result gets, and that no name is sent that the server does not know.

use tms_sync_host::model::{CheckStatus, FaultKind, Outcome};
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
    let config = mapped(&[("status.skipped", "ABORTED"), ("status.broken", "blocked BY x")]);
    let done = rig.export_with(config, |job| job).await;
    assert_eq!(done.launches(Outcome::Created).len(), 1, "{:?}", done.verdicts);
    let runs = seen::executions(&rig).remove(0).runs;
    let status = |name: &str| {
        let test = seen::named(&rig, name).key;
        runs.iter()
            .find(|run| run.test == test)
            .unwrap()
            .status
            .replace(' ', "")
    };
    let (passed, failed) = if variant == Variant::Cloud {
        ("PASSED", "FAILED")
    } else {
        ("PASS", "FAIL")
    };
    let got = ["passed", "failed", "broken", "skipped", "unknown"].map(status);
    assert_eq!(got, [passed, failed, "BlockedbyX", "ABORTED", "TODO"]);
}

async fn a_status_that_the_server_does_not_know_ends_the_run_before_anything_is_written(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let config = mapped(&[("status.skipped", "SKIPPED")]);
    let test = rig.tenant().await.test(Some(&config)).await.unwrap();
    let failed: Vec<_> = test.checks.iter().filter(|c| c.status == CheckStatus::Failed).collect();
    let [check] = failed.as_slice() else {
        panic!("{:?}", test.checks)
    };
    for word in ["SKIPPED", "EXECUTING", "ABORTED"] {
        assert!(check.message.contains(word), "{check:?}");
    }
    assert!(
        check.hint.as_deref().is_some_and(|hint| hint.contains("status.*")),
        "{check:?}"
    );
    let done = rig.export_with(config, |job| job).await;
    let stopped = done.report.stopped.unwrap();
    assert_eq!(
        (stopped.kind, done.writes),
        (FaultKind::Configuration, 0),
        "{stopped:?}"
    );
    assert!(seen::tests(&rig).is_empty());
}
