//! The small resources below a test run: status, comment, assignee, defects, evidence, steps, examples, iterations.

use axum::body::Bytes;
use axum::extract::Path;
use axum::response::IntoResponse as _;
use axum::routing::{get, put};
use serde_json::{Value, json};

use super::evidence::{ids, read, store, views};
use super::run::{Changes, add_all, checked_defects, checked_status, executable, id_list, save, set_status, visible};
use super::run_view::{defects, iteration_json, step_json, steps_json};
use super::step::raw;
use super::{Version, run_view};
use crate::jira::http::{Answer, Caller, JsonBody, Params, Refusal, Routes, answer, empty, ok};
use crate::jira::issue::StoredFile;
use crate::jira::site::Site;
use crate::jira::xray::Run;

pub(super) fn routes(routes: Routes, api: &str) -> Routes {
    let of = |path: &str| format!("{api}/testrun/{{run}}/{path}");
    routes
        .at(&of("status"), get(status).put(set_run_status))
        .at(&of("comment"), get(comment).put(set_comment))
        .at(&of("assignee"), get(assignee))
        .at(&of("defect"), get(list_defects).post(add_defects))
        .at(&of("defect/{key}"), axum::routing::delete(remove_defect))
        .at(
            &of("attachment"),
            get(list_files).post(add_file).delete(remove_file_by_name),
        )
        .at(&of("attachment/{file}"), axum::routing::delete(remove_file))
        .at(&of("step"), get(steps))
        .at(&of("step/{step}"), get(step).put(update_step))
        .at(&of("step/{step}/status"), get(step_status).put(set_step_status))
        .at(&of("step/{step}/attachment"), get(step_files).post(add_step_file))
        .at(
            &of("step/{step}/attachment/{file}"),
            axum::routing::delete(remove_step_file),
        )
        .at(&of("example"), get(examples))
        .at(&of("example/{index}"), put(set_example))
        .at(&of("iteration"), get(iterations))
        .at(&of("iteration/{iteration}"), get(iteration))
        .at(&of("customfield"), get(custom_fields))
        .at(&of("customfield/{field}"), get(custom_field).put(set_custom_field))
}

fn bad(text: String) -> Refusal {
    Refusal::error(400, text)
}

async fn status(caller: Caller, Path(id): Path<String>) -> Answer {
    let site = caller.site();
    Ok(visible(&site, &caller, &id)?.status.clone().into_response())
}

async fn set_run_status(caller: Caller, version: Version, Path(id): Path<String>, params: Params) -> Answer {
    let mut site = caller.site();
    let mut run = executable(&site, &caller, &id)?;
    let status = checked_status(&site, params.get("status").unwrap_or_default(), false).map_err(bad)?;
    set_status(&site, caller.actor.user(), &mut run, status);
    save(&mut site, run);
    empty(version.code(204))
}

async fn comment(caller: Caller, Path(id): Path<String>) -> Answer {
    let site = caller.site();
    ok(&raw(&visible(&site, &caller, &id)?.comment))
}

/// The body is the text itself; a JSON string or `{"comment"}` is understood too.
async fn set_comment(caller: Caller, Path(id): Path<String>, body: Bytes) -> Answer {
    let text = String::from_utf8_lossy(&body).into_owned();
    let text = match serde_json::from_str(&text) {
        Ok(Value::String(inner)) => inner,
        Ok(Value::Object(map)) => map
            .get("comment")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        _ => text,
    };
    let mut site = caller.site();
    let mut run = executable(&site, &caller, &id)?;
    run.comment = text;
    save(&mut site, run);
    empty(200)
}

async fn assignee(caller: Caller, Path(id): Path<String>) -> Answer {
    let site = caller.site();
    let user = visible(&site, &caller, &id)?.assignee.clone();
    Ok(user.unwrap_or_default().into_response())
}

async fn list_defects(caller: Caller, Path(id): Path<String>) -> Answer {
    let site = caller.site();
    ok(&defects(&site, &visible(&site, &caller, &id)?.defects))
}

async fn add_defects(caller: Caller, version: Version, Path(id): Path<String>, JsonBody(body): JsonBody) -> Answer {
    let mut site = caller.site();
    let mut run = executable(&site, &caller, &id)?;
    let keys = body.as_array().map(Vec::as_slice).unwrap_or_default();
    let added = checked_defects(&site, &caller, keys.iter()).map_err(bad)?;
    add_all(&mut run.defects, added);
    save(&mut site, run);
    answer(version.code(201), &json!([]))
}

