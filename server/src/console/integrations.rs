//! Integrations of a tenant: which kind, and where its servers are.

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::form::{self, Line, Pairs, Sent};
use super::parts::{crumbs, empty};
use super::view::{Section, TenantView};
use crate::plugins::{FieldPlace, Finding, FormField, Kind};
use crate::problem::Problem;
use crate::settings::{Credentials, Integration, IntegrationDraft, Project};
use crate::users::Role;

pub(super) async fn list(view: TenantView) -> Result<Markup, Problem> {
    let integrations = Integration::all(view.scope()).await?;
    let credentials = Credentials::all(&view.app, view.scope()).await?;
    let projects = Project::all(&view.app, view.scope()).await?;
    let body = html! {
        div.title { h1 { "Integrations" } }
        @if integrations.is_empty() {
            (empty("There is no integration yet", html! { p { "An integration says where Jira and Xray are. Projects log in to it with credentials of their own." } }))
        } @else {
            (table(&view, &integrations, &credentials, &projects))
        }
        @if view.may(Role::Owner) { (additions(&view)) }
    };
    Ok(view.page(Section::Integrations, "Integrations", body))
}

fn table(view: &TenantView, integrations: &[Integration], credentials: &[Credentials], projects: &[Project]) -> Markup {
    let users = |integration: &Integration| {
        let own = credentials.iter().filter(|one| one.integration == integration.id);
        let names: Vec<&str> = own
            .filter_map(|one| projects.iter().find(|project| project.id == one.project))
            .map(|project| &*project.name)
            .collect();
        names.join(", ")
    };
    html! {
        table.stack {
            thead { tr { th { "Name" } th { "Type" } th { "Endpoint" } th { "Used by" } } }
            tbody {
                @for integration in integrations {
                    tr {
                        td data-label="Name" { a href=(view.path(&format!("integrations/{}", integration.id))) { (integration.name) } }
                        td data-label="Type" { (title(view, &integration.kind)) }
                        td data-label="Endpoint" { (endpoint(view, integration)) }
                        td data-label="Used by" { @let users = users(integration); @if users.is_empty() { "no project yet" } @else { (users) } }
                    }
                }
            }
        }
    }
}

/// How people call a kind.
pub(super) fn title(view: &TenantView, kind: &str) -> String {
    view.kind(kind).map_or(kind.to_owned(), |(_, kind)| kind.title.clone())
}

/// The first address of an integration, in the order of its form.
pub(super) fn endpoint(view: &TenantView, integration: &Integration) -> String {
    let Ok((_, kind)) = view.kind(&integration.kind) else {
        return String::new();
    };
    kind.fields_at(FieldPlace::Integration)
        .find_map(|field| integration.fields.get(&field.name).cloned())
        .unwrap_or_default()
}

