//! Shared steps as Tests that the Tests of cases call, on Xray Cloud; Data Center has no request for it.

use std::time::Duration;

use tms_sync_host::model::{ExportConfig, Outcome};
use tms_sync_sim::fault::Fault;
use tms_sync_sim::testops::data::{Case, File, Launch, Project, RunStep, SharedStep, Status, Step, TestResult};

use crate::rig::{Done, Rig, Variant, config, mapped};
use crate::{forecast, seen};

fn calls() -> ExportConfig {
    mapped(&[("shared-steps", "call")])
}

async fn start(project: Project) -> Rig {
    Rig::start(Variant::Cloud, project).await
}

async fn export(rig: &Rig) -> Done {
    rig.export_with(calls(), |job| job).await
}

async fn full(rig: &Rig) -> Done {
    rig.export_with(calls(), |job| job.full(true)).await
}

/// “Pay” calls “Log in”; of the cases two call them at the top, one below a step, and one does not.
fn project() -> Project {
    let receipt = File::new("receipt.txt", "text/plain", "paid".as_bytes());
    let log_in = SharedStep::new(1, "Log in")
        .step(Step::new("Type the name").child(Step::file(receipt)))
        .step(Step::new("Press Enter").expect("The cart is there"));
    let pay = SharedStep::new(2, "Pay")
        .step(Step::shared(1))
        .step(Step::new("Press Pay"));
    Project::new(1)
        .shared_step(log_in)
        .shared_step(pay)
        .shared_step(SharedStep::new(3, "Nobody calls it").step(Step::new("Wait")))
        .case(
            Case::new("Case 1")
                .id(1)
                .step("Open", "")
                .add_step(Step::shared(1))
                .step("Close", ""),
        )
        .case(
            Case::new("Case 2")
                .id(2)
                .add_step(Step::shared(2))
                .add_step(Step::shared(1)),
        )
        .case(
            Case::new("Case 3")
                .id(3)
                .add_step(Step::new("Prepare").child(Step::shared(1))),
        )
        .case(Case::new("Case 4").id(4).step("Open", ""))
        .case(Case::new("Case 5").id(5).automated("com.acme.Five"))
}

/// Steps as people see them: “→ Log in” is a call of the Test “Log in”.
fn steps(rig: &Rig, summary: &str) -> Vec<String> {
    let id = rig.test(summary);
    let site = rig.world.site.lock();
    let steps = site.xray.test(id).unwrap().definition.steps.iter();
    let shown = steps.map(|step| match step.call_test {
        Some(test) => format!("→ {}", site.issue(test).map_or("?", |issue| &issue.summary)),
        None => step.action.clone(),
    });
    shown.collect()
}

/// The first case where the shared step that it calls has no Test.
const EXPANDED: [&str; 5] = [
    "1. Open",
    "2. Log in",
    "2.1. Type the name",
    "2.2. Press Enter",
    "3. Close",
];

fn edit(rig: &Rig, id: i64, change: impl FnOnce(&mut SharedStep)) {
    rig.later();
    rig.world.testops.edit(|site| site.edit_shared_step(id, change));
}

fn change(rig: &Rig, id: i64, steps: Vec<Step>) {
    rig.later();
    rig.edit_case(id, |case| case.steps = steps);
}

