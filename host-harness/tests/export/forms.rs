//! What versions and installations of the vendors' servers answer differently: an export comes to the same.

use tms_sync_host::model::Outcome;
use tms_sync_sim::answers::{
    Answers, FileSize, Identity, ImportEvidence, IssueTypes, IterationSteps, PageFilling, PageMaximum, ProjectStyle,
    RunList, RunLookup, RunStatuses, StepEntities, StepStatuses, UnknownPath, Version,
};
use tms_sync_sim::testops::data::{Case, File, Launch, Parameter, Project, RunStep, Status, TestResult};

use crate::rig::{Done, Rig, Variant};
use crate::seen;

scenarios!(
    an_older_testops_is_exported_whole,
    a_project_with_issue_types_of_its_own_is_exported_once_they_are_named,
    statuses_may_have_the_names_of_the_other_variant,
    answers_may_name_no_account,
    entities_in_texts_of_steps_may_be_decoded,
);

/// Cases that failed, each with a step, a file and in two browsers every third time.
fn project(cases: i64) -> Project {
    let mut launch = Launch::new("nightly").id(500).closed();
    for case in 1..=cases {
        let result = |browser: &str| {
            TestResult::of("x")
                .case(case)
                .failed("no", "at x")
                .parameter(Parameter::new("browser", browser))
                .step(RunStep::new("Open", Status::Failed))
                .file(File::new("log.txt", "text/plain", format!("of {case} in {browser}")))
        };
        launch = launch.result(result("firefox"));
        if case % 3 == 0 {
            launch = launch.result(result("chrome"));
        }
    }
    (1..=cases)
        .fold(Project::new(1), |project, id| {
            project.case(Case::new(&format!("Case {id}")).id(id).step("Open", ""))
        })
        .launch(launch)
}

/// Names of evidence in the only execution, by Test, and how many runs have results of steps or iterations.
fn recorded(rig: &Rig) -> (Vec<Vec<String>>, usize) {
    let site = rig.world.site.lock();
    let mut tests: Vec<_> = site
        .issues()
        .filter(|issue| issue.summary.starts_with("Case "))
        .collect();
    tests.sort_by_key(|issue| issue.id.0);
    let runs: Vec<_> = tests.iter().flat_map(|test| site.xray.runs_of_test(test.id)).collect();
    let detailed = runs.iter().filter(|run| {
        let touched = run.steps.iter().any(|step| step.status != "TODO");
        touched || !run.iterations.is_empty()
    });
    let names = |run: &&tms_sync_sim::jira::xray::Run| {
        let mut names: Vec<String> = run.evidence.iter().map(|file| file.filename.clone()).collect();
        names.sort();
        names
    };
    (runs.iter().map(names).collect(), detailed.count())
}

fn is_whole(done: &Done) {
    assert!(done.report.stopped.is_none(), "{done}");
    assert!(
        done.cases(Outcome::Failed).is_empty() && done.launches(Outcome::Failed).is_empty(),
        "{done}"
    );
}

