//! Preconditions as issues: each text once, linked to the Tests that have it, with people's own links left alone.

use std::time::Duration;

use tms_sync_host::Job;
use tms_sync_host::model::ExportConfig;
use tms_sync_sim::fault::Fault;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::project::Role;
use tms_sync_sim::jira::xray::Relation;
use tms_sync_sim::testops::data::{Case, Project};

use crate::rig::{Done, Rig, Variant, config, mapped};
use crate::seen;

scenarios!(
    cases_with_the_same_text_share_one_precondition,
    preconditions_stand_still_and_a_lost_ledger_finds_them,
    a_later_case_with_a_known_text_finds_its_precondition,
    a_changed_text_moves_the_link_and_other_links_stay,
    a_text_that_goes_takes_the_link_along,
    a_lost_answer_makes_no_second_precondition,
    a_create_that_takes_effect_later_makes_no_second_precondition,
    a_create_that_never_arrived_is_sent_again_when_that_is_certain,
    a_precondition_that_jira_refuses_costs_no_test,
    what_people_unlink_stays_unlinked,
    what_people_delete_stays_deleted_until_they_ask,
    a_plan_counts_what_it_would_create,
    a_plan_of_a_changed_text_creates_nothing,
    undo_takes_back_preconditions_that_nobody_else_uses,
    what_was_undone_is_exported_again,
);

const ACCOUNT: &str = "- an **account**\n- a cart";

fn issues() -> ExportConfig {
    mapped(&[("precondition", "issue")])
}

async fn export(rig: &Rig) -> Done {
    rig.export_with(issues(), |job| job).await
}

