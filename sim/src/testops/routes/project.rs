//! Projects, their custom fields, integrations and trees.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

use super::super::app::{Answer, App, Caller, Id};
use super::super::data::Project;
use super::super::dto::{View, dto};
use super::super::error::ApiError;
use super::super::page::{Paging, Params};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/project", get(list))
        .route("/project/suggest", get(suggest))
        .route("/project/{id}", get(one))
        .route("/project/{id}/stats", get(stats))
        .route("/cf", get(fields_by_parameter))
        .route("/cfv", get(values_by_parameter))
        .route("/integration", get(integrations))
        .route("/integration/{id}", get(integration))
        .route("/integration/project/{id}", get(project_integrations))
        .route("/tree", get(tree))
}

/// What 4.x does not have.
pub(super) fn second_generation() -> Router<App> {
    Router::new()
        .route("/project/{id}/cf", get(fields))
        .route("/project/{id}/cfv", get(values))
        .route("/v2/tree", get(tree_v2))
}

fn visible<'a>(view: View<'a>, caller: &Caller, part: &str) -> Vec<&'a Project> {
    let part = part.to_lowercase();
    let projects = view
        .site
        .projects
        .values()
        .filter(|project| caller.0.may_see(project.id));
    projects
        .filter(|project| project.name.to_lowercase().contains(&part))
        .collect()
}

async fn list(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let paging = Paging::read(&params, 10, "name", false);
    app.view(|view| {
        let rows = visible(view, &caller, params.get("query").unwrap_or_default());
        paging.answer(rows, |project| view.project(project)).map(Json)
    })
}

async fn suggest(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let paging = Paging::read(&params, 10, "name", false);
    let only: Vec<&str> = params.all("id").collect();
    app.view(|view| {
        let mut rows = visible(view, &caller, params.get("query").unwrap_or_default());
        rows.retain(|project| only.is_empty() || only.contains(&project.id.to_string().as_str()));
        paging
            .answer(rows, |project| view.project_suggestion(project))
            .map(Json)
    })
}

async fn one(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    caller.existing(&app, id)?;
    app.view(|view| view.site.projects.get(&id).map(|project| Json(view.project(project))))
        .ok_or_else(|| ApiError::not_found("Project", id))
}

async fn stats(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    caller.existing(&app, id)?;
    Ok(Json(app.view(|view| view.project_stats(id))))
}

async fn fields(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    caller.existing(&app, id)?;
    Ok(Json(app.view(|view| fields_page(view, id, &params))))
}

/// `cf?projectId`: a plain list in 4.x, a page later.
async fn fields_by_parameter(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let project = caller.project(&app, &params)?;
    Ok(Json(app.view(|view| {
        if view.is_old() {
            view.site
                .names
                .fields
                .iter()
                .map(|(_, name)| view.field(name))
                .collect()
        } else {
            fields_page(view, project, &params)
        }
    })))
}

fn fields_page(view: View<'_>, project: i64, params: &Params) -> Value {
    let part = params.get("query").unwrap_or_default().to_lowercase();
    let rows = view.site.names.fields.iter().map(|(_, name)| name);
    let rows: Vec<&str> = rows.filter(|name| name.to_lowercase().contains(&part)).collect();
    Paging::read(params, 10, "id", false).show(&rows, |name| view.project_field(project, name))
}

async fn values(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    caller.existing(&app, id)?;
    let field = params.id("customFieldId")?;
    Ok(Json(app.view(|view| values_page(view, Some(id), field, &params))))
}

async fn values_by_parameter(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let field = params.id("customFieldId")?;
    let project = if params.get("projectId").is_some() {
        Some(caller.project(&app, &params)?)
    } else {
        None
    };
    Ok(Json(app.view(|view| values_page(view, project, field, &params))))
}

/// The values of a field, each with the number of cases that have it.
fn values_page(view: View<'_>, project: Option<i64>, field: i64, params: &Params) -> Value {
    let part = params.get("query").unwrap_or_default().to_lowercase();
    let names = &view.site.names;
    let rows = names.values().filter(|(of, ..)| *of == field);
    let rows: Vec<_> = rows
        .filter(|(_, _, name)| name.to_lowercase().contains(&part))
        .collect();
    let field = names.fields.name(field).unwrap_or_default();
    let having = |value: &str| {
        let cases = view
            .site
            .cases
            .values()
            .filter(|case| project.is_none_or(|project| project == case.project));
        cases
            .filter(|case| case.fields.iter().any(|(of, name)| of == field && name == value))
            .count()
    };
    Paging::read(params, 10, "id", false).show(&rows, |(_, id, name)| {
        dto! {
            "id": *id,
            "name": *name,
            "global": true,
            "testCasesCount": having(name),
            "customField": view.field(field),
        }
    })
}

async fn integrations(State(app): State<App>, _: Caller, params: Params) -> Answer {
    Ok(Json(app.view(|view| {
        let rows: Vec<_> = view.site.integrations.values().collect();
        Paging::read(&params, 10, "id", false).show(&rows, |row| view.integration(row))
    })))
}

async fn integration(State(app): State<App>, _: Caller, Id(id): Id) -> Answer {
    app.view(|view| view.site.integrations.get(&id).map(|row| Json(view.integration(row))))
        .ok_or_else(|| ApiError::not_found("Integration", id))
}

async fn project_integrations(State(app): State<App>, caller: Caller, Id(id): Id, params: Params) -> Answer {
    caller.existing(&app, id)?;
    Ok(Json(app.view(|view| {
        let rows: Vec<_> = view.site.integrations.values().collect();
        Paging::read(&params, 10, "id", false).show(&rows, |row| view.project_integration(id, row))
    })))
}

/// Every project has one tree, by the built-in fields in the order of a folder view.
const TREE: [&str; 2] = ["Feature", "Suite"];

async fn tree(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let project = caller.project(&app, &params)?;
    Ok(Json(app.view(|view| {
        let fields: Vec<Value> = TREE.iter().map(|name| view.field(name)).collect();
        let rows = [dto! { "id": project, "projectId": project, "name": "Features", "fields": fields }];
        Paging::read(&params, 10, "id", false).show(&rows, Value::clone)
    })))
}

async fn tree_v2(State(app): State<App>, caller: Caller, params: Params) -> Answer {
    let project = caller.project(&app, &params)?;
    Ok(Json(app.view(|view| {
        let field = |name: &&str| {
            dto! {
                "id": view.site.names.fields.id(name),
                "required": false,
                "locked": false,
                "customField": view.field(name),
            }
        };
        let fields: Vec<Value> = TREE.iter().map(field).collect();
        let rows = [dto! { "id": project, "projectId": project, "name": "Features", "customFieldsProject": fields }];
        Paging::read(&params, 10, "id", false).show(&rows, Value::clone)
    })))
}
