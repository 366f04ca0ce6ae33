//! Test runs: finding them, reading them, and `PUT testrun/{id}` which sets everything at once.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::routing::get;
use serde_json::{Map, Value, json};

use super::evidence::{Upload, ids, read_all, store};
use super::run_view::run_json;
use super::{Version, is_test, issue_of, paged};
use crate::answers::RunLookup;
use crate::jira::account::Permission;
use crate::jira::http::{Answer, Caller, JsonBody, Params, Refusal, Routes, empty, ok};
use crate::jira::id::IssueId;
use crate::jira::project::{Role, WORKFLOW};
use crate::jira::site::Site;
use crate::jira::xray::{Relation, Run, StepResult};
use crate::jira::xray_field::numeric;

pub(super) fn routes(routes: Routes, api: &str, base: &str) -> Routes {
    routes
        .at(&format!("{api}/testrun"), get(by_keys))
        .at(&format!("{api}/testrun/{{run}}"), get(read).put(update))
        .at(&format!("{api}/testruns"), get(list))
        .at(&format!("{base}/testruns"), get(list))
}

/// The run with this id, if its execution may be browsed.
pub(super) fn visible<'a>(site: &'a Site, caller: &Caller, id: &str) -> Result<&'a Run, Refusal> {
    let run = site
        .xray
        .run(id)
        .filter(|run| site.visible_issue(&caller.actor, &run.execution.to_string()).is_some());
    run.ok_or_else(|| Refusal::error(400, format!("Test Run with id {id} not found")))
}

/// The run with this id, copied, if the caller may execute it.
pub(super) fn executable(site: &Site, caller: &Caller, id: &str) -> Result<Run, Refusal> {
    let run = visible(site, caller, id)?.clone();
    may_execute(site, caller, run.execution)?;
    Ok(run)
}

/// Refuses who may not execute the runs of an execution: without Edit Issues, or because it is done and locked.
pub(super) fn may_execute(site: &Site, caller: &Caller, execution: IssueId) -> Result<(), Refusal> {
    let Some(issue) = site.issue(execution) else {
        return Ok(());
    };
    let is_done = WORKFLOW
        .iter()
        .any(|status| status.id == issue.status && status.category == "done");
    let is_locked = is_done && caller.dc.options().lock_done_executions;
    if is_locked || !site.may(&caller.actor, issue, Permission::Edit) {
        let text = format!(
            "User does not have permission to execute the Test Run of Test Execution {}",
            issue.key
        );
        return Err(Refusal::error(400, text));
    }
    Ok(())
}

async fn by_keys(caller: Caller, version: Version, params: Params) -> Answer {
    let site = caller.site();
    let key = |name: &str| {
        params
            .get(name)
            .ok_or_else(|| Refusal::error(400, format!("{name} is required")))
    };
    let execution = issue_of(&site, &caller.actor, key("testExecIssueKey")?, Role::is_execution)?;
    let test = issue_of(&site, &caller.actor, key("testIssueKey")?, is_test)?;
    let found = if ignores_test(&site) {
        site.xray.runs_of_execution(execution.id).next()
    } else {
        site.xray.run_of(execution.id, test.id)
    };
    match found {
        Some(run) => ok(&run_json(&site, run, version)),
        None => {
            let text = format!("Test {} is not part of Test Execution {}", test.key, execution.key);
            Err(Refusal::error(400, text))
        }
    }
}

async fn read(caller: Caller, version: Version, Path(id): Path<String>) -> Answer {
    let site = caller.site();
    ok(&run_json(&site, visible(&site, &caller, &id)?, version))
}

fn ignores_test(site: &Site) -> bool {
    site.answers.of::<RunLookup>() == RunLookup::IgnoresTest
}

