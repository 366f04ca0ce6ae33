//! Results of tests: checked as a whole, then applied one by one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::evidence::{read_all, store};
use super::super::run::{checked_defects, checked_status, checked_user, read_custom, save};
use super::test_info::{self, Matcher};
use crate::answers::{DcUnknownStatus, DcUnknownTestKey, ImportEvidence, RequiredRunField};
use crate::jira::date;
use crate::jira::http::{Caller, Refusal};
use crate::jira::id::{IssueId, Millis};
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::{Run, StepResult};

/// Xray refuses iterations with more parameters than this.
const MAX_PARAMETERS: usize = 20;

/// What became of the tests of an import.
#[derive(Default)]
pub(super) struct Outcome {
    /// Tests whose run was written.
    pub applied: Vec<IssueId>,
    /// One object per test that failed.
    pub errors: Vec<Value>,
    /// Remarks.
    pub messages: Vec<String>,
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// Refuses the import as a whole: no tests at all, a wrong key, a wrong status, a broken date.
pub(super) fn check(site: &Site, caller: &Caller, results: &Value) -> Result<(), Refusal> {
    let bad = |text: String| Refusal::error(400, text);
    if !results.get("tests").is_none_or(Value::is_array) {
        return Err(bad("Error parsing the results: tests is not an array".to_owned()));
    }
    for test in items(results, "tests") {
        if let Some(key) = text(test, "testKey") {
            let found = site
                .visible_issue(&caller.actor, key)
                .is_some_and(|issue| site.role(issue) == Role::Test);
            if !found && site.answers.of::<DcUnknownTestKey>() == DcUnknownTestKey::Reject {
                return Err(bad(format!("Test issue with key {key} not found")));
            }
        } else if test.get("testInfo").is_none() {
            return Err(bad("Either testKey or testInfo is required".to_owned()));
        }
        check_statuses(site, test).map_err(bad)?;
        for name in ["start", "finish"] {
            if let Some(value) = text(test, name).filter(|value| date::parse(value).is_none()) {
                return Err(bad(format!("The date {value} of {name} is not valid")));
            }
        }
    }
    Ok(())
}

/// The configured spelling of a status of an import; of one that does not exist what [`DcUnknownStatus`] has of it.
fn imported_status(site: &Site, name: &str, of_step: bool) -> Result<String, String> {
    let settings = &site.xray.settings;
    match checked_status(site, name, of_step) {
        Err(_) if site.answers.of::<DcUnknownStatus>() == DcUnknownStatus::Initial => Ok(match of_step {
            true => settings.initial_step_status(),
            false => settings.initial_run_status(),
        }),
        status => status,
    }
}

fn check_statuses(site: &Site, test: &Value) -> Result<(), String> {
    let status = text(test, "status").ok_or("The status of a test is required")?;
    imported_status(site, status, false)?;
    let steps = items(test, "steps").iter().chain(items(test, "iterations"));
    let nested = items(test, "iterations")
        .iter()
        .flat_map(|iteration| items(iteration, "steps"));
    for part in steps.chain(nested) {
        imported_status(site, text(part, "status").unwrap_or("TODO"), true)?;
    }
    for example in items(test, "examples").iter().filter_map(Value::as_str) {
        imported_status(site, example, true)?;
    }
    Ok(())
}

pub(super) fn apply(site: &mut Site, caller: &Caller, execution: IssueId, results: &Value) -> Outcome {
    let mut outcome = Outcome::default();
    let mut matcher = Matcher::default();
    for test in items(results, "tests") {
        match apply_one(site, caller, &mut matcher, execution, test) {
            Ok(id) => outcome.applied.push(id),
            Err(message) => {
                let mut error = json!({ "messages": [message] });
                if let (Value::Object(members), Some(key)) = (&mut error, text(test, "testKey")) {
                    members.insert("testKey".to_owned(), json!(key));
                }
                outcome.errors.push(error);
            }
        }
    }
    outcome
}

fn apply_one(
    site: &mut Site,
    caller: &Caller,
    matcher: &mut Matcher,
    execution: IssueId,
    result: &Value,
) -> Result<IssueId, String> {
    let info = result.get("testInfo").filter(|info| info.is_object());
    let keyed = text(result, "testKey")
        .and_then(|key| site.visible_issue(&caller.actor, key))
        .map(|issue| issue.id);
    let test = match (keyed, info) {
        (Some(test), None) => test,
        (Some(test), Some(info)) => {
            test_info::rewrite(site, caller, test, info)?;
            test
        }
        (None, Some(info)) => test_info::resolve(site, caller, matcher, info)?,
        (None, None) => {
            let key = text(result, "testKey").unwrap_or_default();
            return Err(format!("Test issue with key {key} not found"));
        }
    };
    let version = test_version(site, test, result)?;
    let steps = site.xray.steps_of_runs(test, version);
    check_shape(result, steps)?;
    let author = caller.actor.user().map(str::to_owned);
    let user = |name: &str| {
        text(result, name)
            .map(|user| checked_user(site, user))
            .transpose()
            .map(Option::flatten)
    };
    let (executed_by, assignee) = (user("executedBy")?, user("assignee")?);
    let defects = checked_defects(site, caller, items(result, "defects").iter())?;
    let evidence = result.get("evidence").or(result.get("evidences"));
    let evidence = read_all(evidence, false)?;
    let step_results = read_steps(site, caller, items(result, "steps"))?;
    let iterations = items(result, "iterations").iter();
    let iterations: Vec<_> = iterations
        .map(|iteration| Ok((iteration, read_steps(site, caller, items(iteration, "steps"))?)))
        .collect::<Result<_, String>>()?;

    let custom = read_custom(
        site,
        &BTreeMap::new(),
        result,
        required_at(site, text(result, "status")),
    )?;

    let mut run = fresh_run(site, execution, test, version).ok_or("The Test Run could not be created")?;
    run.status = imported_status(site, text(result, "status").unwrap_or_default(), false)?;
    text(result, "comment").unwrap_or_default().clone_into(&mut run.comment);
    set_times(site, &mut run, result);
    run.executed_by = executed_by.or(author.clone());
    run.assignee = assignee.or(run.assignee);
    run.defects = defects;
    run.evidence.extend(store(site, author.as_deref(), evidence));
    write_steps(site, author.as_deref(), &mut run.steps, step_results);
    for example in items(result, "examples").iter().filter_map(Value::as_str) {
        let status = imported_status(site, example, true)?;
        run.examples.push(site.xray.example(&run.id, &status));
    }
    for (iteration, results) in iterations {
        let mut made = site.xray.iteration(&run.id);
        text(iteration, "name").unwrap_or_default().clone_into(&mut made.name);
        made.status = imported_status(site, text(iteration, "status").unwrap_or("TODO"), true)?;
        let parameter = |p: &Value| {
            let part = |name: &str| text(p, name).unwrap_or_default().to_owned();
            (part("name"), part("value"))
        };
        made.parameters = items(iteration, "parameters").iter().map(parameter).collect();
        write_steps(site, author.as_deref(), &mut made.steps, results);
        run.iterations.push(made);
    }
    run.custom.extend(custom);
    save(site, run);
    Ok(test)
}

/// The status for which required fields must be filled: none, where [`RequiredRunField`] has it so.
fn required_at<'s>(site: &Site, status: Option<&'s str>) -> Option<&'s str> {
    status.filter(|_| site.answers.of::<RequiredRunField>() == RequiredRunField::Refused)
}

