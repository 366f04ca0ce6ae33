//! Preconditions as issues: each text once, linked to the Tests that have it, with people's own links left alone.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tms_sync_host::model::{ExportConfig, Outcome};
use tms_sync_host::{Job, SqliteLedger, Undo};
use tms_sync_sim::fault::Fault;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::input::IssueInput;
use tms_sync_sim::jira::project::Role;
use tms_sync_sim::jira::xray::Relation;
use tms_sync_sim::testops::data::{Case, Project};
use tms_sync_sim::world;

use crate::rig::{self, Done, Rig, Variant, config, mapped};
use crate::seen;

scenarios!(
    cases_with_the_same_text_share_one_precondition,
    a_changed_text_moves_the_link_and_other_links_stay,
    a_lost_answer_makes_no_second_precondition,
    a_precondition_that_jira_refuses_costs_no_test,
    what_people_unlink_and_delete_stays_so_until_they_ask,
    a_plan_counts_what_it_would_create,
    undo_takes_back_preconditions_that_nobody_else_uses,
);

const ACCOUNT: &str = "- an **account**\n- a cart";

fn issues() -> ExportConfig {
    mapped(&[("precondition", "issue")])
}

async fn export(rig: &Rig) -> Done {
    rig.export_with(issues(), |job| job).await
}

fn case(id: i64, precondition: &str) -> Case {
    let name = format!("Case {id}");
    Case::new(&name).id(id).step("Open", "").precondition(precondition)
}

/// Five cases with two texts, of which one has other line ends, and an automated one.
fn project() -> Project {
    Project::new(1)
        .case(case(1, ACCOUNT))
        .case(case(2, ACCOUNT))
        .case(case(3, "- an **account**  \r\n- a cart\r\n"))
        .case(case(4, "A calculator"))
        .case(case(5, "A calculator"))
        .case(
            Case::new("Case 6")
                .id(6)
                .automated("com.acme.Six")
                .precondition(ACCOUNT),
        )
}

/// A Precondition as the site holds it.
#[derive(Clone, Debug, PartialEq)]
struct Precondition {
    id: u64,
    summary: String,
    text: String,
    kind: String,
    labels: Vec<String>,
    tests: Vec<String>,
}

/// All of them, by summary.
fn preconditions(rig: &Rig) -> Vec<Precondition> {
    let site = rig.world.site.lock();
    let all = site.issues().filter(|issue| site.role(issue) == Role::Precondition);
    let shown = all.map(|issue| {
        let data = site.xray.precondition(issue.id).unwrap();
        let tests = site.xray.members(Relation::PreconditionTests, issue.id).iter();
        let mut tests: Vec<String> = tests.map(|id| site.issue(*id).unwrap().summary.clone()).collect();
        tests.sort();
        Precondition {
            id: issue.id.0,
            summary: issue.summary.clone(),
            text: data.definition.clone(),
            kind: data.test_type.name.clone(),
            labels: issue.labels.clone(),
            tests,
        }
    });
    let mut shown: Vec<Precondition> = shown.collect();
    shown.sort_by(|a, b| a.summary.cmp(&b.summary));
    shown
}

/// Names of the Tests of the Precondition with a summary.
fn tests_of(rig: &Rig, summary: &str) -> Vec<String> {
    let mut found = preconditions(rig).into_iter().filter(|it| it.summary == summary);
    let only = found.next().unwrap_or_else(|| panic!("no Precondition {summary}"));
    assert_eq!(found.next(), None, "two Preconditions {summary}");
    only.tests
}

/// What a person makes: a Precondition of Manual Tests, linked to a Test.
fn add_theirs(rig: &Rig, test: &str) {
    let test = IssueId(seen::named(rig, test).id);
    let mut site = rig.world.site.lock();
    let project = site.projects().find(|it| it.key == world::PROJECT).unwrap().id;
    let kind = site.type_of_role(project, Role::Precondition).unwrap().id;
    let fields =
        json!({"project": {"key": world::PROJECT}, "issuetype": {"id": kind.to_string()}, "summary": "Theirs"});
    let input = IssueInput::from_json(&json!({ "fields": fields })).unwrap();
    let id = site.create_issue(&Actor::System, &input).unwrap();
    assert!(site.xray.add_member(Relation::PreconditionTests, id, test));
}

