//! What a run looks at: a short look at what moved since the last run, at the same cost at any size, and a whole look once a
//! day and where numbers do not add up.

use tms_sync_host::model::{ExportConfig, Outcome};
use tms_sync_sim::fault::Fault;
use tms_sync_sim::generate::Plan;
use tms_sync_sim::testops::data::{Case, Launch, Project, TestResult};

use crate::rig::{Done, Rig, Variant, config};
use crate::seen;

scenarios!(
    an_idle_run_costs_the_same_at_any_size,
    one_case_more_or_less_costs_the_same_beside_any_number_of_launches,
    a_changed_case_is_exported_by_a_short_look,
    an_edit_in_jira_is_seen_by_a_short_look,
    a_marker_that_is_missing_is_put_back_by_a_short_look,
    a_moved_launch_is_exported_and_the_others_are_left,
    results_of_a_case_that_is_added_follow_without_a_whole_look,
    a_case_that_left_the_scope_is_followed_by_a_whole_look,
    a_case_that_entered_the_scope_is_created_by_a_short_look,
    a_deleted_test_is_found_by_the_total,
    a_run_that_failed_something_is_followed_by_a_whole_look,
    everything_is_looked_at_after_a_day_and_where_that_is_asked_for,
    another_mapping_is_followed_by_a_whole_look,
    syncs_into_one_project_in_turn_look_shortly_each,
    a_server_without_the_order_is_listed_as_a_whole,
);

/// What a run asked for at TestOps.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// Requests to TestOps, Jira and Xray.
    requests: usize,
    /// Cases were listed as a whole.
    whole: bool,
}

/// Exports, and looks at what that asked for.
async fn export(rig: &Rig) -> (Done, Asked) {
    export_with(rig, config()).await
}

async fn export_with(rig: &Rig, config: ExportConfig) -> (Done, Asked) {
    let before = rig.world.testops.server().journal().len();
    let done = rig.export_with(config, |job| job).await;
    let entries = rig.world.testops.server().journal().entries();
    let of_run = || {
        entries
            .iter()
            .skip(before)
            .filter(|entry| !entry.path.contains("oauth"))
    };
    let asked = Asked {
        requests: done.requests + of_run().count(),
        whole: of_run().any(|entry| entry.path.ends_with("testcase/__search") && entry.query.contains("ASC")),
    };
    (done, asked)
}

/// Cases with ids from 1 that were exported a minute ago, with two closed launches in which all of them passed.
async fn exported(variant: Variant, cases: i64) -> Rig {
    let launch = |name: &str, id| {
        (1..=cases).fold(Launch::new(name).id(id).closed(), |launch, case| {
            launch.result(TestResult::of(&format!("Case {case}")).case(case).passed())
        })
    };
    let project = (1..=cases).fold(Project::new(1), |project, id| {
        project.case(Case::new(&format!("Case {id}")).id(id).tag("ours").step("Open", ""))
    });
    let project = project.launch(launch("nightly", 1)).launch(launch("weekly", 2));
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    rig.later();
    rig
}

fn expect_same(rig: &Rig, done: &Done, cases: usize, launches: usize) {
    assert_eq!(done.numbers(Outcome::Unchanged), (cases, launches), "{done}");
    assert_eq!((done.writes, seen::tests(rig).len()), (0, cases));
}

async fn an_idle_run_costs_the_same_at_any_size(variant: Variant) {
    let mut costs = Vec::new();
    for size in [10, 250, 650] {
        let launch = Plan::new(size, 2).launch(size).settled();
        let rig = Rig::start(variant, launch.build()).await;
        rig.export().await;
        let (done, asked) = export(&rig).await;
        expect_same(&rig, &done, size, 1);
        costs.push(asked);
    }
    assert!(costs.iter().all(|asked| *asked == costs[0]), "{costs:?}");
    assert!(costs[0].requests <= 15 && !costs[0].whole, "{costs:?}");
}

