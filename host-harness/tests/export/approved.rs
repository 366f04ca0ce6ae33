//! A plan shows every value, and an export that is given a plan does exactly that.

use tms_sync_host::Job;
use tms_sync_host::model::{Approval, Outcome};
use tms_sync_sim::testops::data::{Case, Launch, Project, Step, TestResult};

use crate::rig::{Done, Rig, Variant, config};
use crate::seen;

scenarios!(
    a_plan_shows_the_values_of_what_it_would_create,
    an_approved_plan_is_applied_as_it_was_shown,
    what_moved_since_the_plan_is_left,
    what_came_after_the_plan_is_left,
    a_plan_that_was_applied_is_not_applied_again,
    an_edit_in_jira_after_the_plan_is_not_overwritten,
);

fn project() -> Project {
    let log_in = Case::new("Log in")
        .id(7)
        .description("Old")
        .step("Open", "the page is shown")
        .step("Type", "");
    Project::new(1)
        .case(log_in)
        .case(Case::new("Log out").id(8).step("Press", ""))
        .launch(
            Launch::new("Nightly")
                .id(1)
                .result(TestResult::of("Log in").case(7).passed())
                .closed(),
        )
}

/// What a person approves who approves all of a plan.
fn all_of(plan: &Done) -> Vec<Approval> {
    let decided = plan.verdicts.iter().filter(|verdict| !verdict.decision.is_empty());
    let approval = |verdict: &tms_sync_host::model::Verdict| Approval {
        entity: verdict.entity.clone(),
        id: verdict.id.clone(),
        decision: verdict.decision.clone(),
    };
    decided.map(approval).collect()
}

impl Rig {
    async fn export_approved(&self, plan: &Done) -> Done {
        let approved = all_of(plan);
        self.export_with(config(), |job: Job| job.approved(approved)).await
    }
}

async fn a_plan_shows_the_values_of_what_it_would_create(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let plan = rig.plan(config()).await;
    reports!(variant => plan);
    assert_eq!(plan.writes, 0);
}

async fn an_approved_plan_is_applied_as_it_was_shown(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let plan = rig.plan(config()).await;
    let done = rig.export_approved(&plan).await;
    assert_eq!(done.cases(Outcome::Created), ["7", "8"], "{done}");
    assert_eq!(done.launches(Outcome::Created), ["1"], "{done}");
    rig.later();
    rig.edit_case(7, |case| case.steps[1] = Step::new("Type slowly"));
    let plan = rig.plan(config()).await;
    let done = rig.export_approved(&plan).await;
    reports!(variant => plan, done);
    assert_eq!(seen::named(&rig, "Log in").steps[1].0, "Type slowly");
}

async fn what_moved_since_the_plan_is_left(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let plan = rig.plan(config()).await;
    rig.later();
    rig.edit_case(8, |case| case.name = "Sign out".to_owned());
    let done = rig.export_approved(&plan).await;
    assert_eq!(done.cases(Outcome::Created), ["7"], "{done}");
    assert_eq!(done.cases(Outcome::Skipped), ["8"], "{done}");
    assert_eq!(seen::tests(&rig).len(), 1);
}

async fn what_came_after_the_plan_is_left(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let plan = rig.plan(config()).await;
    rig.add_case(Case::new("Came later").id(9));
    let done = rig.export_approved(&plan).await;
    assert_eq!(done.cases(Outcome::Skipped), ["9"], "{done}");
    assert_eq!(seen::tests(&rig).len(), 2);
    let rest = rig.export().await;
    assert_eq!(rest.cases(Outcome::Created), ["9"], "{rest}");
}

async fn a_plan_that_was_applied_is_not_applied_again(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let plan = rig.plan(config()).await;
    rig.export_approved(&plan).await;
    let again = rig.export_approved(&plan).await;
    assert_eq!(again.writes, 0, "{again}");
    assert_eq!(again.cases(Outcome::Unchanged), ["7", "8"], "{again}");
}

async fn an_edit_in_jira_after_the_plan_is_not_overwritten(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    rig.export().await;
    rig.later();
    rig.edit_case(7, |case| case.name = "Sign in".to_owned());
    let plan = rig.plan(config()).await;
    rig.edit_issue(rig.test("Log in"), |issue| "Mine".clone_into(&mut issue.summary));
    let done = rig.export_approved(&plan).await;
    assert_eq!((done.writes, done.cases(Outcome::Updated).len()), (0, 0), "{done}");
    assert_eq!(seen::tests(&rig)[0].summary, "Mine");
}