/// The version that the result names; without one the default.
fn test_version(site: &Site, test: IssueId, result: &Value) -> Result<Option<u32>, String> {
    let Some(name) = text(result, "testVersion") else {
        return Ok(None);
    };
    let version = site.xray.version(test, Some(name));
    version
        .map(|version| Some(version.id))
        .ok_or_else(|| format!("Test version {name} does not exist"))
}

/// Positional results need a step to stand beside.
fn check_shape(result: &Value, steps: usize) -> Result<(), String> {
    let iterations = items(result, "iterations");
    let lists = std::iter::once(items(result, "steps")).chain(iterations.iter().map(|it| items(it, "steps")));
    for list in lists {
        if list.len() > steps {
            return Err(format!(
                "The number of step results ({}) exceeds the number of steps of the Test ({steps})",
                list.len()
            ));
        }
    }
    if iterations
        .iter()
        .any(|iteration| items(iteration, "parameters").len() > MAX_PARAMETERS)
    {
        return Err(format!(
            "The number of parameters of an iteration exceeds the maximum of {MAX_PARAMETERS}"
        ));
    }
    Ok(())
}

/// The run of a test, added to the execution or emptied of earlier results; whether evidence stays is
/// [`ImportEvidence`]'s.
fn fresh_run(site: &mut Site, execution: IssueId, test: IssueId, version: Option<u32>) -> Option<Run> {
    let now = site.now();
    let existing = site.xray.run_of(execution, test).map(|run| run.id.clone());
    let id = match existing {
        Some(id) => {
            let appends = site.answers.of::<ImportEvidence>() == ImportEvidence::Appends;
            let kept = site.xray.run(&id).filter(|_| appends).map(|run| run.evidence.clone());
            site.xray.reset_run(&id, version, now);
            if let (Some(kept), Some(run)) = (kept, site.xray.run_mut(&id, now)) {
                run.evidence = kept;
            }
            id
        }
        None => {
            let id = site.xray.add_run(execution, test, now)?;
            site.xray.reset_run(&id, version, now);
            id
        }
    };
    site.xray.run(&id).cloned()
}

fn set_times(site: &Site, run: &mut Run, result: &Value) {
    let now = site.now();
    let given = |name: &str| text(result, name).and_then(date::parse);
    let is_final = site
        .xray
        .settings
        .run_status(&run.status)
        .is_some_and(|status| status.is_final);
    let untouched = run.status == site.xray.settings.initial_run_status();
    let default = |applies: bool| -> Option<Millis> { applies.then_some(now) };
    run.started = given("start").or(default(!untouched));
    run.finished = given("finish").or(default(is_final));
}

type ReadStep = (StepResult, Vec<super::super::evidence::Upload>);

fn read_steps(site: &Site, caller: &Caller, steps: &[Value]) -> Result<Vec<ReadStep>, String> {
    let read = steps.iter().map(|step| {
        let result = StepResult {
            status: imported_status(site, text(step, "status").unwrap_or("TODO"), true)?,
            comment: text(step, "comment").unwrap_or_default().to_owned(),
            actual_result: text(step, "actualResult").unwrap_or_default().to_owned(),
            defects: checked_defects(site, caller, items(step, "defects").iter())?,
            ..StepResult::default()
        };
        let files = step.get("evidences").or(step.get("evidence"));
        Ok((result, read_all(files, false)?))
    });
    read.collect()
}

fn write_steps(site: &mut Site, author: Option<&str>, targets: &mut [StepResult], results: Vec<ReadStep>) {
    for (target, (result, files)) in targets.iter_mut().zip(results) {
        let evidence = store(site, author, files);
        *target = StepResult {
            id: std::mem::take(&mut target.id),
            evidence,
            ..result
        };
    }
}
