//! Test steps. 2.0 has `/steps` (POST creates, PUT updates), 1.0 has `/step` with the verbs swapped.

use axum::extract::Path;
use axum::routing::{delete, get};
use serde_json::{Map, Value, json};

use super::evidence::{ids, read_all, store, views};
use super::{Version, is_test, issue_of, require};
use crate::jira::account::Permission;
use crate::jira::http::{Answer, Caller, JsonBody, Params, Refusal, Routes, answer, empty, ok};
use crate::jira::id::IssueId;
use crate::jira::page::paragraphs;
use crate::jira::site::Site;
use crate::jira::xray::Step;
use crate::jira::xray_field::numeric;

pub(super) fn routes(routes: Routes, api: &str, is_v1: bool) -> Routes {
    let name = if is_v1 { "step" } else { "steps" };
    let list = format!("{api}/test/{{test}}/{name}");
    let one = format!("{list}/{{step}}");
    let routes = if is_v1 {
        routes
            .at(&list, get(all).put(create))
            .at(&one, get(read).post(update).delete(remove))
    } else {
        routes
            .at(&list, get(all).post(create))
            .at(&one, get(read).put(update).delete(remove))
    };
    let files = if is_v1 {
        format!("{one}/attachment")
    } else {
        format!("{one}/attachments")
    };
    routes
        .at(&files, get(attachments))
        .at(&format!("{one}/attachment/{{file}}"), delete(remove_attachment))
}

pub(super) fn raw(text: &str) -> Value {
    json!({ "raw": text, "rendered": paragraphs(text) })
}

/// A step in 2.0's shape: columns by name, typed.
pub(super) fn view(site: &Site, step: &Step, index: usize) -> Value {
    if let Some(called) = step.call_test.and_then(|id| site.issue(id)) {
        return json!({
            "id": numeric(&step.id), "index": index, "testCallStep": true, "calledTestIssueKey": called.key,
        });
    }
    json!({
        "id": numeric(&step.id), "index": index, "fields": columns(site, step),
        "attachments": views(site, &step.attachments), "testCallStep": false,
    })
}

pub(super) fn columns(site: &Site, step: &Step) -> Value {
    let wiki = |text: &str| json!({ "type": "Wiki", "value": raw(text) });
    let mut fields = Map::new();
    fields.insert("Action".to_owned(), wiki(&step.action));
    fields.insert("Data".to_owned(), wiki(&step.data));
    fields.insert("Expected Result".to_owned(), wiki(&step.result));
    for field in &site.xray.settings.step_fields {
        if let Some(value) = step.custom.get(&field.name) {
            fields.insert(field.name.clone(), json!({ "type": field.kind, "value": value }));
        }
    }
    Value::Object(fields)
}

/// A step in 1.0's shape.
pub(super) fn view_v1(site: &Site, step: &Step, index: usize) -> Value {
    json!({
        "id": numeric(&step.id), "index": index, "step": raw(&step.action), "data": raw(&step.data),
        "result": raw(&step.result), "attachments": views(site, &step.attachments),
    })
}

/// The id of the version of a test that `?testVersion=` names, if it does.
fn test_version(site: &Site, test: IssueId, params: &Params) -> Result<Option<u32>, Refusal> {
    let Some(name) = params.get("testVersion").filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let version = site.xray.version(test, Some(name));
    let missing = || Refusal::error(400, format!("Test version {name} does not exist"));
    version.map(|version| Some(version.id)).ok_or_else(missing)
}

async fn all(caller: Caller, version: Version, Path(key): Path<String>, params: Params) -> Answer {
    let site = caller.site();
    let test = issue_of(&site, &caller.actor, &key, is_test)?.id;
    let definition = site.xray.definition(test, test_version(&site, test, &params)?);
    let steps = definition.iter().flat_map(|d| d.steps.iter()).zip(1..);
    match version {
        Version::V1 => ok(&steps.map(|(step, index)| view_v1(&site, step, index)).collect()),
        Version::V2 => ok(&json!({ "steps": steps.map(|(step, i)| view(&site, step, i)).collect::<Vec<_>>() })),
    }
}

/// The test and the position of one of its steps.
fn locate(site: &Site, caller: &Caller, key: &str, step: &str) -> Result<(IssueId, usize, Step), Refusal> {
    let test = issue_of(site, &caller.actor, key, is_test)?;
    let version = site.xray.owner_of_step(step).map(|(_, version)| version);
    let definition = site.xray.definition(test.id, version);
    let steps = definition.iter().flat_map(|definition| &definition.steps);
    let found = steps.zip(1..).find(|(candidate, _)| candidate.id == step);
    let missing = || Refusal::error(400, format!("Test step with id {step} does not exist in issue {key}"));
    found
        .map(|(step, index)| (test.id, index, step.clone()))
        .ok_or_else(missing)
}

