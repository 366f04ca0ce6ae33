//! What later exports do: to what changed in TestOps, to what people did in Jira, and to a ledger that was lost.

use std::sync::Arc;

use tms_sync_host::SqliteLedger;
use tms_sync_host::model::{ExportConfig, Field, Outcome};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::testops::data::{Case, Project, SharedStep, Step};

use crate::rig::{self, Rig, Variant, config};
use crate::seen;

scenarios!(
    a_second_export_writes_nothing,
    an_edit_in_testops_writes_its_field_and_no_other,
    an_edit_of_steps_keeps_the_others,
    an_edit_of_a_shared_step_reaches_the_cases_that_call_it,
    a_lost_ledger_is_rebuilt_without_a_write,
    labels_of_people_survive,
    an_edit_in_jira_is_kept_and_told,
    a_deleted_issue_is_told_and_created_again_only_when_asked,
    a_case_deleted_in_testops_keeps_its_test,
    a_case_deleted_in_testops_is_labelled_once_where_asked,
    many_deletions_at_once_pause_the_export,
);

async fn a_second_export_writes_nothing(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(30, 3).automated(20).launch(40).build()).await;
    let first = rig.export().await;
    assert_eq!(first.cases(Outcome::Created).len(), 30, "{:?}", first.report);
    let before = seen::tests(&rig);
    let second = rig.export().await;
    assert_eq!(second.cases(Outcome::Unchanged).len(), 30, "{:?}", second.verdicts);
    assert_eq!(second.launches(Outcome::Unchanged).len(), 1, "{:?}", second.verdicts);
    assert_eq!(second.writes, 0);
    assert_eq!(seen::tests(&rig), before);
}

async fn an_edit_in_testops_writes_its_field_and_no_other(variant: Variant) {
    let project = Project::new(1)
        .case(Case::new("Log in").id(7).description("Old").step("Open", ""))
        .case(Case::new("Other"));
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    let before = seen::named(&rig, "Log in");
    rig.world
        .testops
        .edit(|site| site.edit_case(7, |case| case.name = "Sign in".to_owned()));
    let done = rig.export().await;
    let verdict = done.verdicts.iter().find(|v| v.id == "7").unwrap();
    assert_eq!(
        (verdict.outcome, rig::fields(verdict)),
        (Outcome::Updated, vec!["summary"])
    );
    assert_eq!(done.writes, 1);
    let after = seen::named(&rig, "Sign in");
    assert_eq!(
        seen::Test {
            summary: before.summary.clone(),
            ..after
        },
        before
    );
}

async fn an_edit_of_steps_keeps_the_others(variant: Variant) {
    let case = Case::new("Log in")
        .id(7)
        .step("Open", "shown")
        .step("Type", "typed")
        .step("Send", "sent");
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    rig.export().await;
    let before = seen::named(&rig, "Log in");
    later(&rig);
    rig.world.testops.edit(|site| {
        site.edit_case(7, |case| {
            case.steps[1] = Step::new("Type slowly").expect("typed");
            case.steps.push(Step::new("Wait").expect("in"));
        })
    });
    rig.export().await;
    let after = seen::named(&rig, "Log in");
    let actions: Vec<_> = after.steps.iter().map(|(action, _, _)| action.as_str()).collect();
    assert_eq!(actions, ["Open", "Type slowly", "Send", "Wait"]);
    if variant == Variant::Cloud {
        assert_eq!(after.step_ids[..3], before.step_ids[..3]);
    }
    later(&rig);
    rig.world
        .testops
        .edit(|site| site.edit_case(7, |case| case.steps.truncate(1)));
    rig.export().await;
    assert_eq!(seen::named(&rig, "Log in").steps.len(), 1);
}

async fn an_edit_of_a_shared_step_reaches_the_cases_that_call_it(variant: Variant) {
    let shared = SharedStep::new(1, "Log in").step(Step::new("Type the name"));
    let project = Project::new(1)
        .shared_step(shared)
        .case(Case::new("Calls it").add_step(Step::shared(1)))
        .case(Case::new("Does not").step("Open", ""));
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    later(&rig);
    rig.world
        .testops
        .edit(|site| site.edit_shared_step(1, |shared| shared.steps[0] = Step::new("Type the e-mail")));
    let done = rig.export().await;
    assert_eq!(
        (done.cases(Outcome::Updated).len(), done.cases(Outcome::Unchanged).len()),
        (1, 1),
        "{:?}",
        done.verdicts
    );
    assert_eq!(seen::named(&rig, "Calls it").steps[1].0, "1.1. Type the e-mail");
}

async fn a_lost_ledger_is_rebuilt_without_a_write(variant: Variant) {
    let mut rig = Rig::start(variant, Plan::new(25, 2).automated(30).build()).await;
    rig.export().await;
    let before = seen::tests(&rig);
    rig.ledger = Arc::new(SqliteLedger::in_memory().unwrap());
    let done = rig.export().await;
    assert_eq!(done.cases(Outcome::Unchanged).len(), 25, "{:?}", done.verdicts);
    assert_eq!((done.writes, seen::tests(&rig)), (0, before));
}

