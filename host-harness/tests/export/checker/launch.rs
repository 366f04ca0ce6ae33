//! A launch against its Test Execution and runs.

use std::collections::{BTreeMap, BTreeSet};

use tms_sync_sim::jira::issue::Issue;
use tms_sync_sim::jira::site::Site;
use tms_sync_sim::jira::xray::Run;
use tms_sync_sim::testops::data::{Launch, RunStep, Status, TestResult};

use super::Difference;
use super::text::{decoded, essence, missing, said};
use crate::rig::Variant;

pub fn compare(
    variant: Variant,
    launch: &Launch,
    known: &BTreeSet<i64>,
    site: &Site,
    execution: &Issue,
    tests: &BTreeMap<i64, Vec<&Issue>>,
) -> Vec<Difference> {
    let mut found = own(launch, execution);
    let mut cases: BTreeMap<i64, Vec<&TestResult>> = BTreeMap::new();
    let counted = launch
        .results
        .iter()
        .filter(|result| !result.hidden && result.status.is_some());
    for result in counted {
        if let Some(case) = result.case.filter(|case| known.contains(case)) {
            cases.entry(case).or_default().push(result);
        }
    }
    let runs = site.xray.run_count(execution.id);
    if runs != cases.len() {
        found.push(Difference::new(format!("{runs} runs of {} cases", cases.len())));
    }
    for (case, results) in cases {
        let test = tests[&case][0];
        match site.xray.run_of(execution.id, test.id) {
            Some(run) => {
                let each = run_of(variant, &results, run);
                found.extend(each.into_iter().map(|one| Difference {
                    what: format!("run of case {case}: {}", one.what),
                    ..one
                }));
            }
            None => found.push(Difference::new(format!("no run of case {case}"))),
        }
    }
    found
}

fn own(launch: &Launch, execution: &Issue) -> Vec<Difference> {
    let mut found = Vec::new();
    if execution.summary != launch.name {
        found.push(Difference::new(format!("summary {:?}", execution.summary)));
    }
    let mut wanted: Vec<String> = launch.tags.iter().map(|tag| tag.replace(' ', "_")).collect();
    wanted.push("tms-sync".to_owned());
    wanted.sort();
    let (markers, mut there): (Vec<_>, Vec<_>) =
        execution.labels.iter().cloned().partition(|l| l.starts_with("tms-le-"));
    there.sort();
    if there != wanted || markers.len() != 1 {
        found.push(Difference::new(format!(
            "labels {:?}, wanted {wanted:?}",
            execution.labels
        )));
    }
    let mut texts: Vec<String> = vec![if launch.closed { "Closed" } else { "Open" }.to_owned()];
    texts.extend(launch.environment.iter().map(|(name, value)| format!("{name} {value}")));
    texts.extend(launch.links.iter().map(|link| format!("{} {}", link.name, link.url)));
    let lacking = missing(&texts.join(" "), &said(&execution.description));
    if !lacking.is_empty() {
        found.push(Difference::new(format!("description: {lacking:?} missing")));
    }
    found
}

/// Rank of a status: the first of several results' wins.
fn rank(status: Status) -> usize {
    let order = [
        Status::Failed,
        Status::Broken,
        Status::Unknown,
        Status::Skipped,
        Status::Passed,
    ];
    order.iter().position(|one| *one == status).unwrap()
}

fn word(variant: Variant, status: Option<Status>) -> &'static str {
    match (status, variant) {
        (Some(Status::Passed), Variant::Cloud) => "PASSED",
        (Some(Status::Passed), Variant::Dc) => "PASS",
        (Some(Status::Failed | Status::Broken), Variant::Cloud) => "FAILED",
        (Some(Status::Failed | Status::Broken), Variant::Dc) => "FAIL",
        (Some(Status::Skipped | Status::Unknown) | None, _) => "TODO",
    }
}

