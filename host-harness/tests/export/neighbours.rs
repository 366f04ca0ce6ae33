//! One bad item costs no other: what fails alone is reported alone, and a run ends where everything fails.

use std::sync::Arc;

use tms_sync_host::Job;
use tms_sync_host::model::{FaultKind, Outcome};
use tms_sync_sim::fault::{Fault, Moment};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::testops::data::{Case, Launch, Project, RunStep, SharedStep, Status, Step, TestResult};
use tokio::sync::Notify;

use crate::rig::{Done, Rig, Variant, config};
use crate::seen;

scenarios!(
    cases_that_cannot_be_read_cost_no_other_case_and_no_launch,
    a_broken_shared_step_costs_only_the_cases_that_use_it,
    a_row_that_cannot_be_read_costs_only_its_item,
    a_run_ends_where_details_fail_one_after_the_other,
    a_result_that_cannot_be_read_costs_only_its_run,
    an_issue_that_may_not_be_edited_costs_no_other_and_no_credential,
    an_edit_that_fails_for_ever_costs_no_other,
    a_run_that_stops_reports_what_it_edited_before,
    an_execution_whose_results_fail_is_reported,
    a_cancelled_run_reports_what_it_wrote,
);

/// Cases with ids from 1, and a launch in which all of them passed.
fn project(cases: i64) -> Project {
    let launch = Launch::new("nightly").id(5).closed();
    let launch = (1..=cases).fold(launch, |launch, id| {
        launch.result(TestResult::of(&format!("Case {id}")).case(id).passed())
    });
    (1..=cases)
        .fold(Project::new(1), |project, id| {
            project.case(Case::new(&format!("Case {id}")).id(id).step("Open", ""))
        })
        .launch(launch)
}

fn testops(rig: &Rig, fault: Fault) {
    rig.world.testops.server().faults().add(fault);
}

fn heal(rig: &Rig) {
    rig.world.testops.server().faults().clear();
    rig.world.tracker.jira.faults().clear();
    if let Some(xray) = &rig.world.tracker.xray {
        xray.faults().clear();
    }
}

fn ended_by_itself(done: &Done) {
    assert!(done.report.stopped.is_none(), "{done}");
}