fn change(rig: &Rig, id: i64, text: Option<&str>) {
    rig.world.clock.advance(Duration::from_secs(60));
    rig.world
        .testops
        .edit(|site| site.edit_case(id, |case| case.precondition = text.map(str::to_owned)));
}

fn noted(done: &Done, id: &str, words: &str) -> bool {
    let mut of = done.verdicts.iter().filter(|verdict| verdict.id == id);
    of.any(|verdict| verdict.notes.iter().any(|note| note.contains(words)))
}

async fn cases_with_the_same_text_share_one_precondition(variant: Variant) {
    let mut rig = Rig::start(variant, project()).await;
    let done = export(&rig).await;
    assert_eq!(
        done.cases(Outcome::Created).len(),
        6,
        "{:?} {:?}",
        done.verdicts,
        done.report
    );
    let found = preconditions(&rig);
    let told: Vec<_> = found.iter().map(|it| (it.summary.as_str(), it.tests.len())).collect();
    assert_eq!(told, [("A calculator", 2), ("an account", 3)]);
    assert_eq!(found[0].tests, ["Case 4", "Case 5"]);
    assert_eq!(found[1].text, "* an *account*\n* a cart");
    for precondition in &found {
        let marked = precondition.labels.iter().filter(|label| label.starts_with("tms-pc-"));
        assert_eq!(
            (precondition.kind.as_str(), marked.count()),
            ("Manual", 1),
            "{precondition:?}"
        );
        assert!(precondition.labels.iter().any(|label| label == "tms-sync"));
    }
    for test in seen::tests(&rig) {
        let section = test.description.contains("Precondition");
        assert_eq!(section, test.summary == "Case 6", "{}", test.description);
    }
    assert!(noted(&done, "6", "this one is Generic"), "{:?}", done.verdicts);

    for full in [false, true] {
        let again = rig.export_with(issues(), |job| job.full(full)).await;
        assert_eq!(
            (again.cases(Outcome::Unchanged).len(), again.writes),
            (6, 0),
            "{:?}",
            again.verdicts
        );
    }
    rig.ledger = Arc::new(SqliteLedger::in_memory().unwrap());
    let rebuilt = export(&rig).await;
    assert_eq!(
        (rebuilt.cases(Outcome::Unchanged).len(), rebuilt.writes),
        (6, 0),
        "{:?}",
        rebuilt.verdicts
    );
    assert_eq!(preconditions(&rig), found);

    // Another case with a known text finds its issue.
    rig.world.testops.edit(|site| site.add_case(1, case(7, "A calculator")));
    let more = export(&rig).await;
    assert_eq!(more.cases(Outcome::Created), ["7"], "{:?}", more.verdicts);
    assert_eq!(tests_of(&rig, "A calculator"), ["Case 4", "Case 5", "Case 7"]);
}

async fn a_changed_text_moves_the_link_and_other_links_stay(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    export(&rig).await;
    add_theirs(&rig, "Case 1");
    change(&rig, 1, Some("A calculator"));
    change(&rig, 2, Some("Another text"));
    let done = export(&rig).await;
    assert_eq!(done.cases(Outcome::Updated), ["1", "2"], "{:?}", done.verdicts);
    let fields = done.verdicts.iter().find(|verdict| verdict.id == "1").map(rig::fields);
    assert_eq!(fields.unwrap(), ["precondition"]);
    assert_eq!(tests_of(&rig, "an account"), ["Case 3"]);
    assert_eq!(tests_of(&rig, "A calculator"), ["Case 1", "Case 4", "Case 5"]);
    assert_eq!(tests_of(&rig, "Another text"), ["Case 2"]);
    assert_eq!(tests_of(&rig, "Theirs"), ["Case 1"]);
    let quiet = rig.export_with(issues(), |job| job.full(true)).await;
    assert_eq!(
        (quiet.cases(Outcome::Unchanged).len(), quiet.writes),
        (6, 0),
        "{:?}",
        quiet.verdicts
    );

    change(&rig, 1, None);
    change(&rig, 3, None);
    export(&rig).await;
    assert_eq!(tests_of(&rig, "A calculator"), ["Case 4", "Case 5"]);
    assert_eq!(
        tests_of(&rig, "an account"),
        Vec::<String>::new(),
        "it stays, without Tests"
    );
    assert_eq!(tests_of(&rig, "Theirs"), ["Case 1"]);
    assert_eq!(export(&rig).await.writes, 0);
}

