//! Tests with several versions: which one is read and written, and where results go.

use tms_sync_host::model::Outcome;
use tms_sync_sim::testops::data::{Case, Launch, Project, TestResult};

use crate::rig::{Rig, Variant, mapped};

scenarios!(
    a_frozen_version_stays_as_it_is_and_results_land_on_the_one_that_is_named,
    versions_cost_no_further_request_where_no_option_chooses_one,
    a_test_without_the_named_version_is_reported,
);

const V2: [(&str, &str); 1] = [("test-version", "v2")];

/// Two exported cases; people froze the first version of One and work in its second.
async fn frozen(variant: Variant) -> Rig {
    let case = |id: i64, name: &str| Case::new(name).id(id).step("Open", "It opens");
    let rig = Rig::start(variant, Project::new(1).case(case(1, "One")).case(case(2, "Two"))).await;
    rig.export().await;
    let test = rig.test("One");
    let mut site = rig.world.site.lock();
    assert_eq!(site.xray.add_version(test, 0, "v2"), Some(2));
    drop(site);
    rig.later();
    rig
}

/// Steps of a version of the Test One.
fn steps(rig: &Rig, version: u32) -> Vec<String> {
    let test = rig.test("One");
    let site = rig.world.site.lock();
    let definition = site.xray.definition(test, Some(version)).unwrap();
    definition.steps.iter().map(|step| step.action.clone()).collect()
}

fn work_goes_on(rig: &Rig) {
    rig.edit_case(1, |case| *case = std::mem::take(case).step("Close", "It closes"));
    let result = TestResult::of("One").case(1).passed();
    let other = TestResult::of("Two").case(2).passed();
    let launch = Launch::new("nightly").closed().result(result).result(other);
    rig.world.testops.edit(|site| site.add_launch(1, launch));
}

async fn a_frozen_version_stays_as_it_is_and_results_land_on_the_one_that_is_named(variant: Variant) {
    let rig = frozen(variant).await;
    work_goes_on(&rig);
    let done = rig.export_mapped(&V2).await;
    let verified = rig.verify(mapped(&V2)).await;
    let again = rig.export_mapped(&V2).await;
    reports!(variant => done, verified, again);
    assert_eq!(again.writes, 0);
    assert_eq!(
        (steps(&rig, 1), steps(&rig, 2)),
        (vec!["Open".to_owned()], vec!["Open".to_owned(), "Close".to_owned()])
    );
    let runs = |test: &str| {
        let id = rig.test(test);
        let site = rig.world.site.lock();
        site.xray
            .runs_of_test(id)
            .map(|run| (run.version, run.steps.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!((runs("One"), runs("Two")), (vec![(2, 2)], vec![(1, 1)]));
    if variant == Variant::Cloud {
        let latest = rig.export_mapped(&[("test-version", "latest")]).await;
        assert_eq!((latest.cases(Outcome::Unchanged).len(), latest.writes), (2, 0));
    }
}

async fn versions_cost_no_further_request_where_no_option_chooses_one(variant: Variant) {
    let rig = frozen(variant).await;
    let first = rig.export_fully(&[]).await;
    let test = rig.test("One");
    rig.world.site.lock().xray.add_version(test, 0, "v3");
    let second = rig.export_fully(&[]).await;
    assert_eq!((first.requests, first.writes), (second.requests, 0));
    work_goes_on(&rig);
    let done = rig.export().await;
    reports!(variant => second, done);
    assert_eq!((steps(&rig, 1).len(), steps(&rig, 2).len()), (2, 1));
}

async fn a_test_without_the_named_version_is_reported(variant: Variant) {
    let rig = frozen(variant).await;
    let option = match variant {
        Variant::Cloud => [("test-version", "v9")],
        Variant::Dc => [("test-version", "latest")],
    };
    if variant == Variant::Dc {
        let problems = rig.tenant().await.validate(Some(&mapped(&option))).await.unwrap();
        let wrong = problems.iter().find(|problem| problem.field == "test-version").unwrap();
        reports!(variant => format!("{}\n{:?}", wrong.message, wrong.hint));
        return;
    }
    work_goes_on(&rig);
    let done = rig.export_mapped(&option).await;
    assert_eq!((steps(&rig, 1).len(), steps(&rig, 2).len()), (1, 1));
    let named = rig.export_fully(&V2).await;
    reports!(variant => done, named);
    assert_eq!((steps(&rig, 1).len(), steps(&rig, 2).len()), (1, 2));
}
