//! Items that are larger than anything reasonable: they cost no other item, and nobody sees a backtrace.

use tms_sync_host::model::Outcome;
use tms_sync_sim::testops::data::{Case, Project};

use crate::rig::{Rig, Variant};

scenarios!(
    a_case_with_more_steps_than_memory_fails_alone,
    a_name_of_64_kib_is_shortened,
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

async fn a_name_of_64_kib_is_shortened(variant: Variant) {
    let long = Case::new(&"long ".repeat(64 * 1024 / 5)).id(7).step("Do", "Done");
    let rig = Rig::start(variant, Project::new(1).case(long).case(Case::new("Short").id(8))).await;
    let done = rig.export().await;
    assert_eq!(done.cases(Outcome::Created).len(), 2, "{done}");
    let again = rig.export().await;
    assert_eq!((again.cases(Outcome::Unchanged).len(), again.writes), (2, 0), "{again}");
}