/// `?testExecKey=`, `?testKey=` or `?testPlanKey=`, page by page until an empty one.
async fn list(caller: Caller, version: Version, params: Params) -> Answer {
    let site = caller.site();
    let runs: Vec<&Run> = if let Some(key) = params.get("testExecKey") {
        let execution = issue_of(&site, &caller.actor, key, Role::is_execution)?.id;
        let wanted = params
            .get("testKey")
            .and_then(|key| site.visible_issue(&caller.actor, key))
            .map(|test| test.id);
        site.xray
            .runs_of_execution(execution)
            .filter(|run| ignores_test(&site) || wanted.is_none_or(|test| run.test == test))
            .collect()
    } else if let Some(key) = params.get("testKey") {
        let test = issue_of(&site, &caller.actor, key, is_test)?.id;
        site.xray.runs_of_test(test).collect()
    } else if let Some(key) = params.get("testPlanKey") {
        let plan = issue_of(&site, &caller.actor, key, |role| role == Role::TestPlan)?.id;
        let executions = site.xray.members(Relation::PlanExecutions, plan);
        executions
            .iter()
            .flat_map(|&execution| site.xray.runs_of_execution(execution))
            .collect()
    } else {
        return Err(Refusal::error(
            400,
            "One of testExecKey, testKey, testPlanKey or savedFilterId is required",
        ));
    };
    let page = paged(&site, &params, runs.into_iter());
    let with_fields = params.list("includeTestFields", ',');
    let json = page
        .into_iter()
        .map(|run| with_test_fields(&site, run, version, &with_fields));
    ok(&json.collect())
}

fn with_test_fields(site: &Site, run: &Run, version: Version, wanted: &[&str]) -> Value {
    let mut json = run_json(site, run, version);
    if let (Value::Object(members), Some(test), false) = (&mut json, site.issue(run.test), wanted.is_empty()) {
        let fields = wanted
            .iter()
            .filter_map(|id| Some(((*id).to_owned(), site.field_json(test, site.fields.get(id)?)?)));
        members.insert(
            "testIssueFields".to_owned(),
            Value::Object(fields.collect::<Map<_, _>>()),
        );
    }
    json
}

/// Ids in a list, as strings or numbers.
pub(super) fn id_list(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items
        .filter_map(|item| {
            item.as_str()
                .map(str::to_owned)
                .or_else(|| item.as_u64().map(|n| n.to_string()))
        })
        .collect()
}

/// What a result part (a run, a step) is to become, read and checked before anything is written.
#[derive(Default)]
pub(super) struct Changes {
    pub status: Option<String>,
    pub comment: Option<String>,
    actual_result: Option<String>,
    add_defects: Vec<IssueId>,
    remove_defects: Vec<IssueId>,
    add_files: Vec<Upload>,
    remove_files: Vec<String>,
}

impl Changes {
    /// Reads `status`, `comment`, `actualResult`, `defects{add,remove}`, `evidences{add,remove}`.
    pub(super) fn read(site: &Site, caller: &Caller, body: &Value, of_step: bool) -> Result<Self, String> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let status = match text("status") {
            Some(name) => Some(checked_status(site, &name, of_step)?),
            None => None,
        };
        let defects = |name: &str| {
            let keys = body
                .get("defects")
                .and_then(|defects| defects.get(name))
                .and_then(Value::as_array);
            checked_defects(site, caller, keys.into_iter().flatten())
        };
        let files = body.get("evidences").or(body.get("evidence"));
        Ok(Self {
            status,
            comment: text("comment"),
            actual_result: text("actualResult"),
            add_defects: defects("add")?,
            remove_defects: defects("remove")?,
            add_files: read_all(files.and_then(|files| files.get("add")), true)?,
            remove_files: id_list(files.and_then(|files| files.get("remove"))),
        })
    }

    /// Applies to a step result; the ids of the files added.
    pub(super) fn apply(self, site: &mut Site, author: Option<&str>, result: &mut StepResult) -> Vec<Value> {
        let files = store(site, author, self.add_files);
        let added = ids(&files);
        result.status = self.status.unwrap_or(std::mem::take(&mut result.status));
        result.comment = self.comment.unwrap_or(std::mem::take(&mut result.comment));
        result.actual_result = self.actual_result.unwrap_or(std::mem::take(&mut result.actual_result));
        result.defects.retain(|id| !self.remove_defects.contains(id));
        add_all(&mut result.defects, self.add_defects);
        result.evidence.retain(|file| !self.remove_files.contains(&file.id));
        result.evidence.extend(files);
        added
    }

    fn apply_to_run(self, site: &mut Site, author: Option<&str>, run: &mut Run) -> Vec<Value> {
        let files = store(site, author, self.add_files);
        let added = ids(&files);
        if let Some(status) = self.status {
            set_status(site, author, run, status);
        }
        run.comment = self.comment.unwrap_or(std::mem::take(&mut run.comment));
        run.defects.retain(|id| !self.remove_defects.contains(id));
        add_all(&mut run.defects, self.add_defects);
        run.evidence.retain(|file| !self.remove_files.contains(&file.id));
        run.evidence.extend(files);
        added
    }
}

