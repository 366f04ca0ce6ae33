//! Files of test cases: each arrives once, whatever its name and size and whatever happens on the way.

use std::time::Duration;

use tms_sync_sim::fault::Fault;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::testops::data::{Case, File, Project, SharedStep, Step};

use crate::rig::{Rig, Variant, config};
use crate::seen;

scenarios!(
    files_of_case_steps_and_shared_steps_arrive_once,
    a_text_without_room_is_attached_whole,
    another_text_without_room_is_attached_beside_it,
    hostile_names_arrive_harmless,
    a_large_file_stays_out_of_the_guest,
    an_upload_whose_answer_was_lost_is_not_repeated,
    an_upload_that_takes_effect_later_is_not_repeated,
    an_upload_that_never_arrived_is_sent_again,
    a_run_killed_while_it_uploads_attaches_nothing_twice,
    a_file_that_the_server_refuses_costs_no_other_file,
    where_attachments_are_off_the_cases_arrive_all_the_same,
    no_file_is_attached_where_that_is_asked_for,
    undo_takes_our_files_for_ours,
    undo_leaves_a_test_with_a_file_of_a_person,
    files_refused_for_a_while_are_named_until_they_are_there,
    a_content_that_is_gone_for_a_moment_arrives_later,
    a_broken_file_store_costs_a_run_few_requests,
);

/// Names and contents of the files of the only Test, by name.
fn attached(rig: &Rig) -> Vec<(String, Vec<u8>)> {
    let test = seen::tests(rig).remove(0);
    let site = rig.world.site.lock();
    let issue = site.issues().find(|issue| issue.key == test.key).unwrap();
    let files = issue.attachments.iter();
    let mut files: Vec<_> = files.map(|f| (f.filename.clone(), f.bytes.to_vec())).collect();
    files.sort();
    files
}

fn names(rig: &Rig) -> Vec<String> {
    attached(rig).into_iter().map(|(name, _)| name).collect()
}

fn text(name: &str, content: &str) -> File {
    File::new(name, "text/plain", content.to_owned())
}

fn project(files: impl IntoIterator<Item = File>) -> Project {
    let case = files.into_iter().fold(Case::new("Log in").step("Open", ""), Case::file);
    Project::new(1).case(case)
}

/// Uploads that the server has seen.
fn uploads(rig: &Rig) -> usize {
    let journal = rig.world.tracker.jira.journal();
    let entries = journal.entries();
    entries
        .iter()
        .filter(|e| e.method == "POST" && e.path.ends_with("/attachments"))
        .count()
}

/// A case with files of its own, of a step and of a shared step that it calls twice; one is empty, which is left out, and one is gone.
fn files_everywhere() -> Project {
    let shared = SharedStep::new(1, "Set up").step(Step::new("Turn on").child(Step::file(text("c.txt", "shared"))));
    let gone = File {
        missed: true,
        ..text("gone.txt", "x")
    };
    let case = Case::new("Log in")
        .description("See ![the form](/api/rs/testcase/attachment/1/content)")
        .file(text("a.txt", "of the case"))
        .file(text("empty.txt", ""))
        .file(gone)
        .add_step(Step::new("Open").child(Step::file(text("b.txt", "of a step"))))
        .add_step(Step::shared(1))
        .add_step(Step::shared(1));
    Project::new(1).shared_step(shared).case(case)
}

async fn files_of_case_steps_and_shared_steps_arrive_once(variant: Variant) {
    let rig = Rig::start(variant, files_everywhere()).await;
    let first = rig.export().await;
    let file = |name: &str, content: &str| (name.to_owned(), content.as_bytes().to_vec());
    let all = [
        file("a.txt", "of the case"),
        file("b.txt", "of a step"),
        file("c.txt", "shared"),
    ];
    assert_eq!(attached(&rig), all);
    assert_eq!(uploads(&rig), 1);

    let again = rig.export_fully(&[]).await;
    reports!(first, again);
    assert_eq!(again.writes, 0);
    assert_eq!(attached(&rig), all);
}

/// More than the description of an issue has room for.
fn long(word: &str) -> String {
    format!("{} the end", format!("{word} ").repeat(8_000))
}

/// How many files hold a long text, and the steps after it.
fn whole(rig: &Rig, word: &str) -> usize {
    let texts = attached(rig)
        .into_iter()
        .map(|(_, bytes)| String::from_utf8(bytes).unwrap());
    texts
        .filter(|text| text.contains(&long(word)) && text.contains("1. Open"))
        .count()
}

fn long_case() -> Project {
    let case = Case::new("Log in").id(1).description(&long("words")).step("Open", "");
    Project::new(1).case(case)
}

async fn a_text_without_room_is_attached_whole(variant: Variant) {
    let rig = Rig::start(variant, long_case()).await;
    let first = rig.export().await;
    assert_eq!((whole(&rig, "words"), uploads(&rig)), (1, 1));
    assert_eq!(names(&rig), ["test-case-1-full-text.txt"]);
    let second = rig.export().await;
    reports!(first, second);
}