async fn read(caller: Caller, version: Version, Path((key, id)): Path<(String, String)>) -> Answer {
    let site = caller.site();
    let (_, index, step) = locate(&site, &caller, &key, &id)?;
    match version {
        Version::V1 => ok(&view_v1(&site, &step, index)),
        Version::V2 => ok(&json!({ "step": view(&site, &step, index) })),
    }
}

/// The columns a body sets: 2.0's `fields`, or 1.0's `step`, `data`, `result` beside each other.
fn body_columns(body: &Value) -> Map<String, Value> {
    if let Some(Value::Object(fields)) = body.get("fields") {
        return fields.clone();
    }
    let flat = ["step", "data", "result"]
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), body.get(name)?.clone())));
    flat.collect()
}

async fn create(
    caller: Caller,
    version: Version,
    Path(key): Path<String>,
    params: Params,
    JsonBody(body): JsonBody,
) -> Answer {
    let mut site = caller.site();
    let test = issue_of(&site, &caller.actor, &key, is_test)?;
    require(&site, &caller.actor, test, Permission::Edit)?;
    let test = test.id;
    let of = test_version(&site, test, &params)?;
    let mut step = site
        .step_of_fields(&body_columns(&body))
        .map_err(|text| Refusal::error(400, text))?;
    let files = read_all(body.get("attachments"), false).map_err(|text| Refusal::error(400, text))?;
    step.attachments = store(&mut site, caller.actor.user(), files);
    let attached = ids(&step.attachments);
    let now = site.now();
    let id = site.xray.add_step_to(test, of, now, step).unwrap_or_default();
    let created = json!({ "id": numeric(&id), "attachmentIds": attached });
    match version {
        Version::V1 => ok(&created),
        Version::V2 => answer(201, &json!({ "step": created, "warnings": [] })),
    }
}

async fn update(
    caller: Caller,
    version: Version,
    Path((key, id)): Path<(String, String)>,
    JsonBody(body): JsonBody,
) -> Answer {
    let mut site = caller.site();
    let (test, _, mut step) = locate(&site, &caller, &key, &id)?;
    if let Some(issue) = site.issue(test) {
        require(&site, &caller.actor, issue, Permission::Edit)?;
    }
    site.set_step_fields(&mut step, &body_columns(&body))
        .map_err(|text| Refusal::error(400, text))?;
    let changes = body.get("attachments");
    let files = read_all(changes.and_then(|c| c.get("add")), false).map_err(|text| Refusal::error(400, text))?;
    let added = store(&mut site, caller.actor.user(), files);
    let attached = ids(&added);
    let removed = super::run::id_list(changes.and_then(|c| c.get("remove")));
    step.attachments.retain(|file| !removed.contains(&file.id));
    step.attachments.extend(added);
    let now = site.now();
    site.xray.update_step(&id, now, |target| *target = step);
    let updated = json!({ "id": numeric(&id), "attachmentIds": attached });
    match version {
        Version::V1 => ok(&updated),
        Version::V2 => ok(&json!({ "step": updated, "warnings": [] })),
    }
}

async fn remove(caller: Caller, version: Version, Path((key, id)): Path<(String, String)>) -> Answer {
    let mut site = caller.site();
    let (test, ..) = locate(&site, &caller, &key, &id)?;
    if let Some(issue) = site.issue(test) {
        require(&site, &caller.actor, issue, Permission::Edit)?;
    }
    let now = site.now();
    site.xray.remove_step(&id, now);
    empty(version.code(204))
}

async fn attachments(caller: Caller, Path((key, id)): Path<(String, String)>) -> Answer {
    let site = caller.site();
    let (_, _, step) = locate(&site, &caller, &key, &id)?;
    ok(&views(&site, &step.attachments))
}

async fn remove_attachment(
    caller: Caller,
    version: Version,
    Path((key, id, file)): Path<(String, String, String)>,
) -> Answer {
    let mut site = caller.site();
    let (test, _, mut step) = locate(&site, &caller, &key, &id)?;
    if let Some(issue) = site.issue(test) {
        require(&site, &caller.actor, issue, Permission::Edit)?;
    }
    let before = step.attachments.len();
    step.attachments.retain(|kept| kept.id != file);
    if step.attachments.len() == before {
        return Err(Refusal::error(400, format!("Attachment with id {file} does not exist")));
    }
    let now = site.now();
    site.xray.update_step(&id, now, |target| *target = step);
    empty(version.code(204))
}