/// A choice for each kind that the loaded plugins offer.
fn additions(view: &TenantView) -> Markup {
    html! {
        section {
            h2 { "Add integration" }
            ul.choices {
                @for kind in view.app.plugins().kinds() {
                    li { a.button href=(view.path(&format!("integrations/new?kind={}", kind.id))) { (kind.title) } }
                }
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct OfKind {
    kind: String,
}

pub(super) async fn new(view: TenantView, Query(of): Query<OfKind>) -> Result<Markup, Problem> {
    view.entered.need(Role::Owner)?;
    let (_, kind) = view.kind(&of.kind)?;
    let body = page_of_new(&view, kind, &Sent::default(), &[]);
    Ok(view.page(Section::Integrations, &kind.title, body))
}

fn page_of_new(view: &TenantView, kind: &Kind, sent: &Sent, findings: &[Finding]) -> Markup {
    let action = view.path(&format!("integrations/new?kind={}", kind.id));
    html! {
        (crumbs(&[(view.path("integrations"), "Integrations")]))
        h1 { "Add integration" }
        p.subtitle { (kind.title) }
        form method="post" action=(action) {
            (view.csrf())
            (lines(kind, sent, findings))
            button.primary type="submit" { "Add integration" }
        }
    }
}

/// The fields of an integration: its name, and the addresses of its servers.
pub(super) fn lines(kind: &Kind, sent: &Sent, findings: &[Finding]) -> Markup {
    let fields: Vec<&FormField> = kind.fields_at(FieldPlace::Integration).collect();
    let values = sent.below("field:");
    html! {
        (form::others(findings, |name| name == "name" || fields.iter().any(|field| field.name == name)))
        (Line::new("name", "Name").help("How people call it, for example Jira of the payments department.").required(true).wrong(findings, "name").input("text", &sent.text("name")))
        @for field in &fields { (form::field(field, values.get(&field.name).map(String::as_str), false, findings)) }
    }
}

/// What a form of an integration holds.
pub(super) fn drafted(kind: &str, sent: &Sent) -> IntegrationDraft {
    IntegrationDraft {
        name: sent.text("name"),
        kind: kind.to_owned(),
        fields: sent.below("field:"),
    }
}

pub(super) async fn add(view: TenantView, Query(of): Query<OfKind>, pairs: Pairs) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let (_, kind) = view.kind(&of.kind)?;
    match Integration::add(&view.app, &view.entered, drafted(&of.kind, &sent)).await {
        Ok(_) => Ok(view.redirect("integrations")),
        Err(problem) => {
            let body = page_of_new(&view, kind, &sent, &form::wrong(&problem));
            Ok(view.again(&problem, Section::Integrations, &kind.title, body))
        }
    }
}

pub(super) async fn show(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Markup, Problem> {
    let integration = Integration::get(view.scope(), &id).await?;
    let body = page_of(&view, &integration, &[])?;
    Ok(view.page(Section::Integrations, &integration.name, body))
}

fn page_of(view: &TenantView, integration: &Integration, findings: &[Finding]) -> Result<Markup, Problem> {
    let (_, kind) = view.kind(&integration.kind)?;
    let here = format!("integrations/{}", integration.id);
    let fields = integration
        .fields
        .iter()
        .map(|(name, value)| (format!("field:{name}"), value.clone()));
    let sent = Sent::of(fields.chain([("name".to_owned(), integration.name.clone())]));
    Ok(html! {
        (crumbs(&[(view.path("integrations"), "Integrations")]))
        h1 { (integration.name) }
        p.subtitle { (kind.title) }
        @if view.may(Role::Owner) {
            form method="post" action=(view.path(&here)) {
                (view.csrf())
                (form::revision(integration.revision))
                (lines(kind, &sent, findings))
                p.help { "Secrets belong to the server that they were entered for. Another address asks for them again." }
                button.primary type="submit" { "Save" }
            }
            (view.removal(&format!("{here}/remove"), "Remove this integration", "Credentials and syncs that use it go as well. Issues at the destination stay."))
        } @else {
            dl.facts { @for field in kind.fields_at(FieldPlace::Integration) { dt { (field.label) } dd { (integration.fields.get(&field.name).or(field.default.as_ref()).map_or("", String::as_str)) } } }
        }
    })
}

pub(super) async fn change(
    view: TenantView,
    Path((_, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let known = Integration::get(view.scope(), &id).await?;
    let sent = Sent::from(pairs);
    let draft = drafted(&known.kind, &sent);
    let entered = Integration {
        name: draft.name.clone(),
        fields: draft.fields.clone(),
        ..known.clone()
    };
    let changed = match sent.expect(known.revision) {
        Ok(()) => known.change(&view.app, &view.entered, draft).await,
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(_) => Ok(view.redirect("integrations")),
        Err(problem) => {
            let body = page_of(&view, &entered, &form::wrong(&problem))?;
            Ok(view.again(&problem, Section::Integrations, &entered.name, body))
        }
    }
}

pub(super) async fn remove(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Response, Problem> {
    let integration = Integration::get(view.scope(), &id).await?;
    integration.remove(&view.app, &view.entered).await?;
    Ok(view.redirect("integrations"))
}
