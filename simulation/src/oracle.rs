//! The judge. It looks at the servers' own state and at what reached them, and compares reports with that; it never takes
//! a report's word. Every function gives what is wrong, in sentences.

use std::collections::{BTreeMap, BTreeSet};

use tms_sync_sim::jira::issue::Issue;
use tms_sync_sim::jira::project::Role;
use tms_sync_sim::jira::site::Site;
use tms_sync_sim::jira::xray::{Definition, Relation};
use tms_sync_sim::testops::data::Status;
use tms_sync_xray::domain::{Outcome, Tally, Unit, Verdict};
use tms_sync_xray::error::{Kind, Side};
use tms_sync_xray::mapping::{Marker, markers};
use tms_sync_xray::ports::{Entity, Phase};

use crate::installation::TESTOPS_HOST;
use crate::ledger::Ledger;
use crate::project::{Case, Launch, Project};
use crate::world::{Run, World};

/// What must hold at every moment, however bad the weather.
pub fn always(world: &World) -> Vec<String> {
    let site = world.jira().lock();
    let mut wrong = Vec::new();
    let mut carriers: BTreeMap<Marker, Vec<&str>> = BTreeMap::new();
    for issue in site.issues() {
        for marker in markers(issue.labels.iter().map(String::as_str)) {
            carriers.entry(marker).or_default().push(&issue.key);
        }
    }
    for (marker, keys) in &carriers {
        if keys.len() > 1 {
            wrong.push(format!("{} is on several issues: {}", marker.0, keys.join(", ")));
        }
    }
    drop(site);
    wrong.extend(linked(world, &world.ledger));
    wrong
}

/// Rows of a ledger that are not linked to their issues.
pub fn linked(world: &World, ledger: &Ledger) -> Vec<String> {
    let site = world.jira().lock();
    let mut wrong = Vec::new();
    for row in ledger.rows() {
        let link = row.link;
        let id = &link.key.id;
        match link.phase {
            // Nobody deletes anything in these simulations.
            Phase::Orphaned | Phase::Tombstone => {
                wrong.push(format!("{:?} {id} is {:?} in the ledger", link.key.entity, link.phase));
            }
            Phase::Linked | Phase::Synced if link.key.entity != Entity::Checkpoint => {
                let marker = marker(world, link.key.entity, id);
                let issue = link.issue_id.as_deref().and_then(|issue| site.find_issue(issue));
                if !issue.is_some_and(|issue| issue.labels.contains(&marker.0)) {
                    let issue = issue.map_or("nothing", |issue| issue.key.as_str());
                    wrong.push(format!(
                        "{:?} {id} is linked to {issue}, which is not its issue",
                        link.key.entity
                    ));
                }
            }
            _ => {}
        }
    }
    wrong
}

fn marker(world: &World, entity: Entity, id: &str) -> Marker {
    let project = world.installation.project_id.to_string();
    match entity {
        Entity::Launch => Marker::launch(TESTOPS_HOST, &project, id.parse().unwrap(), 0),
        Entity::Precondition => Marker::precondition(TESTOPS_HOST, &project, id, 0),
        Entity::SharedStep => Marker::shared_step(TESTOPS_HOST, &project, id.parse().unwrap(), 0),
        _ => Marker::test_case(TESTOPS_HOST, &project, id.parse().unwrap(), 0),
    }
}