async fn cases_that_cannot_be_read_cost_no_other_case_and_no_launch(variant: Variant) {
    let rig = Rig::start(variant, project(12)).await;
    let refused = Fault::status(403).body(r#"{"message":"Access is denied","status":403}"#);
    testops(
        &rig,
        Fault::status(500).on("GET", "/api/*/testcase/2/overview").always(),
    );
    testops(&rig, refused.on("GET", "/api/*/testcase/4/step").always());
    testops(
        &rig,
        Fault::member("/tags", "{}")
            .on("GET", "/api/*/testcase/6/overview")
            .always(),
    );
    testops(
        &rig,
        Fault::member("/links", "[null]")
            .on("GET", "/api/*/testcase/8/overview")
            .always(),
    );
    let half = Fault::member("/name", r#""Odd \ud83d name""#);
    testops(&rig, half.on("GET", "/api/*/testcase/10/overview").always());
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let deep = Fault::member("/name", &format!(r#"{{"bodyJson":{deep}}}"#));
    testops(&rig, deep.on("GET", "/api/*/testcase/12/overview").always());
    let done = rig.export().await;
    ended_by_itself(&done);
    assert_eq!(done.cases(Outcome::Failed), ["2", "4", "6", "8", "12"]);
    assert_eq!(done.launches(Outcome::Created), ["5"]);
    assert_eq!(seen::tests(&rig).len(), 7);
    heal(&rig);
    let healed = rig.export().await;
    assert_eq!(healed.cases(Outcome::Created).len(), 5);
    reports!(done, healed);
}

async fn a_broken_shared_step_costs_only_the_cases_that_use_it(variant: Variant) {
    const CASES: i64 = 40;
    let calling = |id: i64| Case::new(&format!("Calls {id}")).id(id).add_step(Step::shared(1));
    let shared = SharedStep::new(1, "Set up").step(Step::new("Turn on"));
    let project = (1..=CASES).fold(Project::new(1).shared_step(shared), |project, id| {
        project.case(calling(id))
    });
    let rig = Rig::start(variant, project.case(Case::new("Alone").id(99))).await;
    testops(
        &rig,
        Fault::member("/sharedSteps", "null")
            .on("GET", "/api/*/testcase/*/step")
            .always(),
    );
    testops(&rig, Fault::status(500).on("GET", "/api/*/sharedstep/1/step").always());
    let done = rig.export().await;
    ended_by_itself(&done);
    assert_eq!(
        (done.cases(Outcome::Failed).len(), done.cases(Outcome::Created)),
        (CASES as usize, vec!["99"])
    );
    let asked = rig.world.testops.server().journal().entries();
    let asked = asked.iter().filter(|entry| entry.path.ends_with("/sharedstep/1/step"));
    // Eight cases are read at a time, and a request is repeated four times.
    assert!(asked.count() <= 8 * 5, "once is enough");
}

async fn a_row_that_cannot_be_read_costs_only_its_item(variant: Variant) {
    let rig = Rig::start(variant, project(3)).await;
    testops(
        &rig,
        Fault::member("/content/1/name", "[7]")
            .on("GET", "/api/*/testcase/__search")
            .always(),
    );
    let first = rig.export().await;
    ended_by_itself(&first);
    assert_eq!(
        (first.cases(Outcome::Failed), first.cases(Outcome::Created)),
        (vec!["2"], vec!["1", "3"])
    );
    heal(&rig);
    rig.later();
    testops(
        &rig,
        Fault::member("/content/0/tags", "{}")
            .on("GET", "/api/*/launch/__search")
            .always(),
    );
    let second = rig.export().await;
    ended_by_itself(&second);
    assert_eq!(second.launches(Outcome::Failed), ["5"]);
    heal(&rig);
    rig.later();
    testops(
        &rig,
        Fault::member("/content/2/status", "[]")
            .on("GET", "/api/*/testresult")
            .always(),
    );
    let third = rig.export().await;
    assert_eq!(third.launches(Outcome::Failed), ["5"]);
    heal(&rig);
    let healed = rig.export().await;
    assert_eq!(seen::executions(&rig)[0].runs.len(), 3);
    reports!(first, second, third, healed);
}

async fn a_run_ends_where_details_fail_one_after_the_other(variant: Variant) {
    let rig = Rig::start(variant, project(20)).await;
    testops(
        &rig,
        Fault::status(500).on("GET", "/api/*/testcase/*/overview").always(),
    );
    let done = rig.export().await;
    reports!(done);
    assert_eq!(seen::tests(&rig).len(), 0);
}

async fn a_result_that_cannot_be_read_costs_only_its_run(variant: Variant) {
    let failed = |case: i64| {
        let step = RunStep::new("Open", Status::Failed);
        TestResult::of("x")
            .id(900 + case)
            .case(case)
            .failed("no", "at x")
            .step(step)
    };
    let launch = (1..=3).fold(Launch::new("nightly").id(7).closed(), |launch, case| {
        launch.result(failed(case))
    });
    let rig = Rig::start(variant, project(3).launch(launch)).await;
    let id = 902;
    let path = format!("/api/*/testresult/{id}/execution");
    testops(&rig, Fault::status(500).on("GET", &path).always());
    let done = rig.export().await;
    ended_by_itself(&done);
    let runs = |rig: &Rig| {
        seen::executions(rig)
            .iter()
            .map(|execution| execution.runs.len())
            .collect::<Vec<_>>()
    };
    assert_eq!(runs(&rig), [3, 2]);
    heal(&rig);
    let healed = rig.export().await;
    assert_eq!(runs(&rig), [3, 3]);
    reports!(done, healed);
}

fn jira(rig: &Rig, fault: Fault, key: &str) {
    let id = rig.test(key);
    rig.world
        .tracker
        .jira
        .faults()
        .add(fault.on("PUT", &format!("/rest/api/*/issue/{id}")));
}

fn rename_all(rig: &Rig, cases: i64) {
    rig.later();
    for id in 1..=cases {
        rig.edit_case(id, |case| case.name.push('!'));
    }
}

async fn an_issue_that_may_not_be_edited_costs_no_other_and_no_credential(variant: Variant) {
    let rig = Rig::start(variant, project(12)).await;
    rig.export().await;
    // More than the neighbours that end a run: all of them are closed.
    for id in 3..=9 {
        jira(&rig, Fault::not_editable().always(), &format!("Case {id}"));
    }
    rename_all(&rig, 12);
    let done = rig.export().await;
    ended_by_itself(&done);
    assert_eq!(
        (done.cases(Outcome::Failed).len(), done.cases(Outcome::Updated).len()),
        (7, 5)
    );
    let reports = rig.tenant().await.credential_reports(Some(&config())).await.unwrap();
    assert!(
        reports.iter().all(|report| report.health.reason().is_none()),
        "{reports:?}"
    );
    heal(&rig);
    let healed = rig.export().await;
    reports!(variant => done, healed);
}

async fn an_edit_that_fails_for_ever_costs_no_other(variant: Variant) {
    let rig = Rig::start(variant, project(3)).await;
    rig.export().await;
    jira(&rig, Fault::status(500).always(), "Case 2");
    rename_all(&rig, 3);
    let done = rig.export().await;
    ended_by_itself(&done);
    assert_eq!(
        (done.cases(Outcome::Failed), done.cases(Outcome::Updated)),
        (vec!["2"], vec!["1", "3"])
    );
}

async fn a_run_that_stops_reports_what_it_edited_before(variant: Variant) {
    let rig = Rig::start(variant, project(20)).await;
    rig.export().await;
    rename_all(&rig, 20);
    // Four are on their way at once: from the eighth on, Jira accepts the token no more.
    let refused = Fault::status(401)
        .header("x-ausername", "anonymous")
        .header("x-seraph-loginreason", "AUTHENTICATED_FAILED");
    let faults = rig.world.tracker.jira.faults();
    faults.add(refused.clone().on("PUT", "/rest/api/*/issue/*").nth(8).always());
    let done = rig.export().await;
    let stopped = done.report.stopped.as_ref().map(|fault| fault.kind);
    assert_eq!(stopped, Some(FaultKind::Credential), "{done}");
    let renamed = seen::tests(&rig)
        .iter()
        .filter(|test| test.summary.ends_with('!'))
        .count();
    assert_eq!((renamed, done.cases(Outcome::Updated).len()), (7, 7), "{done}");
}

async fn an_execution_whose_results_fail_is_reported(variant: Variant) {
    let rig = Rig::start(variant, project(2)).await;
    let server = rig.world.tracker.xray.as_ref().unwrap_or(&rig.world.tracker.jira);
    server
        .faults()
        .add(Fault::rate_limited(86_400).on("POST", "/*/import/execution").always());
    let stopped = rig.export().await;
    assert_eq!(seen::executions(&rig).len(), 1);
    heal(&rig);
    let healed = rig.export().await;
    assert_eq!(seen::executions(&rig).len(), 1);
    reports!(variant => stopped, healed);
}

async fn a_cancelled_run_reports_what_it_wrote(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(20, 1).build()).await;
    rig.export().await;
    rename_all(&rig, 20);
    let cancel = Arc::new(Notify::new());
    let hook = cancel.clone();
    let eighth = Fault::call(Moment::Done, move || hook.notify_one());
    rig.world
        .tracker
        .jira
        .faults()
        .add(eighth.on("PUT", "/rest/api/*/issue/*").nth(8));
    let tenant = rig.tenant().await;
    let done = rig
        .follow(|| {
            let run = tenant.run(Job::new(config()));
            let canceller = run.canceller();
            tokio::spawn(async move {
                cancel.notified().await;
                canceller.cancel();
            });
            run
        })
        .await;
    let stopped = done.report.stopped.as_ref().map(|fault| fault.kind);
    assert_eq!(stopped, Some(FaultKind::Cancelled), "{done}");
    let renamed = seen::tests(&rig)
        .iter()
        .filter(|test| test.summary.ends_with('!'))
        .count();
    let reported = done.cases(Outcome::Updated).len();
    // Those that were on their way may have been written without an answer.
    assert!(
        reported > 0 && reported <= renamed && renamed <= reported + 4,
        "{reported} of {renamed}"
    );
    rig.export().await;
    assert_eq!(rig.export().await.writes, 0);
}