pub(super) fn add_all(defects: &mut Vec<IssueId>, added: Vec<IssueId>) {
    for id in added {
        if !defects.contains(&id) {
            defects.push(id);
        }
    }
}

/// The configured spelling of a status.
pub(super) fn checked_status(site: &Site, name: &str, of_step: bool) -> Result<String, String> {
    let settings = &site.xray.settings;
    let found = if of_step {
        settings.step_status(name).map(|status| status.name.clone())
    } else {
        settings.run_status(name).map(|status| status.name.clone())
    };
    let what = if of_step { "Test Step" } else { "Test Run" };
    found.ok_or_else(|| format!("The {what} status {name} is not valid"))
}

pub(super) fn checked_defects<'a>(
    site: &Site,
    caller: &Caller,
    keys: impl Iterator<Item = &'a Value>,
) -> Result<Vec<IssueId>, String> {
    keys.map(|key| {
        let key = key.as_str().unwrap_or_default();
        let issue = site.visible_issue(&caller.actor, key);
        issue
            .map(|issue| issue.id)
            .ok_or_else(|| format!("Defect with key {key} does not exist"))
    })
    .collect()
}

/// Sets a run's status; Xray notes who ran it and when, as the execution screen does.
pub(super) fn set_status(site: &Site, author: Option<&str>, run: &mut Run, status: String) {
    let now = site.now();
    let is_final = site
        .xray
        .settings
        .run_status(&status)
        .is_some_and(|status| status.is_final);
    let is_initial = status == site.xray.settings.initial_run_status();
    if is_initial {
        (run.started, run.finished, run.executed_by) = (None, None, None);
    } else {
        run.started = run.started.or(Some(now));
        run.executed_by = author.map(str::to_owned).or(run.executed_by.take());
        run.finished = if is_final { Some(now) } else { None };
    }
    run.status = status;
}

/// A user by name; unknown ones are refused, empty means nobody.
pub(super) fn checked_user(site: &Site, name: &str) -> Result<Option<String>, String> {
    match name {
        "" => Ok(None),
        name => match site.accounts.get(name) {
            Some(user) => Ok(Some(user.id.clone())),
            None => Err(format!("User {name} does not exist")),
        },
    }
}

