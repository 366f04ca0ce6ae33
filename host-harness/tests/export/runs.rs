//! What results become beside a status: iterations, step results, defects, accounts.

use tms_sync_sim::jira::xray::Run;
use tms_sync_sim::testops::data::{
    Case, Defect, Integration, Issue, Launch, Parameter, Project, RunStep, Status, Step, TestResult,
};
use tms_sync_sim::world::{INTEGRATION, USER};

use crate::rig::{Rig, Variant};

scenarios!(
    several_results_become_iterations,
    iterations_go_when_parameters_belong_into_the_comment,
    step_results_stand_beside_the_steps_they_belong_to,
    step_results_that_hold_no_longer_go,
    defects_of_this_jira_are_linked_and_others_named,
    accounts_are_those_that_a_person_named,
    terminal_sequences_and_control_characters_of_results_reach_no_text,
);

/// The run of the only execution's Test by its summary.
fn run(rig: &Rig, summary: &str) -> Run {
    let test = rig.test(summary);
    let site = rig.world.site.lock();
    let runs: Vec<Run> = site.xray.runs_of_test(test).cloned().collect();
    assert_eq!(runs.len(), 1, "runs of {summary}");
    runs.into_iter().next().unwrap()
}

/// How a variant names what passed and what failed.
fn names(variant: Variant) -> (&'static str, &'static str) {
    match variant {
        Variant::Cloud => ("PASSED", "FAILED"),
        Variant::Dc => ("PASS", "FAIL"),
    }
}

/// One case with a result in three browsers; one of them has more parameters than Xray takes.
fn browsers() -> Project {
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
    Project::new(1).case(Case::new("Cart").id(1)).launch(launch)
}

async fn several_results_become_iterations(variant: Variant) {
    let rig = Rig::start(variant, browsers()).await;
    let done = rig.export().await;
    let (passed, failed) = names(variant);
    let cart = run(&rig, "Cart");
    assert_eq!(cart.status, failed);
    let iterations = cart.iterations.iter().map(|pass| {
        let (status, browser) = (pass.status.as_str(), pass.parameters[0].1.as_str());
        (status, browser, pass.parameters.len())
    });
    let expected = [(passed, "firefox", 1), (failed, "chrome", 1), (passed, "safari", 20)];
    assert_eq!(iterations.collect::<Vec<_>>(), expected);
    if variant == Variant::Cloud {
        assert_eq!(cart.iterations[1].log, "cart is empty\nat cart");
    }
    let comment = rig.shown(cart.comment);
    reports!(done, comment);
}

async fn iterations_go_when_parameters_belong_into_the_comment(variant: Variant) {
    let rig = Rig::start(variant, browsers()).await;
    rig.export().await;
    rig.reopen_launch(5, |_| ());
    let plain = rig.export_mapped(&[("parameters-of-results", "comment")]).await;
    let cart = run(&rig, "Cart");
    assert!(cart.iterations.is_empty());
    let comment = rig.shown(cart.comment);
    reports!(plain, comment);
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
    let opened = RunStep::new("Open the *cart*", Status::Passed);
    TestResult::of("Cart")
        .case(1)
        .failed("no money", "")
        .step(RunStep::new("Start the browser", Status::Passed))
        .step(opened.child(RunStep::new("Look at {the} header", Status::Broken)))
        .step(paid)
}

async fn step_results_stand_beside_the_steps_they_belong_to(variant: Variant) {
    let fine = TestResult::of("Fine").case(2).passed();
    let launch = Launch::new("nightly")
        .id(5)
        .closed()
        .result(failed())
        .result(fine.step(RunStep::new("Only", Status::Passed)));
    let project = Project::new(1)
        .case(case())
        .case(Case::new("Fine").id(2).step("Only", ""))
        .launch(launch);
    let rig = Rig::start(variant, project).await;
    let done = rig.export().await;
    reports!(done);
    let (passed, bad) = names(variant);
    let statuses = |summary: &str| -> Vec<String> {
        let steps = run(&rig, summary).steps.into_iter();
        steps.map(|step| step.status).collect()
    };
    assert_eq!(statuses("Cart"), [passed, bad, bad, "TODO"]);
    let pay = run(&rig, "Cart").steps[2].clone();
    assert_eq!(pay.comment, "no money");
    assert_eq!(pay.actual_result, "It is paid: failed");
    // By default only failures cost TestOps a request each: what passed as a whole passed in each step.
    assert_eq!(statuses("Fine"), [passed]);
}