/// What must hold when nothing is left to do: every case and every launch is there once, with everything.
pub fn settled(world: &World) -> Vec<String> {
    let mut wrong = always(world);
    let site = world.jira().lock();
    let project = &world.installation.project;
    let of = |entity, id: u64| {
        let marker = marker(world, entity, &id.to_string());
        site.issues().find(move |issue| issue.labels.contains(&marker.0))
    };
    for (id, case) in (1..).zip(&project.cases) {
        match of(Entity::TestCase, id) {
            Some(issue) => wrong.extend(differences(&site, issue, id, case, project)),
            None => wrong.push(format!("case {id} is lost")),
        }
    }
    let called = project.called();
    for (id, shared) in (1..).zip(&project.shared).filter(|(id, _)| called.contains(id)) {
        let found = of(Entity::SharedStep, id).and_then(|issue| Some((issue, site.xray.test(issue.id)?)));
        let there = found.map(|(issue, test)| (issue.summary.clone(), steps(&site, &test.definition)));
        let expected = Some((shared.name.clone(), shared.steps(project)));
        if there != expected {
            wrong.push(format!("shared step {id} is {there:?} instead of {expected:?}"));
        }
    }
    let texts: BTreeSet<&String> = project.cases.iter().filter_map(Case::precondition_issue).collect();
    let mut executions = 0;
    for (id, launch) in (1..).zip(&project.launches) {
        executions += 1;
        match of(Entity::Launch, id) {
            Some(issue) => {
                let runs = runs(&site, issue, |id| of(Entity::TestCase, id));
                if runs != expected_runs(launch) {
                    wrong.push(format!(
                        "launch {id} has {runs:?} instead of {:?}",
                        expected_runs(launch)
                    ));
                }
            }
            None => wrong.push(format!("launch {id} is lost")),
        }
    }
    let count = |role| site.issues().filter(|issue| site.role(issue) == role).count();
    for (role, expected) in [
        (Role::Test, project.cases.len() + called.len()),
        (Role::TestExecution, executions),
        (Role::Precondition, texts.len()),
    ] {
        if count(role) != expected {
            wrong.push(format!(
                "there are {} issues of {role:?} instead of {expected}",
                count(role)
            ));
        }
    }
    wrong
}

/// Actions of a Test's steps, “→ Name” for a call.
fn steps(site: &Site, definition: &Definition) -> Vec<String> {
    let called = |id| site.issue(id).map_or("", |issue| issue.summary.as_str());
    let shown = definition.steps.iter().map(|step| match step.call_test {
        Some(test) => format!("→ {}", called(test)),
        None => step.action.clone(),
    });
    shown.collect()
}

/// What a Test lacks of its case.
fn differences(site: &Site, issue: &Issue, id: u64, case: &Case, project: &Project) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut compare = |what: &str, there: String, expected: String| {
        if there != expected {
            wrong.push(format!("case {id}: {what} is “{there}” instead of “{expected}”"));
        }
    };
    compare("summary", issue.summary.clone(), case.name.clone());
    let labels = |tag: &&String| !issue.labels.contains(tag);
    compare(
        "missing labels",
        format!("{:?}", case.tags.iter().filter(labels).collect::<Vec<_>>()),
        "[]".to_owned(),
    );
    let text = issue.description_text();
    compare(
        "description",
        text.contains(&case.description).to_string(),
        "true".to_owned(),
    );
    let Some(test) = site.xray.test(issue.id) else {
        return vec![format!("case {id}: its issue is no Test")];
    };
    let definition = &test.definition;
    let results = definition.steps.iter().map(|step| step.result.clone());
    let steps: Vec<(String, String)> = steps(site, definition).into_iter().zip(results).collect();
    let call = case.calls.map(|id| (project.call(id), String::new()));
    let expected: Vec<(String, String)> = case.steps.iter().cloned().chain(call).collect();
    compare("steps", format!("{steps:?}"), format!("{expected:?}"));
    compare(
        "definition",
        definition.unstructured.clone(),
        case.automated.clone().unwrap_or_default(),
    );
    let linked = site.xray.containers(Relation::PreconditionTests, issue.id).into_iter();
    let linked: Vec<&String> = linked
        .filter_map(|id| Some(&site.xray.precondition(id)?.definition))
        .collect();
    let expected: Vec<&String> = case.precondition_issue().into_iter().collect();
    compare("preconditions", format!("{linked:?}"), format!("{expected:?}"));
    let kind = if case.automated.is_some() { "Generic" } else { "Manual" };
    compare("type", definition.test_type.name.clone(), kind.to_owned());
    wrong
}

