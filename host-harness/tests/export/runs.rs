//! What results become beside a status: iterations, step results, defects, accounts.

use serde_json::json;
use tms_sync_host::model::{Outcome, Verdict};
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::input::IssueInput;
use tms_sync_sim::jira::xray::Run;
use tms_sync_sim::testops::data::{
    Case, Defect, Integration, Issue, Launch, Parameter, Project, RunStep, Status, Step, TestResult,
};
use tms_sync_sim::world::{INTEGRATION, PROJECT, USER};

use crate::rig::{Rig, Variant, mapped};
use crate::seen;

scenarios!(
    several_results_become_iterations,
    step_results_stand_beside_the_steps_they_belong_to,
    step_results_that_hold_no_longer_go,
    defects_of_this_jira_are_linked_and_others_named,
    accounts_are_those_that_a_person_named,
);

/// The run of the only execution's Test by its summary.
fn run(rig: &Rig, summary: &str) -> Run {
    let test = seen::named(rig, summary).id;
    let site = rig.world.site.lock();
    let runs: Vec<Run> = site.xray.runs_of_test(IssueId(test)).cloned().collect();
    assert_eq!(runs.len(), 1, "runs of {summary}");
    runs.into_iter().next().unwrap()
}

fn words(variant: Variant) -> (&'static str, &'static str) {
    if variant == Variant::Cloud {
        ("PASSED", "FAILED")
    } else {
        ("PASS", "FAIL")
    }
}

fn count(verdicts: &[Verdict], what: &str) -> Option<u64> {
    let counts = verdicts.iter().flat_map(|verdict| &verdict.counts);
    counts
        .filter(|count| count.what.contains(what))
        .map(|count| count.number)
        .next()
}

