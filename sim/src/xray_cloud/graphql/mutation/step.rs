//! Mutations of manual steps.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::jira::id::IssueId;
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::{Kind, Step};

use super::super::call::{Answer, Call, Refusal, data};
use super::super::{lookup, render};
use super::file::{self, FileInput, FileOperations};

/// Characters a step's action, data or result may have (vendor's migration tool).
pub(in super::super::super) const MAX_STEP_TEXT: usize = 8_192;

#[derive(Clone, Debug, Deserialize)]
struct FieldInput {
    id: Option<String>,
    #[serde(default)]
    value: Value,
}

/// `CreateStepInput` and the texts of `UpdateStepInput`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StepInput {
    action: Option<String>,
    data: Option<String>,
    result: Option<String>,
    attachments: Option<Vec<Option<FileInput>>>,
    custom_fields: Option<Vec<Option<FieldInput>>>,
    call_test_issue_id: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StepChange {
    action: Option<String>,
    data: Option<String>,
    result: Option<String>,
    attachments: Option<FileOperations>,
    custom_fields: Option<Vec<Option<FieldInput>>>,
}

/// Refuses texts that are too long.
///
/// # Errors
/// Naming the member.
pub(in super::super::super) fn check_texts(texts: [(&str, Option<&str>); 3]) -> Result<(), String> {
    for (name, text) in texts {
        if text.is_some_and(|text| text.chars().count() > MAX_STEP_TEXT) {
            return Err(format!(
                "The step {name} exceeds the maximum of {MAX_STEP_TEXT} characters"
            ));
        }
    }
    Ok(())
}

impl StepInput {
    /// Refuses texts that are too long.
    pub fn check(&self) -> Result<(), Refusal> {
        let texts = [("action", &self.action), ("data", &self.data), ("result", &self.result)];
        Ok(check_texts(texts.map(|(name, text)| (name, text.as_deref())))?)
    }
}

fn custom(site: &Site, fields: Option<Vec<Option<FieldInput>>>, step: &mut Step, warnings: &mut Vec<String>) {
    for field in fields.into_iter().flatten().flatten() {
        let known = site
            .xray
            .settings
            .step_fields
            .iter()
            .find(|known| Some(&known.id) == field.id.as_ref());
        match known {
            Some(known) => {
                step.custom.insert(known.name.clone(), field.value);
            }
            None => warnings.push(format!("Step field {} not found", field.id.unwrap_or_default())),
        }
    }
}

/// A step from its input, not yet part of a test. One that calls a test shows that test's steps and has no texts.
///
/// # Errors
/// A called test that is not valid.
pub(super) fn build(
    call: &Call<'_>,
    site: &mut Site,
    input: StepInput,
    warnings: &mut Vec<String>,
) -> Result<Step, Refusal> {
    let call_test = match &input.call_test_issue_id {
        Some(id) => Some(lookup::find(site, call.actor()?, id, &[Role::Test]).ok_or_else(Refusal::issue_id)?),
        None => None,
    };
    let files = input.attachments.unwrap_or_default().into_iter().flatten();
    let text = |text: Option<String>| text.filter(|_| call_test.is_none()).unwrap_or_default();
    let mut step = Step {
        action: text(input.action),
        data: text(input.data),
        result: text(input.result),
        attachments: file::store(call, site, files, warnings)?,
        call_test,
        ..Step::default()
    };
    custom(site, input.custom_fields, &mut step, warnings);
    Ok(step)
}

fn manual_test(call: &Call<'_>, site: &Site) -> Result<(IssueId, Option<u32>), Refusal> {
    let test = lookup::required(call, site, "issueId", &[Role::Test])?;
    let version = lookup::version(call, site, test)?;
    match site.xray.definition(test, version).map(|of| of.test_type.kind) {
        Some(Kind::Steps) => Ok((test, version)),
        _ => Err(format!("The test is not of kind {}", Kind::Steps.name()).into()),
    }
}

pub(super) fn add(call: &Call<'_>) -> Answer {
    let base = call.base()?;
    let mut site = call.site()?;
    let (test, version) = manual_test(call, &site)?;
    let input: StepInput = call.get("step").ok_or("step is not valid")?;
    input.check()?;
    let step = build(call, &mut site, input, &mut Vec::new())?;
    site.xray.may_call(Some(test), step.call_test.as_slice())?;
    let now = site.now();
    let id = site.xray.add_step_to(test, version, now, step);
    let definition = site.xray.definition(test, version).map(|of| &of.steps);
    let step = definition.and_then(|steps| steps.iter().find(|step| Some(&step.id) == id.as_ref()));
    data(step.map(|step| render::step(&site.xray.settings, base, step)))
}

/// Only the given members change.
pub(super) fn update(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = call.required("stepId");
    let (test, version) = site.xray.owner_of_step(&id).ok_or("stepId provided is not valid")?;
    if lookup::find(&site, call.actor()?, &test.to_string(), &[Role::Test]).is_none() {
        return Err("stepId provided is not valid".into());
    }
    let change: StepChange = call.get("step").ok_or("step is not valid")?;
    let texts = [
        ("action", &change.action),
        ("data", &change.data),
        ("result", &change.result),
    ];
    check_texts(texts.map(|(name, text)| (name, text.as_deref())))?;
    let calls = |step: &Step| step.id == id && step.call_test.is_some();
    if site
        .xray
        .definition(test, Some(version))
        .is_some_and(|of| of.steps.iter().any(calls))
    {
        return Err("The step calls a test".into());
    }
    let mut warnings = Vec::new();
    let files = change.attachments.unwrap_or_default();
    let added = file::store(
        call,
        &mut site,
        files.add.into_iter().flatten().flatten(),
        &mut warnings,
    )?;
    let mut fields = Step::default();
    custom(&site, change.custom_fields, &mut fields, &mut warnings);
    let ids: Vec<String> = files.remove_ids.into_iter().flatten().flatten().collect();
    let names: Vec<String> = files.remove_filenames.into_iter().flatten().flatten().collect();
    let added_names: Vec<String> = added.iter().map(|file| file.filename.clone()).collect();
    let now = site.now();
    let removed = site.xray.update_step(&id, now, |step| {
        let texts = [
            (&mut step.action, change.action),
            (&mut step.data, change.data),
            (&mut step.result, change.result),
        ];
        for (own, text) in texts {
            if let Some(text) = text {
                *own = text;
            }
        }
        step.custom.extend(fields.custom);
        let removed = file::remove(&mut step.attachments, &ids, &names);
        step.attachments.extend(added);
        removed
    });
    data(
        json!({ "addedAttachments": added_names, "removedAttachments": removed.unwrap_or_default(), "warnings": warnings }),
    )
}

pub(super) fn remove(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let now = site.now();
    if site.xray.remove_step(&call.required("stepId"), now) {
        data("Test Step deleted successfully")
    } else {
        Err("stepId provided is not valid".into())
    }
}

pub(super) fn remove_all(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let (test, version) = manual_test(call, &site)?;
    let now = site.now();
    site.xray.set_steps_of(test, version, now, Vec::new());
    data("Test Steps deleted successfully")
}
