//! Tests that are there already: named by their cases, or left by an export from elsewhere.

use tms_sync_host::Adoption;
use tms_sync_host::model::{FaultKind, Former, Outcome};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::testops::data::{Case, Project, TestKey};
use tms_sync_sim::world::{INTEGRATION, PROJECT};

use crate::rig::{Done, Rig, Variant, config, mapped};
use crate::seen;

scenarios!(
    a_case_is_linked_to_the_test_that_its_test_key_names,
    a_plan_shows_what_would_be_adopted,
    what_policies_leave_to_people_stays_in_an_adopted_test,
    a_test_of_another_case_is_not_adopted,
    a_test_is_found_by_a_query_and_never_by_its_summary,
    tests_of_a_former_site_are_adopted_and_nothing_is_created,
    the_ledger_of_a_former_project_leads_to_its_issues,
);

/// A Test in Jira, and a case that names it.
async fn with_a_named_test(variant: Variant) -> (Rig, u64) {
    let rig = Rig::start(variant, Project::new(1)).await;
    let (id, key) = rig.add_issue("Test", "Written by hand");
    rig.add_case(Case::new("Log in").id(7).test_key(TestKey::new(&key, INTEGRATION)));
    (rig, id.0)
}

async fn a_case_is_linked_to_the_test_that_its_test_key_names(variant: Variant) {
    let (rig, id) = with_a_named_test(variant).await;
    let first = rig.export().await;
    assert_eq!(
        (first.cases(Outcome::Adopted), first.cases(Outcome::Created)),
        (vec!["7"], vec![])
    );
    let tests = seen::tests(&rig);
    assert_eq!((tests.len(), tests[0].id, tests[0].summary.as_str()), (1, id, "Log in"));
    let next = rig.export().await;
    assert_eq!((next.cases(Outcome::Unchanged), next.writes), (vec!["7"], 0));
}

async fn a_plan_shows_what_would_be_adopted(variant: Variant) {
    let (rig, _) = with_a_named_test(variant).await;
    let plan = rig.plan(config()).await;
    assert_eq!((plan.cases(Outcome::Adopted), plan.writes), (vec!["7"], 0));
    let fields: Vec<&str> = plan.verdicts[0]
        .changes
        .iter()
        .map(|change| change.field.as_str())
        .collect();
    assert!(fields.contains(&"summary"), "{fields:?}");
}

async fn what_policies_leave_to_people_stays_in_an_adopted_test(variant: Variant) {
    let (rig, _) = with_a_named_test(variant).await;
    let first = rig
        .export_with(mapped(&[("policy.summary", "seed-once")]), |job| job)
        .await;
    assert_eq!(first.cases(Outcome::Adopted), ["7"]);
    assert_eq!(seen::tests(&rig)[0].summary, "Written by hand");
}

async fn a_test_of_another_case_is_not_adopted(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1).case(Case::new("One").id(1))).await;
    rig.export().await;
    let key = seen::tests(&rig)[0].key.clone();
    rig.later();
    rig.add_case(Case::new("Two").id(2).test_key(TestKey::new(&key, INTEGRATION)));
    let next = rig.export().await;
    assert_eq!(
        (next.cases(Outcome::Created), next.cases(Outcome::Unchanged)),
        (vec!["2"], vec!["1"])
    );
    assert_eq!(seen::tests(&rig).len(), 2);
}

async fn a_test_is_found_by_a_query_and_never_by_its_summary(variant: Variant) {
    let rig = Rig::start(variant, Project::new(1)).await;
    let (id, _) = rig.add_issue("Test", "Log in");
    rig.world.site.lock().touch(&Actor::System, id, &["labels"], |issue| {
        issue.labels.push("case-7".to_owned());
    });
    rig.add_case(Case::new("Log in").id(7));
    let without = rig.plan(config()).await;
    assert_eq!(without.cases(Outcome::Created), ["7"]);
    let by_query = mapped(&[("adopt-jql", "labels = \"case-{id}\"")]);
    let first = rig.export_with(by_query, |job| job).await;
    assert_eq!((first.cases(Outcome::Adopted), seen::tests(&rig).len()), (vec!["7"], 1));
}

impl Rig {
    async fn adopt(&self, former: Former, apply: bool) -> Done {
        let tenant = self.tenant().await;
        self.follow(|| tenant.adopt(Adoption::new(config(), former).apply(apply)))
            .await
    }
}

/// A project that was exported on Data Center, and that moved to another site while TestOps got another address.
async fn moved(variant: Variant) -> (Rig, Rig, Former) {
    let project = || Plan::new(6, 2).launch(6).settled().build();
    let from = Rig::start(Variant::Dc, project()).await;
    let first = from.export().await;
    assert_eq!(first.cases(Outcome::Created).len(), 6);
    let to = Rig::start(variant, project()).await;
    let (ids, former) = {
        let old = from.world.site.lock();
        let ids = to.world.site.lock().migrate_project(&old, PROJECT);
        (
            ids,
            old.visible_project(&Actor::System, PROJECT).unwrap().id.to_string(),
        )
    };
    let pair = |(before, now): (IssueId, IssueId)| (before.to_string(), now.to_string());
    let former = Former {
        source_origins: vec![from.world.testops.url()],
        destinations: vec![former],
        issues: ids.into_iter().map(pair).collect(),
    };
    (from, to, former)
}

async fn tests_of_a_former_site_are_adopted_and_nothing_is_created(variant: Variant) {
    let (_from, to, former) = moved(variant).await;
    let tests = seen::tests(&to).len();
    let asks = to.export().await;
    let kind = asks.report.stopped.as_ref().map(|fault| fault.kind);
    assert_eq!((kind, asks.writes), (Some(FaultKind::MassChange), 0));
    let shown = to.adopt(former.clone(), false).await;
    assert_eq!((shown.cases(Outcome::Adopted).len(), shown.writes), (6, 0));
    let done = to.adopt(former, true).await;
    assert_eq!(done.numbers(Outcome::Adopted), (6, 1));
    let next = to.export().await;
    assert_eq!(next.numbers(Outcome::Created), (0, 0));
    assert!(next.report.stopped.is_none(), "{:?}", next.report);
    assert_eq!((tests, seen::tests(&to).len(), seen::executions(&to).len()), (6, 6, 1));
    let last = to.export().await;
    assert_eq!((last.cases(Outcome::Unchanged).len(), last.writes), (6, 0));
}

async fn the_ledger_of_a_former_project_leads_to_its_issues(variant: Variant) {
    let (from, mut to, mut former) = moved(variant).await;
    to.ledger = from.ledger.clone();
    former.source_origins = Vec::new();
    let done = to.adopt(former, true).await;
    assert_eq!(done.numbers(Outcome::Adopted), (6, 1));
    let next = to.export().await;
    assert_eq!(next.numbers(Outcome::Created), (0, 0));
}
