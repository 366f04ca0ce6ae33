//! The status of a Test in Jira's workflow follows the status of its case, where options say which it is.

use tms_sync_host::model::Outcome;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::project::WORKFLOW;
use tms_sync_sim::testops::data::{Case, Project};

use crate::rig::{Rig, Variant, mapped};
use crate::seen;

scenarios!(a_test_has_the_status_of_its_case_until_a_person_moves_it);

const OPTIONS: [(&str, &str); 3] = [
    ("transition.review", "In Progress"),
    ("transition.Ready", "to do"),
    ("transition.Odd", "Nirvana"),
];

/// Name of the status that a Test has.
fn status(rig: &Rig, summary: &str) -> &'static str {
    let id = seen::named(rig, summary).id;
    let site = rig.world.site.lock();
    let status = site.issues().find(|issue| issue.id.0 == id).unwrap().status;
    WORKFLOW.iter().find(|known| known.id == status).unwrap().name
}

async fn a_test_has_the_status_of_its_case_until_a_person_moves_it(variant: Variant) {
    let case = |name: &str, id: i64, status: &str| Case::new(name).id(id).status(status);
    let project = Project::new(1)
        .case(case("Log in", 7, "Review"))
        .case(case("Log out", 8, "Draft"))
        .case(case("Sign up", 9, "Odd"));
    let rig = Rig::start(variant, project).await;
    let full = || rig.export_with(mapped(&OPTIONS), |job| job.full(true));

    let done = rig.export_with(mapped(&OPTIONS), |job| job).await;
    assert_eq!(done.cases(Outcome::Created), ["7", "8", "9"], "{:?}", done.verdicts);
    assert_eq!(
        (status(&rig, "Log in"), status(&rig, "Log out")),
        ("In Progress", "To Do")
    );
    let told = format!("{:?}", done.verdicts);
    assert!(
        told.contains("no transition leads to Nirvana, but to In Progress, Done"),
        "{told}"
    );
    let same = full().await;
    assert_eq!(
        (same.cases(Outcome::Unchanged).len(), same.writes),
        (3, 0),
        "{:?}",
        same.verdicts
    );

    // A person's choice stays until the case says something else.
    let id = seen::named(&rig, "Log in").id;
    let by = Actor::System;
    rig.world
        .site
        .lock()
        .set_status(&by, tms_sync_sim::jira::id::IssueId(id), WORKFLOW[2].id);
    let kept = full().await;
    assert_eq!(
        (kept.writes, status(&rig, "Log in")),
        (0, "Done"),
        "{:?}",
        kept.verdicts
    );
    assert!(
        format!("{:?}", kept.verdicts).contains("it was changed to Done in Jira, and stays"),
        "{:?}",
        kept.verdicts
    );

    rig.world.clock.advance(std::time::Duration::from_secs(60));
    rig.world.testops.edit(|site| {
        site.edit_case(7, |case| case.status = "Ready".to_owned());
    });
    let plan = rig.plan(mapped(&OPTIONS)).await;
    assert_eq!(
        (plan.cases(Outcome::Updated), plan.writes),
        (vec!["7"], 0),
        "{:?}",
        plan.verdicts
    );
    assert_eq!(status(&rig, "Log in"), "Done");
    let moved = rig.export_with(mapped(&OPTIONS), |job| job).await;
    assert_eq!(moved.cases(Outcome::Updated), ["7"], "{:?}", moved.verdicts);
    assert_eq!(status(&rig, "Log in"), "To Do");
}
