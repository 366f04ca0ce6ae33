//! Credentials: their form, with tabs as the kind has them, and the connection test.

use axum::extract::{Form, Path, Query, State};
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;

use super::form::{self, Sent};
use super::layout::csrf;
use super::settings::{home, shown};
use crate::app::App;
use crate::plugins::{FieldPlace, Finding, FormField, TestResult};
use crate::problem::Problem;
use crate::settings::{Credentials, CredentialsDraft, Integration, Project, assemble, try_out};
use crate::users::{Entered, Role, Visitor};

type Pairs = Form<Vec<(String, String)>>;

#[derive(Deserialize)]
pub(super) struct Pair {
    project: String,
    integration: String,
}

pub(super) async fn new_credentials(
    State(app): State<App>,
    visitor: Visitor,
    entered: Entered,
    Query(pair): Query<Pair>,
) -> Result<Markup, Problem> {
    entered.need(Role::Owner)?;
    let project = Project::get(&app, &entered.scope, &pair.project).await?;
    let integration = Integration::get(&entered.scope, &pair.integration).await?;
    let title = format!("{} → {}", project.name, integration.name);
    let action = format!(
        "{}/credentials/new?project={}&integration={}",
        home(&app, &entered),
        project.id,
        integration.id
    );
    let body = html! {
        h1 { (title) }
        (credentials_form(&app, &visitor, &integration, &action, None, &[])?)
    };
    Ok(shown(&app, &visitor, &entered, &title, body))
}

/// The form of a kind, its tabs as groups that exclude each other.
fn credentials_form(
    app: &App,
    visitor: &Visitor,
    integration: &Integration,
    action: &str,
    known: Option<&Credentials>,
    findings: &[Finding],
) -> Result<Markup, Problem> {
    let (_, kind) = app.plugins().kind(&integration.kind).ok_or_else(Problem::not_found)?;
    let fields: Vec<&FormField> = kind.fields_at(FieldPlace::Credentials).collect();
    let mut tabs: Vec<&str> = Vec::new();
    for tab in fields.iter().filter_map(|field| field.tab.as_deref()) {
        if !tabs.contains(&tab) {
            tabs.push(tab);
        }
    }
    let one = |field: &FormField| {
        let value = known
            .and_then(|known| known.fields.get(&field.name))
            .map(String::as_str);
        let secrets = known.map(|known| &*known.secrets).unwrap_or_default();
        let is_stored = secrets
            .iter()
            .any(|secret| secret.field == field.name && secret.is_stored && !secret.is_for_another_server);
        form::field(field, value, is_stored, findings)
    };
    Ok(html! {
        form method="post" action=(action) {
            (csrf(visitor))
            @for field in fields.iter().filter(|field| field.tab.is_none()) { (one(field)) }
            @for tab in &tabs {
                fieldset {
                    legend { (tab) }
                    @for field in fields.iter().filter(|field| field.tab.as_deref() == Some(tab)) { (one(field)) }
                }
            }
            (form::others(findings, |name| fields.iter().any(|field| field.name == name)))
            button type="submit" { "Save" }
        }
    })
}

pub(super) async fn add_credentials(
    State(app): State<App>,
    entered: Entered,
    Query(pair): Query<Pair>,
    Form(pairs): Pairs,
) -> Result<Redirect, Problem> {
    let sent = Sent::from(pairs);
    let draft = CredentialsDraft {
        project: pair.project,
        integration: pair.integration,
        fields: sent.below("field:"),
        expires_at: None,
        secrets: sent.secrets(),
    };
    let added = Credentials::add(&app, &entered, draft).await?;
    Ok(Redirect::to(&format!(
        "{}/credentials/{}",
        home(&app, &entered),
        added.id
    )))
}

pub(super) async fn credentials(
    State(app): State<App>,
    visitor: Visitor,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<Markup, Problem> {
    let known = Credentials::get(&app, &entered.scope, &id).await?;
    let project = Project::get(&app, &entered.scope, &known.project).await?;
    let integration = Integration::get(&entered.scope, &known.integration).await?;
    let title = format!("{} → {}", project.name, integration.name);
    let here = format!("{}/credentials/{id}", home(&app, &entered));
    let body = html! {
        h1 { (title) }
        @if let Some(test) = &known.test { (test_result(test)) }
        form method="post" action=(format!("{here}/test")) { (csrf(&visitor)) button type="submit" { "Test connection" } }
        @if entered.role >= Role::Owner {
            h2 { "Credentials" }
            (credentials_form(&app, &visitor, &integration, &here, Some(&known), &[])?)
            p { a.button href=(format!("{}/syncs/new?credentials={id}", home(&app, &entered))) { "Create sync" } }
        }
    };
    Ok(shown(&app, &visitor, &entered, &title, body))
}

/// What a connection test found, check by check.
pub(super) fn test_result(test: &TestResult) -> Markup {
    html! {
        section.test {
            h2 { (test.summary) }
            ul {
                @for check in &test.checks {
                    li {
                        span class=(match &*check.status { "passed" => "badge good", "failed" => "badge bad", "warning" => "badge warn", _ => "badge" }) { (check.status) }
                        " " strong { (check.name) } " (" (check.side) "): " (check.message)
                        @if let Some(hint) = &check.hint { p.help { (hint) } }
                    }
                }
            }
        }
    }
}

pub(super) async fn change_credentials(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Form(pairs): Pairs,
) -> Result<Redirect, Problem> {
    let sent = Sent::from(pairs);
    let known = Credentials::get(&app, &entered.scope, &id).await?;
    let draft = CredentialsDraft {
        project: known.project.clone(),
        integration: known.integration.clone(),
        fields: sent.below("field:"),
        expires_at: None,
        secrets: sent.secrets(),
    };
    known.change(&app, &entered, draft).await?;
    Ok(Redirect::to(&format!("{}/credentials/{id}", home(&app, &entered))))
}

pub(super) async fn test_credentials(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<Redirect, Problem> {
    let assembled = assemble(&app, &entered.scope, &id).await?;
    entered.need(Role::Operator)?;
    let result = try_out(&assembled, None, false).await?;
    assembled.credentials.tested(&app, &entered.scope, &result).await?;
    Ok(Redirect::to(&format!("{}/credentials/{id}", home(&app, &entered))))
}