/// A fault at the create of the Preconditions.
fn strike(rig: &Rig, fault: Fault) {
    let tracker = &rig.world.tracker;
    match &tracker.xray {
        // After the preflight.
        Some(xray) => xray.faults().add(fault.on("POST", "/api/v2/graphql").nth(2)),
        None => tracker.jira.faults().add(fault.on("POST", "/rest/api/2/issue/bulk")),
    }
}

async fn a_lost_answer_makes_no_second_precondition(variant: Variant) {
    for (fault, there) in [
        (Fault::drop_response(), 2),
        (Fault::commit_later(Duration::from_secs(120)), 0),
    ] {
        let rig = Rig::start(variant, project()).await;
        strike(&rig, fault);
        let first = export(&rig).await;
        assert_eq!(
            first.cases(Outcome::Created).len(),
            6,
            "{:?} {:?}",
            first.verdicts,
            first.report
        );
        assert_eq!(preconditions(&rig).len(), there);
        assert!(noted(&first, "4", "linked later"), "{:?}", first.verdicts);
        // At once, and when the server is done.
        for minutes in [0, 3, 180, 180] {
            rig.world.clock.advance(Duration::from_secs(60 * minutes));
            export(&rig).await;
        }
        assert_eq!(tests_of(&rig, "A calculator"), ["Case 4", "Case 5"]);
        assert_eq!(tests_of(&rig, "an account"), ["Case 1", "Case 2", "Case 3"]);
        assert_eq!(preconditions(&rig).len(), 2);
        assert_eq!(export(&rig).await.writes, 0);
    }
}

async fn a_precondition_that_jira_refuses_costs_no_test(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    // A create that never arrives is sent again when that is certain.
    strike(&rig, Fault::reset());
    let first = export(&rig).await;
    assert_eq!(first.cases(Outcome::Created).len(), 6, "{:?}", first.verdicts);
    assert_eq!(preconditions(&rig).len(), 0);
    rig.world.clock.advance(Duration::from_secs(3 * 3600));
    export(&rig).await;
    assert_eq!(tests_of(&rig, "A calculator"), ["Case 4", "Case 5"]);

    let long = "A text whose marker this Jira takes for too long";
    rig.world.site.lock().limits.label = 10;
    change(&rig, 4, Some(long));
    let done = export(&rig).await;
    assert!(noted(&done, "4", "linked later"), "{:?}", done.verdicts);
    assert_eq!(
        tests_of(&rig, "A calculator"),
        ["Case 4", "Case 5"],
        "nothing is unlinked before"
    );
    rig.world.site.lock().limits.label = 255;
    export(&rig).await;
    assert_eq!(
        (tests_of(&rig, "A calculator"), tests_of(&rig, long)),
        (vec!["Case 5".to_owned()], vec!["Case 4".to_owned()])
    );
}

async fn what_people_unlink_and_delete_stays_so_until_they_ask(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    export(&rig).await;
    let found = preconditions(&rig);
    let test = IssueId(seen::named(&rig, "Case 4").id);
    rig.world
        .site
        .lock()
        .xray
        .remove_member(Relation::PreconditionTests, IssueId(found[0].id), test);
    let tenant = rig.tenant().await;
    let verified = rig.follow(|| tenant.verify(Job::new(issues()))).await;
    assert_eq!(verified.cases(Outcome::Updated), ["4"], "{:?}", verified.verdicts);
    let full = rig.export_with(issues(), |job| job.full(true)).await;
    assert!(
        noted(&full, "4", "precondition was edited in Jira; the edit is kept"),
        "{:?}",
        full.verdicts
    );
    assert_eq!(
        (full.writes, tests_of(&rig, "A calculator")),
        (0, vec!["Case 5".to_owned()])
    );

    rig.world.site.lock().delete_issue(&Actor::System, IssueId(found[0].id));
    rig.world.testops.edit(|site| site.add_case(1, case(7, "A calculator")));
    let more = export(&rig).await;
    assert_eq!(
        more.cases(Outcome::Created),
        ["7"],
        "{:?} {:?}",
        more.verdicts,
        more.report
    );
    assert!(noted(&more, "7", "only with --recreate"), "{:?}", more.verdicts);
    assert_eq!(preconditions(&rig).len(), 1);
    let asked = rig.export_with(issues(), |job| job.recreate(true).full(true)).await;
    assert_eq!(
        tests_of(&rig, "A calculator"),
        ["Case 4", "Case 5", "Case 7"],
        "{:?}",
        asked.verdicts
    );
    assert_eq!(export(&rig).await.writes, 0);
}

