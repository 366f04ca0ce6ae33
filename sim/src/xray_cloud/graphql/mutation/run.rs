//! Mutations of test runs.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::jira::account::Permission;
use crate::jira::date;
use crate::jira::id::Millis;
use crate::jira::site::Site;
use crate::jira::xray::Run;

use super::super::call::{Answer, Call, Refusal, data};
use super::file::{self, FileInput};

/// What String mutations of runs answer.
pub(super) const SUCCESS: &str = "Success";

/// The run an argument names, if the actor may edit its execution.
///
/// # Errors
/// For unknown runs and missing permissions.
pub(super) fn editable(call: &Call<'_>, site: &Site, argument: &str) -> Result<String, Refusal> {
    let id = call.required(argument);
    let Some(run) = site.xray.run(&id) else {
        return Err(Refusal(format!("Test run with id {id} not found")));
    };
    let execution = site.issue(run.execution).ok_or_else(Refusal::issue_id)?;
    if site.may(call.actor()?, execution, Permission::Edit) {
        Ok(id)
    } else {
        Err("User doesn't have permissions to edit the test run".into())
    }
}

/// Changes a run that [`editable`] found.
pub(super) fn change<T>(site: &mut Site, id: &str, change: impl FnOnce(&mut Run) -> T) -> Result<T, Refusal> {
    let now = site.now();
    site.xray
        .run_mut(id, now)
        .map(change)
        .ok_or_else(|| Refusal::from("Test run not found"))
}

/// The run status with this name; clients may also send what Xray JSON calls it, `TODO`.
fn run_status(site: &Site, wanted: &str) -> Result<String, Refusal> {
    let settings = &site.xray.settings;
    let found = settings.run_status(wanted).or_else(|| {
        settings
            .step_status(wanted)
            .and_then(|status| settings.run_status(&status.run_status))
    });
    found
        .map(|status| status.name.clone())
        .ok_or_else(|| Refusal(format!("Status {wanted} is not valid")))
}

/// The step status with this name.
///
/// # Errors
/// For unknown names.
pub(super) fn step_status(site: &Site, wanted: &str) -> Result<String, Refusal> {
    let found = site.xray.settings.step_status(wanted);
    found
        .map(|status| status.name.clone())
        .ok_or_else(|| Refusal(format!("Step status {wanted} is not valid")))
}

pub(super) fn update_status(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = editable(call, &site, "id")?;
    let status = run_status(&site, &call.required("status"))?;
    change(&mut site, &id, |run| run.status = status)?;
    data(SUCCESS)
}

pub(super) fn update_comment(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = editable(call, &site, "id")?;
    change(&mut site, &id, |run| run.comment = call.required("comment"))?;
    data(SUCCESS)
}

#[derive(Deserialize)]
struct FieldInput {
    id: Option<String>,
    #[serde(default)]
    value: Value,
}

fn date(call: &Call<'_>, argument: &str) -> Result<Option<Millis>, Refusal> {
    match call.text(argument) {
        Some(text) => match date::parse(&text) {
            Some(at) => Ok(Some(at)),
            None => Err(Refusal(format!("{argument} is not a valid date"))),
        },
        None => Ok(None),
    }
}

pub(super) fn update(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = editable(call, &site, "id")?;
    let (started, finished) = (date(call, "startedOn")?, date(call, "finishedOn")?);
    let mut warnings = Vec::new();
    let mut user = |argument: &str| {
        let wanted = call.text(argument)?;
        if site.accounts.get(&wanted).is_none() {
            warnings.push(format!("User {wanted} not found"));
            return None;
        }
        Some(wanted)
    };
    let (assignee, executed_by) = (user("assigneeId"), user("executedById"));
    let fields = call.get::<Vec<Option<FieldInput>>>("customFields").unwrap_or_default();
    let mut custom = Vec::new();
    for field in fields.into_iter().flatten() {
        match site
            .xray
            .settings
            .run_fields
            .iter()
            .find(|known| Some(&known.id) == field.id.as_ref())
        {
            Some(known) => custom.push((known.id.clone(), field.value)),
            None => warnings.push(format!("Custom field {} not found", field.id.unwrap_or_default())),
        }
    }
    change(&mut site, &id, |run| {
        run.started = started.or(run.started);
        run.finished = finished.or(run.finished);
        run.assignee = assignee.or(run.assignee.take());
        run.executed_by = executed_by.or(run.executed_by.take());
        if let Some(comment) = call.text("comment") {
            run.comment = comment;
        }
        run.custom.extend(custom);
    })?;
    data(json!({ "warnings": warnings }))
}

