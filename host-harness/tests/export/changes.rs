//! What later exports do: to what changed in TestOps, to what people did in Jira, and to a ledger that was lost.

use tms_sync_host::model::{FaultKind, Outcome};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::testops::data::{Case, Project, SharedStep, Step};

use crate::rig::{Rig, Variant, config};
use crate::seen;

scenarios!(
    a_second_export_writes_nothing,
    an_edit_in_testops_writes_its_field_and_no_other,
    an_edit_of_steps_keeps_the_others,
    removed_steps_go,
    an_edit_of_a_shared_step_reaches_the_cases_that_call_it,
    a_lost_ledger_is_rebuilt_without_a_write,
    labels_of_people_survive,
    an_edit_in_jira_is_kept_and_reported,
    a_deleted_issue_is_reported_and_not_created_again,
    a_deleted_issue_is_created_again_when_that_is_asked_for,
    a_case_deleted_in_testops_keeps_its_test,
    a_case_deleted_in_testops_is_labelled_once_where_asked,
    many_deletions_at_once_pause_the_export,
);

async fn a_second_export_writes_nothing(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(30, 3).automated(20).launch(40).build()).await;
    let first = rig.export().await;
    let before = seen::tests(&rig);
    let second = rig.export().await;
    reports!(first, second);
    assert_eq!((second.writes, seen::tests(&rig)), (0, before));
}

async fn an_edit_in_testops_writes_its_field_and_no_other(variant: Variant) {
    let project = Project::new(1)
        .case(Case::new("Log in").id(7).description("Old").step("Open", ""))
        .case(Case::new("Other"));
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    let before = seen::named(&rig, "Log in");
    rig.edit_case(7, |case| case.name = "Sign in".to_owned());
    let done = rig.export().await;
    reports!(done);
    assert_eq!(done.writes, 1);
    let after = seen::named(&rig, "Sign in");
    let summary = before.summary.clone();
    assert_eq!(seen::Test { summary, ..after }, before);
}

fn three_steps() -> Project {
    let case = Case::new("Log in")
        .id(7)
        .step("Open", "shown")
        .step("Type", "typed")
        .step("Send", "sent");
    Project::new(1).case(case)
}

async fn an_edit_of_steps_keeps_the_others(variant: Variant) {
    let rig = Rig::start(variant, three_steps()).await;
    rig.export().await;
    let before = seen::named(&rig, "Log in");
    rig.later();
    rig.edit_case(7, |case| {
        case.steps[1] = Step::new("Type slowly").expect("typed");
        case.steps.push(Step::new("Wait").expect("in"));
    });
    let done = rig.export().await;
    reports!(done);
    let after = seen::named(&rig, "Log in");
    let actions: Vec<_> = after.steps.iter().map(|(action, _, _)| action.as_str()).collect();
    assert_eq!(actions, ["Open", "Type slowly", "Send", "Wait"]);
    if variant == Variant::Cloud {
        assert_eq!(after.step_ids[..3], before.step_ids[..3]);
    }
}

async fn removed_steps_go(variant: Variant) {
    let rig = Rig::start(variant, three_steps()).await;
    rig.export().await;
    rig.later();
    rig.edit_case(7, |case| case.steps.truncate(1));
    let done = rig.export().await;
    reports!(done);
    let steps = seen::named(&rig, "Log in").steps;
    assert_eq!((steps.len(), steps[0].0.as_str()), (1, "Open"));
}

async fn an_edit_of_a_shared_step_reaches_the_cases_that_call_it(variant: Variant) {
    let shared = SharedStep::new(1, "Log in").step(Step::new("Type the name"));
    let project = Project::new(1)
        .shared_step(shared)
        .case(Case::new("Calls it").add_step(Step::shared(1)))
        .case(Case::new("Does not").step("Open", ""));
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    rig.later();
    rig.world
        .testops
        .edit(|site| site.edit_shared_step(1, |shared| shared.steps[0] = Step::new("Type the e-mail")));
    let done = rig.export().await;
    reports!(done);
    assert_eq!(seen::named(&rig, "Calls it").steps[1].0, "1.1. Type the e-mail");
}