async fn a_plan_counts_what_it_would_create(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let off = rig.plan(config()).await;
    let plan = rig.plan(issues()).await;
    let told = |done: &Done| {
        done.notes
            .iter()
            .any(|note| note == "the export creates 2 Preconditions")
    };
    assert!(told(&plan) && !told(&off), "{:?}", plan.notes);
    assert_eq!((plan.writes, plan.facts.ledger_writes), (0, 0));
    // The screen of Preconditions, and one look-up.
    assert!(
        plan.requests <= off.requests + 2,
        "{} and {} requests",
        plan.requests,
        off.requests
    );

    export(&rig).await;
    change(&rig, 1, Some("Another text"));
    let plan = rig.plan(issues()).await;
    assert_eq!(plan.cases(Outcome::Updated), ["1"], "{:?}", plan.verdicts);
    assert_eq!(preconditions(&rig).len(), 2);
}

async fn undo_takes_back_preconditions_that_nobody_else_uses(variant: Variant) {
    let mut project = project();
    project.cases.push(case(8, "Edited by hand"));
    project.cases.push(case(9, "Linked by hand"));
    let rig = Rig::start(variant, project).await;
    let tenant = rig.tenant().await;
    rig.follow(|| tenant.run(Job::new(issues()).run_id("first"))).await;
    rig.world.testops.edit(|site| site.add_case(1, case(7, "A calculator")));
    export(&rig).await;
    let id = |summary: &str| {
        let all = preconditions(&rig);
        IssueId(all.iter().find(|it| it.summary == summary).unwrap().id)
    };
    let (edited, linked) = (id("Edited by hand"), id("Linked by hand"));
    {
        let mut site = rig.world.site.lock();
        let now = site.now();
        site.xray
            .define_precondition(edited, now, |data| data.definition = "Mine".to_owned());
    }
    add_theirs(&rig, "Case 7");
    let theirs = IssueId(seen::named(&rig, "Case 7").id);
    rig.world
        .site
        .lock()
        .xray
        .add_member(Relation::PreconditionTests, linked, theirs);

    for apply in [false, true] {
        let done = rig
            .follow(|| tenant.undo(Undo::new(issues(), "first").apply(apply)))
            .await;
        assert_eq!(done.cases(Outcome::Removed).len(), 8, "{:?}", done.verdicts);
        let told = |words: &str| done.notes.iter().filter(|note| note.contains(words)).count();
        let fate = if apply {
            "1 Preconditions of the run were deleted"
        } else {
            "1 Preconditions of the run would be deleted"
        };
        let reasons = ["1 Tests are linked to it", "its text was edited", fate];
        assert_eq!(reasons.map(told), [2, 1, 1], "{:?}", done.notes);
        assert_eq!(
            (preconditions(&rig).len(), done.writes > 0),
            (if apply { 4 } else { 5 }, apply)
        );
    }
    let left: Vec<String> = preconditions(&rig).into_iter().map(|it| it.summary).collect();
    assert_eq!(left, ["A calculator", "Edited by hand", "Linked by hand", "Theirs"]);

    // What is exported again finds what is left and makes what is gone.
    let again = export(&rig).await;
    assert_eq!(again.cases(Outcome::Created).len(), 8, "{:?}", again.verdicts);
    assert_eq!(preconditions(&rig).len(), 5);
    assert_eq!(tests_of(&rig, "an account"), ["Case 1", "Case 2", "Case 3"]);
    assert_eq!(tests_of(&rig, "A calculator"), ["Case 4", "Case 5", "Case 7"]);
}
