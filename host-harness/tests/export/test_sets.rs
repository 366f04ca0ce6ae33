//! Test Sets that a custom field of the cases names.

use tms_sync_host::model::{FaultKind, Outcome};
use tms_sync_sim::fault::{Fault, Moment};
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::xray::Relation;
use tms_sync_sim::testops::data::{Case, Project};

use crate::rig::{Rig, Variant, mapped};

scenarios!(
    tests_are_added_to_the_sets_that_their_cases_name,
    a_test_that_people_took_out_of_a_set_stays_out_and_foreign_sets_stay,
    a_set_that_refuses_a_test_costs_nothing_else_and_is_tried_again,
    exports_without_test_sets_never_ask_for_them,
);

const OPTIONS: [(&str, &str); 2] = [("test-sets", "Suite"), ("custom-fields", "none")];

/// Three cases, and a Jira in which two sets share a summary.
struct Sets {
    rig: Rig,
    smoke: IssueId,
    regression: IssueId,
}

impl Sets {
    async fn start(variant: Variant) -> Self {
        let rig = Rig::start(variant, Project::new(1)).await;
        let (smoke, _) = rig.add_issue("Test Set", "Smoke");
        let (regression, key) = rig.add_issue("Test Set", "Regression");
        for summary in ["Twice", "Twice"] {
            rig.add_issue("Test Set", summary);
        }
        rig.world.testops.edit(|site| {
            let one = Case::new("One").id(1).field("Suite", "smoke").field("Suite", &key);
            site.add_case(1, one);
            site.add_case(1, Case::new("Two").id(2).field("Suite", "Smoke"));
            site.add_case(
                1,
                Case::new("Three")
                    .id(3)
                    .field("Suite", "Nightly")
                    .field("Suite", "Twice"),
            )
        });
        Sets { rig, smoke, regression }
    }

    /// Summaries of the Tests of a set.
    fn tests(&self, set: IssueId) -> Vec<String> {
        let site = self.rig.world.site.lock();
        let members = site.xray.members(Relation::SetTests, set).iter();
        let mut names: Vec<String> = members.map(|id| site.issue(*id).unwrap().summary.clone()).collect();
        names.sort();
        names
    }

    fn take_out(&self, set: IssueId, test: &str) {
        let test = self.rig.test(test);
        let mut site = self.rig.world.site.lock();
        assert!(site.xray.remove_member(Relation::SetTests, set, test));
    }

    fn put_in(&self, set: IssueId, test: &str) {
        let test = self.rig.test(test);
        let mut site = self.rig.world.site.lock();
        assert!(site.xray.add_member(Relation::SetTests, set, test));
    }
}

async fn tests_are_added_to_the_sets_that_their_cases_name(variant: Variant) {
    let of = Sets::start(variant).await;
    let plan = of.rig.plan(mapped(&OPTIONS)).await;
    let done = of.rig.export_mapped(&OPTIONS).await;
    assert_eq!(
        (of.tests(of.smoke), of.tests(of.regression)),
        (vec!["One".to_owned(), "Two".to_owned()], vec!["One".to_owned()])
    );
    let same = of.rig.export_fully(&OPTIONS).await;
    assert_eq!((same.cases(Outcome::Unchanged).len(), same.writes), (3, 0));
    of.rig.later();
    of.rig
        .edit_case(2, |case| *case = std::mem::take(case).field("Suite", "Regression"));
    let next = of.rig.plan(mapped(&OPTIONS)).await;
    let more = of.rig.export_mapped(&OPTIONS).await;
    let verified = of.rig.verify(mapped(&OPTIONS)).await;
    reports!(variant => plan, done, same, next, more, verified);
    assert_eq!(of.tests(of.regression), ["One", "Two"]);
}

async fn a_test_that_people_took_out_of_a_set_stays_out_and_foreign_sets_stay(variant: Variant) {
    let of = Sets::start(variant).await;
    of.rig.export_mapped(&OPTIONS).await;
    of.take_out(of.smoke, "One");
    of.put_in(of.regression, "Two");
    let verified = of.rig.verify(mapped(&OPTIONS)).await;
    let kept = of.rig.export_fully(&OPTIONS).await;
    of.rig.later();
    of.rig.edit_case(2, |case| case.fields.clear());
    let left = of.rig.export_mapped(&OPTIONS).await;
    reports!(verified, kept, left);
    assert_eq!(
        (of.tests(of.smoke), of.tests(of.regression)),
        (vec!["Two".to_owned()], vec!["One".to_owned(), "Two".to_owned()])
    );
}

async fn a_set_that_refuses_a_test_costs_nothing_else_and_is_tried_again(variant: Variant) {
    let of = Sets::start(variant).await;
    let (site, smoke) = (of.rig.world.site.clone(), of.smoke);
    let deleted = Fault::call(Moment::Arrived, move || {
        site.lock().delete_issue(&Actor::System, smoke);
    });
    let tracker = &of.rig.world.tracker;
    let creates = tracker.xray.as_ref().unwrap_or(&tracker.jira);
    creates.faults().add(deleted.on("POST", "*/bulk"));
    let refused = of.rig.export_mapped(&OPTIONS).await;
    let (again, _) = of.rig.add_issue("Test Set", "Smoke");
    let healed = of.rig.export_fully(&OPTIONS).await;
    reports!(variant => refused, healed);
    assert_eq!(of.tests(again), ["One", "Two"]);
}

async fn exports_without_test_sets_never_ask_for_them(variant: Variant) {
    let of = Sets::start(variant).await;
    of.rig.export().await;
    assert_eq!(of.rig.requests_with(&["testset"]), 0);
    let wrong = of.rig.export_mapped(&[("test-sets", "Suit")]).await;
    let stopped = wrong.report.stopped.unwrap();
    assert_eq!((stopped.kind, wrong.writes), (FaultKind::Configuration, 0));
}
