//! The parts of a case that have their own paths: lists that are read, and lists that are replaced as a whole.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;

use super::super::app::{Answer, App, Caller, Id};
use super::super::data::{Case, Issue, Relation, TestKey};
use super::super::dto::View;
use super::super::error::ApiError;
use super::super::page::{Paging, Params};
use super::case::find;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/testcase/{id}/cfv", get(field_values))
        .route("/testcase/{id}/issue", get(issues).post(set_issues))
        .route("/testcase/{id}/members", get(members).post(set_members))
        .route("/testcase/{id}/tag", get(tags).post(set_tags))
        .route("/testcase/{id}/testkey", get(test_keys).post(set_test_keys))
        .route("/testcase/{id}/relation", get(relations).post(set_relations))
        .route("/testcase/{id}/example", get(examples))
        .route("/testcase/{id}/workflow", get(workflow))
        .route("/testcase/{id}/defect", get(defects))
        .route("/testcase/{id}/history", get(history))
        .route("/testkey/{id}", get(test_key))
        .route("/comment", get(comments))
        .route("/mute", get(mutes))
}

/// Reads one part of a case.
fn part(app: &App, caller: &Caller, id: i64, show: impl FnOnce(View<'_>, &Case) -> Value) -> Answer {
    app.view(|view| find(view, caller, id).map(|case| Json(show(view, case))))
}

async fn field_values(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    if app.view(|view| view.is_old()) {
        return part(&app, &caller, id, |view, case| view.field_values(&case.fields).into());
    }
    let project = params.id("projectId")?;
    part(&app, &caller, id, |view, case| {
        view.grouped_values(&case.fields, |field| view.project_field(project, field))
            .into()
    })
}

async fn issues(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, case| view.issues(&case.issues).into())
}

async fn members(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, case| view.members(&case.members).into())
}

async fn tags(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, case| view.tags(&case.tags).into())
}

async fn test_keys(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, case| {
        case.test_keys.iter().map(|key| view.test_key(key)).collect()
    })
}

async fn relations(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, case| view.relations(case).into())
}

async fn workflow(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    part(&app, &caller, id, |view, case| view.workflow(&case.workflow))
}

async fn examples(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    let paging = Paging::read(&params, 10, "id", false);
    part(&app, &caller, id, |view, case| {
        paging.show(&view.examples(case), Value::clone)
    })
}