/// All five cases are as they were, and nothing was written.
fn unchanged(done: &Done) {
    let found = (done.cases(Outcome::Unchanged).len(), done.writes);
    assert_eq!(found, (5, 0), "{done}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_shared_step_is_one_test_that_others_call() {
    let rig = start(project()).await;
    let done = export(&rig).await;
    assert_eq!(seen::tests(&rig).len(), 7);
    assert_eq!(steps(&rig, "Log in"), ["Type the name", "Press Enter"]);
    assert_eq!(steps(&rig, "Pay"), ["→ Log in", "Press Pay"]);
    assert_eq!(steps(&rig, "Case 1"), ["Open", "→ Log in", "Close"]);
    assert_eq!(steps(&rig, "Case 2"), ["→ Pay", "→ Log in"]);
    let below = [
        "1. Prepare",
        "1.1. Log in",
        "1.1.1. Type the name",
        "1.1.2. Press Enter",
    ];
    assert_eq!(
        steps(&rig, "Case 3"),
        below,
        "a call carries no number, so it stands at the top only"
    );
    let log_in = rig.shown(seen::named(&rig, "Log in"));
    reports!(done, log_in);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tests_of_shared_steps_are_marked_and_have_the_files_of_their_steps() {
    let rig = start(project()).await;
    export(&rig).await;
    for test in seen::tests(&rig) {
        let of = |kind: &str| test.labels.iter().filter(|label| label.starts_with(kind)).count();
        let is_shared = ["Log in", "Pay"].contains(&test.summary.as_str());
        let expected = if is_shared { (1, 0, 1) } else { (0, 1, 1) };
        assert_eq!((of("tms-ss-"), of("tms-tc-"), of("tms-sync")), expected, "{test:?}");
    }
    let files = |summary: &str| {
        let id = rig.test(summary);
        rig.world.site.lock().issue(id).unwrap().attachments.len()
    };
    assert_eq!(["Log in", "Pay", "Case 1", "Case 3"].map(files), [1, 0, 0, 1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn called_tests_stand_still_and_a_lost_ledger_finds_them() {
    let mut rig = start(project()).await;
    export(&rig).await;
    let all = seen::tests(&rig);
    unchanged(&export(&rig).await);
    unchanged(&full(&rig).await);
    rig.lose_ledger();
    let rebuilt = export(&rig).await;
    reports!(rebuilt);
    unchanged(&rebuilt);
    assert_eq!(seen::tests(&rig), all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_of_a_shared_step_is_one_edit_of_its_test() {
    let rig = start(project()).await;
    export(&rig).await;
    let before = seen::tests(&rig);
    edit(&rig, 1, |shared| shared.steps[1] = Step::new("Press the button"));
    // The case that has it below a step shows it too.
    let done = export(&rig).await;
    reports!(done);
    assert_eq!(steps(&rig, "Log in"), ["Type the name", "Press the button"]);
    for test in before.iter().filter(|test| test.summary != "Case 3") {
        assert_eq!(
            seen::named(&rig, &test.summary).step_ids,
            test.step_ids,
            "{}",
            test.summary
        );
    }
    unchanged(&full(&rig).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_name_of_a_shared_step_renames_its_test() {
    let rig = start(project()).await;
    export(&rig).await;
    let log_in = rig.test("Log in");
    edit(&rig, 1, |shared| "Sign in".clone_into(&mut shared.name));
    let done = export(&rig).await;
    reports!(done);
    assert_eq!(rig.world.site.lock().issue(log_in).unwrap().summary, "Sign in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_of_a_called_test_in_jira_is_kept_and_reported() {
    let rig = start(project()).await;
    export(&rig).await;
    let id = seen::named(&rig, "Log in").step_ids[0].clone();
    {
        let mut site = rig.world.site.lock();
        let now = site.now();
        site.xray.update_step(&id, now, |step| step.action = "Mine".to_owned());
    }
    let verified = rig.verify(calls()).await;
    let kept = full(&rig).await;
    reports!(verified, kept);
    assert_eq!((kept.writes, steps(&rig, "Log in")[0].as_str()), (0, "Mine"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_come_and_go_with_the_fewest_changes() {
    let rig = start(project()).await;
    export(&rig).await;
    let (one, four) = (seen::named(&rig, "Case 1"), seen::named(&rig, "Case 4"));
    // It stops calling, starts calling, calls another.
    change(&rig, 1, vec![Step::new("Open"), Step::new("Close")]);
    change(&rig, 4, vec![Step::new("Open"), Step::shared(2)]);
    change(&rig, 2, vec![Step::shared(2), Step::shared(3)]);
    let done = export(&rig).await;
    reports!(done);
    assert_eq!(steps(&rig, "Case 1"), ["Open", "Close"]);
    assert_eq!(steps(&rig, "Case 4"), ["Open", "→ Pay"]);
    assert_eq!(steps(&rig, "Case 2"), ["→ Pay", "→ Nobody calls it"]);
    let kept = seen::named(&rig, "Case 1").step_ids;
    assert_eq!(kept, [one.step_ids[0].clone(), one.step_ids[2].clone()]);
    assert_eq!(seen::named(&rig, "Case 4").step_ids[0], four.step_ids[0]);
    unchanged(&full(&rig).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_default_calls_are_expanded_again_and_the_called_tests_stay() {
    let rig = start(project()).await;
    export(&rig).await;
    let expanded = rig.export_fully(&[]).await;
    assert_eq!(steps(&rig, "Case 1"), EXPANDED);
    let case_2 = [
        "1. Pay",
        "1.1. Log in",
        "1.1.1. Type the name",
        "1.1.2. Press Enter",
        "1.2. Press Pay",
        "2. Log in",
        "2.1. Type the name",
        "2.2. Press Enter",
    ];
    assert_eq!(steps(&rig, "Case 2"), case_2);
    assert_eq!((seen::tests(&rig).len(), rig.export_fully(&[]).await.writes), (7, 0));
    let called = full(&rig).await;
    reports!(expanded, called);
    assert_eq!(steps(&rig, "Case 1"), ["Open", "→ Log in", "Close"]);
    assert_eq!(seen::tests(&rig).len(), 7);
}

/// Exports with a fault at the create of “Log in”, which comes after the preflight.
async fn with_a_fault(fault: Fault) -> (Rig, Done) {
    let rig = start(project()).await;
    let xray = rig.world.tracker.xray.as_ref().unwrap();
    xray.faults().add(fault.on("POST", "/api/v2/graphql").nth(2));
    let done = export(&rig).await;
    assert_eq!(steps(&rig, "Case 1"), EXPANDED);
    (rig, done)
}

/// Exports on, at once and when the server is done, until everything is called once.
async fn settles(rig: &Rig) {
    for minutes in [0, 3, 180, 180] {
        rig.world.clock.advance(Duration::from_secs(60 * minutes));
        export(rig).await;
    }
    assert_eq!(steps(rig, "Case 1"), ["Open", "→ Log in", "Close"]);
    assert_eq!(steps(rig, "Case 2"), ["→ Pay", "→ Log in"]);
    assert_eq!(seen::tests(rig).len(), 7);
    unchanged(&export(rig).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_makes_no_second_test_and_loses_no_step() {
    let (rig, first) = with_a_fault(Fault::drop_response()).await;
    reports!(first);
    settles(&rig).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_that_takes_effect_later_makes_no_second_test_and_loses_no_step() {
    let (rig, first) = with_a_fault(Fault::commit_later(Duration::from_secs(120))).await;
    reports!(first);
    settles(&rig).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_that_never_arrived_loses_no_step() {
    let (rig, first) = with_a_fault(Fault::reset()).await;
    reports!(first);
    settles(&rig).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_to_tests_that_call_doubles_none() {
    for fault in [Fault::drop_response(), Fault::commit_later(Duration::from_secs(120))] {
        let rig = start(project()).await;
        let xray = rig.world.tracker.xray.as_ref().unwrap();
        // The creates of “Log in” and “Pay”, each with a look at it, and the look at the cases that came by a job.
        xray.faults().add(fault.on("POST", "/api/v2/graphql").nth(7));
        let first = export(&rig).await;
        reports!(first);
        assert_eq!(first.cases(Outcome::Waiting), ["1", "2"]);
        settles(&rig).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_called_test_that_was_deleted_is_made_again_on_request_only() {
    let rig = start(project()).await;
    export(&rig).await;
    rig.delete_issue(rig.test("Log in"));
    let first = full(&rig).await;
    let second = full(&rig).await;
    assert_eq!(steps(&rig, "Case 1"), EXPANDED);
    let asked = rig.export_with(calls(), |job| job.recreate(true).full(true)).await;
    reports!(first, second, asked);
    assert_eq!(steps(&rig, "Case 1"), ["Open", "→ Log in", "Close"]);
    assert_eq!(steps(&rig, "Pay"), ["→ Log in", "Press Pay"]);
    unchanged(&export(&rig).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_of_steps_stand_beside_the_steps_of_called_tests() {
    let ran = RunStep::new("Log in", Status::Failed)
        .child(RunStep::new("Type the name", Status::Passed))
        .child(RunStep::new("Press Enter", Status::Failed));
    let result = TestResult::of("Case 1")
        .case(1)
        .failed("no cart", "")
        .step(RunStep::new("Open", Status::Passed))
        .step(ran);
    let rig = start(project().launch(Launch::new("nightly").id(5).closed().result(result))).await;
    let done = export(&rig).await;
    reports!(done);
    let test = rig.test("Case 1");
    let site = rig.world.site.lock();
    let run = site.xray.runs_of_test(test).next().unwrap();
    let shown = run.steps.iter().zip(&run.definition.steps);
    let shown = shown.map(|(ran, step)| (step.action.as_str(), ran.status.as_str()));
    let expected = [
        ("Open", "PASSED"),
        ("Type the name", "PASSED"),
        ("Press Enter", "FAILED"),
        ("Close", "TODO"),
    ];
    assert_eq!(shown.collect::<Vec<_>>(), expected);
}

/// A chain of seven shared steps, a circle of two, and one without steps; a case calls each.
fn knotted() -> Project {
    let shared = |id: i64| SharedStep::new(id, &format!("Shared {id}"));
    let calling = |id: i64, called: i64| {
        let own = Step::new(&format!("Do {id}"));
        shared(id).step(own).step(Step::shared(called))
    };
    let case = |id: i64, called: i64| Case::new(&format!("Case {id}")).id(id).add_step(Step::shared(called));
    let project = Project::new(1)
        .shared_step(calling(8, 9))
        .shared_step(calling(9, 8))
        .shared_step(shared(10))
        .shared_step(shared(7).step(Step::new("Do 7")));
    let chain = (1..=6).map(|id| calling(id, id + 1));
    let project = chain.fold(project, Project::shared_step);
    project.case(case(1, 1)).case(case(2, 8)).case(case(3, 10))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn circles_and_long_chains_are_cut_where_xray_would_refuse_them() {
    let rig = start(knotted()).await;
    let done = export(&rig).await;
    // A Test that calls Shared 4 begins a chain of five.
    assert_eq!(steps(&rig, "Shared 4"), ["Do 4", "→ Shared 5"]);
    assert_eq!(steps(&rig, "Case 2"), ["→ Shared 8"]);
    assert_eq!(steps(&rig, "Case 3"), ["Shared 10"], "one without steps stays a step");
    let again = full(&rig).await;
    reports!(done, again);
    assert_eq!(again.writes, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_takes_what_its_plan_forecast() {
    let mut project = Project::new(1);
    for id in 1..=12 {
        let shared = SharedStep::new(id, &format!("Shared {id}")).step(Step::new("Do"));
        project = project.shared_step(shared);
    }
    for id in 1..=60 {
        let case = Case::new(&format!("Case {id}")).id(id).step("Open", "");
        project = project.case(case.add_step(Step::shared(1 + id % 12)));
    }
    let rig = start(project).await;
    forecast::holds(&rig, calls()).await;
    for id in 1..=12 {
        edit(&rig, id, |shared| shared.name = format!("Renamed {id}"));
    }
    forecast::holds(&rig, calls()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_counts_the_tests_of_shared_steps() {
    let rig = start(project()).await;
    let plan = rig.plan(calls()).await;
    let off = rig.plan(config()).await;
    reports!(plan, off);
    assert_eq!((plan.writes, plan.facts.ledger_writes), (0, 0));
}

/// The run `first`, and a later run whose Test calls “Log in” too.
async fn with_a_later_caller() -> Rig {
    let rig = start(project()).await;
    let made = rig.export_with(calls(), |job| job.run_id("first")).await;
    assert!(made.requests < 35, "{} requests", made.requests);
    rig.add_case(Case::new("Case 7").id(7).add_step(Step::shared(1)));
    export(&rig).await;
    rig
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undo_takes_back_what_nobody_else_calls() {
    let rig = with_a_later_caller().await;
    let dry = rig.undo(calls(), "first", false).await;
    let applied = rig.undo(calls(), "first", true).await;
    reports!(dry, applied);
    let left: Vec<String> = seen::tests(&rig).into_iter().map(|test| test.summary).collect();
    assert_eq!((dry.writes, left), (0, vec!["Log in".to_owned(), "Case 7".to_owned()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_undone_is_called_again() {
    let rig = with_a_later_caller().await;
    rig.undo(calls(), "first", true).await;
    let again = export(&rig).await;
    reports!(again);
    assert_eq!(steps(&rig, "Case 2"), ["→ Pay", "→ Log in"]);
}
