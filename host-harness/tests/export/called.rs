//! Shared steps as Tests that the Tests of cases call, on Xray Cloud; Data Center has no request for it.

use std::sync::Arc;
use std::time::Duration;

use tms_sync_host::model::{ExportConfig, Outcome};
use tms_sync_host::{Job, SqliteLedger, Undo};
use tms_sync_sim::fault::Fault;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
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
    let id = seen::named(rig, summary).id;
    let site = rig.world.site.lock();
    let steps = site.xray.test(IssueId(id)).unwrap().definition.steps.iter();
    let shown = steps.map(|step| match step.call_test {
        Some(test) => format!("→ {}", site.issue(test).map_or("?", |issue| &issue.summary)),
        None => step.action.clone(),
    });
    shown.collect()
}

fn edit(rig: &Rig, id: i64, change: impl FnOnce(&mut SharedStep)) {
    rig.world.clock.advance(Duration::from_secs(60));
    rig.world.testops.edit(|site| site.edit_shared_step(id, change));
}

fn change(rig: &Rig, id: i64, steps: Vec<Step>) {
    rig.world.clock.advance(Duration::from_secs(60));
    rig.world
        .testops
        .edit(|site| site.edit_case(id, |case| case.steps = steps));
}

fn noted(done: &Done, id: &str, words: &str) -> bool {
    let mut of = done.verdicts.iter().filter(|verdict| verdict.id == id);
    of.any(|verdict| verdict.notes.iter().any(|note| note.contains(words)))
}

fn told(done: &Done, words: &str) -> bool {
    done.notes.iter().any(|note| note.contains(words))
}

