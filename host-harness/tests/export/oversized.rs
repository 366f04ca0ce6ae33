//! Items that are larger than anything reasonable: they cost no other item, and nobody sees a backtrace.

use tms_sync_host::model::Outcome;
use tms_sync_sim::testops::data::{Case, Launch, Project, TestResult};

use crate::rig::{Rig, Variant, config};

scenarios!(
    a_case_with_more_steps_than_memory_fails_alone,
    a_table_of_a_million_rows_costs_no_other_case,
    a_name_of_64_kib_is_shortened,
    lists_larger_than_an_answer_may_be_are_read_in_smaller_pages,
    a_row_that_no_answer_can_hold_costs_no_other,
);

async fn a_case_with_more_steps_than_memory_fails_alone(variant: Variant) {
    let step = |case: Case, number: usize| case.step(&format!("Step {number}"), "It works");
    let huge = (0..150_000).fold(Case::new("Huge").id(7), step);
    let project = Project::new(1).case(huge).case(Case::new("Small").id(9));
    let rig = Rig::start(variant, project).await;
    let done = rig.export().await;
    assert_eq!(
        (done.cases(Outcome::Created), done.cases(Outcome::Failed)),
        (vec!["9"], vec!["7"]),
        "{done}"
    );
    assert!(done.report.stopped.is_none(), "{done}");
    reports!(done);
}

async fn a_table_of_a_million_rows_costs_no_other_case(variant: Variant) {
    let table = format!("| a | b |\n| - | - |\n{}", "| 1 | 2 |\n".repeat(1_000_000));
    let huge = Case::new("Huge").id(7).description(&table).step("Do", "Done");
    let rig = Rig::start(variant, Project::new(1).case(huge).case(Case::new("Small").id(9))).await;
    let done = rig.export().await;
    assert!(done.cases(Outcome::Created).contains(&"9"), "{done}");
    assert!(done.report.stopped.is_none(), "{done}");
    reports!(done);
}

async fn a_name_of_64_kib_is_shortened(variant: Variant) {
    let long = Case::new(&"long ".repeat(64 * 1024 / 5)).id(7).step("Do", "Done");
    let rig = Rig::start(variant, Project::new(1).case(long).case(Case::new("Short").id(8))).await;
    let done = rig.export().await;
    assert_eq!(done.cases(Outcome::Created).len(), 2, "{done}");
    let again = rig.export().await;
    assert_eq!((again.cases(Outcome::Unchanged).len(), again.writes), (2, 0), "{again}");
}

/// Cases of some kilobytes, and a launch with a long message in every result.
fn project(cases: i64) -> Project {
    let case = |id: i64| Case::new(&format!("Case {id} {}", "long ".repeat(200))).id(id);
    let step = |case: Case| case.step(&"Do ".repeat(400), "Done");
    let launch = Launch::new("nightly").id(5).closed();
    let launch = (1..=cases).fold(launch, |launch, id| {
        launch.result(TestResult::of("Case").case(id).failed(&"boom ".repeat(300), ""))
    });
    let project = Project::new(1).launch(launch);
    (1..=cases).fold(project, |project, id| project.case(step(case(id))))
}

async fn lists_larger_than_an_answer_may_be_are_read_in_smaller_pages(variant: Variant) {
    const CASES: usize = 60;
    let mut rig = Rig::start(variant, project(CASES as i64)).await;
    rig.limits.response_bytes = 32 * 1024;
    let done = rig.export().await;
    assert!(done.report.stopped.is_none(), "{done}");
    assert_eq!(done.cases(Outcome::Created).len(), CASES, "{done}");
    assert_eq!(done.launches(Outcome::Created), ["5"], "{done}");
    let again = rig.export_with(config(), |job| job.full(true)).await;
    assert_eq!(again.numbers(Outcome::Unchanged), (CASES, 1), "{again}");
    assert_eq!(again.writes, 0);
}

async fn a_row_that_no_answer_can_hold_costs_no_other(variant: Variant) {
    let huge = Case::new(&"long ".repeat(20_000)).id(33).step("Do", "Done");
    let mut rig = Rig::start(variant, project(8).case(huge).case(Case::new("Last").id(34))).await;
    rig.limits.response_bytes = 64 * 1024;
    let done = rig.export().await;
    assert!(done.report.stopped.is_none(), "{done}");
    assert_eq!(done.cases(Outcome::Created).len(), 9, "{done}");
    assert_eq!(done.launches(Outcome::Created), ["5"], "{done}");
    let failed = done.verdicts.iter().find(|verdict| verdict.outcome == Outcome::Failed);
    let failed = failed.unwrap();
    assert_eq!(
        (failed.name.as_str(), failed.reason.as_deref()),
        (
            "number 9 by ascending id",
            Some("TestOps: the answer to GET /api/rs/testcase/__search has more bytes than the host accepts (100644)")
        )
    );
}