/// Statuses by case id, in the spelling that both products share.
fn runs<'s>(site: &'s Site, execution: &Issue, of: impl Fn(u64) -> Option<&'s Issue>) -> BTreeMap<u64, &'static str> {
    let case = |test| {
        (1..)
            .map_while(|id| of(id).map(|issue| (id, issue.id)))
            .find(|(_, issue)| *issue == test)
    };
    let status = |name: &str| match name.replace(' ', "").as_str() {
        "PASS" | "PASSED" => "PASS",
        "FAIL" | "FAILED" => "FAIL",
        "TODO" => "TODO",
        _ => "?",
    };
    let runs = site.xray.runs_of_execution(execution.id);
    runs.map(|run| (case(run.test).map_or(0, |(id, _)| id), status(&run.status)))
        .collect()
}

/// The worst result of each case counts.
fn expected_runs(launch: &Launch) -> BTreeMap<u64, &'static str> {
    let mut runs = BTreeMap::new();
    for (case, status) in &launch.results {
        let (rank, word) = match status {
            Status::Failed | Status::Broken => (0, "FAIL"),
            Status::Unknown | Status::Skipped => (1, "TODO"),
            Status::Passed => (2, "PASS"),
        };
        let worst = runs.entry(*case).or_insert((rank, word));
        *worst = (*worst).min((rank, word));
    }
    runs.into_iter().map(|(case, (_, word))| (case, word)).collect()
}

/// Issues and when they were last changed, to see what a run did.
#[derive(Clone, Debug)]
pub struct Snapshot(BTreeMap<String, i64>);

impl Snapshot {
    /// How things are now.
    pub fn of(world: &World) -> Self {
        let site = world.jira().lock();
        Snapshot(
            site.issues()
                .map(|issue| (issue.id.to_string(), issue.updated))
                .collect(),
        )
    }

    fn created(&self, world: &World, role: Role) -> BTreeSet<String> {
        let site = world.jira().lock();
        // Tests of shared steps are no items of a report.
        let called = |issue: &Issue| issue.labels.iter().any(|label| label.starts_with("tms-ss-"));
        let new = site
            .issues()
            .filter(|issue| site.role(issue) == role && !called(issue))
            .map(|issue| issue.id.to_string());
        new.filter(|id| !self.0.contains_key(id)).collect()
    }
}

/// What a report says that is not so. `alone`: nobody else was at work, and nothing of an earlier run was on its way.
pub fn truth(world: &World, before: &Snapshot, run: &Run, alone: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let project = &world.installation.project;
    for (unit, scope) in [
        (Unit::TestCase, project.cases.len()),
        (Unit::Launch, project.launches.len()),
    ] {
        let verdicts: Vec<&Verdict> = run.verdicts.iter().filter(|verdict| verdict.unit == unit).collect();
        let ids: BTreeSet<u64> = verdicts.iter().map(|verdict| verdict.id).collect();
        if ids.len() != verdicts.len() {
            wrong.push(format!("some {unit:?} has two verdicts"));
        }
        if let Some(report) = run.complete() {
            if ids.len() != scope {
                wrong.push(format!("{} of {scope} of {unit:?} have a verdict", ids.len()));
            }
            let mut tally = Tally::default();
            verdicts.iter().for_each(|verdict| tally.add(verdict.outcome));
            let reported = if unit == Unit::TestCase {
                report.test_cases
            } else {
                report.launches
            };
            if reported != tally {
                wrong.push(format!("the report says {reported:?}, the verdicts are {tally:?}"));
            }
        }
        for verdict in verdicts {
            wrong.extend(untrue(world, before, verdict));
        }
    }
    if alone {
        wrong.extend(unsaid(world, before, run));
    }
    wrong
}