async fn defects(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    let paging = Paging::read(&params, 10, "id", false);
    part(&app, &caller, id, |view, case| {
        let results = view.site.case_results.get(&case.id).into_iter().flatten();
        let results = results.filter_map(|id| view.site.results.get(id));
        let mut ids: Vec<i64> = results.flat_map(|result| result.defects.iter().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows: Vec<_> = ids.iter().filter_map(|id| view.site.defects.get(id)).collect();
        paging.show(&rows, |defect| view.defect_row(defect, None))
    })
}

async fn history(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    let paging = Paging::read(&params, 10, "createddate", true);
    app.view(|view| {
        let case = find(view, &caller, id)?;
        let results = view.site.case_results.get(&case.id).into_iter().flatten();
        let rows = results.filter_map(|id| view.site.results.get(id)).collect();
        paging.answer(rows, |result| view.result_history(result)).map(Json)
    })
}

async fn comments(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let paging = Paging::read(&params, 10, "id", false);
    part(&app, &caller, params.id("testCaseId")?, |view, case| {
        paging.show(&view.comments(case), Value::clone)
    })
}

async fn mutes(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let paging = Paging::read(&params, 5, "id", false);
    part(&app, &caller, params.id("testCaseId")?, |view, case| {
        let rows: Vec<_> = case.mute.iter().collect();
        paging.show(&rows, |mute| view.mute(case.id, mute))
    })
}

async fn test_key(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    app.view(|view| {
        let mut cases = view.site.cases.values().filter(|case| caller.0.may_see(case.project));
        let found = cases.find_map(|case| case.test_keys.iter().find(|key| key.id == id));
        found
            .map(|key| Json(view.test_key(key)))
            .ok_or_else(|| ApiError::not_found("Test key", id))
    })
}

#[derive(Debug, Deserialize)]
struct NewTag {
    id: Option<i64>,
    name: Option<String>,
}

async fn set_tags(State(app): State<App>, caller: Caller, Id(id): Id, Json(tags): Json<Vec<NewTag>>) -> Answer {
    let names = app.view(|view| {
        find(view, &caller, id)?;
        let name = |tag: &NewTag| {
            let known = tag.id.and_then(|id| view.site.names.tags.name(id)).map(str::to_owned);
            tag.name
                .clone()
                .or(known)
                .ok_or_else(|| ApiError::bad_request("name: must not be null"))
        };
        tags.iter().map(name).collect::<Result<Vec<_>, _>>()
    })?;
    app.edit(|site| site.edit_case(id, |case| case.tags = names));
    part(&app, &caller, id, |view, case| view.tags(&case.tags).into())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewIssue {
    integration_id: i64,
    name: String,
}

async fn set_issues(State(app): State<App>, caller: Caller, Id(id): Id, Json(new): Json<Vec<NewIssue>>) -> Answer {
    app.view(|view| find(view, &caller, id).map(drop))?;
    let issues = new
        .iter()
        .map(|new| Issue::new(&new.name, new.integration_id))
        .collect();
    app.edit(|site| site.edit_case(id, |case| case.issues = issues));
    part(&app, &caller, id, |view, case| view.issues(&case.issues).into())
}

#[derive(Debug, Deserialize)]
struct NewMember {
    name: String,
    role: Target,
}

async fn set_members(State(app): State<App>, caller: Caller, Id(id): Id, Json(new): Json<Vec<NewMember>>) -> Answer {
    let members = app.view(|view| {
        find(view, &caller, id)?;
        let role = |id: i64| {
            view.site
                .names
                .roles
                .name(id)
                .ok_or_else(|| ApiError::not_found("Role", id))
        };
        new.iter()
            .map(|new| Ok((role(new.role.id)?.to_owned(), new.name.clone())))
            .collect::<Result<_, ApiError>>()
    })?;
    app.edit(|site| site.edit_case(id, |case| case.members = members));
    part(&app, &caller, id, |view, case| view.members(&case.members).into())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewTestKey {
    id: Option<i64>,
    integration_id: Option<i64>,
    name: Option<String>,
}

/// Replaces all keys of a case; a key that was there keeps its id.
async fn set_test_keys(State(app): State<App>, caller: Caller, Id(id): Id, Json(new): Json<Vec<NewTestKey>>) -> Answer {
    let keys = app.view(|view| {
        let case = find(view, &caller, id)?;
        new.iter()
            .map(|key| key_of(view, case, key))
            .collect::<Result<Vec<_>, _>>()
    })?;
    app.edit(|site| site.edit_case(id, |case| case.test_keys = keys));
    part(&app, &caller, id, |view, case| {
        case.test_keys.iter().map(|key| view.test_key(key)).collect()
    })
}

fn key_of(view: View<'_>, case: &Case, new: &NewTestKey) -> Result<TestKey, ApiError> {
    let name = new
        .name
        .clone()
        .ok_or_else(|| ApiError::bad_request("name: must not be null"))?;
    let integration = new
        .integration_id
        .ok_or_else(|| ApiError::bad_request("integrationId: must not be null"))?;
    if !view.site.integrations.contains_key(&integration) {
        return Err(ApiError::not_found("Integration", integration));
    }
    let same = |known: &&TestKey| Some(known.id) == new.id || (known.integration == integration && known.name == name);
    let id = case.test_keys.iter().find(same).map_or(0, |known| known.id);
    Ok(TestKey { id, integration, name })
}

#[derive(Debug, Deserialize)]
struct NewRelation {
    target: Target,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Debug, Deserialize)]
struct Target {
    id: i64,
}

async fn set_relations(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Json(new): Json<Vec<NewRelation>>,
) -> Answer {
    app.view(|view| find(view, &caller, id).map(drop))?;
    let relations = new
        .into_iter()
        .map(|new| Relation {
            id: 0,
            target: new.target.id,
            kind: new.kind,
        })
        .collect();
    app.edit(|site| site.edit_case(id, |case| case.relations = relations));
    part(&app, &caller, id, |view, case| view.relations(case).into())
}
