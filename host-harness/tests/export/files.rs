//! Files of test cases: each arrives once, whatever its name and size and whatever happens on the way.

use std::time::Duration;

use tms_sync_host::Undo;
use tms_sync_host::model::{Field, Outcome};
use tms_sync_sim::fault::Fault;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::testops::data::{Case, File, Project, SharedStep, Step};

use crate::rig::{Done, Rig, Variant, config};
use crate::seen;

scenarios!(
    files_of_case_steps_and_shared_steps_arrive_once,
    a_text_without_room_is_attached_whole,
    hostile_names_arrive_harmless,
    a_large_file_stays_out_of_the_guest,
    an_upload_whose_answer_was_lost_is_not_repeated,
    a_run_killed_while_it_uploads_attaches_nothing_twice,
    what_the_server_refuses_is_told_and_costs_no_other_file,
    where_attachments_are_off_the_cases_arrive_all_the_same,
    undo_takes_our_files_for_ours,
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

fn told(done: &Done, text: &str) -> bool {
    done.verdicts
        .iter()
        .any(|v| v.notes.iter().any(|note| note.contains(text)))
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

async fn files_of_case_steps_and_shared_steps_arrive_once(variant: Variant) {
    let shared = SharedStep::new(1, "Set up").step(Step::new("Turn on").child(Step::file(text("c.txt", "shared"))));
    let case = Case::new("Log in")
        .description("See ![the form](/api/rs/testcase/attachment/1/content)")
        .file(text("a.txt", "of the case"))
        .file(text("empty.txt", ""))
        .file(File {
            missed: true,
            ..text("gone.txt", "x")
        })
        .add_step(Step::new("Open").child(Step::file(text("b.txt", "of a step"))))
        .add_step(Step::shared(1))
        .add_step(Step::shared(1));
    let rig = Rig::start(variant, Project::new(1).shared_step(shared).case(case)).await;
    let first = rig.export().await;
    assert_eq!(first.cases(Outcome::Created).len(), 1, "{:?}", first.verdicts);
    let file = |name: &str, content: &str| (name.to_owned(), content.as_bytes().to_vec());
    let all = [
        file("a.txt", "of the case"),
        file("b.txt", "of a step"),
        file("c.txt", "shared"),
        file("empty.txt", ""),
    ];
    assert_eq!(attached(&rig), all, "{:?}", first.verdicts);
    assert_eq!(uploads(&rig), 1);
    assert!(told(&first, "gone.txt"), "{:?}", first.verdicts);

    let again = rig.export_with(config(), |job| job.full(true)).await;
    assert_eq!(
        (again.cases(Outcome::Unchanged).len(), again.writes),
        (1, 0),
        "{:?}",
        again.verdicts
    );
    assert_eq!(attached(&rig), all);
}

async fn a_text_without_room_is_attached_whole(variant: Variant) {
    let long = |word: &str| format!("{} the end", format!("{word} ").repeat(8_000));
    let case = Case::new("Log in").description(&long("words")).step("Open", "");
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    let first = rig.export().await;
    assert!(told(&first, "shortened"), "{:?}", first.verdicts);
    let whole = |rig: &Rig, word: &str| {
        let texts = attached(rig)
            .into_iter()
            .map(|(_, bytes)| String::from_utf8(bytes).unwrap());
        texts
            .filter(|text| text.contains(&long(word)) && text.contains("1. Open"))
            .count()
    };
    assert_eq!((whole(&rig, "words"), uploads(&rig)), (1, 1));
    assert_eq!(names(&rig), ["test-case-1-full-text.txt"]);
    assert_eq!(rig.export().await.cases(Outcome::Unchanged).len(), 1);
    rig.world
        .testops
        .edit(|site| site.edit_case(1, |case| case.description = Some(long("others"))));
    rig.export().await;
    assert_eq!((whole(&rig, "words"), whole(&rig, "others"), uploads(&rig)), (1, 1, 2));
}

async fn hostile_names_arrive_harmless(variant: Variant) {
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
    let rig = Rig::start(variant, project(hostile.map(|name| text(name, name)))).await;
    let done = rig.export().await;
    let files = attached(&rig);
    assert_eq!(files.len(), hostile.len(), "{files:?} {:?}", done.verdicts);
    for (name, _) in &files {
        assert!(
            !name.chars().any(|c| c.is_control() || "/\\\"\u{202e}".contains(c)),
            "{name:?}"
        );
    }
    let mut contents: Vec<_> = files.into_iter().map(|(_, content)| content).collect();
    contents.sort();
    let mut expected = hostile.map(|name| name.as_bytes().to_vec());
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
    assert_eq!(names(&rig), ["small.txt", "video.mp4"], "{:?}", done.verdicts);
    assert!(attached(&rig)[1].1 == large);
    assert!(done.facts.peak_memory < 8 << 20, "{}", done.facts.peak_memory);
}

const UPLOAD: &str = "/rest/api/*/issue/*/attachments";

async fn an_upload_whose_answer_was_lost_is_not_repeated(variant: Variant) {
    for fault in [
        Fault::drop_response(),
        Fault::commit_later(Duration::from_secs(60)),
        Fault::reset(),
    ] {
        let rig = Rig::start(variant, project([text("a.txt", "a"), text("b.txt", "b")])).await;
        rig.world.tracker.jira.faults().add(fault.on("POST", UPLOAD));
        let first = rig.export().await;
        assert_eq!(first.cases(Outcome::Created).len(), 1, "{:?}", first.verdicts);
        assert!(told(&first, "may be attached or not"), "{:?}", first.verdicts);
        let second = rig.export().await;
        assert!(told(&second, "looked for after"), "{:?}", second.verdicts);
        rig.world.clock.advance(Duration::from_secs(2 * 3600));
        rig.export().await;
        assert_eq!(names(&rig), ["a.txt", "b.txt"]);
        let done = rig.export().await;
        assert_eq!(
            (done.cases(Outcome::Unchanged).len(), done.writes),
            (1, 0),
            "{:?}",
            done.verdicts
        );
    }
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
        rig.world.clock.advance(Duration::from_secs(2 * 3600));
        rig.export().await;
        assert_eq!(names(&rig), ["a.txt"]);
    }
}

async fn what_the_server_refuses_is_told_and_costs_no_other_file(variant: Variant) {
    let files = ["a.txt", "b.txt", "c.txt"].map(|name| text(name, name));
    let rig = Rig::start(variant, project(files)).await;
    // The form with all three, then the one with the first alone.
    let refused = || {
        Fault::status(413)
            .body(r#"{"errorMessages":["too large"]}"#)
            .on("POST", UPLOAD)
    };
    rig.world.tracker.jira.faults().add(refused().times(2));
    let done = rig.export().await;
    assert_eq!(done.cases(Outcome::Created).len(), 1, "{:?}", done.verdicts);
    assert_eq!(names(&rig), ["b.txt", "c.txt"]);
    assert!(told(&done, "a.txt") && told(&done, "too large"), "{:?}", done.verdicts);
    let again = rig.export_with(config(), |job| job.full(true)).await;
    assert_eq!(again.writes, 0, "{:?}", again.verdicts);
}

async fn where_attachments_are_off_the_cases_arrive_all_the_same(variant: Variant) {
    let rig = Rig::start(variant, project([text("a.txt", "a")])).await;
    rig.world.site.lock().attachments_enabled = false;
    let done = rig.export().await;
    assert_eq!(done.cases(Outcome::Created).len(), 1, "{:?}", done.verdicts);
    assert!(told(&done, "switched off"), "{:?}", done.verdicts);

    let mut config = config();
    config.mapping.push(Field {
        name: "attachments".to_owned(),
        value: "none".to_owned(),
    });
    let rig = Rig::start(variant, project([text("a.txt", "a")])).await;
    let done = rig.export_with(config, |job| job).await;
    assert!(told(&done, "the option attachments is none"), "{:?}", done.verdicts);
    assert_eq!((names(&rig).len(), uploads(&rig)), (0, 0));
}

async fn undo_takes_our_files_for_ours(variant: Variant) {
    for foreign in [false, true] {
        let rig = Rig::start(variant, project([text("a.txt", "a")])).await;
        rig.export_with(config(), |job| job.run_id("first")).await;
        if foreign {
            let mut site = rig.world.site.lock();
            let id = site.issues().next().map(|issue| issue.id).unwrap();
            site.attach(&Actor::System, id, "theirs.txt", "text/plain", b"x".as_slice().into());
        }
        let tenant = rig.tenant().await;
        let done = rig
            .follow(|| tenant.undo(Undo::new(config(), "first").apply(true)))
            .await;
        let left = if foreign { Outcome::Skipped } else { Outcome::Removed };
        assert_eq!(done.cases(left).len(), 1, "{:?}", done.verdicts);
    }
}