async fn step_results_that_hold_no_longer_go(variant: Variant) {
    let launch = Launch::new("nightly").id(5).closed().result(failed());
    let rig = Rig::start(variant, Project::new(1).case(case()).launch(launch)).await;
    rig.export().await;
    rig.later();
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
    reports!(done);
    let cart = run(&rig, "Cart");
    let passed = names(variant).0;
    assert_eq!(cart.status, passed);
    let mut steps = cart.steps.iter();
    assert!(
        steps.all(|step| step.status == passed && step.comment.is_empty()),
        "{cart:?}"
    );
}

/// A muted failure with four defects: of this Jira, of another one, of an issue that is gone, and of none.
fn with_defects(rig: &Rig, bug: &str) {
    let defect = |id: i64, name: &str, issue: Option<Issue>| Defect {
        id,
        name: name.to_owned(),
        issue,
        ..Defect::default()
    };
    let defects = [
        defect(1, "Cart is empty", Some(Issue::new(bug, INTEGRATION))),
        defect(2, "Same key elsewhere", Some(Issue::new(bug, 9))),
        defect(3, "Gone", Some(Issue::new("CALC-999", INTEGRATION))),
        defect(4, "Nobody's", None),
    ];
    let result = TestResult::of("Cart").case(1).failed("no", "");
    let mut result = (1..=4).fold(result, TestResult::defect);
    result.muted = true;
    rig.world.testops.edit(|site| {
        site.add_integration(Integration::new(9, "jira", "https://other.example.com"));
        for defect in defects {
            site.add_defect(1, defect);
        }
        site.add_launch(1, Launch::new("nightly").id(5).closed().result(result))
    });
}

async fn defects_of_this_jira_are_linked_and_others_named(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Cart").id(1))).await;
    let (id, bug) = rig.add_issue("Bug", "Cart is empty");
    with_defects(&rig, &bug);
    let done = rig.export().await;
    let cart = run(&rig, "Cart");
    assert_eq!(cart.defects, [id]);
    let comment = rig.shown(cart.comment);
    reports!(done, comment);
}

async fn accounts_are_those_that_a_person_named(variant: Variant) {
    let mut result = TestResult::of("Cart").case(1).passed().manual("ann");
    result.assignee = Some("bob".to_owned());
    let launch = Launch::new("manual").id(5).closed().result(result);
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Cart").id(1)).launch(launch)).await;
    let done = rig.export_mapped(&[("user.bob", USER)]).await;
    let cart = run(&rig, "Cart");
    assert_eq!(cart.assignee.as_deref(), Some(USER));
    let comment = rig.shown(cart.comment);
    reports!(done, comment);
}

async fn terminal_sequences_and_control_characters_of_results_reach_no_text(variant: Variant) {
    const RED: &str = "\u{1b}[31mred\u{1b}[0m \u{7}\u{ffff}end";
    let step = |text: &str| RunStep {
        message: Some(RED.to_owned()),
        ..RunStep::new(text, Status::Failed)
    };
    let result = |browser: &str| {
        TestResult::of(&format!("Cart {RED}"))
            .case(1)
            .failed(RED, &format!("at {RED}"))
            .parameter(Parameter::new(&format!("browser {RED}"), &format!("{browser} {RED}")))
    };
    let several = Launch::new("several").closed().result(result("a")).result(result("b"));
    let one = Launch::new(&format!("one {RED}"))
        .closed()
        .result(TestResult::of("Cart").case(1).failed(RED, "").step(step("Pay")));
    let project = Project::new(1).case(case()).launch(several).launch(one);
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    let test = rig.test("Cart");
    let site = rig.world.site.lock();
    let runs: Vec<Run> = site.xray.runs_of_test(test).cloned().collect();
    let executions: Vec<String> = site
        .issues()
        .filter(|issue| site.role(issue).is_execution())
        .map(|issue| format!("{} {:?}", issue.summary, issue.description))
        .collect();
    let texts = format!("{runs:?} {executions:?}");
    // As Rust escapes them.
    for escaped in ["\\u{1b}", "\\u{7}", "\\u{ffff}", "[31m"] {
        assert!(!texts.contains(escaped), "{escaped} in {texts}");
    }
    let red = runs.iter().filter(|run| run.comment.contains("red end"));
    assert_eq!((runs.len(), red.count()), (2, 2), "{texts}");
    let passes = runs.iter().flat_map(|run| &run.iterations);
    let parameters: Vec<&str> = passes.map(|pass| pass.parameters[0].1.as_str()).collect();
    assert_eq!(parameters, ["a red end", "b red end"]);
    let steps = runs
        .iter()
        .flat_map(|run| &run.steps)
        .filter(|step| step.comment.contains("red end"));
    assert_eq!(steps.count(), 1);
}