pub(super) fn update_example(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let example = call.required("exampleId");
    let run = site.xray.run_of_example(&example).map(|run| run.id.clone());
    let run = run.ok_or("exampleId provided is not valid")?;
    let status = step_status(&site, &call.required("status"))?;
    change(&mut site, &run, |run| {
        if let Some(example) = run.examples.iter_mut().find(|own| own.id == example) {
            example.status = status;
        }
    })?;
    data(json!({ "warnings": [] }))
}

pub(super) fn update_iteration(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = editable(call, &site, "testRunId")?;
    let status = step_status(&site, &call.required("status"))?;
    let rank: Option<usize> = call.required("iterationRank").parse().ok();
    let found = change(&mut site, &id, |run| {
        let iteration = rank.and_then(|rank| run.iterations.get_mut(rank));
        iteration.map(|iteration| iteration.status = status)
    })?;
    found.ok_or("iterationRank provided is not valid")?;
    data(json!({ "warnings": [] }))
}

/// Takes over the current definition of the test and erases the results.
pub(super) fn reset(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = editable(call, &site, "id")?;
    let now = site.now();
    let version = site.xray.run(&id).map(|run| run.version);
    site.xray.reset_run(&id, version, now);
    drop(site);
    call.shared()?.state().results.remove(&id);
    data(SUCCESS)
}

pub(super) fn set_timer(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = editable(call, &site, "testRunId")?;
    let now = site.now();
    change(&mut site, &id, |run| {
        if call.get("reset") == Some(true) {
            (run.started, run.finished) = (None, None);
        }
        match call.get("running") {
            Some(true) => run.started = run.started.or(Some(now)),
            Some(false) => run.finished = Some(now),
            None => {}
        }
    })?;
    data(SUCCESS)
}

pub(super) fn add_evidence(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = editable(call, &site, "id")?;
    let mut warnings = Vec::new();
    let inputs = call.get::<Vec<Option<FileInput>>>("evidence").unwrap_or_default();
    let files = file::store(call, &mut site, inputs.into_iter().flatten(), &mut warnings)?;
    let names: Vec<String> = files.iter().map(|file| file.filename.clone()).collect();
    change(&mut site, &id, |run| run.evidence.extend(files))?;
    data(json!({ "addedEvidence": names, "warnings": warnings }))
}

pub(super) fn remove_evidence(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = editable(call, &site, "id")?;
    let (ids, names) = (call.list("evidenceIds"), call.list("evidenceFilenames"));
    let removed = change(&mut site, &id, |run| {
        file::remove(&mut run.evidence, &ids.unwrap_or_default(), &names.unwrap_or_default())
    })?;
    data(json!({ "removedEvidence": removed, "warnings": [] }))
}

pub(super) fn add_defects(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = editable(call, &site, "id")?;
    let mut warnings = Vec::new();
    let found = file::defects(call, &site, &call.list("issues").unwrap_or_default(), &mut warnings)?;
    let added = change(&mut site, &id, |run| file::add_defects(&mut run.defects, &found))?;
    data(json!({ "addedDefects": added, "warnings": warnings }))
}

pub(super) fn remove_defects(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = editable(call, &site, "id")?;
    let found = file::defects(call, &site, &call.list("issues").unwrap_or_default(), &mut Vec::new())?;
    change(&mut site, &id, |run| file::remove_defects(&mut run.defects, &found))?;
    data("Defects successfully removed from Test Run")
}
