//! Writing a report into an execution: first everything is checked, then everything is written.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::answers::{CloudImportEvidence, CloudUnknownStatus, RequiredRunField, UnknownTestKey};
use crate::jira::account::Actor;
use crate::jira::date;
use crate::jira::id::IssueId;
use crate::jira::issue::StoredFile;
use crate::jira::site::Site;
use crate::jira::xray::{Kind, RunStatus, StepResult};

use super::super::gherkin;
use super::super::reply::Refused;
use super::super::state::AutomatedResult;
use super::Results;
use super::format::{Entry, EvidenceEntry, IterationEntry, NOT_VALID, StepEntry};
use super::target::{Target, issue_of, refused};
use super::test::{self, Found};

/// Detailed results by run id.
type Automated = HashMap<String, Vec<AutomatedResult>>;

/// The execution, detailed results and the files that arrived.
type Applied = (IssueId, Automated, Vec<StoredFile>);

/// Applies a report.
///
/// # Errors
/// 400; nothing was written then, but for issues created before Jira refused a later one.
pub(super) fn apply(
    site: &mut Site,
    actor: &Actor,
    target: Target,
    results: Results,
    unknown: UnknownTestKey,
) -> Result<Applied, Refused> {
    let execution = match &target.execution {
        Some(key) => Some(issue_of(
            site,
            actor,
            key,
            crate::jira::project::Role::TestExecution,
            "Test Execution",
        )?),
        None => None,
    };
    let mut catalogue = test::Catalogue::default();
    let mut found = Vec::new();
    for (entry, automated) in results.entries {
        match catalogue.find(site, actor, &entry, unknown)? {
            Found::Skipped => {}
            which => {
                check(site, execution, &which, &entry)?;
                found.push((which, entry, automated));
            }
        }
    }
    if found.is_empty() {
        return Err(Refused::bad("There are no valid tests imported"));
    }
    let of_test = found.iter().find_map(|(which, entry, _)| match which {
        Found::Existing(id) => test::project_of(site, *id),
        _ => entry.test_info.as_ref().map(|info| info.project_key.clone()),
    });
    let execution = target.execution(site, actor, of_test)?;
    let mut written: HashMap<IssueId, usize> = HashMap::new();
    let mut last = Vec::new();
    for (which, entry, automated) in found {
        let id = match which {
            Found::Existing(id) => {
                if let Some(info) = &entry.test_info {
                    test::overwrite(site, actor, id, info)?;
                }
                id
            }
            Found::New(ty) => match &entry.test_info {
                Some(info) => test::create(site, actor, info, ty)?,
                None => continue,
            },
            Found::Skipped => continue,
        };
        // Of several entries for one test the last one counts.
        match written.get(&id).and_then(|at| last.get_mut(*at)) {
            Some(earlier) => *earlier = (id, entry, automated),
            None => {
                written.insert(id, last.len());
                last.push((id, entry, automated));
            }
        }
    }
    let mut detailed = Automated::new();
    let mut files = Vec::new();
    for (id, entry, result) in last {
        let run = write(site, actor, execution, id, &entry, &mut files);
        if let (Some(run), Some(result)) = (run, result) {
            detailed.insert(run, vec![result]);
        }
    }
    Ok((execution, detailed, files))
}

/// Judges an entry against the definition its results will belong to.
fn check(site: &Site, execution: Option<IssueId>, which: &Found, entry: &Entry) -> Result<(), Refused> {
    let evidence = entry.evidence().iter();
    let of_steps = entry
        .steps
        .iter()
        .flatten()
        .chain(entry.iterations().iter().flat_map(|pass| &pass.steps));
    let mut all = evidence.chain(of_steps.flat_map(|step| &step.evidence));
    if all.any(|file| STANDARD.decode(file.data.trim()).is_err()) {
        return Err(Refused::bad(NOT_VALID));
    }
    let unknown = known_status(site, &entry.status).is_none();
    if unknown && site.answers.of::<CloudUnknownStatus>() == CloudUnknownStatus::Reject {
        return Err(refused(format!("status {} does not exist!", entry.status)));
    }
    if let Some(field) = lacking(site, entry) {
        let name = entry.test_key.as_deref().unwrap_or("without a key");
        return Err(refused(format!(
            "test {name}: the Test Run custom field {field} is required!"
        )));
    }
    let version = match (which, entry.version()) {
        (Found::Existing(test), Some(name)) => {
            let version = site.xray.version(*test, Some(&name));
            let missing = || Refused::bad(format!("Test version {name} does not exist"));
            Some(version.ok_or_else(missing)?.id)
        }
        _ => None,
    };
    let run = match (which, execution) {
        (Found::Existing(test), Some(execution)) => site.xray.run_of(execution, *test),
        _ => None,
    };
    let run = run.filter(|run| version.is_none_or(|version| run.version == version));
    let own = entry
        .test_info
        .as_ref()
        .and_then(|info| info.steps.as_ref())
        .map(Vec::len);
    let of_test = match which {
        Found::Existing(test) => Some(site.xray.steps_of_runs(*test, version)),
        Found::New(_) | Found::Skipped => None,
    };
    let count = run.map(|run| run.steps.len()).or(own).or(of_test).unwrap_or(0);
    let most = entry
        .steps
        .iter()
        .map(Vec::len)
        .chain(entry.iterations().iter().map(|pass| pass.steps.len()))
        .max();
    match most {
        Some(sent) if sent > count => {
            let name = entry.test_key.as_deref().unwrap_or("without a key");
            Err(refused(format!(
                "test {name} has {count} steps, but results of {sent} steps were sent!"
            )))
        }
        _ => Ok(()),
    }
}

