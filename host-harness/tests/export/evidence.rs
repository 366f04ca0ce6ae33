//! Files of results as evidence: each reaches its run once, and none costs a status.

use tms_sync_sim::fault::Fault;
use tms_sync_sim::jira::project::Role;
use tms_sync_sim::testops::data::{Case, File, Launch, Project, RunStep, Status, TestResult};

use crate::rig::{Rig, Variant};
use crate::seen;

scenarios!(
    files_of_failed_results_become_evidence_once,
    a_launch_published_again_doubles_no_evidence,
    evidence_of_all_results_is_shown_where_that_is_asked_for,
    no_evidence_is_shown_where_that_is_asked_for,
    evidence_is_bounded_where_that_is_asked_for,
    more_than_a_request_takes_is_split_and_the_guest_stays_small,
    evidence_that_is_refused_costs_no_status_and_no_other_evidence,
    an_import_of_evidence_whose_answer_was_lost_is_not_repeated,
    an_import_of_evidence_that_never_arrived_is_sent_again,
    evidence_refused_for_a_while_is_named_until_it_is_there,
    evidence_replaced_by_another_of_its_name_and_size_is_sent,
);

fn text(name: &str, content: &str) -> File {
    File::new(name, "text/plain", content.to_owned())
}

/// Names and sizes of a run's evidence by the summary of its Test, sorted.
fn evidence(rig: &Rig, test: &str) -> Vec<(String, usize)> {
    let key = seen::named(rig, test).key;
    let site = rig.world.site.lock();
    let test = site.issues().find(|issue| issue.key == key).unwrap().id;
    let execution = site
        .issues()
        .find(|issue| site.role(issue) == Role::TestExecution)
        .unwrap()
        .id;
    let run = site.xray.run_of(execution, test).unwrap();
    let mut files: Vec<_> = run
        .evidence
        .iter()
        .map(|f| (f.filename.clone(), f.bytes.len()))
        .collect();
    files.sort();
    files
}

/// A launch in which the cases `One` and `Two` failed and `Good` passed.
fn project() -> Project {
    let failed = |case: i64, name: &str| TestResult::of(name).case(case).failed("no", "");
    let step = RunStep::new("Press", Status::Failed).child(RunStep::file(text("step.txt", "of a step")));
    let launch = Launch::new("nightly")
        .id(5)
        .result(
            failed(1, "One")
                .file(text("log.txt", "first"))
                .step(step)
                .file(text("log.txt", "second one")),
        )
        .result(
            failed(2, "Two")
                .file(text("log.txt", "same"))
                .file(text("copy.txt", "same"))
                .file(text("nothing.txt", "")),
        )
        .result(TestResult::of("Good").case(3).passed().file(text("log.txt", "good")));
    let cases = [(1, "One"), (2, "Two"), (3, "Good")];
    let project = cases
        .into_iter()
        .fold(Project::new(1), |p, (id, name)| p.case(Case::new(name).id(id)));
    project.launch(launch)
}

async fn files_of_failed_results_become_evidence_once(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let done = rig.export().await;
    let one = evidence(&rig, "One");
    assert_eq!(one.len(), 3, "{one:?}");
    for name in ["log.txt", "step.txt"] {
        assert!(one.iter().any(|(there, _)| there == name), "{one:?}");
    }
    let two = evidence(&rig, "Two");
    assert_eq!(two.len(), 1, "equal contents once, empty ones not at all");
    assert_eq!(evidence(&rig, "Good"), []);
    let again = rig.export().await;
    reports!(done, again);
    assert_eq!(again.writes, 0);
}

async fn a_launch_published_again_doubles_no_evidence(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    rig.export().await;
    let before = (evidence(&rig, "One"), evidence(&rig, "Two"));
    let mut story = String::new();
    for round in 0..2 {
        rig.later();
        let more = TestResult::of("One").case(1).failed("again", "");
        let more = more.file(text("log.txt", &format!("round {round}...")));
        rig.world.testops.edit(|site| site.add_result(5, more));
        story += &rig.export().await.to_string();
    }
    reports!(variant => story);
    assert_eq!(evidence(&rig, "One").len(), before.0.len() + 2);
    assert_eq!(evidence(&rig, "Two"), before.1);
}

async fn evidence_of_all_results_is_shown_where_that_is_asked_for(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let done = rig.export_mapped(&[("evidence", "all")]).await;
    reports!(done);
    assert_eq!(evidence(&rig, "Good"), [("log.txt".to_owned(), 4)]);
}