async fn remove_defect(caller: Caller, version: Version, Path((id, key)): Path<(String, String)>) -> Answer {
    let mut site = caller.site();
    let mut run = executable(&site, &caller, &id)?;
    let removed = checked_defects(&site, &caller, std::iter::once(&json!(key))).map_err(bad)?;
    run.defects.retain(|defect| !removed.contains(defect));
    save(&mut site, run);
    empty(version.code(204))
}

async fn list_files(caller: Caller, Path(id): Path<String>) -> Answer {
    let site = caller.site();
    ok(&views(&site, &visible(&site, &caller, &id)?.evidence))
}

async fn add_file(caller: Caller, version: Version, Path(id): Path<String>, JsonBody(body): JsonBody) -> Answer {
    let upload = read(&body, true).map_err(bad)?;
    let mut site = caller.site();
    let mut run = executable(&site, &caller, &id)?;
    let files = store(&mut site, caller.actor.user(), vec![upload]);
    let added = ids(&files).into_iter().next();
    run.evidence.extend(files);
    save(&mut site, run);
    answer(version.code(201), &json!({ "id": added }))
}

fn drop_file(files: &mut Vec<StoredFile>, which: impl Fn(&StoredFile) -> bool) -> Result<(), Refusal> {
    let before = files.len();
    files.retain(|file| !which(file));
    if files.len() == before {
        Err(bad("Attachment not found".to_owned()))
    } else {
        Ok(())
    }
}

async fn remove_file(caller: Caller, version: Version, Path((id, file)): Path<(String, String)>) -> Answer {
    let mut site = caller.site();
    let mut run = executable(&site, &caller, &id)?;
    drop_file(&mut run.evidence, |kept| kept.id == file)?;
    save(&mut site, run);
    empty(version.code(204))
}

/// The body is the file's name.
async fn remove_file_by_name(caller: Caller, version: Version, Path(id): Path<String>, body: Bytes) -> Answer {
    let name = String::from_utf8_lossy(&body).trim().trim_matches('"').to_owned();
    let mut site = caller.site();
    let mut run = executable(&site, &caller, &id)?;
    drop_file(&mut run.evidence, |kept| kept.filename == name)?;
    save(&mut site, run);
    empty(version.code(204))
}

async fn steps(caller: Caller, version: Version, Path(id): Path<String>) -> Answer {
    let site = caller.site();
    let run = visible(&site, &caller, &id)?;
    ok(&steps_json(&site, run, &run.steps, version))
}

fn position(run: &Run, step: &str) -> Result<usize, Refusal> {
    let found = run.steps.iter().position(|result| result.id == step);
    found.ok_or_else(|| bad(format!("Test Run Step with id {step} not found")))
}

async fn step(caller: Caller, version: Version, Path((id, step)): Path<(String, String)>) -> Answer {
    let site = caller.site();
    let run = visible(&site, &caller, &id)?;
    let at = position(run, &step)?;
    ok(&run
        .steps
        .get(at)
        .map(|result| step_json(&site, run, at, result, version))
        .unwrap_or_default())
}

fn change_step(
    caller: &Caller,
    id: &str,
    step: &str,
    change: impl FnOnce(&mut Site, &mut crate::jira::xray::StepResult) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let mut site = caller.site();
    let mut run = executable(&site, caller, id)?;
    let at = position(&run, step)?;
    let done = match run.steps.get_mut(at) {
        Some(result) => change(&mut site, result)?,
        None => Value::Null,
    };
    save(&mut site, run);
    Ok(done)
}

async fn update_step(caller: Caller, Path((id, step)): Path<(String, String)>, JsonBody(body): JsonBody) -> Answer {
    let done = change_step(&caller, &id, &step, |site, result| {
        let changes = Changes::read(site, &caller, &body, true).map_err(bad)?;
        let added = changes.apply(site, caller.actor.user(), result);
        Ok(json!({ "id": crate::jira::xray_field::numeric(&result.id), "evidenceIds": added, "warnings": [] }))
    })?;
    ok(&done)
}

async fn step_status(caller: Caller, Path((id, step)): Path<(String, String)>) -> Answer {
    let site = caller.site();
    let run = visible(&site, &caller, &id)?;
    let at = position(run, &step)?;
    Ok(run
        .steps
        .get(at)
        .map(|result| result.status.clone())
        .unwrap_or_default()
        .into_response())
}