async fn full(rig: &Rig) -> Done {
    rig.export_with(issues(), |job| job.full(true)).await
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

/// Names of the Preconditions, each with those of its Tests.
fn linked(rig: &Rig) -> Vec<String> {
    let all = preconditions(rig).into_iter();
    all.map(|it| format!("{}: {}", it.summary, it.tests.join(", ")))
        .collect()
}

const BOTH: [&str; 2] = ["A calculator: Case 4, Case 5", "an account: Case 1, Case 2, Case 3"];

/// What a person makes: a Precondition of Manual Tests, linked to a Test.
fn add_theirs(rig: &Rig, test: &str) {
    let test = rig.test(test);
    let kind = {
        let site = rig.world.site.lock();
        let project = site.issue(test).unwrap().project;
        site.type_of_role(project, Role::Precondition).unwrap().name.clone()
    };
    let (id, _) = rig.add_issue(&kind, "Theirs");
    link(rig, id, test);
}

fn link(rig: &Rig, precondition: IssueId, test: IssueId) {
    let mut site = rig.world.site.lock();
    assert!(site.xray.add_member(Relation::PreconditionTests, precondition, test));
}

fn change(rig: &Rig, id: i64, text: Option<&str>) {
    rig.later();
    rig.edit_case(id, |case| case.precondition = text.map(str::to_owned));
}

async fn cases_with_the_same_text_share_one_precondition(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let done = export(&rig).await;
    reports!(done);
    let found = preconditions(&rig);
    assert_eq!(linked(&rig), BOTH);
    assert_eq!(found[1].text, "* an *account*\n* a cart");
    for precondition in &found {
        let marked = precondition.labels.iter().filter(|label| label.starts_with("tms-pc-"));
        assert_eq!((precondition.kind.as_str(), marked.count()), ("Manual", 1));
        assert!(precondition.labels.iter().any(|label| label == "tms-sync"));
    }
    // A Generic Test has no Precondition of this kind, so its text stays a section.
    for test in seen::tests(&rig) {
        let section = ["a cart", "A calculator"]
            .iter()
            .any(|text| test.description.contains(text));
        assert_eq!(section, test.summary == "Case 6", "{}", test.description);
    }
}

async fn preconditions_stand_still_and_a_lost_ledger_finds_them(variant: Variant) {
    let mut rig = Rig::start(variant, project()).await;
    export(&rig).await;
    let found = preconditions(&rig);
    let again = export(&rig).await;
    let fully = full(&rig).await;
    rig.lose_ledger();
    let rebuilt = export(&rig).await;
    reports!(again, fully, rebuilt);
    assert_eq!([again.writes, fully.writes, rebuilt.writes], [0, 0, 0]);
    assert_eq!(preconditions(&rig), found);
}

async fn a_later_case_with_a_known_text_finds_its_precondition(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    export(&rig).await;
    rig.add_case(case(7, "A calculator"));
    let more = export(&rig).await;
    reports!(more);
    assert_eq!(linked(&rig), ["A calculator: Case 4, Case 5, Case 7", BOTH[1]]);
}

async fn a_changed_text_moves_the_link_and_other_links_stay(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    export(&rig).await;
    add_theirs(&rig, "Case 1");
    change(&rig, 1, Some("A calculator"));
    change(&rig, 2, Some("Another text"));
    let moved = export(&rig).await;
    let expected = [
        "A calculator: Case 1, Case 4, Case 5",
        "Another text: Case 2",
        "Theirs: Case 1",
        "an account: Case 3",
    ];
    assert_eq!(linked(&rig), expected);
    let quiet = full(&rig).await;
    reports!(moved, quiet);
    assert_eq!(quiet.writes, 0);
}

async fn a_text_that_goes_takes_the_link_along(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    export(&rig).await;
    add_theirs(&rig, "Case 4");
    for id in 1..=4 {
        change(&rig, id, None);
    }
    let done = export(&rig).await;
    reports!(done);
    // A Precondition without Tests stays.
    assert_eq!(linked(&rig), ["A calculator: Case 5", "Theirs: Case 4", "an account: "]);
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

/// Exports on, at once and when the server is done, until everything is linked once.
async fn settles(rig: &Rig) {
    for minutes in [0, 3, 180, 180] {
        rig.world.clock.advance(Duration::from_secs(60 * minutes));
        export(rig).await;
    }
    assert_eq!(linked(rig), BOTH);
    assert_eq!(export(rig).await.writes, 0);
}

async fn a_lost_answer_makes_no_second_precondition(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    strike(&rig, Fault::drop_response());
    let first = export(&rig).await;
    reports!(variant => first);
    assert_eq!(preconditions(&rig).len(), 2);
    settles(&rig).await;
}

async fn a_create_that_takes_effect_later_makes_no_second_precondition(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    strike(&rig, Fault::commit_later(Duration::from_secs(120)));
    let first = export(&rig).await;
    reports!(variant => first);
    assert_eq!(preconditions(&rig), []);
    settles(&rig).await;
}

async fn a_create_that_never_arrived_is_sent_again_when_that_is_certain(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    strike(&rig, Fault::reset());
    let first = export(&rig).await;
    assert_eq!(preconditions(&rig), []);
    rig.hours_later(3);
    let later = export(&rig).await;
    reports!(variant => first, later);
    assert_eq!(linked(&rig), BOTH);
}

async fn a_precondition_that_jira_refuses_costs_no_test(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    export(&rig).await;
    let long = "A text whose marker this Jira takes for too long";
    rig.world.site.lock().limits.label = 10;
    change(&rig, 4, Some(long));
    let refused = export(&rig).await;
    assert_eq!(linked(&rig), BOTH, "nothing is unlinked before");
    rig.world.site.lock().limits.label = 255;
    let taken = export(&rig).await;
    reports!(variant => refused, taken);
    assert_eq!(
        linked(&rig),
        ["A calculator: Case 5", &format!("{long}: Case 4"), BOTH[1]]
    );
}

async fn what_people_unlink_stays_unlinked(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    export(&rig).await;
    let calculator = IssueId(preconditions(&rig)[0].id);
    let test = rig.test("Case 4");
    rig.world
        .site
        .lock()
        .xray
        .remove_member(Relation::PreconditionTests, calculator, test);
    let verified = rig.verify(issues()).await;
    let fully = full(&rig).await;
    reports!(verified, fully);
    assert_eq!(fully.writes, 0);
    assert_eq!(linked(&rig), ["A calculator: Case 5", BOTH[1]]);
}

async fn what_people_delete_stays_deleted_until_they_ask(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    export(&rig).await;
    rig.delete_issue(IssueId(preconditions(&rig)[0].id));
    rig.add_case(case(7, "A calculator"));
    let more = export(&rig).await;
    assert_eq!(linked(&rig), [BOTH[1]]);
    let asked = rig.export_with(issues(), |job| job.recreate(true).full(true)).await;
    reports!(more, asked);
    assert_eq!(linked(&rig), ["A calculator: Case 4, Case 5, Case 7", BOTH[1]]);
    assert_eq!(export(&rig).await.writes, 0);
}

async fn a_plan_counts_what_it_would_create(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    let off = rig.plan(config()).await;
    let plan = rig.plan(issues()).await;
    reports!(variant => off, plan);
    assert_eq!((plan.writes, plan.facts.ledger_writes), (0, 0));
    // The screen of Preconditions, and one look-up.
    let most = off.requests + 2;
    assert!(plan.requests <= most, "{} and {most} requests", plan.requests);
}

async fn a_plan_of_a_changed_text_creates_nothing(variant: Variant) {
    let rig = Rig::start(variant, project()).await;
    export(&rig).await;
    change(&rig, 1, Some("Another text"));
    let plan = rig.plan(issues()).await;
    reports!(variant => plan);
    assert_eq!((plan.writes, preconditions(&rig).len()), (0, 2));
}

/// The run `first` made four Preconditions. Then a person edits the text of one and links their own Test to another, and a
/// later run links Case 7 to a third one.
async fn with_work_of_others(variant: Variant) -> Rig {
    let mut project = project();
    project.cases.push(case(8, "Edited by hand"));
    project.cases.push(case(9, "Linked by hand"));
    let rig = Rig::start(variant, project).await;
    let tenant = rig.tenant().await;
    rig.follow(|| tenant.run(Job::new(issues()).run_id("first"))).await;
    rig.add_case(case(7, "A calculator"));
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
    link(&rig, linked, rig.test("Case 7"));
    rig
}

async fn undo_takes_back_preconditions_that_nobody_else_uses(variant: Variant) {
    let rig = with_work_of_others(variant).await;
    let dry = rig.undo(issues(), "first", false).await;
    assert_eq!((preconditions(&rig).len(), dry.writes), (5, 0));
    let applied = rig.undo(issues(), "first", true).await;
    reports!(dry, applied);
    assert!(applied.writes > 0);
    let left: Vec<String> = preconditions(&rig).into_iter().map(|it| it.summary).collect();
    assert_eq!(left, ["A calculator", "Edited by hand", "Linked by hand", "Theirs"]);
}

/// What is exported again finds what is left and makes what is gone.
async fn what_was_undone_is_exported_again(variant: Variant) {
    let rig = with_work_of_others(variant).await;
    rig.undo(issues(), "first", true).await;
    let again = export(&rig).await;
    reports!(again);
    assert_eq!(preconditions(&rig).len(), 5);
    let linked = linked(&rig);
    assert!(linked.contains(&BOTH[1].to_owned()), "{linked:?}");
    assert!(
        linked.contains(&"A calculator: Case 4, Case 5, Case 7".to_owned()),
        "{linked:?}"
    );
}
