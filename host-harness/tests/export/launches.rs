//! What a launch becomes.

use tms_sync_host::model::{ExportConfig, Outcome};
use tms_sync_sim::fault::Fault;
use tms_sync_sim::generate::Plan;
use tms_sync_sim::testops::data::{Case, Launch, Parameter, Project, Status, TestResult};

use crate::rig::{Done, Rig, Variant, config};
use crate::seen;

scenarios!(
    each_exported_case_gets_one_run_with_status_times_and_comment,
    the_worst_of_several_results_wins_and_none_is_dropped,
    replaced_unlinked_and_running_results_are_counted_and_left_out,
    an_open_launch_is_kept_up_to_date,
    a_reopened_launch_is_exported_again,
    a_launch_without_exported_cases_is_skipped,
    results_of_cases_exported_later_follow,
    results_of_cases_that_come_back_into_scope_follow,
    one_case_more_or_less_reads_no_launch_that_lacks_another,
    an_import_that_a_proxy_gives_up_on_is_sent_in_halves,
);

const START: i64 = 1_794_000_000_000;

fn status(variant: Variant, cloud: &'static str, dc: &'static str) -> &'static str {
    if variant == Variant::Cloud { cloud } else { dc }
}

/// Three cases: one passed, one failed, one skipped.
fn nightly() -> Project {
    let good = TestResult::of("Good").case(1).passed().ran(START, START + 4_000);
    let bad = TestResult::of("Bad").case(2).failed("expected 1", "at com.acme.T:7");
    let launch = Launch::new("nightly 42")
        .id(5)
        .closed()
        .tag("ci")
        .result(good)
        .result(bad.ran(START, START + 9_000))
        .result(TestResult::of("Left out").case(3).status(Status::Skipped));
    Project::new(1)
        .case(Case::new("Good").id(1))
        .case(Case::new("Bad").id(2))
        .case(Case::new("Left out").id(3))
        .launch(launch)
}

async fn each_exported_case_gets_one_run_with_status_times_and_comment(variant: Variant) {
    let rig = Rig::start(variant, nightly()).await;
    let done = rig.export().await;
    let executions = seen::executions(&rig);
    let [execution] = executions.as_slice() else {
        panic!("{executions:?}")
    };
    assert_eq!((execution.summary.as_str(), execution.runs.len()), ("nightly 42", 3));
    assert!(execution.labels.iter().any(|l| l == "ci") && execution.labels.iter().any(|l| l == "tms-sync"));
    let run = |name: &str| {
        let key = seen::named(&rig, name).key;
        execution.runs.iter().find(|run| run.test == key).unwrap().clone()
    };
    let good = run("Good");
    assert_eq!(good.status, status(variant, "PASSED", "PASS"));
    assert_eq!((good.started, good.finished), (Some(START), Some(START + 4_000)));
    assert_eq!(run("Bad").status, status(variant, "FAILED", "FAIL"));
    assert_eq!(run("Left out").status.replace(' ', ""), "TODO");
    let comment = rig.shown(run("Bad").comment);
    reports!(done, comment);
}

async fn the_worst_of_several_results_wins_and_none_is_dropped(variant: Variant) {
    let with = |browser: &str| {
        TestResult::of("Cart")
            .case(1)
            .parameter(Parameter::new("browser", browser))
    };
    let chrome = with("chrome").failed("cart is empty", "");
    let launch = Launch::new("browsers")
        .closed()
        .result(with("firefox").passed().ran(START, START + 1_000))
        .result(chrome.ran(START + 500, START + 7_000))
        .result(with("safari").passed().ran(START - 2_000, START));
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Cart").id(1)).launch(launch)).await;
    let done = rig.export().await;
    let executions = seen::executions(&rig);
    let [run] = executions[0].runs.as_slice() else {
        panic!("{executions:?}")
    };
    assert_eq!(run.status, status(variant, "FAILED", "FAIL"));
    assert_eq!((run.started, run.finished), (Some(START - 2_000), Some(START + 7_000)));
    let comment = rig.shown(&run.comment);
    reports!(done, comment);
}

async fn replaced_unlinked_and_running_results_are_counted_and_left_out(variant: Variant) {
    let launch = Launch::new("nightly")
        .closed()
        .attempts([
            TestResult::of("Cart").case(1).failed("flaky", ""),
            TestResult::of("Cart").case(1).passed(),
        ])
        .result(TestResult::new("nobody's").passed())
        .result(TestResult::of("Slow").case(2));
    let project = Project::new(1)
        .case(Case::new("Cart").id(1))
        .case(Case::new("Slow").id(2))
        .launch(launch);
    let rig = Rig::start(variant, project).await;
    let done = rig.export().await;
    reports!(done);
    let executions = seen::executions(&rig);
    let [run] = executions[0].runs.as_slice() else {
        panic!("{executions:?}")
    };
    assert_eq!(run.status, status(variant, "PASSED", "PASS"));
}

async fn an_open_launch_is_kept_up_to_date(variant: Variant) {
    let launch = Launch::new("manual run")
        .id(5)
        .result(TestResult::of("One").case(1).passed());
    let project = Project::new(1)
        .case(Case::new("One").id(1))
        .case(Case::new("Two").id(2))
        .launch(launch);
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    let same = rig.export().await;
    assert_eq!(same.writes, 0);
    rig.world
        .testops
        .edit(|site| site.add_result(5, TestResult::of("Two").case(2).failed("no", "")));
    let more = rig.export().await;
    reports!(same, more);
    let executions = seen::executions(&rig);
    assert_eq!((executions.len(), executions[0].runs.len()), (1, 2));
}

