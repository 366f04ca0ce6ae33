//! The status of a Test in Jira's workflow follows the status of its case, where options say which it is.

use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::project::WORKFLOW;
use tms_sync_sim::testops::data::{Case, Project};

use crate::rig::{Rig, Variant, mapped};

scenarios!(
    a_test_gets_the_status_of_its_case,
    a_persons_choice_stays_until_the_case_says_something_else,
    a_new_status_of_the_case_moves_the_test,
);

const OPTIONS: [(&str, &str); 3] = [
    ("transition.review", "In Progress"),
    ("transition.Ready", "to do"),
    ("transition.Odd", "Nirvana"),
];

/// Name of the status that a Test has.
fn status(rig: &Rig, summary: &str) -> &'static str {
    let id = rig.test(summary);
    let status = rig.world.site.lock().issue(id).unwrap().status;
    WORKFLOW.iter().find(|known| known.id == status).unwrap().name
}

/// A person moves the Test of a case to done.
fn move_to_done(rig: &Rig, summary: &str) {
    let id = rig.test(summary);
    rig.world.site.lock().set_status(&Actor::System, id, WORKFLOW[2].id);
    assert_eq!(status(rig, summary), "Done");
}

fn project() -> Project {
    let case = |name: &str, id: i64, status: &str| Case::new(name).id(id).status(status);
    Project::new(1)
        .case(case("Log in", 7, "Review"))
        .case(case("Log out", 8, "Draft"))
        .case(case("Sign up", 9, "Odd"))
}

async fn a_test_gets_the_status_of_its_case(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let done = rig.export_mapped(&OPTIONS).await;
    assert_eq!(
        ["Log in", "Log out"].map(|test| status(&rig, test)),
        ["In Progress", "To Do"]
    );
    let same = rig.export_fully(&OPTIONS).await;
    reports!(done, same);
    assert_eq!(same.writes, 0);
}

async fn a_persons_choice_stays_until_the_case_says_something_else(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    rig.export_mapped(&OPTIONS).await;
    move_to_done(&rig, "Log in");
    let kept = rig.export_fully(&OPTIONS).await;
    reports!(kept);
    assert_eq!((kept.writes, status(&rig, "Log in")), (0, "Done"));
}

async fn a_new_status_of_the_case_moves_the_test(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    rig.export_mapped(&OPTIONS).await;
    move_to_done(&rig, "Log in");
    rig.later();
    rig.edit_case(7, |case| "Ready".clone_into(&mut case.status));
    let plan = rig.plan(mapped(&OPTIONS)).await;
    assert_eq!((plan.writes, status(&rig, "Log in")), (0, "Done"));
    let moved = rig.export_mapped(&OPTIONS).await;
    reports!(variant => plan, moved);
    assert_eq!(status(&rig, "Log in"), "To Do");
}
