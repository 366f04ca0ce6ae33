//! Forms of integrations and projects.

use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::form::{self, Sent};
use super::layout::{Page, csrf, page};
use crate::app::App;
use crate::plugins::{FieldPlace, Finding, FormField, Kind};
use crate::problem::Problem;
use crate::settings::{Integration, IntegrationDraft, Project, ProjectDraft, SecretText};
use crate::users::{Entered, Role, Visitor};

type Pairs = Form<Vec<(String, String)>>;

pub(super) fn shown(app: &App, visitor: &Visitor, entered: &Entered, title: &str, body: Markup) -> Markup {
    let about = Page {
        title,
        visitor: Some(visitor),
        tenant: Some(entered),
    };
    page(app, &about, body)
}

pub(super) fn home(app: &App, entered: &Entered) -> String {
    app.href(&format!("/t/{}", entered.scope.tenant()))
}

/// The page of a form again, with what is wrong, unless it is about something else than what was entered.
fn again(problem: Problem, form: impl FnOnce(&[Finding]) -> Markup) -> Result<Response, Problem> {
    if problem.findings.is_empty() {
        return Err(problem);
    }
    Ok((problem.code(), form(&problem.findings)).into_response())
}

#[derive(Deserialize)]
pub(super) struct OfKind {
    kind: String,
}

pub(super) async fn new_integration(
    State(app): State<App>,
    visitor: Visitor,
    entered: Entered,
    Query(of): Query<OfKind>,
) -> Result<Markup, Problem> {
    entered.need(Role::Owner)?;
    let (_, kind) = app.plugins().kind(&of.kind).ok_or_else(Problem::not_found)?;
    let body = integration_form(&app, &visitor, &entered, kind, &Sent::default(), &[]);
    Ok(shown(&app, &visitor, &entered, &kind.title, body))
}

fn integration_form(
    app: &App,
    visitor: &Visitor,
    entered: &Entered,
    kind: &Kind,
    sent: &Sent,
    findings: &[Finding],
) -> Markup {
    let fields: Vec<&FormField> = kind.fields_at(FieldPlace::Integration).collect();
    let values = sent.below("field:");
    html! {
        h1 { "Add " (kind.title) }
        form method="post" action=(format!("{}/integrations/new?kind={}", home(app, entered), kind.id)) {
            (csrf(visitor))
            label for="name" { "Name" }
            input #name name="name" required value=(sent.text("name"));
            @for field in &fields { (form::field(field, values.get(&field.name).map(String::as_str), false, findings)) }
            (form::others(findings, |name| fields.iter().any(|field| field.name == name)))
            button type="submit" { "Add integration" }
        }
    }
}

pub(super) async fn add_integration(
    State(app): State<App>,
    visitor: Visitor,
    entered: Entered,
    Query(of): Query<OfKind>,
    Form(pairs): Pairs,
) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let draft = IntegrationDraft {
        name: sent.text("name"),
        kind: of.kind.clone(),
        fields: sent.below("field:"),
    };
    let (_, kind) = app.plugins().kind(&of.kind).ok_or_else(Problem::not_found)?;
    match Integration::add(&app, &entered, draft).await {
        Ok(_) => Ok(Redirect::to(&home(&app, &entered)).into_response()),
        Err(problem) => again(problem, |findings| {
            let body = integration_form(&app, &visitor, &entered, kind, &sent, findings);
            shown(&app, &visitor, &entered, &kind.title, body)
        }),
    }
}

pub(super) async fn new_project(State(app): State<App>, visitor: Visitor, entered: Entered) -> Result<Markup, Problem> {
    entered.need(Role::Owner)?;
    let body = project_form(&app, &visitor, &entered, &Sent::default(), &[]);
    Ok(shown(&app, &visitor, &entered, "Add project", body))
}

fn project_form(app: &App, visitor: &Visitor, entered: &Entered, sent: &Sent, findings: &[Finding]) -> Markup {
    html! {
        h1 { "Add a TestOps project" }
        form method="post" action=(format!("{}/projects/new", home(app, entered))) {
            (csrf(visitor))
            label for="name" { "Name" }
            input #name name="name" required value=(sent.text("name"));
            label for="endpoint" { "Address of TestOps" }
            input #endpoint name="endpoint" type="url" required placeholder="https://testops.example.com" value=(sent.text("endpoint"));
            label for="number" { "Id of the project in TestOps" }
            input #number name="number" type="number" min="1" required value=(sent.text("number"));
            label for="token" { "API token" }
            input #token name="token" type="password" autocomplete="off" required;
            p.help { "From your TestOps profile, API tokens. It is stored encrypted and never shown again." }
            (form::others(findings, |_| false))
            button type="submit" { "Add project" }
        }
    }
}

pub(super) async fn add_project(
    State(app): State<App>,
    visitor: Visitor,
    entered: Entered,
    Form(pairs): Pairs,
) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let number = sent
        .text("number")
        .trim()
        .parse()
        .map_err(|_| Problem::invalid("The project's id is a number."))?;
    let draft = ProjectDraft {
        name: sent.text("name"),
        endpoint: sent.text("endpoint"),
        number,
        token: Some(SecretText::new(sent.text("token"))),
        expires_at: None,
    };
    match Project::add(&app, &entered, draft).await {
        Ok(_) => Ok(Redirect::to(&home(&app, &entered)).into_response()),
        Err(problem) => again(problem, |findings| {
            let body = project_form(&app, &visitor, &entered, &sent, findings);
            shown(&app, &visitor, &entered, "Add project", body)
        }),
    }
}
