//! What a demonstration should show: files of cases, results whose steps are those of their case, a result per row of
//! parameters, evidence of what failed.

use std::collections::BTreeSet;

use super::vary::executed;
use super::words;
use crate::testops::data::{Case, File, Launch, Parameter, Project, RunStep, SharedStep, Status, TestResult};

/// A picture of one grey pixel.
const PIXEL: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49,
    0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x68, 0x00, 0x00, 0x00, 0x82, 0x00, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0x00, 0x00,
    0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];
/// Of so many cases one has files, and one has rows of parameters.
const SHARE: usize = 3;

/// Makes a project of the kind.
pub(super) fn show(project: &mut Project) {
    for (at, case) in project.cases.iter_mut().enumerate() {
        if at % SHARE == 0 {
            *case = std::mem::take(case)
                .file(File::new("design.png", "image/png", PIXEL.to_vec()))
                .file(File::new(
                    "notes.txt",
                    "text/plain",
                    format!("Notes on {}\n", case.name),
                ));
        }
        if at % SHARE == 1 && case.examples.is_empty() {
            *case = std::mem::take(case)
                .example(&[("browser", "Firefox"), ("locale", "de")])
                .example(&[("browser", "Chrome"), ("locale", "fr")]);
        }
    }
    let (cases, shared) = (&project.cases, &project.shared_steps);
    for launch in &mut project.launches {
        show_launch(launch, cases, shared);
    }
    // The latest launch is still under way, so that it can be closed.
    if let Some(launch) = project.launches.last_mut() {
        launch.closed = false;
    }
}

fn show_launch(launch: &mut Launch, cases: &[Case], shared: &[SharedStep]) {
    let mut with_rows = BTreeSet::new();
    let results = std::mem::take(&mut launch.results);
    for result in results {
        let case = result.case.and_then(|id| cases.iter().find(|case| case.id == id));
        let Some(case) = case else {
            launch.results.push(result);
            continue;
        };
        let result = filled(result, case, shared);
        // Attempts of a retried result count their distance in the list, so they stay together without rows.
        let takes_rows = !result.hidden && !case.examples.is_empty() && with_rows.insert(case.id);
        let follows_attempt = launch.results.last().is_some_and(|last| last.hidden);
        if takes_rows && !follows_attempt {
            launch.results.extend(rows(&result, case));
        } else {
            launch.results.push(result);
        }
    }
}

/// One result per row of the case's parameters.
fn rows(result: &TestResult, case: &Case) -> Vec<TestResult> {
    let of_row = |row: &Vec<(String, String)>| {
        let parameters = row.iter().map(|(name, value)| Parameter::new(name, value));
        TestResult {
            parameters: parameters.collect(),
            ..result.clone()
        }
    };
    case.examples.iter().map(of_row).collect()
}

/// The result with the steps of its case, and with evidence if it failed.
fn filled(mut result: TestResult, case: &Case, shared: &[SharedStep]) -> TestResult {
    result.name.clone_from(&case.name);
    let is_bad = matches!(result.status, Some(Status::Failed | Status::Broken));
    if !case.steps.is_empty() {
        result.steps = case.steps.iter().flat_map(|step| executed(step, shared)).collect();
        if let Some(last) = result
            .steps
            .last_mut()
            .filter(|_| result.status != Some(Status::Passed))
        {
            *last = RunStep {
                status: result.status,
                message: result.message.clone(),
                ..std::mem::take(last)
            };
        }
    }
    if is_bad {
        result = result
            .file(File::new("screenshot.png", "image/png", PIXEL.to_vec()))
            .file(File::new("server.log", "text/plain", words::TRACE));
    }
    result
}