async fn labels_of_people_survive(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Log in").id(7).tag("smoke"))).await;
    rig.export().await;
    let id = seen::named(&rig, "Log in").id;
    edit(&rig, id, |issue| issue.labels.push("mine".to_owned()));
    rig.world
        .testops
        .edit(|site| site.edit_case(7, |case| case.tags.push("nightly".to_owned())));
    let done = rig.export().await;
    assert_eq!(done.cases(Outcome::Updated), ["7"], "{:?}", done.verdicts);
    let labels = seen::named(&rig, "Log in").labels;
    for label in ["mine", "smoke", "nightly", "tms-sync"] {
        assert!(labels.iter().any(|l| l == label), "{label} in {labels:?}");
    }
}

async fn an_edit_in_jira_is_kept_and_told(variant: Variant) {
    let rig = Rig::start(
        variant,
        Project::new(1).case(Case::new("Log in").id(7).step("Open", "")),
    )
    .await;
    rig.export().await;
    let id = seen::named(&rig, "Log in").id;
    edit(&rig, id, |issue| issue.summary = "Log in (reviewed)".to_owned());
    let done = rig.export().await;
    assert_eq!((done.cases(Outcome::Unchanged).len(), done.writes), (1, 0));
    assert!(
        done.verdicts[0]
            .notes
            .iter()
            .any(|n| n.contains("summary was edited in Jira")),
        "{:?}",
        done.verdicts[0].notes
    );
    assert_eq!(seen::tests(&rig)[0].summary, "Log in (reviewed)");
}

async fn a_deleted_issue_is_told_and_created_again_only_when_asked(variant: Variant) {
    let rig = Rig::start(
        variant,
        Project::new(1)
            .case(Case::new("Log in").id(7))
            .case(Case::new("Other").id(8)),
    )
    .await;
    rig.export().await;
    delete(&rig, seen::named(&rig, "Log in").id);
    for _ in 0..2 {
        let done = rig.export().await;
        assert_eq!(
            (done.cases(Outcome::Skipped), done.writes),
            (vec!["7"], 0),
            "{:?}",
            done.verdicts
        );
        assert!(
            done.verdicts
                .iter()
                .any(|v| v.reason.as_deref().is_some_and(|r| r.contains("deleted in Jira")))
        );
    }
    let again = rig.export_with(config(), |job| job.recreate(true)).await;
    assert_eq!(again.cases(Outcome::Created), ["7"], "{:?}", again.verdicts);
    assert_eq!(rig.export().await.cases(Outcome::Unchanged).len(), 2);
}

async fn a_case_deleted_in_testops_keeps_its_test(variant: Variant) {
    let rig = Rig::start(
        variant,
        Project::new(1)
            .case(Case::new("Log in").id(7))
            .case(Case::new("Other").id(8)),
    )
    .await;
    rig.export().await;
    rig.world.testops.edit(|site| site.trash_case(7, true));
    let done = rig.export_with(config(), |job| job.full(true)).await;
    assert_eq!(seen::tests(&rig).len(), 2);
    assert!(
        done.notes.iter().any(|note| note.contains("deleted in TestOps (7)")),
        "{:?}",
        done.notes
    );
    rig.world.testops.edit(|site| site.trash_case(7, false));
    let done = rig.export().await;
    assert_eq!(
        (done.cases(Outcome::Created).len(), seen::tests(&rig).len()),
        (0, 2),
        "{:?}",
        done.verdicts
    );
}

async fn a_case_deleted_in_testops_is_labelled_once_where_asked(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Log in").id(7))).await;
    rig.export().await;
    rig.world.testops.edit(|site| site.trash_case(7, true));
    let labelled = || ExportConfig {
        mapping: vec![Field {
            name: "deleted-label".to_owned(),
            value: "gone-from-testops".to_owned(),
        }],
        ..config()
    };
    for writes in [1, 0] {
        let done = rig.export_with(labelled(), |job| job.full(true)).await;
        assert_eq!(done.writes, writes, "{:?}", done.notes);
        let labels = seen::named(&rig, "Log in").labels;
        assert!(labels.iter().any(|label| label == "gone-from-testops"), "{labels:?}");
    }
}

async fn many_deletions_at_once_pause_the_export(variant: Variant) {
    let rig = Rig::start(variant, Plan::new(60, 1).build()).await;
    rig.export().await;
    for test in seen::tests(&rig).iter().take(30) {
        delete(&rig, test.id);
    }
    let done = rig.export().await;
    let stopped = done.report.stopped.clone().expect("the run pauses");
    assert_eq!(stopped.kind, tms_sync_host::model::FaultKind::MassChange);
    assert_eq!(done.writes, 0);
    let accepted = rig.export_with(config(), |job| job.accept_changes(true)).await;
    assert!(accepted.report.stopped.is_none());
    assert_eq!(accepted.cases(Outcome::Skipped).len(), 30, "{:?}", accepted.report);
}

/// Lets time pass: TestOps' dates have milliseconds, and nobody edits within the one of an export.
fn later(rig: &Rig) {
    rig.world.clock.advance(std::time::Duration::from_secs(60));
}

fn edit(rig: &Rig, id: u64, change: impl FnOnce(&mut tms_sync_sim::jira::issue::Issue)) {
    let person = Actor::User("person".to_owned());
    rig.world
        .site
        .lock()
        .touch(&person, IssueId(id), &["summary", "labels"], change);
}

fn delete(rig: &Rig, id: u64) {
    let mut site = rig.world.site.lock();
    site.delete_issue(&Actor::System, IssueId(id));
}