async fn no_evidence_is_shown_where_that_is_asked_for(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let done = rig.export_mapped(&[("evidence", "none")]).await;
    reports!(done);
    assert_eq!(evidence(&rig, "One"), []);
}

async fn evidence_is_bounded_where_that_is_asked_for(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let done = rig.export_mapped(&[("evidence-max-bytes", "6")]).await;
    reports!(done);
    assert_eq!(evidence(&rig, "One"), [("log.txt".to_owned(), 5)]);
}

async fn more_than_a_request_takes_is_split_and_the_guest_stays_small(variant: Variant) {
    let cases = 1..=4_i64;
    let video = |case: i64| File::new("video.mp4", "video/mp4", vec![case as u8; 12_000_000]);
    let launch = cases
        .clone()
        .fold(Launch::new("nightly").id(5).closed(), |launch, case| {
            launch.result(TestResult::of("x").case(case).failed("no", "").file(video(case)))
        });
    let project = cases
        .clone()
        .fold(Project::new(1), |p, id| p.case(Case::new(&format!("Case {id}")).id(id)));
    let rig = Rig::start(variant, project.launch(launch)).await;
    let done = rig.export().await;
    reports!(done);
    for case in cases {
        assert_eq!(
            evidence(&rig, &format!("Case {case}")),
            [("video.mp4".to_owned(), 12_000_000)]
        );
    }
    assert!(done.facts.peak_memory < 8 << 20, "{}", done.facts.peak_memory);
}

/// Imports of results on either variant.
const IMPORT: &str = "/*/import/execution";

fn faults(rig: &Rig) -> &tms_sync_sim::fault::Faults {
    match &rig.world.tracker.xray {
        Some(xray) => xray.faults(),
        None => rig.world.tracker.jira.faults(),
    }
}

async fn evidence_that_is_refused_costs_no_status_and_no_other_evidence(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    // The import of statuses passes; the one of all evidence and that of the first run alone do not.
    let refused = Fault::status(413).body(r#"{"error":"too large"}"#);
    faults(&rig).add(refused.on("POST", IMPORT).nth(2).times(2));
    let done = rig.export().await;
    reports!(done);
    assert_eq!((evidence(&rig, "One").len(), evidence(&rig, "Two").len()), (0, 1));
}

/// A fault at the import of evidence, which comes after that of statuses.
async fn import_with(variant: Variant, fault: Fault) -> String {
    let rig = Rig::start(variant, project()).await;
    faults(&rig).add(fault.on("POST", IMPORT).nth(2));
    let first = rig.export().await;
    let second = rig.export().await;
    assert_eq!((evidence(&rig, "One").len(), evidence(&rig, "Two").len()), (3, 1));
    sections!(first, second)
}

async fn an_import_of_evidence_whose_answer_was_lost_is_not_repeated(variant: Variant) {
    let story = import_with(variant, Fault::drop_response()).await;
    reports!(variant => story);
}

async fn an_import_of_evidence_that_never_arrived_is_sent_again(variant: Variant) {
    let story = import_with(variant, Fault::reset()).await;
    reports!(variant => story);
}

async fn evidence_refused_for_a_while_is_named_until_it_is_there(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let refused = Fault::status(413).body(r#"{"error":"too large"}"#);
    faults(&rig).add(refused.on("POST", IMPORT).nth(2).times(9));
    let first = rig.export().await;
    let soon = rig.export().await;
    let verified = rig.verify(crate::rig::config()).await;
    faults(&rig).clear();
    rig.hours_later(1);
    let healed = rig.export().await;
    assert_eq!((evidence(&rig, "One").len(), evidence(&rig, "Two").len()), (3, 1));
    let last = rig.export().await;
    reports!(variant => first, soon, verified, healed, last);
    assert_eq!(last.writes, 0);
}

async fn evidence_replaced_by_another_of_its_name_and_size_is_sent(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    rig.export().await;
    rig.later();
    rig.world.testops.edit(|site| {
        let id = site.result_ids(5)[1];
        site.edit_result(id, |result| {
            result.steps = vec![RunStep::file(text("log.txt", "diff"))];
            result.message = Some("another".to_owned());
        });
    });
    rig.export().await;
    let contents = |rig: &Rig| -> Vec<Vec<u8>> {
        let test = rig.test("Two");
        let site = rig.world.site.lock();
        let runs: Vec<_> = site.xray.runs_of_test(test).collect();
        runs[0].evidence.iter().map(|file| file.bytes.to_vec()).collect()
    };
    assert!(contents(&rig).contains(&b"diff".to_vec()), "{:?}", contents(&rig));
    assert_eq!(rig.export().await.writes, 0);
}