/// What is wrong with one verdict.
fn untrue(world: &World, before: &Snapshot, verdict: &Verdict) -> Option<String> {
    let entity = if verdict.unit == Unit::TestCase {
        Entity::TestCase
    } else {
        Entity::Launch
    };
    let marker = marker(world, entity, &verdict.id.to_string());
    let site = world.jira().lock();
    let carrier = site.issues().find(|issue| issue.labels.contains(&marker.0));
    let reported = verdict.issue.as_ref().map(|issue| issue.id.to_string());
    let actual = carrier.map(|issue| issue.id.to_string());
    let name = format!("{:?} {}", verdict.unit, verdict.id);
    match verdict.outcome {
        Outcome::Created | Outcome::Updated | Outcome::Unchanged if reported != actual => {
            Some(format!("{name} is reported as {reported:?} and is {actual:?}"))
        }
        Outcome::Created if reported.as_ref().is_some_and(|id| before.0.contains_key(id)) => {
            Some(format!("{name} is reported as created and was there before"))
        }
        // A case that could not be read at the source says nothing about the destination, where another host may be at work.
        Outcome::Failed if is_of_source(verdict) => None,
        Outcome::Failed if verdict.unit == Unit::TestCase && verdict.issue.is_none() && actual.is_some() => {
            Some(format!("{name} is reported as refused and is {actual:?}"))
        }
        // A launch waits for its cases.
        Outcome::Skipped if verdict.unit == Unit::Launch && actual.is_none() => None,
        Outcome::Skipped => Some(format!(
            "{name} is left out: {}",
            verdict.reason.as_deref().unwrap_or_default()
        )),
        _ => None,
    }
}

fn is_of_source(verdict: &Verdict) -> bool {
    verdict
        .reason
        .as_ref()
        .is_some_and(|reason| reason.starts_with("TestOps: "))
}

/// What a run did without a verdict that says so.
fn unsaid(world: &World, before: &Snapshot, run: &Run) -> Vec<String> {
    let mut wrong = Vec::new();
    for (unit, role) in [(Unit::TestCase, Role::Test), (Unit::Launch, Role::TestExecution)] {
        let reported: BTreeSet<String> = run
            .verdicts
            .iter()
            .filter(|verdict| verdict.unit == unit && verdict.outcome == Outcome::Created)
            .filter_map(|verdict| Some(verdict.issue.as_ref()?.id.to_string()))
            .collect();
        let created = before.created(world, role);
        if reported != created {
            wrong.push(format!(
                "{unit:?}: the report says that {reported:?} were created, and {created:?} were"
            ));
        }
    }
    let site = world.jira().lock();
    for verdict in run
        .verdicts
        .iter()
        .filter(|verdict| verdict.outcome == Outcome::Unchanged)
    {
        let Some(issue) = &verdict.issue else { continue };
        let id = issue.id.as_str();
        let now = site.find_issue(id).map(|issue| issue.updated);
        if before.0.get(id).copied() != now {
            wrong.push(format!("{} is reported as unchanged and was written", issue.key));
        }
    }
    wrong
}

/// What is wrong with a run whose Jira credential was revoked on the way: it must stop, say why where it can know
/// (`reported`), and send nothing that creates after the first refused request.
pub fn stopped_for_the_credential(world: &World, run: &Run, reported: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    match run.stopped() {
        Some(error) if error.kind == Kind::Credential && error.side == Side::Jira => {}
        // A refusal that does not say whose it is judges no credential, and what anonymous visitors may read does no harm.
        Some(error) if error.kind == Kind::Unreachable && !reported => {}
        None if !reported => {}
        other => wrong.push(format!("the credential was revoked, and the run ended with {other:?}")),
    }
    let journal = world.journal.borrow();
    let deliveries = || journal.iter().skip(run.journal_from);
    // A create may be the very request that the revocation meets; whoever sends one later has seen it.
    if let Some(first) = deliveries().find(|delivery| delivery.revoked) {
        let creates = deliveries()
            .filter(|delivery| delivery.is_create() && delivery.at > first.at)
            .count();
        if creates > 0 {
            wrong.push(format!("{creates} creates were sent after the credential was refused"));
        }
    }
    wrong
}