/// A required field without which no run gets a final status, as far as [`RequiredRunField`] has it so.
fn lacking(site: &Site, entry: &Entry) -> Option<String> {
    let settings = &site.xray.settings;
    let refuses = site.answers.of::<RequiredRunField>() == RequiredRunField::Refused;
    let is_final = settings
        .run_status(&run_status(site, &entry.status))
        .is_some_and(|status| status.is_final);
    let given = custom_fields(site, entry);
    let is_given = |id: &str| {
        given
            .iter()
            .any(|(own, value)| own == id && !value.is_null() && value.as_str() != Some(""))
    };
    let mut fields = settings
        .run_fields
        .iter()
        .filter(|field| field.required && !is_given(&field.id));
    let field = fields.next().filter(|_| refuses && is_final)?;
    Some(field.name.clone())
}

/// The run status with a name, or that of the step status with it.
fn known_status<'s>(site: &'s Site, name: &str) -> Option<&'s RunStatus> {
    let settings = &site.xray.settings;
    let through_step = || {
        settings
            .step_status(name)
            .and_then(|status| settings.run_status(&status.run_status))
    };
    settings.run_status(name).or_else(through_step)
}

/// The run status with a name; unknown ones silently become the initial one.
fn run_status(site: &Site, name: &str) -> String {
    let found = known_status(site, name);
    found.map_or_else(|| site.xray.settings.initial_run_status(), |status| status.name.clone())
}

fn step_status(site: &Site, name: &str) -> String {
    let settings = &site.xray.settings;
    settings
        .step_status(name)
        .map_or_else(|| settings.initial_step_status(), |status| status.name.clone())
}

fn store(site: &mut Site, actor: &Actor, sent: &[EvidenceEntry], files: &mut Vec<StoredFile>) -> Vec<StoredFile> {
    let now = site.now();
    let mut stored = Vec::new();
    for file in sent {
        let bytes = STANDARD.decode(file.data.trim()).unwrap_or_default();
        let mime = file.content_type.as_deref().unwrap_or("application/octet-stream");
        stored.push(site.xray.file(&file.filename, mime, bytes.into(), actor.user(), now));
    }
    files.extend(stored.iter().cloned());
    stored
}

/// Issues named as defects; unknown keys are left out.
fn defects(site: &Site, actor: &Actor, keys: &[String]) -> Vec<IssueId> {
    keys.iter()
        .filter_map(|key| site.visible_issue(actor, key))
        .map(|issue| issue.id)
        .collect()
}

/// A step's result over what was there: evidence as [`CloudImportEvidence`] has it, everything else replaced.
fn step(
    site: &mut Site,
    actor: &Actor,
    sent: &StepEntry,
    mut before: StepResult,
    files: &mut Vec<StoredFile>,
) -> StepResult {
    before.status = step_status(site, &sent.status);
    before.comment = sent.comment.clone().unwrap_or_default();
    before.actual_result = sent.actual_result.clone().unwrap_or_default();
    before.defects = defects(site, actor, &sent.defects);
    if site.answers.of::<CloudImportEvidence>() == CloudImportEvidence::Replaces {
        before.evidence.clear();
    }
    before.evidence.extend(store(site, actor, &sent.evidence, files));
    before
}