async fn another_text_without_room_is_attached_beside_it(variant: Variant) {
    let rig = Rig::start(variant, long_case()).await;
    rig.export().await;
    rig.edit_case(1, |case| case.description = Some(long("others")));
    let done = rig.export().await;
    reports!(done);
    assert_eq!((whole(&rig, "words"), whole(&rig, "others"), uploads(&rig)), (1, 1, 2));
}

async fn hostile_names_arrive_harmless(variant: Variant) {
    let content = |name: &str| format!("of {name}");
    let hostile = [
        "../../etc/passwd",
        "a\"; name=\"x\"; filename=\"b.txt",
        "line\r\nContent-Type: text/html\r\n\r\n.txt",
        "\u{202e}gnp.exe",
        "same.txt",
        "same.txt",
        "",
        "Журнал 日本.txt",
    ];
    let rig = Rig::start(variant, project(hostile.map(|name| text(name, &content(name))))).await;
    let done = rig.export().await;
    let files = attached(&rig);
    assert_eq!(files.len(), hostile.len(), "{files:?} {done}");
    for (name, _) in &files {
        assert!(
            !name.chars().any(|c| c.is_control() || "/\\\"\u{202e}".contains(c)),
            "{name:?}"
        );
    }
    let mut contents: Vec<_> = files.into_iter().map(|(_, content)| content).collect();
    contents.sort();
    let mut expected = hostile.map(|name| content(name).into_bytes());
    expected.sort();
    assert_eq!(contents, expected);
    let names = names(&rig);
    for name in ["passwd", "same.txt", "same (6).txt", "Журнал 日本.txt"] {
        assert!(names.iter().any(|there| there == name), "{name} in {names:?}");
    }
}

async fn a_large_file_stays_out_of_the_guest(variant: Variant) {
    let large: Vec<u8> = (0..50_000_000_u32).map(|at| (at % 251) as u8).collect();
    let big = File::new("video.mp4", "video/mp4", large.clone());
    let rig = Rig::start(variant, project([text("small.txt", "s"), big])).await;
    rig.world.site.lock().limits.attachment = 100_000_000;
    let done = rig.export().await;
    assert_eq!(names(&rig), ["small.txt", "video.mp4"], "{done}");
    assert!(attached(&rig)[1].1 == large);
    assert!(done.facts.peak_memory < 8 << 20, "{}", done.facts.peak_memory);
}

const UPLOAD: &str = "/rest/api/*/issue/*/attachments";

/// A fault at an upload of two files, and all that follows until each is attached once.
async fn upload_with(variant: Variant, fault: Fault) -> String {
    let rig = Rig::start(variant, project([text("a.txt", "a"), text("b.txt", "b")])).await;
    rig.world.tracker.jira.faults().add(fault.on("POST", UPLOAD));
    let first = rig.export().await;
    let second = rig.export().await;
    rig.hours_later(2);
    let later = rig.export().await;
    assert_eq!(names(&rig), ["a.txt", "b.txt"]);
    let last = rig.export().await;
    assert_eq!(last.writes, 0);
    sections!(first, second, later, last)
}

async fn an_upload_whose_answer_was_lost_is_not_repeated(variant: Variant) {
    let story = upload_with(variant, Fault::drop_response()).await;
    reports!(variant => story);
}

async fn an_upload_that_takes_effect_later_is_not_repeated(variant: Variant) {
    let story = upload_with(variant, Fault::commit_later(Duration::from_secs(60))).await;
    reports!(variant => story);
}

async fn an_upload_that_never_arrived_is_sent_again(variant: Variant) {
    let story = upload_with(variant, Fault::reset()).await;
    reports!(variant => story);
}

async fn a_run_killed_while_it_uploads_attaches_nothing_twice(variant: Variant) {
    let rig = Rig::start(variant, project([text("a.txt", "a")])).await;
    let tenant = rig.tenant().await;
    let run = tenant.run(tms_sync_host::Job::new(config()));
    while uploads(&rig) == 0 {
        tokio::task::yield_now().await;
    }
    run.kill();
    drop(run.finish().await);
    drop(tenant);
    for _ in 0..2 {
        rig.hours_later(2);
        rig.export().await;
        assert_eq!(names(&rig), ["a.txt"]);
    }
}