async fn a_reopened_launch_is_exported_again(variant: Variant) {
    let result = TestResult::of("One").case(1).failed("no", "");
    let launch = Launch::new("nightly").id(5).closed().result(result);
    let rig = Rig::start(variant, Project::new(1).case(Case::new("One").id(1)).launch(launch)).await;
    rig.export().await;
    rig.later();
    rig.world.testops.edit(|site| {
        site.reopen_launch(5);
        let id = site.result_ids(5)[0];
        site.edit_result(id, |result| *result = result.clone().passed());
        site.close_launch(5);
    });
    let done = rig.export().await;
    reports!(done);
    let run = &seen::executions(&rig)[0].runs[0];
    assert_eq!(run.status, status(variant, "PASSED", "PASS"));
}

/// Exports the cases tagged `ours`.
async fn export_ours(rig: &Rig) -> Done {
    let ours = ExportConfig {
        test_case_aql: r#"tag = "ours""#.to_owned(),
        ..config()
    };
    rig.export_with(ours, |job| job).await
}

async fn a_launch_without_exported_cases_is_skipped(variant: Variant) {
    let launch = Launch::new("other team")
        .id(5)
        .closed()
        .result(TestResult::of("Two").case(2).passed());
    let project = Project::new(1)
        .case(Case::new("One").id(1).tag("ours"))
        .case(Case::new("Two").id(2))
        .launch(launch);
    let rig = Rig::start(variant, project).await;
    let done = export_ours(&rig).await;
    reports!(done);
    assert_eq!(done.launches(Outcome::Skipped), ["5"]);
    assert!(seen::executions(&rig).is_empty());
}

/// Cases 1, tagged `ours`, and 2, both with a result in the closed launch 5.
fn two_cases_in_a_closed_launch() -> Project {
    let launch = Launch::new("nightly")
        .id(5)
        .closed()
        .result(TestResult::of("One").case(1).passed())
        .result(TestResult::of("Two").case(2).passed());
    Project::new(1)
        .case(Case::new("One").id(1).tag("ours"))
        .case(Case::new("Two").id(2))
        .launch(launch)
}

async fn results_of_cases_exported_later_follow(variant: Variant) {
    let rig = Rig::start(variant, two_cases_in_a_closed_launch()).await;
    let ours = export_ours(&rig).await;
    assert_eq!(seen::executions(&rig)[0].runs.len(), 1);
    rig.later();
    let all = rig.export().await;
    reports!(ours, all);
    assert_eq!(seen::executions(&rig)[0].runs.len(), 2);
}

async fn one_case_more_or_less_reads_no_launch_that_lacks_another(variant: Variant) {
    let launch = |id| {
        let launch = Launch::new("nightly").id(id).closed();
        let launch = launch.result(TestResult::of("One").case(1).passed());
        launch.result(TestResult::of("Two").case(2).passed())
    };
    let cases = Project::new(1)
        .case(Case::new("One").id(1).tag("ours"))
        .case(Case::new("Two").id(2))
        .case(Case::new("Three").id(3).tag("ours"));
    let rig = Rig::start(variant, (5..15).fold(cases, |project, id| project.launch(launch(id)))).await;
    export_ours(&rig).await;
    let testops = rig.world.testops.server();
    let changes: [fn(&Rig); 3] = [
        |rig| rig.edit_case(3, |case| case.name.push('!')),
        |rig| rig.add_case(Case::new("Four").id(4).tag("ours")),
        |rig| rig.world.testops.edit(|site| site.trash_case(3, true)),
    ];
    for change in changes {
        rig.later();
        change(&rig);
        let before = testops.journal().len();
        let done = export_ours(&rig).await;
        assert_eq!(done.launches(Outcome::Unchanged).len(), 10);
        let read = testops.journal().since(before);
        let read = read.iter().filter(|entry| entry.path.ends_with("/testresult")).count();
        assert_eq!(read, 0, "pages of results were read");
    }
    rig.later();
    rig.edit_case(2, |case| case.tags.push("ours".to_owned()));
    let done = export_ours(&rig).await;
    assert_eq!(done.launches(Outcome::Updated).len(), 10);
}

async fn results_of_cases_that_come_back_into_scope_follow(variant: Variant) {
    let rig = Rig::start(variant, two_cases_in_a_closed_launch()).await;
    let without_launches = ExportConfig {
        disable_launches_sync: true,
        ..config()
    };
    rig.export_with(without_launches, |job| job).await;
    let ours = export_ours(&rig).await;
    assert_eq!(seen::executions(&rig)[0].runs.len(), 1);
    let all = rig.export().await;
    reports!(ours, all);
    assert_eq!(seen::executions(&rig)[0].runs.len(), 2);
}

async fn an_import_that_a_proxy_gives_up_on_is_sent_in_halves(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(600, 1).launch(600).settled().build()).await;
    let server = rig.world.tracker.xray.as_ref().unwrap_or(&rig.world.tracker.jira);
    // The first is too much for the time that a proxy waits, the second for the bytes that it lets through.
    let page = "<html><title>413 Request Entity Too Large</title></html>";
    let too_large = Fault::status(413).header("content-type", "text/html").body(page);
    for fault in [Fault::drop_response(), too_large.nth(2)] {
        server.faults().add(fault.on("POST", "/*/import/execution"));
    }
    let done = rig.export().await;
    assert_eq!(done.launches(Outcome::Created).len(), 1, "{done}");
    let imports = server.journal().entries();
    let imports = imports.iter().filter(|entry| entry.path.ends_with("/import/execution"));
    let bodies = imports.filter_map(|entry| entry.body.as_ref());
    let sizes: Vec<usize> = bodies.map(|body| body["tests"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [600, 300, 150, 150, 150, 150]);
    assert_eq!(seen::executions(&rig)[0].runs.len(), 600);
}
