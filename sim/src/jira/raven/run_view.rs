//! Test runs as JSON.

use serde_json::{Map, Value, json};

use super::Version;
use super::evidence::views;
use super::step::{columns, raw};
use crate::answers::IterationSteps;
use crate::jira::date;
use crate::jira::id::{IssueId, Millis};
use crate::jira::site::Site;
use crate::jira::xray::{Iteration, Kind, Run, StepResult};
use crate::jira::xray_field::numeric;

/// A run with everything that belongs to it.
pub(super) fn run_json(site: &Site, run: &Run, version: Version) -> Value {
    let key = |id: IssueId| site.issue(id).map(|issue| issue.key.clone());
    let color = site
        .xray
        .settings
        .run_status(&run.status)
        .map(|status| status.color.clone());
    let environments = site.xray.execution(run.execution).map(|data| data.environments.clone());
    let versions = site.issue(run.execution).map(|issue| issue.fix_versions.clone());
    let duration = run.started.zip(run.finished).map(|(start, end)| (end - start).max(0));
    let mut json = json!({
        "id": numeric(&run.id), "status": run.status, "color": color, "testKey": key(run.test),
        "testExecKey": key(run.execution), "assignee": run.assignee, "executedBy": run.executed_by,
        "duration": duration, "comment": run.comment, "defects": defects(site, &run.defects),
        "evidences": views(site, &run.evidence), "testEnvironments": environments, "fixVersions": versions,
        "testVersion": version_name(site, run),
    });
    let mut more = Map::new();
    for (name, at) in times(run) {
        more.insert(name.to_owned(), json!(date::readable(at)));
        more.insert(format!("{name}Iso"), json!(iso(at)));
    }
    let definition = &run.definition;
    match definition.test_type.kind {
        Kind::Steps if shows_steps(site, run) => {
            more.insert("steps".to_owned(), steps_json(site, run, &run.steps, version));
        }
        Kind::Steps => {}
        Kind::Gherkin => {
            more.insert("scenario".to_owned(), json!(definition.gherkin));
            let examples =
                run.examples.iter().zip(1..).map(
                    |(example, rank)| json!({ "id": numeric(&example.id), "rank": rank, "status": example.status }),
                );
            more.insert("examples".to_owned(), examples.collect());
        }
        Kind::Unstructured => {
            more.insert("definition".to_owned(), json!(definition.unstructured));
        }
    }
    if !run.iterations.is_empty() {
        let all = run
            .iterations
            .iter()
            .zip(0..)
            .map(|(i, rank)| iteration_json(site, run, i, rank, version));
        more.insert("iterations".to_owned(), all.collect());
    }
    if !run.custom.is_empty() {
        let fields = run
            .custom
            .iter()
            .map(|(id, value)| json!({ "id": numeric(id), "value": value }));
        more.insert("customFields".to_owned(), fields.collect());
    }
    if let Value::Object(members) = &mut json {
        members.extend(more);
    }
    json
}

fn version_name(site: &Site, run: &Run) -> Option<String> {
    let version = site.xray.version(run.test, Some(&run.version.to_string()));
    version.map(|version| version.name.clone())
}

/// A run as detailed lists of an execution show it.
pub(super) fn run_summary(site: &Site, run: &Run) -> Value {
    let mut json = json!({
        "status": run.status, "assignee": run.assignee, "executedBy": run.executed_by,
        "defects": defects(site, &run.defects), "evidences": views(site, &run.evidence),
    });
    if let Value::Object(members) = &mut json {
        members.extend(times(run).map(|(name, at)| (name.to_owned(), json!(iso(at)))));
    }
    json
}

/// When the run started and finished, as far as it did.
fn times(run: &Run) -> impl Iterator<Item = (&'static str, Millis)> {
    let times = [("startedOn", run.started), ("finishedOn", run.finished)];
    times.into_iter().filter_map(|(name, at)| Some((name, at?)))
}

fn iso(at: Millis) -> String {
    date::iso(at).replace('Z', "+00:00")
}

/// With iterations the steps are theirs, unless [`IterationSteps`] has it otherwise.
fn shows_steps(site: &Site, run: &Run) -> bool {
    run.iterations.is_empty() || site.answers.of::<IterationSteps>() == IterationSteps::Both
}

/// Defects as links to issues.
pub(super) fn defects(site: &Site, ids: &[IssueId]) -> Value {
    let issues = ids.iter().filter_map(|&id| site.issue(id));
    issues
        .map(|issue| {
            json!({
                "id": issue.id.0, "key": issue.key, "summary": issue.summary,
                "status": site.status_json(issue.status).get("name").cloned(),
            })
        })
        .collect()
}

/// Results of steps beside the steps as they were when the run was created.
pub(super) fn steps_json(site: &Site, run: &Run, results: &[StepResult], version: Version) -> Value {
    results
        .iter()
        .enumerate()
        .map(|(position, result)| step_json(site, run, position, result, version))
        .collect()
}

pub(super) fn step_json(site: &Site, run: &Run, position: usize, result: &StepResult, version: Version) -> Value {
    let mut json = json!({
        "id": numeric(&result.id), "index": position + 1, "status": result.status, "comment": raw(&result.comment),
        "actualResult": raw(&result.actual_result), "defects": defects(site, &result.defects),
        "evidences": views(site, &result.evidence),
    });
    let color = site
        .xray
        .settings
        .step_status(&result.status)
        .map(|status| status.color.clone());
    if let (Value::Object(members), Some(step)) = (&mut json, run.definition.steps.get(position)) {
        members.insert("color".to_owned(), json!(color));
        members.insert("attachments".to_owned(), views(site, &step.attachments));
        if version == Version::V1 {
            members.insert("step".to_owned(), raw(&step.action));
            members.insert("data".to_owned(), raw(&step.data));
            members.insert("result".to_owned(), raw(&step.result));
        } else {
            members.insert("fields".to_owned(), columns(site, step));
        }
    }
    json
}

pub(super) fn iteration_json(site: &Site, run: &Run, iteration: &Iteration, rank: usize, version: Version) -> Value {
    let parameters = iteration
        .parameters
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }));
    json!({
        "id": numeric(&iteration.id), "rank": rank, "name": iteration.name, "status": iteration.status,
        "parameters": parameters.collect::<Vec<_>>(), "steps": steps_json(site, run, &iteration.steps, version),
    })
}