fn run_of(variant: Variant, results: &[&TestResult], run: &Run) -> Vec<Difference> {
    let mut found = Vec::new();
    let worst = results
        .iter()
        .filter_map(|result| result.status)
        .min_by_key(|status| rank(*status));
    let status = run.status.replace(' ', "");
    if status != word(variant, worst) {
        found.push(Difference::new(format!("status {status} of {worst:?}")));
    }
    let seconds = |time: i64| time / 1_000 * 1_000;
    let start = results.iter().filter_map(|result| result.start).min().map(seconds);
    let stop = results.iter().filter_map(|result| result.stop).max().map(seconds);
    if (run.started, run.finished) != (start, stop) {
        found.push(Difference::new(format!(
            "times {:?}, wanted {:?}",
            (run.started, run.finished),
            (start, stop)
        )));
    }
    let mut texts: Vec<String> = Vec::new();
    for result in results {
        texts.extend(result.message.clone());
        texts.extend(
            result
                .trace
                .clone()
                .filter(|_| matches!(result.status, Some(Status::Failed | Status::Broken))),
        );
        texts.extend(result.parameters.iter().map(|p| format!("{} {}", p.name, p.value)));
        texts.extend(result.tested_by.clone());
        texts.extend(result.defects.iter().map(|id| format!("Defect {id}")));
        let flags = [
            (result.muted, "muted"),
            (result.flaky, "flaky"),
            (!result.defects.is_empty(), "known"),
        ];
        texts.extend(flags.iter().filter(|(set, _)| *set).map(|(_, word)| (*word).to_owned()));
    }
    let lacking = missing(&texts.join(" "), &decoded(&run.comment));
    if !lacking.is_empty() {
        found.push(Difference::new(format!(
            "comment: {lacking:?} missing in {:?}",
            run.comment
        )));
    }
    if let [result] = results {
        found.extend(steps(variant, result, run));
        if !run.iterations.is_empty() {
            found.push(Difference::new("iterations of a single result".to_owned()));
        }
        return found;
    }
    let passes: Vec<_> = run
        .iterations
        .iter()
        .map(|pass| (pass.status.replace(' ', ""), pass.parameters.clone()))
        .collect();
    let wanted: Vec<_> = results
        .iter()
        .map(|result| {
            let parameters = result.parameters.iter().map(|p| (p.name.clone(), p.value.clone()));
            (word(variant, result.status).to_owned(), parameters.collect::<Vec<_>>())
        })
        .collect();
    if passes != wanted {
        found.push(Difference::new(format!("iterations {passes:?}, wanted {wanted:?}")));
    }
    found
}

/// Executed steps of a failure stand beside the run's step that says the same, where only one does; of what passed, each step
/// passed.
fn steps(variant: Variant, result: &TestResult, run: &Run) -> Vec<Difference> {
    if result.status == Some(Status::Passed) {
        let passed = word(variant, result.status);
        let others = run.steps.iter().filter(|step| step.status != passed).count();
        let wrong = format!("{others} steps of a passed result are not {passed}");
        return Vec::from_iter((others > 0).then(|| Difference::new(wrong)));
    }
    let mut executed = Vec::new();
    if matches!(result.status, Some(Status::Failed | Status::Broken)) {
        flatten(&result.steps, &mut executed);
    }
    let of_run: Vec<String> = run.definition.steps.iter().map(|step| plain(&step.action)).collect();
    let alone =
        |text: &String, all: &[String]| !text.is_empty() && all.iter().filter(|other| *other == text).count() == 1;
    let said: Vec<String> = executed.iter().map(|step| essence(&step.body)).collect();
    let mut found = Vec::new();
    for (at, text) in of_run.iter().enumerate() {
        let there = run.steps[at].status.as_str();
        let position = said.iter().position(|other| other == text);
        match position.filter(|_| alone(text, &said) && alone(text, &of_run)) {
            Some(position) if there != word(variant, executed[position].status) => {
                let wanted = executed[position].status;
                let what = format!("step {text}: {there} of {wanted:?}");
                // Steps are matched in their order: one that was executed out of it is counted as lost.
                found.push(match there {
                    "TODO" => Difference::unless(what, &["no such step"]),
                    _ => Difference::new(what),
                });
            }
            None if position.is_none() && there != "TODO" => {
                found.push(Difference::new(format!("step {text}: {there}, and was not executed")));
            }
            _ => {}
        }
    }
    let unknown = said.iter().filter(|text| !of_run.contains(text)).count();
    if unknown > 0 {
        found.push(Difference::unless(
            format!("{unknown} executed steps without a step"),
            &["no such step"],
        ));
    }
    found
}

fn flatten<'s>(steps: &'s [RunStep], flat: &mut Vec<&'s RunStep>) {
    for step in steps.iter().filter(|step| step.file.is_none()) {
        flat.push(step);
        flatten(&step.steps, flat);
    }
}

/// A step's action without the number that nested steps carry.
fn plain(action: &str) -> String {
    let number = action.split(' ').next().unwrap_or_default();
    let is_number = number.ends_with('.') && number.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '\\');
    essence(&decoded(if is_number { &action[number.len()..] } else { action }))
}
