//! Mutations of the step results of runs and of their iterations.

use serde::Deserialize;
use serde_json::json;

use crate::jira::site::Site;
use crate::jira::xray::{Run, StepResult};

use super::super::call::{Answer, Call, Refusal, data};
use super::file::{self, FileInput, FileOperations};
use super::run::{SUCCESS, change, editable, step_status};

/// The result the arguments `stepId` and `iterationRank` name: by its own id, or in an iteration also by the id of the
/// run's step at the same position.
fn target<'a>(run: &'a mut Run, step: &str, rank: Option<usize>) -> Option<&'a mut StepResult> {
    let Some(rank) = rank else {
        return run.steps.iter_mut().find(|own| own.id == step);
    };
    let position = run.steps.iter().position(|own| own.id == step);
    let iteration = run.iterations.get_mut(rank)?;
    let own = iteration.steps.iter().position(|own| own.id == step);
    iteration.steps.get_mut(own.or(position)?)
}

fn change_step<T>(call: &Call<'_>, site: &mut Site, work: impl FnOnce(&mut StepResult) -> T) -> Result<T, Refusal> {
    let id = editable(call, site, "testRunId")?;
    let step = call.required("stepId");
    let rank = match call.text("iterationRank") {
        Some(rank) => Some(
            rank.parse()
                .map_err(|_| Refusal::from("iterationRank provided is not valid"))?,
        ),
        None => None,
    };
    let done = change(site, &id, |run| target(run, &step, rank).map(work))?;
    done.ok_or_else(|| Refusal::from("stepId provided is not valid"))
}

#[derive(Deserialize)]
struct DefectOperations {
    add: Option<Vec<Option<String>>>,
    remove: Option<Vec<Option<String>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    status: Option<String>,
    comment: Option<String>,
    actual_result: Option<String>,
    evidence: Option<FileOperations>,
    defects: Option<DefectOperations>,
}

fn flat(list: Option<Vec<Option<String>>>) -> Vec<String> {
    list.into_iter().flatten().flatten().collect()
}

pub(super) fn update(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let wanted: Change = call.get("updateData").ok_or("updateData is not valid")?;
    let status = wanted.status.map(|status| step_status(&site, &status)).transpose()?;
    let mut warnings = Vec::new();
    let evidence = wanted.evidence.unwrap_or_default();
    let added = file::store(
        call,
        &mut site,
        evidence.add.into_iter().flatten().flatten(),
        &mut warnings,
    )?;
    let added_names: Vec<String> = added.iter().map(|file| file.filename.clone()).collect();
    let (ids, names) = (flat(evidence.remove_ids), flat(evidence.remove_filenames));
    let (add, remove) = wanted
        .defects
        .map_or((None, None), |defects| (defects.add, defects.remove));
    let add = file::defects(call, &site, &flat(add), &mut warnings)?;
    let remove = file::defects(call, &site, &flat(remove), &mut Vec::new())?;
    let (removed_evidence, added_defects, removed_defects) = change_step(call, &mut site, |step| {
        if let Some(status) = status {
            step.status = status;
        }
        if let Some(comment) = wanted.comment {
            step.comment = comment;
        }
        if let Some(actual) = wanted.actual_result {
            step.actual_result = actual;
        }
        let removed_evidence = file::remove(&mut step.evidence, &ids, &names);
        step.evidence.extend(added);
        let removed_defects = file::remove_defects(&mut step.defects, &remove);
        (
            removed_evidence,
            file::add_defects(&mut step.defects, &add),
            removed_defects,
        )
    })?;
    data(json!({
        "addedDefects": added_defects, "removedDefects": removed_defects,
        "addedEvidence": added_names, "removedEvidence": removed_evidence, "warnings": warnings,
    }))
}

pub(super) fn update_status(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let status = step_status(&site, &call.required("status"))?;
    change_step(call, &mut site, |step| step.status = status)?;
    data(json!({ "warnings": [] }))
}

pub(super) fn update_comment(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    change_step(call, &mut site, |step| step.comment = call.required("comment"))?;
    data(SUCCESS)
}

pub(super) fn add_evidence(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let mut warnings = Vec::new();
    let inputs = call.get::<Vec<Option<FileInput>>>("evidence").unwrap_or_default();
    let files = file::store(call, &mut site, inputs.into_iter().flatten(), &mut warnings)?;
    let names: Vec<String> = files.iter().map(|file| file.filename.clone()).collect();
    change_step(call, &mut site, |step| step.evidence.extend(files))?;
    data(json!({ "addedEvidence": names, "warnings": warnings }))
}

pub(super) fn remove_evidence(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let (ids, names) = (call.list("evidenceIds"), call.list("evidenceFilenames"));
    let removed = change_step(call, &mut site, |step| {
        file::remove(&mut step.evidence, &ids.unwrap_or_default(), &names.unwrap_or_default())
    })?;
    data(json!({ "removedEvidence": removed, "warnings": [] }))
}

pub(super) fn add_defects(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let mut warnings = Vec::new();
    let found = file::defects(call, &site, &call.list("issues").unwrap_or_default(), &mut warnings)?;
    let added = change_step(call, &mut site, |step| file::add_defects(&mut step.defects, &found))?;
    data(json!({ "addedDefects": added, "warnings": warnings }))
}

pub(super) fn remove_defects(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let found = file::defects(call, &site, &call.list("issues").unwrap_or_default(), &mut Vec::new())?;
    let removed = change_step(call, &mut site, |step| file::remove_defects(&mut step.defects, &found))?;
    data(json!({ "removedDefects": removed, "warnings": [] }))
}