async fn one_case_more_or_less_costs_the_same_beside_any_number_of_launches(variant: Variant) {
    let changes: [fn(&Rig); 3] = [
        |rig| rig.edit_case(1, |case| case.name = "Renamed".to_owned()),
        |rig| rig.add_case(Case::new("Case 3").id(3)),
        |rig| rig.world.testops.edit(|site| site.trash_case(2, true)),
    ];
    let mut costs = Vec::new();
    for launches in [2, 220] {
        let launch = |id| {
            let launch = Launch::new("nightly").id(id).closed();
            let launch = launch.result(TestResult::of("Case 1").case(1).passed());
            launch.result(TestResult::of("Case 2").case(2).passed())
        };
        let case = |id: i64| Case::new(&format!("Case {id}")).id(id);
        let project = Project::new(1).case(case(1)).case(case(2));
        let rig = Rig::start(variant, (1..=launches).fold(project, |all, id| all.launch(launch(id)))).await;
        rig.export().await;
        rig.later();
        let mut cost = Vec::new();
        for change in changes {
            change(&rig);
            let (done, asked) = export(&rig).await;
            assert_eq!(done.launches(Outcome::Unchanged).len() as i64, launches, "{done}");
            cost.push(asked.requests);
            rig.later();
        }
        costs.push(cost);
    }
    assert_eq!(costs[0], costs[1]);
}

async fn a_changed_case_is_exported_by_a_short_look(variant: Variant) {
    let rig = exported(variant, 3).await;
    rig.edit_case(2, |case| case.name = "Renamed".to_owned());
    let (done, asked) = export(&rig).await;
    assert_eq!(done.cases(Outcome::Updated), ["2"], "{done}");
    assert_eq!(done.numbers(Outcome::Unchanged), (2, 2));
    assert!(!asked.whole);
    assert_eq!(seen::named(&rig, "Renamed").summary, "Renamed");
    let (done, asked) = export(&rig).await;
    expect_same(&rig, &done, 3, 2);
    assert!(!asked.whole);
}

async fn an_edit_in_jira_is_seen_by_a_short_look(variant: Variant) {
    let rig = exported(variant, 3).await;
    rig.edit_issue(rig.test("Case 2"), |issue| "Mine".clone_into(&mut issue.summary));
    let (done, asked) = export(&rig).await;
    expect_same(&rig, &done, 3, 2);
    let notes: Vec<_> = done.verdicts.iter().flat_map(|verdict| &verdict.notes).collect();
    assert_eq!(notes, ["summary was edited in Jira; the edit is kept"]);
    assert!(!asked.whole);
    let (done, asked) = export(&rig).await;
    expect_same(&rig, &done, 3, 2);
    assert!(asked.requests <= 15, "what was seen costs nothing more: {asked:?}");
}

async fn a_marker_that_is_missing_is_put_back_by_a_short_look(variant: Variant) {
    let rig = exported(variant, 3).await;
    let nightly = {
        let site = rig.world.site.lock();
        site.issues().find(|issue| site.role(issue).is_execution()).unwrap().id
    };
    for id in [rig.test("Case 2"), nightly] {
        rig.edit_issue(id, |issue| issue.labels.retain(|label| label == "tms-sync"));
    }
    let (done, asked) = export(&rig).await;
    assert_eq!(done.numbers(Outcome::Updated), (1, 1), "{done}");
    assert!(!asked.whole && done.writes == 2, "{asked:?} {}", done.writes);
}

async fn a_moved_launch_is_exported_and_the_others_are_left(variant: Variant) {
    let rig = exported(variant, 3).await;
    let idle = export(&rig).await.1.requests;
    rig.reopen_launch(2, |launch| launch.name = "monthly".to_owned());
    let (done, asked) = export(&rig).await;
    assert_eq!(done.launches(Outcome::Updated), ["2"], "{done}");
    assert_eq!(done.numbers(Outcome::Unchanged), (3, 1));
    assert!(!asked.whole && asked.requests > idle);
}