async fn a_file_that_the_server_refuses_costs_no_other_file(variant: Variant) {
    let files = ["a.txt", "b.txt", "c.txt"].map(|name| text(name, name));
    let rig = Rig::start(variant, project(files)).await;
    // The form with all three, then the one with the first alone.
    let refused = Fault::status(413).body(r#"{"errorMessages":["too large"]}"#);
    rig.world.tracker.jira.faults().add(refused.on("POST", UPLOAD).times(2));
    let done = rig.export().await;
    assert_eq!(names(&rig), ["b.txt", "c.txt"]);
    let again = rig.export_fully(&[]).await;
    reports!(variant => done, again);
    assert_eq!(again.writes, 0);
}

async fn where_attachments_are_off_the_cases_arrive_all_the_same(variant: Variant) {
    let rig = Rig::start(variant, project([text("a.txt", "a")])).await;
    rig.world.site.lock().attachments_enabled = false;
    let done = rig.export().await;
    reports!(done);
    assert_eq!(seen::tests(&rig).len(), 1);
}

async fn no_file_is_attached_where_that_is_asked_for(variant: Variant) {
    let rig = Rig::start(variant, project([text("a.txt", "a")])).await;
    let done = rig.export_mapped(&[("attachments", "none")]).await;
    reports!(done);
    assert_eq!((names(&rig).len(), uploads(&rig)), (0, 0));
}

async fn undo_takes_our_files_for_ours(variant: Variant) {
    let rig = Rig::start(variant, project([text("a.txt", "a")])).await;
    rig.export_with(config(), |job| job.run_id("first")).await;
    let done = rig.undo(config(), "first", true).await;
    reports!(done);
    assert_eq!(seen::tests(&rig), []);
}

async fn undo_leaves_a_test_with_a_file_of_a_person(variant: Variant) {
    let rig = Rig::start(variant, project([text("a.txt", "a")])).await;
    rig.export_with(config(), |job| job.run_id("first")).await;
    let id = rig.test("Log in");
    let theirs = b"x".as_slice().into();
    rig.world
        .site
        .lock()
        .attach(&Actor::System, id, "theirs.txt", "text/plain", theirs);
    let done = rig.undo(config(), "first", true).await;
    reports!(done);
    assert_eq!(seen::tests(&rig).len(), 1);
}

/// Three files of which Jira refuses the second one.
async fn half_refused(variant: Variant) -> Rig {
    let rig = Rig::start(
        variant,
        project(["a.txt", "b.txt", "c.txt"].map(|name| text(name, name))),
    )
    .await;
    let full = Fault::status(413).body(r#"{"errorMessages":["the disk is full"]}"#);
    rig.world.tracker.jira.faults().add(full.on("POST", UPLOAD).always());
    rig
}

async fn files_refused_for_a_while_are_named_until_they_are_there(variant: Variant) {
    let rig = half_refused(variant).await;
    let first = rig.export().await;
    let tried = uploads(&rig);
    let soon = rig.export().await;
    assert_eq!(uploads(&rig), tried, "it is left alone for a while");
    let verified = rig.verify(config()).await;
    rig.hours_later(1);
    rig.export().await;
    assert!(uploads(&rig) > tried, "and then tried again");
    rig.world.tracker.jira.faults().clear();
    rig.hours_later(1);
    let healed = rig.export().await;
    assert_eq!(names(&rig), ["a.txt", "b.txt", "c.txt"]);
    let last = rig.export().await;
    assert_eq!(last.writes, 0);
    reports!(variant => first, soon, verified, healed, last);
}

async fn a_content_that_is_gone_for_a_moment_arrives_later(variant: Variant) {
    let rig = Rig::start(variant, project([text("a.txt", "a"), text("b.txt", "b")])).await;
    let gone = Fault::status(404).body(r#"{"message":"no content","status":404}"#);
    let faults = rig.world.testops.server().faults();
    faults.add(gone.on("GET", "/api/*/testcase/attachment/*/content"));
    let first = rig.export().await;
    assert_eq!(names(&rig).len(), 1);
    rig.hours_later(1);
    let later = rig.export().await;
    assert_eq!(names(&rig), ["a.txt", "b.txt"]);
    reports!(first, later);
}

async fn a_broken_file_store_costs_a_run_few_requests(variant: Variant) {
    let case = |id: i64| {
        Case::new(&format!("Case {id}"))
            .id(id)
            .file(text("a.txt", &format!("of {id}")))
    };
    let project = (1..=40).fold(Project::new(1), |project, id| project.case(case(id)));
    let rig = Rig::start(variant, project).await;
    let faults = rig.world.testops.server().faults();
    faults.add(
        Fault::status(500)
            .on("GET", "/api/*/testcase/attachment/*/content")
            .always(),
    );
    let before = rig.world.testops.server().journal().len();
    let done = rig.export().await;
    assert!(done.report.stopped.is_none(), "{done}");
    assert_eq!(seen::tests(&rig).len(), 40);
    let entries = rig.world.testops.server().journal().since(before);
    let asked = entries.iter().filter(|entry| entry.path.ends_with("/content")).count();
    // Five files, each with four repetitions.
    assert_eq!(asked, 25);
    faults.clear();
    rig.hours_later(1);
    rig.export().await;
    let site = rig.world.site.lock();
    assert_eq!(site.issues().map(|issue| issue.attachments.len()).sum::<usize>(), 40);
}
