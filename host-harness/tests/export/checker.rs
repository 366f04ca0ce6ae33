//! An independent reading of docs/mapping.md: what stands in TestOps against what stands in Jira and Xray, item by item,
//! from the simulators' state alone. A difference is allowed only where the item's verdict names it.

mod case;
mod launch;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use tms_sync_host::model::{Outcome, Verdict};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::issue::Issue;
use tms_sync_sim::jira::project::Role;

use crate::rig::{Done, Rig, Variant};

scenarios!(a_varied_project_arrives_item_by_item);

/// A difference, and what a verdict says that names it.
pub struct Difference {
    what: String,
    named_by: &'static [&'static str],
}

impl Difference {
    /// A difference that nothing excuses.
    fn new(what: String) -> Self {
        Difference { what, named_by: &[] }
    }

    /// A difference that one of these words in a note or a count excuses.
    fn unless(what: String, named_by: &'static [&'static str]) -> Self {
        Difference { what, named_by }
    }

    fn is_named(&self, verdict: &Verdict) -> bool {
        let notes = verdict.notes.iter().map(String::as_str);
        let counts = verdict.counts.iter().map(|count| count.what.as_str());
        let said: Vec<String> = notes.chain(counts).map(str::to_lowercase).collect();
        self.named_by
            .iter()
            .any(|words| said.iter().any(|text| text.contains(words)))
    }
}

fn plan() -> Plan {
    let launches = (0..5).fold(Plan::new(1_000, 4).automated(30).file_every(25), |plan, _| {
        plan.launch(1_000)
    });
    launches.varied()
}

async fn a_varied_project_arrives_item_by_item(variant: Variant) {
    let rig = Rig::start(variant, plan().build()).await;
    let done = rig.export().await;
    assert!(done.report.stopped.is_none(), "{:?}", done.report.stopped);
    assert_eq!(done.numbers(Outcome::Created), (1_000, 5), "{:?}", done.report);
    let wrong = check(&rig, &done);
    let shown: Vec<_> = wrong.iter().take(20).collect();
    assert!(wrong.is_empty(), "{} differences:\n{shown:#?}", wrong.len());

    let again = rig.export().await;
    assert_eq!(
        (again.cases(Outcome::Unchanged).len(), again.writes),
        (1_000, 0),
        "{:?}",
        again.report
    );
}

/// Every difference that no verdict names.
fn check(rig: &Rig, done: &Done) -> Vec<String> {
    let verdicts: BTreeMap<(bool, i64), &Verdict> = done
        .verdicts
        .iter()
        .map(|verdict| ((verdict.entity == "launch", verdict.id.parse().unwrap()), verdict))
        .collect();
    let source = plan().build();
    let site = rig.world.site.lock();
    let tests = by_link(
        site.issues().filter(|issue| site.role(issue) == Role::Test),
        "/test-cases/",
    );
    let executions = by_link(
        site.issues().filter(|issue| site.role(issue).is_execution()),
        "/launch/",
    );
    let mut wrong = Vec::new();
    let mut judge = |is_launch: bool, id: i64, found: Vec<Difference>| {
        let verdict = verdicts.get(&(is_launch, id)).copied();
        let kind = if is_launch { "launch" } else { "case" };
        let open = found
            .into_iter()
            .filter(|one| verdict.is_none_or(|verdict| !one.is_named(verdict)));
        wrong.extend(open.map(|one| format!("{kind} {id}: {}", one.what)));
    };
    for case in &source.cases {
        let found = match tests.get(&case.id).map(Vec::as_slice) {
            Some([test]) => case::compare(case, &source, &site, test),
            other => vec![Difference::new(format!("{} Tests", other.map_or(0, <[_]>::len)))],
        };
        judge(false, case.id, found);
    }
    let known: BTreeSet<i64> = source.cases.iter().map(|case| case.id).collect();
    for (id, launch) in (1..).zip(&source.launches) {
        let found = match executions.get(&id).map(Vec::as_slice) {
            Some([execution]) => launch::compare(rig.variant, launch, &known, &site, execution, &tests),
            other => vec![Difference::new(format!(
                "{} Test Executions",
                other.map_or(0, <[_]>::len)
            ))],
        };
        judge(true, id, found);
    }
    let surplus = tests.len() + executions.len() - source.cases.len() - source.launches.len();
    assert_eq!(surplus, 0, "issues that nothing in TestOps stands behind");
    wrong
}

/// Issues by the TestOps id in the link that their descriptions end with.
fn by_link<'s>(issues: impl Iterator<Item = &'s Issue>, path: &str) -> BTreeMap<i64, Vec<&'s Issue>> {
    let mut found: BTreeMap<i64, Vec<&Issue>> = BTreeMap::new();
    for issue in issues {
        let description = issue.description.to_string();
        let at = description
            .rfind(path)
            .unwrap_or_else(|| panic!("no link in {description}"));
        let digits: String = description[at + path.len()..]
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        found.entry(digits.parse().unwrap()).or_default().push(issue);
    }
    found
}