async fn results_of_a_case_that_is_added_follow_without_a_whole_look(variant: Variant) {
    let launch = Launch::new("nightly").id(1).closed();
    let launch = launch
        .result(TestResult::of("Case 1").case(1).passed())
        .result(TestResult::of("Case 2").case(2).failed("no", ""));
    let only_second = Launch::new("weekly").id(2).closed();
    let only_second = only_second.result(TestResult::of("Case 2").case(2).passed());
    let case = |id: i64| Case::new(&format!("Case {id}")).id(id).tag("ours");
    let second = Case::new("Case 2").id(2);
    let project = Project::new(1)
        .case(case(1))
        .case(second)
        .launch(launch)
        .launch(only_second);
    let ours = || ExportConfig {
        test_case_aql: "tag = \"ours\"".to_owned(),
        ..config()
    };
    let rig = Rig::start(variant, project).await;
    export_with(&rig, ours()).await;
    let (idle, asked) = export_with(&rig, ours()).await;
    assert_eq!(idle.numbers(Outcome::Unchanged), (1, 1), "{idle}");
    assert_eq!(idle.launches(Outcome::Skipped), ["2"], "{idle}");
    assert!(asked.requests <= 15 && !asked.whole, "{asked:?}");
    rig.later();
    rig.edit_case(2, |case| case.tags.push("ours".to_owned()));
    let (done, asked) = export_with(&rig, ours()).await;
    assert_eq!(done.cases(Outcome::Created), ["2"], "{done}");
    assert_eq!(
        (done.launches(Outcome::Updated), done.launches(Outcome::Created)),
        (vec!["1"], vec!["2"])
    );
    assert!(!asked.whole);
}

async fn a_case_that_left_the_scope_is_followed_by_a_whole_look(variant: Variant) {
    let rig = exported(variant, 3).await;
    let ours = || ExportConfig {
        test_case_aql: "tag = \"ours\"".to_owned(),
        ..config()
    };
    export_with(&rig, ours()).await;
    rig.later();
    rig.edit_case(2, |case| case.tags.clear());
    let (done, asked) = export_with(&rig, ours()).await;
    assert_eq!(done.cases(Outcome::Unchanged), ["1", "3"], "{done}");
    assert!(asked.whole);
    let (done, asked) = export_with(&rig, ours()).await;
    assert_eq!(done.cases(Outcome::Unchanged), ["1", "3"], "{done}");
    assert!(!asked.whole, "the next run knows that it left");
}

async fn a_case_that_entered_the_scope_is_created_by_a_short_look(variant: Variant) {
    let rig = exported(variant, 3).await;
    rig.add_case(Case::new("Case 4").id(4));
    let (done, asked) = export(&rig).await;
    assert_eq!(done.cases(Outcome::Created), ["4"], "{done}");
    assert_eq!(done.numbers(Outcome::Unchanged), (3, 2));
    assert!(!asked.whole);
}

async fn a_deleted_test_is_found_by_the_total(variant: Variant) {
    let rig = exported(variant, 3).await;
    rig.delete_issue(rig.test("Case 2"));
    let (done, asked) = export(&rig).await;
    assert_eq!(done.cases(Outcome::Skipped), ["2"], "{done}");
    assert!(asked.whole);
    let (done, asked) = export(&rig).await;
    assert_eq!(done.cases(Outcome::Skipped), ["2"], "{done}");
    assert!(asked.whole, "the number of issues fell and is right again");
    assert!(!export(&rig).await.1.whole, "the one after it knows that it is gone");
}