fn steps(
    site: &mut Site,
    actor: &Actor,
    sent: &[StepEntry],
    before: Vec<StepResult>,
    files: &mut Vec<StoredFile>,
) -> Vec<StepResult> {
    let mut sent = sent.iter();
    let mut after = Vec::with_capacity(before.len());
    for result in before {
        after.push(match sent.next() {
            Some(entry) => step(site, actor, entry, result, files),
            None => result,
        });
    }
    after
}

/// Writes an entry into the test's run, which is added where it is missing; the run's id.
fn write(
    site: &mut Site,
    actor: &Actor,
    execution: IssueId,
    test: IssueId,
    entry: &Entry,
    files: &mut Vec<StoredFile>,
) -> Option<String> {
    let now = site.now();
    gherkin::add_run(site, execution, test, now);
    let version = entry
        .version()
        .and_then(|name| Some(site.xray.version(test, Some(&name))?.id));
    let run = site.xray.run_of(execution, test)?;
    if version.is_some_and(|version| version != run.version) {
        let id = run.id.clone();
        site.xray.reset_run(&id, version, now);
    }
    let run = site.xray.run_of(execution, test)?;
    let (id, before, has_steps) = (
        run.id.clone(),
        run.steps.clone(),
        run.definition.test_type.kind == Kind::Steps,
    );
    let status = run_status(site, &entry.status);
    let is_final = site
        .xray
        .settings
        .run_status(&status)
        .is_some_and(|status| status.is_final);
    let evidence = store(site, actor, entry.evidence(), files);
    let after = match (&entry.steps, has_steps) {
        (Some(sent), true) => steps(site, actor, sent, before, files),
        _ => before,
    };
    let iterations = entry
        .iterations()
        .iter()
        .map(|pass| iteration(site, actor, &id, pass, files))
        .collect::<Vec<_>>();
    let statuses = entry
        .examples
        .iter()
        .flatten()
        .map(|name| step_status(site, name))
        .collect::<Vec<_>>();
    let examples = statuses
        .iter()
        .map(|status| site.xray.example(&id, status))
        .collect::<Vec<_>>();
    let defects = defects(site, actor, &entry.defects);
    let user = |id: &Option<String>| id.clone().filter(|id| site.accounts.get(id).is_some());
    let (executed_by, assignee) = (user(&entry.executed_by), user(&entry.assignee));
    let custom = custom_fields(site, entry);
    let replaces = site.answers.of::<CloudImportEvidence>() == CloudImportEvidence::Replaces;
    let run = site.xray.run_mut(&id, now)?;
    run.status = status;
    run.comment = entry.comment.clone().unwrap_or_default();
    run.started = entry.start.as_deref().and_then(date::parse).or(is_final.then_some(now));
    run.finished = entry
        .finish
        .as_deref()
        .and_then(date::parse)
        .or(is_final.then_some(now));
    run.executed_by = executed_by.or_else(|| actor.user().map(str::to_owned));
    run.assignee = assignee.or(run.assignee.take());
    run.defects = defects;
    if replaces {
        run.evidence.clear();
    }
    run.evidence.extend(evidence);
    run.steps = after;
    run.iterations = iterations;
    if entry.examples.is_some() {
        run.examples = examples;
    }
    run.custom.extend(custom);
    Some(id)
}

fn iteration(
    site: &mut Site,
    actor: &Actor,
    run: &str,
    pass: &IterationEntry,
    files: &mut Vec<StoredFile>,
) -> crate::jira::xray::Iteration {
    let mut made = site.xray.iteration(run);
    made.name = pass.name.clone().unwrap_or_default();
    made.log = pass.log.clone().unwrap_or_default();
    made.duration = pass.duration.clone().unwrap_or_default();
    made.status = step_status(site, &pass.status);
    let parameters = pass.parameters.iter().flatten();
    made.parameters = parameters
        .map(|p| (p.name.clone(), p.value.clone().unwrap_or_default()))
        .collect();
    made.steps = steps(site, actor, &pass.steps, std::mem::take(&mut made.steps), files);
    made
}

fn custom_fields(site: &Site, entry: &Entry) -> Vec<(String, serde_json::Value)> {
    let known = &site.xray.settings.run_fields;
    let mut values = Vec::new();
    for sent in &entry.custom_fields {
        let id = sent
            .id
            .as_ref()
            .map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        let named = known
            .iter()
            .find(|field| Some(&field.id) == id.as_ref() || Some(&field.name) == sent.name.as_ref());
        if let Some(field) = named {
            values.push((field.id.clone(), sent.value.clone()));
        }
    }
    values
}
