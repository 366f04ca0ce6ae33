//! Dictionaries of the installation.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

use super::super::app::{Answer, App, Caller};
use super::super::dto::{View, dto};
use super::super::names::Names;
use super::super::page::{Paging, Params};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/tag", get(tags))
        .route("/role", get(roles))
        .route("/testlayer", get(layers))
        .route("/status", get(statuses))
        .route("/workflow", get(workflows))
        .route("/member", get(members))
}

fn row(id: i64, name: &str) -> Value {
    dto! { "id": id, "name": name }
}

/// Tags and roles are plain arrays.
async fn tags(State(app): State<App>, _: Caller) -> Answer {
    Ok(Json(app.view(|view| {
        view.site.names.tags.iter().map(|(id, name)| row(id, name)).collect()
    })))
}

async fn roles(State(app): State<App>, _: Caller) -> Answer {
    Ok(Json(app.view(|view| {
        view.site.names.roles.iter().map(|(id, name)| row(id, name)).collect()
    })))
}

fn page(view: View<'_>, params: &Params, names: &Names, show: impl Fn(View<'_>, i64, &str) -> Value) -> Answer {
    let rows: Vec<_> = names.iter().collect();
    Ok(Json(
        Paging::read(params, 10, "id", false).show(&rows, |(id, name)| show(view, *id, name)),
    ))
}

async fn layers(State(app): State<App>, _: Caller, params: Params) -> Answer {
    app.view(|view| page(view, &params, &view.site.names.layers, |_, id, name| row(id, name)))
}

async fn statuses(State(app): State<App>, _: Caller, params: Params) -> Answer {
    app.view(|view| {
        page(view, &params, &view.site.names.statuses, |view, _, name| {
            view.status(name)
        })
    })
}

async fn workflows(State(app): State<App>, _: Caller, params: Params) -> Answer {
    app.view(|view| {
        page(view, &params, &view.site.names.workflows, |view, _, name| {
            view.workflow(name)
        })
    })
}

async fn members(State(app): State<App>, _: Caller, params: Params) -> Answer {
    let role = params.id("roleId")?;
    app.view(|view| {
        let role = view.site.names.roles.name(role).unwrap_or_default();
        let members = view.site.cases.values().flat_map(|case| &case.members);
        let mut members: Vec<_> = members.filter(|(of, _)| of == role).cloned().collect();
        members.sort();
        members.dedup();
        let rows = view.members(&members);
        Ok(Json(Paging::read(&params, 10, "id", false).show(&rows, Value::clone)))
    })
}