async fn a_run_that_failed_something_is_followed_by_a_whole_look(variant: Variant) {
    let rig = exported(variant, 3).await;
    rig.edit_case(2, |case| case.name = "Renamed".to_owned());
    let refused = Fault::status(403).body(r#"{"message":"Access is denied","status":403}"#);
    rig.world
        .testops
        .server()
        .faults()
        .add(refused.on("GET", "/api/rs/testcase/2/overview"));
    let (done, _) = export(&rig).await;
    assert_eq!(done.cases(Outcome::Failed), ["2"], "{done}");
    rig.world.testops.server().faults().clear();
    let (done, asked) = export(&rig).await;
    assert_eq!(done.cases(Outcome::Updated), ["2"], "{done}");
    assert!(asked.whole);
}

async fn everything_is_looked_at_after_a_day_and_where_that_is_asked_for(variant: Variant) {
    let rig = exported(variant, 3).await;
    rig.hours_later(23);
    assert!(!export(&rig).await.1.whole);
    rig.hours_later(2);
    assert!(export(&rig).await.1.whole);
    assert!(!export(&rig).await.1.whole);
    let before = rig.world.testops.server().journal().len();
    rig.export_with(config(), |job| job.full(true)).await;
    assert!(
        rig.world.testops.server().journal().len() - before > 6,
        "details were read"
    );
}

async fn another_mapping_is_followed_by_a_whole_look(variant: Variant) {
    let rig = exported(variant, 3).await;
    let other = || crate::rig::mapped(&[("evidence", "none")]);
    assert!(export_with(&rig, other()).await.1.whole);
    assert!(!export_with(&rig, other()).await.1.whole);
}

async fn syncs_into_one_project_in_turn_look_shortly_each(variant: Variant) {
    let of = |tag: &str| ExportConfig {
        test_case_aql: format!("tag = \"{tag}\""),
        launches_aql: format!("name = \"{tag}\""),
        ..config()
    };
    let launch = |tag: &str, id, case| {
        Launch::new(tag)
            .id(id)
            .closed()
            .result(TestResult::of(tag).case(case).passed())
    };
    let case = |tag: &str, id: i64| Case::new(&format!("Case {id}")).id(id).tag(tag).step("Open", "");
    let project = [case("one", 1), case("two", 2), case("one", 3), case("two", 4)];
    let project = project.into_iter().fold(Project::new(1), Project::case);
    let project = project.launch(launch("one", 1, 1)).launch(launch("two", 2, 2));
    let rig = Rig::start(variant, project).await;
    for tag in ["one", "two"] {
        assert!(export_with(&rig, of(tag)).await.1.whole);
        rig.later();
    }
    for tag in ["one", "two", "one"] {
        let (done, asked) = export_with(&rig, of(tag)).await;
        assert_eq!(
            (done.numbers(Outcome::Unchanged), done.writes),
            ((2, 1), 0),
            "{tag}: {done}"
        );
        assert!(asked.requests <= 15 && !asked.whole, "{tag}: {asked:?}");
    }
    // What one of them creates or finds changed is no news to the other.
    rig.add_case(case("two", 5));
    rig.edit_case(4, |case| case.name = "Renamed".to_owned());
    let (done, asked) = export_with(&rig, of("two")).await;
    assert_eq!(
        (done.cases(Outcome::Created), done.cases(Outcome::Updated)),
        (vec!["5"], vec!["4"]),
        "{done}"
    );
    assert!(!asked.whole);
    rig.later();
    for (tag, cases) in [("one", 2), ("two", 3)] {
        let (done, asked) = export_with(&rig, of(tag)).await;
        assert_eq!(
            (done.numbers(Outcome::Unchanged), done.writes),
            ((cases, 1), 0),
            "{tag}: {done}"
        );
        assert!(asked.requests <= 15 && !asked.whole, "{tag}: {asked:?}");
    }
    // Each reads everything once a day, whatever the other did.
    rig.hours_later(25);
    for tag in ["one", "two"] {
        assert!(export_with(&rig, of(tag)).await.1.whole, "{tag}");
    }
}

async fn a_server_without_the_order_is_listed_as_a_whole(variant: Variant) {
    let rig = exported(variant, 3).await;
    let refused = Fault::status(400).body(r#"{"message":"No property found","status":400}"#);
    rig.world
        .testops
        .server()
        .faults()
        .add(refused.on("GET", "/api/rs/testcase/__search").times(1));
    let (done, asked) = export(&rig).await;
    expect_same(&rig, &done, 3, 2);
    assert!(asked.whole);
}