async fn update(caller: Caller, version: Version, Path(id): Path<String>, JsonBody(body): JsonBody) -> Answer {
    let mut site = caller.site();
    let mut run = executable(&site, &caller, &id)?;
    let bad = |text: String| Refusal::error(400, text);
    let changes = Changes::read(&site, &caller, &body, false).map_err(bad)?;
    let assignee = body.get("assignee").and_then(Value::as_str);
    let assignee = assignee
        .map(|name| checked_user(&site, name))
        .transpose()
        .map_err(bad)?;
    let steps = read_steps(&site, &caller, &run, &body).map_err(bad)?;
    let examples = read_examples(&site, &run, &body).map_err(bad)?;
    let custom = read_custom(&site, &run.custom, &body, changes.status.as_deref()).map_err(bad)?;

    let author = caller.actor.user().map(str::to_owned);
    let evidence_ids = changes.apply_to_run(&mut site, author.as_deref(), &mut run);
    if let Some(assignee) = assignee {
        run.assignee = assignee;
    }
    let mut step_results = Vec::new();
    for (position, changes) in steps {
        if let Some(result) = run.steps.get_mut(position) {
            let added = changes.apply(&mut site, author.as_deref(), result);
            step_results.push(json!({ "id": numeric(&result.id), "evidenceIds": added, "warnings": [] }));
        }
    }
    for (position, status) in examples {
        if let Some(example) = run.examples.get_mut(position) {
            example.status = status;
        }
    }
    run.custom.extend(custom);
    save(&mut site, run);
    match version {
        Version::V1 => empty(200),
        Version::V2 => ok(&json!({
            "id": numeric(&id), "evidenceIds": evidence_ids, "stepResults": step_results, "warnings": [],
        })),
    }
}

/// Puts a changed copy of a run back.
pub(super) fn save(site: &mut Site, run: Run) {
    let now = site.now();
    if let Some(target) = site.xray.run_mut(&run.id, now) {
        *target = Run { modified: now, ..run };
    }
}

fn read_steps(site: &Site, caller: &Caller, run: &Run, body: &Value) -> Result<Vec<(usize, Changes)>, String> {
    let steps = body
        .get("steps")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    if !steps.is_empty() && run.iterations.len() > 1 {
        return Err("Steps cannot be updated on a Test Run with more than one iteration".to_owned());
    }
    let read = steps.iter().map(|step| {
        let id = crate::jira::edit::text_member(step, &["id"]).unwrap_or_default();
        let position = run.steps.iter().position(|result| result.id == id);
        let position = position.ok_or_else(|| format!("Test Run Step with id {id} not found"))?;
        Ok((position, Changes::read(site, caller, step, true)?))
    });
    read.collect()
}

fn read_examples(site: &Site, run: &Run, body: &Value) -> Result<Vec<(usize, String)>, String> {
    let examples = body.get("examples").and_then(Value::as_array).into_iter().flatten();
    let read = examples.map(|example| {
        let id = crate::jira::edit::text_member(example, &["id"]).unwrap_or_default();
        let position = run.examples.iter().position(|result| result.id == id);
        let position = position.ok_or_else(|| format!("Example with id {id} not found"))?;
        let status = example.get("status").and_then(Value::as_str).unwrap_or_default();
        Ok((position, checked_status(site, status, true)?))
    });
    read.collect()
}

/// Run custom fields; a final status is refused while a required one is empty. `held`: what the run has so far.
pub(super) fn read_custom(
    site: &Site,
    held: &BTreeMap<String, Value>,
    body: &Value,
    status: Option<&str>,
) -> Result<Vec<(String, Value)>, String> {
    let settings = &site.xray.settings;
    let mut values = Vec::new();
    for field in body.get("customFields").and_then(Value::as_array).into_iter().flatten() {
        let id = crate::jira::edit::text_member(field, &["id"]).unwrap_or_default();
        if !settings.run_fields.iter().any(|known| known.id == id) {
            return Err(format!("Test Run custom field with id {id} does not exist"));
        }
        values.push((id, field.get("value").cloned().unwrap_or(Value::Null)));
    }
    let is_final = status
        .and_then(|name| settings.run_status(name))
        .is_some_and(|status| status.is_final);
    let is_set = |id: &str| {
        let now = values
            .iter()
            .rev()
            .find(|(other, _)| other == id)
            .map(|(_, value)| value)
            .or(held.get(id));
        now.is_some_and(|value| !value.is_null() && *value != json!(""))
    };
    match settings
        .run_fields
        .iter()
        .find(|field| is_final && field.required && !is_set(&field.id))
    {
        Some(field) => Err(format!("The Test Run custom field {} is required", field.name)),
        None => Ok(values),
    }
}