async fn several_results_become_iterations(variant: Variant) {
    let with = |browser: &str| {
        TestResult::of("Cart")
            .case(1)
            .parameter(Parameter::new("browser", browser))
    };
    let many = (0..25).fold(with("safari").passed(), |result, n| {
        result.parameter(Parameter::new(&format!("p{n}"), "x"))
    });
    let launch = Launch::new("browsers")
        .id(5)
        .closed()
        .result(with("firefox").passed())
        .result(with("chrome").failed("cart is empty", "at cart"))
        .result(many);
    let project = Project::new(1).case(Case::new("Cart").id(1)).launch(launch);
    let rig = Rig::start(variant, project).await;
    let done = rig.export().await;
    assert_eq!(done.launches(Outcome::Created), ["5"], "{:?}", done.verdicts);
    let (passed, failed) = words(variant);
    let cart = run(&rig, "Cart");
    assert_eq!(cart.status, failed);
    let told: Vec<_> = cart
        .iterations
        .iter()
        .map(|pass| {
            (
                pass.status.as_str(),
                pass.parameters[0].1.as_str(),
                pass.parameters.len(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [(passed, "firefox", 1), (failed, "chrome", 1), (passed, "safari", 20)]
    );
    assert!(cart.comment.contains("p24 = x"), "{}", cart.comment);
    assert_eq!(count(&done.verdicts, "than Xray takes"), Some(1));
    if variant == Variant::Cloud {
        assert_eq!(cart.iterations[1].log, "cart is empty\nat cart");
    }

    rig.world.clock.advance(std::time::Duration::from_secs(60));
    rig.world.testops.edit(|site| {
        site.reopen_launch(5);
        site.close_launch(5);
    });
    let plain = rig
        .export_with(mapped(&[("parameters-of-results", "comment")]), |job| job)
        .await;
    assert_eq!(plain.launches(Outcome::Updated), ["5"], "{:?}", plain.verdicts);
    assert!(run(&rig, "Cart").iterations.is_empty());
}

fn case() -> Case {
    Case::new("Cart")
        .id(1)
        .add_step(Step::new("Open the *cart*").child(Step::new("Look at {the} header")))
        .step("Pay", "It is paid")
        .step("Leave", "")
}

fn failed() -> TestResult {
    let paid = RunStep {
        message: Some("no money".to_owned()),
        ..RunStep::new("Pay", Status::Failed).expect("It is paid")
    };
    TestResult::of("Cart")
        .case(1)
        .failed("no money", "")
        .step(RunStep::new("Start the browser", Status::Passed))
        .step(
            RunStep::new("Open the *cart*", Status::Passed).child(RunStep::new("Look at {the} header", Status::Broken)),
        )
        .step(paid)
}

async fn step_results_stand_beside_the_steps_they_belong_to(variant: Variant) {
    let launch = Launch::new("nightly").id(5).closed().result(failed()).result(
        TestResult::of("Fine")
            .case(2)
            .passed()
            .step(RunStep::new("Only", Status::Passed)),
    );
    let project = Project::new(1)
        .case(case())
        .case(Case::new("Fine").id(2).step("Only", ""))
        .launch(launch);
    let rig = Rig::start(variant, project).await;
    let done = rig.export().await;
    assert_eq!(done.launches(Outcome::Created), ["5"], "{:?}", done.verdicts);
    let (passed, bad) = words(variant);
    let statuses = |summary: &str| {
        run(&rig, summary)
            .steps
            .iter()
            .map(|s| s.status.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(statuses("Cart"), [passed, bad, bad, "TODO"]);
    let pay = run(&rig, "Cart").steps[2].clone();
    assert_eq!(
        (pay.comment.as_str(), pay.actual_result.as_str()),
        ("no money", "It is paid: failed")
    );
    assert_eq!(count(&done.verdicts, "no such step"), Some(1));
    // By default only failures cost TestOps a request each.
    assert_eq!(statuses("Fine"), ["TODO"]);
}

async fn step_results_that_hold_no_longer_go(variant: Variant) {
    let launch = Launch::new("nightly").id(5).closed().result(failed());
    let rig = Rig::start(variant, Project::new(1).case(case()).launch(launch)).await;
    rig.export().await;
    rig.world.clock.advance(std::time::Duration::from_secs(60));
    rig.world.testops.edit(|site| {
        site.reopen_launch(5);
        let id = site.result_ids(5)[0];
        site.edit_result(id, |result| {
            *result = result.clone().passed();
            result.message = None;
        });
        site.close_launch(5);
    });
    let done = rig.export().await;
    assert_eq!(done.launches(Outcome::Updated), ["5"], "{:?}", done.verdicts);
    let cart = run(&rig, "Cart");
    let (passed, _) = words(variant);
    assert_eq!(cart.status, passed);
    assert!(
        cart.steps
            .iter()
            .all(|step| step.status == "TODO" && step.comment.is_empty()),
        "{cart:?}"
    );
}

async fn defects_of_this_jira_are_linked_and_others_named(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Cart").id(1))).await;
    let bug = {
        let mut site = rig.world.site.lock();
        let fields = [
            ("project".to_owned(), json!({"key": PROJECT})),
            ("issuetype".to_owned(), json!({"name": "Bug"})),
            ("summary".to_owned(), json!("Cart is empty")),
        ];
        let id = site.create_issue(&Actor::System, &IssueInput::of(fields)).unwrap();
        site.issue(id).unwrap().key.clone()
    };
    rig.world.testops.edit(|site| {
        site.add_integration(Integration::new(9, "jira", "https://other.example.com"));
        let defect = |id: i64, name: &str, issue: Option<Issue>| Defect {
            id,
            name: name.to_owned(),
            issue,
            ..Defect::default()
        };
        site.add_defect(1, defect(1, "Cart is empty", Some(Issue::new(&bug, INTEGRATION))));
        site.add_defect(1, defect(2, "Same key elsewhere", Some(Issue::new(&bug, 9))));
        site.add_defect(1, defect(3, "Gone", Some(Issue::new("CALC-999", INTEGRATION))));
        site.add_defect(1, defect(4, "Nobody's", None));
        let mut result = TestResult::of("Cart")
            .case(1)
            .failed("no", "")
            .defect(1)
            .defect(2)
            .defect(3)
            .defect(4);
        result.muted = true;
        site.add_launch(1, Launch::new("nightly").id(5).closed().result(result))
    });
    let done = rig.export().await;
    assert_eq!(done.launches(Outcome::Created), ["5"], "{:?}", done.verdicts);
    let cart = run(&rig, "Cart");
    let site = rig.world.site.lock();
    let keys: Vec<_> = cart
        .defects
        .iter()
        .map(|id| site.issue(*id).unwrap().key.clone())
        .collect();
    assert_eq!(keys, [bug]);
    for part in ["muted, known", "Same key elsewhere", "Gone", "Nobody's"] {
        assert!(cart.comment.contains(part), "{part} in {}", cart.comment);
    }
    assert_eq!(count(&done.verdicts, "no issue of this Jira"), Some(3));
}

async fn accounts_are_those_that_a_person_named(variant: Variant) {
    let mut result = TestResult::of("Cart").case(1).passed().manual("ann");
    result.assignee = Some("bob".to_owned());
    let launch = Launch::new("manual").id(5).closed().result(result);
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Cart").id(1)).launch(launch)).await;
    let done = rig.export_with(mapped(&[("user.bob", USER)]), |job| job).await;
    assert_eq!(done.launches(Outcome::Created), ["5"], "{:?}", done.verdicts);
    let cart = run(&rig, "Cart");
    assert_eq!(cart.assignee.as_deref(), Some(USER));
    assert!(cart.comment.contains("Run by ann"), "{}", cart.comment);
}