fn unchanged(done: &Done) {
    let found = (done.cases(Outcome::Unchanged).len(), done.writes);
    assert_eq!(found, (5, 0), "{:?} {:?}", done.verdicts, done.notes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_shared_step_is_one_test_that_others_call() {
    let mut rig = start(project()).await;
    let done = export(&rig).await;
    assert_eq!(
        done.cases(Outcome::Created).len(),
        5,
        "{:?} {:?}",
        done.verdicts,
        done.report
    );
    assert!(
        told(&done, "of shared steps, 2 Tests were created and 0 updated"),
        "{:?}",
        done.notes
    );
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
    let all = seen::tests(&rig);
    assert_eq!(all.len(), 7, "{all:?}");
    for test in &all {
        let of_shared = test.labels.iter().filter(|label| label.starts_with("tms-ss-")).count();
        let of_case = test.labels.iter().filter(|label| label.starts_with("tms-tc-")).count();
        let is_shared = ["Log in", "Pay"].contains(&test.summary.as_str());
        assert_eq!(
            (of_shared, of_case),
            if is_shared { (1, 0) } else { (0, 1) },
            "{test:?}"
        );
        assert!(test.labels.iter().any(|label| label == "tms-sync"));
    }
    let log_in = seen::named(&rig, "Log in");
    assert_eq!(
        (log_in.kind.as_str(), log_in.steps[1].2.as_str()),
        ("Manual", "The cart is there")
    );
    assert!(log_in.description.contains("Shared step 1"), "{}", log_in.description);
    let files = |summary: &str| {
        let id = IssueId(seen::named(&rig, summary).id);
        rig.world.site.lock().issue(id).unwrap().attachments.len()
    };
    assert_eq!(["Log in", "Pay", "Case 1", "Case 3"].map(files), [1, 0, 0, 1]);

    unchanged(&export(&rig).await);
    unchanged(&full(&rig).await);
    rig.ledger = Arc::new(SqliteLedger::in_memory().unwrap());
    unchanged(&export(&rig).await);
    assert_eq!(seen::tests(&rig), all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_of_a_shared_step_is_one_edit_of_its_test() {
    let rig = start(project()).await;
    export(&rig).await;
    let before = seen::tests(&rig);
    edit(&rig, 1, |shared| shared.steps[1] = Step::new("Press the button"));
    let done = export(&rig).await;
    // The case that has it below a step shows it too.
    assert_eq!(done.cases(Outcome::Updated), ["3"], "{:?}", done.verdicts);
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

    // What people edit there follows the policies of any Test.
    let log_in = IssueId(seen::named(&rig, "Log in").id);
    let id = seen::named(&rig, "Log in").step_ids[0].clone();
    {
        let mut site = rig.world.site.lock();
        let now = site.now();
        site.xray.update_step(&id, now, |step| step.action = "Mine".to_owned());
    }
    let tenant = rig.tenant().await;
    let verified = rig.follow(|| tenant.verify(Job::new(calls()))).await;
    assert_eq!(verified.cases(Outcome::Updated), ["1", "2"], "{:?}", verified.verdicts);
    assert!(
        told(&verified, "shared step “Log in”") && told(&verified, "it differs: steps"),
        "{:?}",
        verified.notes
    );
    let kept = full(&rig).await;
    assert!(
        told(&kept, "steps was edited in Jira; the edit is kept"),
        "{:?}",
        kept.notes
    );
    assert_eq!((kept.writes, steps(&rig, "Log in")[0].as_str()), (0, "Mine"));
    edit(&rig, 1, |shared| shared.name = "Sign in".to_owned());
    export(&rig).await;
    assert_eq!(rig.world.site.lock().issue(log_in).unwrap().summary, "Sign in");
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
    assert_eq!(done.cases(Outcome::Updated), ["1", "2", "4"], "{:?}", done.verdicts);
    assert_eq!(steps(&rig, "Case 1"), ["Open", "Close"]);
    assert_eq!(steps(&rig, "Case 4"), ["Open", "→ Pay"]);
    assert_eq!(steps(&rig, "Case 2"), ["→ Pay", "→ Nobody calls it"]);
    let kept = seen::named(&rig, "Case 1").step_ids;
    assert_eq!(kept, [one.step_ids[0].clone(), one.step_ids[2].clone()]);
    assert_eq!(seen::named(&rig, "Case 4").step_ids[0], four.step_ids[0]);
    unchanged(&full(&rig).await);

    // Back to the default, everything is expanded again; the Tests that were called stay.
    let back = rig.export_with(config(), |job| job.full(true)).await;
    assert_eq!(back.cases(Outcome::Updated), ["2", "4"], "{:?}", back.verdicts);
    assert_eq!(
        steps(&rig, "Case 4"),
        [
            "1. Open",
            "2. Pay",
            "2.1. Log in",
            "2.1.1. Type the name",
            "2.1.2. Press Enter",
            "2.2. Press Pay"
        ]
    );
    assert_eq!(seen::tests(&rig).len(), 8);
    assert_eq!(rig.export_with(config(), |job| job.full(true)).await.writes, 0);
    full(&rig).await;
    assert_eq!(steps(&rig, "Case 4"), ["Open", "→ Pay"]);
    assert_eq!(seen::tests(&rig).len(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_makes_no_second_test_and_loses_no_step() {
    for fault in [
        Fault::drop_response(),
        Fault::commit_later(Duration::from_secs(120)),
        Fault::reset(),
    ] {
        let rig = start(project()).await;
        let xray = rig.world.tracker.xray.as_ref().unwrap();
        // After the preflight comes the create of “Log in”.
        xray.faults().add(fault.on("POST", "/api/v2/graphql").nth(2));
        let first = export(&rig).await;
        assert_eq!(
            first.cases(Outcome::Created).len(),
            5,
            "{:?} {:?}",
            first.verdicts,
            first.report
        );
        let expanded = [
            "1. Open",
            "2. Log in",
            "2.1. Type the name",
            "2.2. Press Enter",
            "3. Close",
        ];
        assert_eq!(steps(&rig, "Case 1"), expanded);
        assert!(noted(&first, "1", "stands expanded"), "{:?}", first.verdicts);
        for minutes in [0, 3, 180, 180] {
            rig.world.clock.advance(Duration::from_secs(60 * minutes));
            export(&rig).await;
        }
        assert_eq!(steps(&rig, "Case 1"), ["Open", "→ Log in", "Close"]);
        assert_eq!(steps(&rig, "Case 2"), ["→ Pay", "→ Log in"]);
        assert_eq!(seen::tests(&rig).len(), 7);
        unchanged(&export(&rig).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_to_tests_that_call_doubles_none() {
    for fault in [Fault::drop_response(), Fault::commit_later(Duration::from_secs(120))] {
        let rig = start(project()).await;
        let xray = rig.world.tracker.xray.as_ref().unwrap();
        // The creates of “Log in” and “Pay”, each with a look at it, and the look at the cases that came by a job.
        xray.faults().add(fault.on("POST", "/api/v2/graphql").nth(7));
        let first = export(&rig).await;
        assert_eq!(first.cases(Outcome::Waiting), ["1", "2"], "{:?}", first.verdicts);
        for minutes in [0, 3, 180, 180] {
            rig.world.clock.advance(Duration::from_secs(60 * minutes));
            export(&rig).await;
        }
        assert_eq!(steps(&rig, "Case 1"), ["Open", "→ Log in", "Close"]);
        assert_eq!(seen::tests(&rig).len(), 7);
        unchanged(&export(&rig).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_called_test_that_was_deleted_is_made_again_on_request_only() {
    let rig = start(project()).await;
    export(&rig).await;
    let log_in = IssueId(seen::named(&rig, "Log in").id);
    rig.world.site.lock().delete_issue(&Actor::System, log_in);
    full(&rig).await;
    let done = full(&rig).await;
    assert!(noted(&done, "1", "only with --recreate"), "{:?}", done.verdicts);
    let expanded = [
        "1. Open",
        "2. Log in",
        "2.1. Type the name",
        "2.2. Press Enter",
        "3. Close",
    ];
    assert_eq!(steps(&rig, "Case 1"), expanded);
    let asked = rig.export_with(calls(), |job| job.recreate(true).full(true)).await;
    assert_eq!(
        steps(&rig, "Case 1"),
        ["Open", "→ Log in", "Close"],
        "{:?}",
        asked.verdicts
    );
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
    assert_eq!(done.launches(Outcome::Created), ["5"], "{:?}", done.verdicts);
    let test = IssueId(seen::named(&rig, "Case 1").id);
    let site = rig.world.site.lock();
    let run = site.xray.runs_of_test(test).next().unwrap();
    let shown = run.steps.iter().zip(&run.definition.steps);
    let shown: Vec<_> = shown
        .map(|(ran, step)| (step.action.as_str(), ran.status.as_str()))
        .collect();
    let expected = [
        ("Open", "PASSED"),
        ("Type the name", "PASSED"),
        ("Press Enter", "FAILED"),
        ("Close", "TODO"),
    ];
    assert_eq!(shown, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn circles_and_long_chains_are_cut_where_xray_would_refuse_them() {
    let shared = |id: i64| SharedStep::new(id, &format!("Shared {id}"));
    let mut project = Project::new(1)
        .shared_step(shared(8).step(Step::new("Do 8")).step(Step::shared(9)))
        .shared_step(shared(9).step(Step::new("Do 9")).step(Step::shared(8)))
        .shared_step(shared(10));
    for id in 1..=6 {
        project = project.shared_step(
            shared(id)
                .step(Step::new(&format!("Do {id}")))
                .step(Step::shared(id + 1)),
        );
    }
    let case = |id: i64, called: i64| Case::new(&format!("Case {id}")).id(id).add_step(Step::shared(called));
    let project = project
        .shared_step(shared(7).step(Step::new("Do 7")))
        .case(case(1, 1))
        .case(case(2, 8))
        .case(case(3, 10));
    let rig = start(project).await;
    let done = export(&rig).await;
    assert_eq!(
        done.cases(Outcome::Created).len(),
        3,
        "{:?} {:?}",
        done.verdicts,
        done.notes
    );
    // A Test that calls Shared 4 begins a chain of five.
    assert_eq!(steps(&rig, "Shared 4"), ["Do 4", "→ Shared 5"]);
    assert_eq!(steps(&rig, "Case 2"), ["→ Shared 8"]);
    assert_eq!(steps(&rig, "Case 3"), ["Shared 10"], "one without steps stays a step");
    let again = full(&rig).await;
    assert_eq!(
        (again.cases(Outcome::Unchanged).len(), again.writes),
        (3, 0),
        "{:?} {:?}",
        again.verdicts,
        again.notes
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_takes_what_its_plan_told() {
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
    forecast::foretells(&rig, calls()).await;
    for id in 1..=12 {
        edit(&rig, id, |shared| shared.name = format!("Renamed {id}"));
    }
    forecast::foretells(&rig, calls()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_tells_and_undo_takes_back_what_nobody_else_calls() {
    let rig = start(project()).await;
    let plan = rig.plan(calls()).await;
    assert!(
        told(&plan, "of shared steps, 2 Tests would be created and 0 updated"),
        "{:?}",
        plan.notes
    );
    assert_eq!(
        (
            plan.cases(Outcome::Created).len(),
            plan.writes,
            plan.facts.ledger_writes
        ),
        (5, 0, 0)
    );
    let off = rig.plan(config()).await;
    assert!(!told(&off, "of shared steps"), "{:?}", off.notes);

    let tenant = rig.tenant().await;
    let made = rig.follow(|| tenant.run(Job::new(calls()).run_id("first"))).await;
    assert!(made.requests < 35, "{} requests", made.requests);
    // A later run's Test calls “Log in” too.
    let seven = Case::new("Case 7").id(7).add_step(Step::shared(1));
    rig.world.testops.edit(|site| site.add_case(1, seven));
    export(&rig).await;
    for apply in [false, true] {
        let done = rig
            .follow(|| tenant.undo(Undo::new(calls(), "first").apply(apply)))
            .await;
        assert_eq!(done.cases(Outcome::Removed).len(), 5, "{:?}", done.verdicts);
        assert!(told(&done, "1 Tests of shared steps of the run"), "{:?}", done.notes);
        assert!(told(&done, "stays: 1 Tests call it"), "{:?}", done.notes);
    }
    let left: Vec<String> = seen::tests(&rig).into_iter().map(|test| test.summary).collect();
    assert_eq!(left, ["Log in", "Case 7"]);
    let again = export(&rig).await;
    assert_eq!(
        again.cases(Outcome::Created).len(),
        5,
        "{:?} {:?}",
        again.verdicts,
        again.notes
    );
    assert_eq!(steps(&rig, "Case 2"), ["→ Pay", "→ Log in"]);
}
