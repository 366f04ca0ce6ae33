//! What a launch becomes.

use tms_sync_host::model::{ExportConfig, Outcome};
use tms_sync_sim::testops::data::{Case, Launch, Parameter, Project, TestResult};

use crate::rig::{Rig, Variant, config};
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
);

const START: i64 = 1_794_000_000_000;

fn status(variant: Variant, cloud: &'static str, dc: &'static str) -> &'static str {
    if variant == Variant::Cloud { cloud } else { dc }
}

async fn each_exported_case_gets_one_run_with_status_times_and_comment(variant: Variant) {
    let project = Project::new(1)
        .case(Case::new("Good").id(1))
        .case(Case::new("Bad").id(2))
        .case(Case::new("Left out").id(3))
        .launch(
            Launch::new("nightly 42")
                .id(5)
                .closed()
                .tag("ci")
                .result(TestResult::of("Good").case(1).passed().ran(START, START + 4_000))
                .result(
                    TestResult::of("Bad")
                        .case(2)
                        .failed("expected 1", "at com.acme.T:7")
                        .ran(START, START + 9_000),
                )
                .result(
                    TestResult::of("Left out")
                        .case(3)
                        .status(tms_sync_sim::testops::data::Status::Skipped),
                ),
        );
    let rig = Rig::start(variant, project).await;
    let done = rig.export().await;
    assert_eq!(done.launches(Outcome::Created), ["5"], "{:?}", done.verdicts);
    let executions = seen::executions(&rig);
    let [execution] = executions.as_slice() else {
        panic!("{executions:?}")
    };
    assert_eq!(execution.summary, "nightly 42");
    assert!(execution.labels.iter().any(|l| l == "ci") && execution.labels.iter().any(|l| l == "tms-sync"));
    assert_eq!(execution.runs.len(), 3);
    let run = |name: &str| {
        let key = seen::named(&rig, name).key;
        execution.runs.iter().find(|run| run.test == key).unwrap().clone()
    };
    assert_eq!(run("Good").status, status(variant, "PASSED", "PASS"));
    assert_eq!(
        (run("Good").started, run("Good").finished),
        (Some(START), Some(START + 4_000))
    );
    assert_eq!(run("Bad").status, status(variant, "FAILED", "FAIL"));
    assert!(
        run("Bad").comment.contains("expected 1") && run("Bad").comment.contains("com.acme.T:7"),
        "{}",
        run("Bad").comment
    );
    assert_eq!(run("Left out").status.replace(' ', ""), "TODO");
}

async fn the_worst_of_several_results_wins_and_none_is_dropped(variant: Variant) {
    let with = |browser: &str| {
        TestResult::of("Cart")
            .case(1)
            .parameter(Parameter::new("browser", browser))
    };
    let launch = Launch::new("browsers")
        .closed()
        .result(with("firefox").passed().ran(START, START + 1_000))
        .result(
            with("chrome")
                .failed("cart is empty", "")
                .ran(START + 500, START + 7_000),
        )
        .result(with("safari").passed().ran(START - 2_000, START));
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Cart").id(1)).launch(launch)).await;
    rig.export().await;
    let executions = seen::executions(&rig);
    let [run] = executions[0].runs.as_slice() else {
        panic!("{executions:?}")
    };
    assert_eq!(run.status, status(variant, "FAILED", "FAIL"));
    assert_eq!((run.started, run.finished), (Some(START - 2_000), Some(START + 7_000)));
    for part in ["firefox", "chrome", "safari", "cart is empty"] {
        assert!(run.comment.contains(part), "{part} in {}", run.comment);
    }
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
    let executions = seen::executions(&rig);
    let [run] = executions[0].runs.as_slice() else {
        panic!("{executions:?}")
    };
    assert_eq!(run.status, status(variant, "PASSED", "PASS"));
    let verdict = done
        .verdicts
        .iter()
        .find(|v| v.counts.iter().any(|c| c.what == "runs"))
        .unwrap();
    let count = |what: &str| verdict.counts.iter().find(|c| c.what.contains(what)).map(|c| c.number);
    assert_eq!(
        (count("runs"), count("retry"), count("not linked"), count("in progress")),
        (Some(1), Some(1), Some(1), Some(1))
    );
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
    assert_eq!(
        (same.launches(Outcome::Unchanged), same.writes),
        (vec!["5"], 0),
        "{:?}",
        same.verdicts
    );
    rig.world
        .testops
        .edit(|site| site.add_result(5, TestResult::of("Two").case(2).failed("no", "")));
    let more = rig.export().await;
    assert_eq!(more.launches(Outcome::Updated), ["5"], "{:?}", more.verdicts);
    let executions = seen::executions(&rig);
    assert_eq!((executions.len(), executions[0].runs.len()), (1, 2));
}

async fn a_reopened_launch_is_exported_again(variant: Variant) {
    let launch = Launch::new("nightly")
        .id(5)
        .closed()
        .result(TestResult::of("One").case(1).failed("no", ""));
    let rig = Rig::start(variant, Project::new(1).case(Case::new("One").id(1)).launch(launch)).await;
    rig.export().await;
    rig.world.clock.advance(std::time::Duration::from_secs(60));
    rig.world.testops.edit(|site| {
        site.reopen_launch(5);
        let id = site.result_ids(5)[0];
        site.edit_result(id, |result| *result = result.clone().passed());
        site.close_launch(5);
    });
    let done = rig.export().await;
    assert_eq!(done.launches(Outcome::Updated), ["5"], "{:?}", done.verdicts);
    assert_eq!(
        seen::executions(&rig)[0].runs[0].status,
        status(variant, "PASSED", "PASS")
    );
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
    let scoped = ExportConfig {
        test_case_aql: r#"tag = "ours""#.to_owned(),
        ..config()
    };
    let done = rig.export_with(scoped, |job| job).await;
    assert_eq!(done.launches(Outcome::Skipped), ["5"], "{:?}", done.verdicts);
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
    let scoped = ExportConfig {
        test_case_aql: r#"tag = "ours""#.to_owned(),
        ..config()
    };
    rig.export_with(scoped, |job| job).await;
    assert_eq!(seen::executions(&rig)[0].runs.len(), 1);
    rig.world.clock.advance(std::time::Duration::from_secs(60));
    let done = rig.export().await;
    assert_eq!(done.launches(Outcome::Updated), ["5"], "{:?}", done.verdicts);
    assert_eq!(seen::executions(&rig)[0].runs.len(), 2);
}

async fn results_of_cases_that_come_back_into_scope_follow(variant: Variant) {
    let rig = Rig::start(variant, two_cases_in_a_closed_launch()).await;
    let without_launches = ExportConfig {
        disable_launches_sync: true,
        ..config()
    };
    rig.export_with(without_launches, |job| job).await;
    let narrow = ExportConfig {
        test_case_aql: r#"tag = "ours""#.to_owned(),
        ..config()
    };
    rig.export_with(narrow, |job| job).await;
    assert_eq!(seen::executions(&rig)[0].runs.len(), 1);
    let done = rig.export().await;
    assert_eq!(done.launches(Outcome::Updated), ["5"], "{:?}", done.verdicts);
    assert_eq!(seen::executions(&rig)[0].runs.len(), 2);
}