async fn set_step_status(caller: Caller, Path((id, step)): Path<(String, String)>, params: Params) -> Answer {
    change_step(&caller, &id, &step, |site, result| {
        result.status = checked_status(site, params.get("status").unwrap_or_default(), true).map_err(bad)?;
        Ok(Value::Null)
    })?;
    empty(200)
}

async fn step_files(caller: Caller, Path((id, step)): Path<(String, String)>) -> Answer {
    let site = caller.site();
    let run = visible(&site, &caller, &id)?;
    let at = position(run, &step)?;
    ok(&run
        .steps
        .get(at)
        .map(|result| views(&site, &result.evidence))
        .unwrap_or_default())
}

async fn add_step_file(caller: Caller, Path((id, step)): Path<(String, String)>, JsonBody(body): JsonBody) -> Answer {
    let upload = read(&body, true).map_err(bad)?;
    let done = change_step(&caller, &id, &step, |site, result| {
        let files = store(site, caller.actor.user(), vec![upload]);
        let added = ids(&files).into_iter().next();
        result.evidence.extend(files);
        Ok(json!({ "id": added }))
    })?;
    ok(&done)
}

async fn remove_step_file(caller: Caller, Path((id, step, file)): Path<(String, String, String)>) -> Answer {
    change_step(&caller, &id, &step, |_, result| {
        drop_file(&mut result.evidence, |kept| kept.id == file)?;
        Ok(Value::Null)
    })?;
    empty(200)
}

async fn examples(caller: Caller, Path(id): Path<String>) -> Answer {
    let site = caller.site();
    let run = visible(&site, &caller, &id)?;
    ok(&run_view::run_json(&site, run, Version::V2)
        .get("examples")
        .cloned()
        .unwrap_or_else(|| json!([])))
}

/// Examples are counted from 1.
async fn set_example(caller: Caller, Path((id, index)): Path<(String, usize)>, params: Params) -> Answer {
    let mut site = caller.site();
    let mut run = executable(&site, &caller, &id)?;
    let status = checked_status(&site, params.get("status").unwrap_or_default(), true).map_err(bad)?;
    let example = index.checked_sub(1).and_then(|at| run.examples.get_mut(at));
    example.ok_or_else(|| bad(format!("Example {index} not found")))?.status = status;
    save(&mut site, run);
    empty(200)
}

async fn iterations(caller: Caller, version: Version, Path(id): Path<String>) -> Answer {
    let site = caller.site();
    let run = visible(&site, &caller, &id)?;
    let all = run
        .iterations
        .iter()
        .zip(0..)
        .map(|(it, rank)| iteration_json(&site, run, it, rank, version));
    ok(&all.collect())
}

async fn iteration(caller: Caller, version: Version, Path((id, iteration)): Path<(String, String)>) -> Answer {
    let site = caller.site();
    let run = visible(&site, &caller, &id)?;
    let found = run.iterations.iter().zip(0..).find(|(it, _)| it.id == iteration);
    let (found, rank) = found.ok_or_else(|| bad(format!("Iteration with id {iteration} not found")))?;
    ok(&iteration_json(&site, run, found, rank, version))
}

async fn custom_fields(caller: Caller, Path(id): Path<String>) -> Answer {
    let site = caller.site();
    let run = visible(&site, &caller, &id)?;
    let row = |field: &crate::jira::xray::CustomField| {
        json!({
            "id": crate::jira::xray_field::numeric(&field.id), "name": field.name, "type": field.kind,
            "value": run.custom.get(&field.id),
        })
    };
    ok(&site.xray.settings.run_fields.iter().map(row).collect())
}

fn known_field(site: &Site, field: &str) -> Result<(), Refusal> {
    let is_known = id_list(Some(&json!([field])))
        .iter()
        .any(|id| site.xray.settings.run_fields.iter().any(|f| f.id == *id));
    if is_known {
        Ok(())
    } else {
        Err(bad(format!("Test Run custom field with id {field} does not exist")))
    }
}

async fn custom_field(caller: Caller, Path((id, field)): Path<(String, String)>) -> Answer {
    let site = caller.site();
    known_field(&site, &field)?;
    ok(&json!({ "value": visible(&site, &caller, &id)?.custom.get(&field) }))
}

async fn set_custom_field(
    caller: Caller,
    Path((id, field)): Path<(String, String)>,
    JsonBody(body): JsonBody,
) -> Answer {
    let mut site = caller.site();
    known_field(&site, &field)?;
    let mut run = executable(&site, &caller, &id)?;
    run.custom
        .insert(field, body.get("value").cloned().unwrap_or(Value::Null));
    save(&mut site, run);
    empty(200)
}