/// Publishes a launch twice, the second time with one more result, against a server that answers so.
async fn published_twice(choose: impl FnOnce(&Answers)) {
    const CASES: i64 = 23;
    let rig = Rig::start(Variant::Dc, project(CASES)).await;
    choose(&rig.world.answers);
    is_whole(&rig.export().await);
    let (evidence, detailed) = recorded(&rig);
    assert_eq!((evidence.len(), detailed), (CASES as usize, CASES as usize));
    rig.later();
    let more = TestResult::of("x").case(1).failed("again", "");
    let more = more.file(File::new("more.txt", "text/plain", "more".to_owned()));
    rig.world.testops.edit(|site| {
        site.reopen_launch(500);
        site.add_result(500, more);
        site.close_launch(500)
    });
    is_whole(&rig.export().await);
    let (again, detailed) = recorded(&rig);
    assert_eq!(detailed, CASES as usize);
    assert_eq!(again[0], ["log.txt", "more.txt"]);
    assert_eq!(again[1..], evidence[1..], "nothing twice and nothing lost");
    assert_eq!(rig.export().await.writes, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_runs_may_hold_steps_or_not() {
    published_twice(|answers| answers.choose(RunList::Documented)).await;
    published_twice(|answers| {
        answers.choose(RunList::WithSteps);
        answers.choose(IterationSteps::Both);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sizes_of_evidence_may_be_texts_and_an_import_may_replace_or_append_it() {
    for size in [FileSize::Text, FileSize::Bytes] {
        for import in [ImportEvidence::Replaces, ImportEvidence::Appends] {
            published_twice(|answers| {
                answers.choose(size);
                answers.choose(import);
            })
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_may_be_small_and_short() {
    for maximum in [PageMaximum::TwoHundredFifty, PageMaximum::Twenty, PageMaximum::Two] {
        for filling in [PageFilling::Full, PageFilling::Short] {
            published_twice(|answers| {
                answers.choose(maximum);
                answers.choose(filling);
            })
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_up_of_a_run_may_pass_over_its_test() {
    published_twice(|answers| answers.choose(RunLookup::IgnoresTest)).await;
}

async fn an_older_testops_is_exported_whole(variant: Variant) {
    for path in [UnknownPath::Page, UnknownPath::NotFound] {
        let rig = Rig::start_as(variant, project(6), |answers| {
            answers.choose(Version::V4);
            answers.choose(path);
        })
        .await;
        is_whole(&rig.export_mapped(&[("automated-steps", "description")]).await);
        assert_eq!((seen::tests(&rig).len(), seen::executions(&rig)[0].runs.len()), (6, 6));
        assert_eq!(recorded(&rig).1, 6);
    }
}

async fn a_project_with_issue_types_of_its_own_is_exported_once_they_are_named(variant: Variant) {
    let rig = Rig::start_as(variant, project(3), |answers| {
        answers.choose(IssueTypes::German);
        answers.choose(ProjectStyle::TeamManaged);
    })
    .await;
    let wrong = rig
        .export_mapped(&[
            ("issue-type.test", "Testfall"),
            ("issue-type.test-execution", "Testlauf"),
        ])
        .await;
    reports!(variant => wrong);
    let named = [
        ("issue-type.test", "Testfall"),
        ("issue-type.test-execution", "Testausführung"),
    ];
    is_whole(&rig.export_mapped(&named).await);
    assert_eq!((seen::tests(&rig).len(), seen::executions(&rig)[0].runs.len()), (3, 3));
    assert_eq!(rig.export_mapped(&named).await.writes, 0);
}

async fn statuses_may_have_the_names_of_the_other_variant(variant: Variant) {
    let failed = match variant {
        Variant::Cloud => "FAIL",
        Variant::Dc => "FAILED",
    };
    let rig = Rig::start_as(variant, project(3), |answers| {
        answers.choose(RunStatuses::Other);
        answers.choose(StepStatuses::Other);
    })
    .await;
    is_whole(&rig.export().await);
    let runs = &seen::executions(&rig)[0].runs;
    assert!(
        runs.len() == 3 && runs.iter().all(|run| run.status == failed),
        "{runs:?}"
    );
    assert_eq!(recorded(&rig).1, 3);
    assert_eq!(rig.export().await.writes, 0);
}

async fn answers_may_name_no_account(variant: Variant) {
    let rig = Rig::start_as(variant, project(3), |answers| answers.choose(Identity::Unnamed)).await;
    is_whole(&rig.export().await);
    assert_eq!((seen::tests(&rig).len(), rig.export().await.writes), (3, 0));
}

async fn entities_in_texts_of_steps_may_be_decoded(variant: Variant) {
    // What is written with entities: one of the braces.
    let case = Case::new("Braces")
        .id(1)
        .step("Type {{x}} and &lt;b&gt;", "")
        .step("Look", "");
    let decoded = |answers: &Answers| answers.choose(StepEntities::Decoded);
    let rig = Rig::start_as(variant, Project::new(1).case(case), decoded).await;
    is_whole(&rig.export().await);
    assert_eq!(rig.export_fully(&[]).await.writes, 0);
    rig.later();
    rig.edit_case(1, |case| *case = std::mem::take(case).step("Close", ""));
    is_whole(&rig.export().await);
    let steps = seen::named(&rig, "Braces").steps.len();
    assert_eq!((steps, rig.export_fully(&[]).await.writes), (3, 0));
}