async fn a_lost_ledger_is_rebuilt_without_a_write(variant: Variant) {
    let mut rig = Rig::start(variant, Plan::new(25, 2).automated(30).build()).await;
    rig.export().await;
    let before = seen::tests(&rig);
    rig.lose_ledger();
    let done = rig.export().await;
    reports!(done);
    assert_eq!((done.writes, seen::tests(&rig)), (0, before));
}

async fn labels_of_people_survive(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Log in").id(7).tag("smoke"))).await;
    rig.export().await;
    rig.edit_issue(rig.test("Log in"), |issue| issue.labels.push("mine".to_owned()));
    rig.edit_case(7, |case| case.tags.push("nightly".to_owned()));
    let done = rig.export().await;
    reports!(done);
    let labels = seen::named(&rig, "Log in").labels;
    for label in ["mine", "smoke", "nightly", "tms-sync"] {
        assert!(labels.iter().any(|l| l == label), "{label} in {labels:?}");
    }
}

async fn an_edit_in_jira_is_kept_and_reported(variant: Variant) {
    let case = Case::new("Log in").id(7).step("Open", "");
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    rig.export().await;
    rig.later();
    rig.edit_issue(rig.test("Log in"), |issue| {
        "Log in (reviewed)".clone_into(&mut issue.summary)
    });
    let done = rig.export().await;
    reports!(done);
    assert_eq!(done.writes, 0);
    assert_eq!(seen::tests(&rig)[0].summary, "Log in (reviewed)");
}

/// Two exported cases, of which a person deleted the first one's Test.
async fn with_a_deleted_test(variant: Variant) -> Rig {
    let rig = Rig::start(variant, two_cases()).await;
    rig.export().await;
    rig.delete_issue(rig.test("Log in"));
    rig
}

fn two_cases() -> Project {
    Project::new(1)
        .case(Case::new("Log in").id(7))
        .case(Case::new("Other").id(8))
}

async fn a_deleted_issue_is_reported_and_not_created_again(variant: Variant) {
    let rig = with_a_deleted_test(variant).await;
    let next = rig.export().await;
    let last = rig.export().await;
    reports!(next, last);
    assert_eq!((next.writes, last.writes), (0, 0));
}

async fn a_deleted_issue_is_created_again_when_that_is_asked_for(variant: Variant) {
    let rig = with_a_deleted_test(variant).await;
    rig.export().await;
    let asked = rig.export_with(config(), |job| job.recreate(true)).await;
    let next = rig.export().await;
    reports!(asked, next);
    assert_eq!(seen::tests(&rig).len(), 2);
}

async fn a_case_deleted_in_testops_keeps_its_test(variant: Variant) {
    let rig = Rig::start(variant, two_cases()).await;
    rig.export().await;
    let trash = |gone| rig.world.testops.edit(|site| site.trash_case(7, gone));
    trash(true);
    let deleted = rig.export_fully(&[]).await;
    assert_eq!(seen::tests(&rig).len(), 2);
    trash(false);
    let restored = rig.export().await;
    assert_eq!(seen::tests(&rig).len(), 2);
    reports!(deleted, restored);
}

async fn a_case_deleted_in_testops_is_labelled_once_where_asked(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Log in").id(7))).await;
    rig.export().await;
    rig.world.testops.edit(|site| site.trash_case(7, true));
    let options = [("deleted-label", "gone-from-testops")];
    let labelled = rig.export_fully(&options).await;
    let again = rig.export_fully(&options).await;
    reports!(labelled, again);
    assert_eq!((labelled.writes, again.writes), (1, 0));
    let labels = seen::named(&rig, "Log in").labels;
    assert!(labels.iter().any(|label| label == "gone-from-testops"), "{labels:?}");
}

async fn many_deletions_at_once_pause_the_export(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(60, 1).build()).await;
    rig.export().await;
    for test in seen::tests(&rig).iter().take(30) {
        rig.delete_issue(IssueId(test.id));
    }
    let paused = rig.export().await;
    let kind = paused.report.stopped.as_ref().map(|fault| fault.kind);
    assert_eq!((kind, paused.writes), (Some(FaultKind::MassChange), 0));
    let accepted = rig.export_with(config(), |job| job.accept_changes(true)).await;
    assert_eq!(accepted.cases(Outcome::Skipped).len(), 30);
    reports!(paused, accepted);
}
