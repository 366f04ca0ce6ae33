//! Integrations of all tenants. An administrator adds them for a tenant as its owner would.

use axum::extract::Query;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::super::form::{Line, Pairs, Sent, wrong};
use super::super::integrations::{drafted, lines};
use super::super::parts::{crumbs, empty};
use super::{AdminView, Section};
use crate::plugins::{Finding, Kind};
use crate::problem::Problem;
use crate::settings::Integration;
use crate::users::{Entered, TenantRow};

pub(super) async fn list(view: AdminView) -> Result<Markup, Problem> {
    let tenants = view.app.users().tenants().await?;
    let mut rows: Vec<(&TenantRow, Integration)> = Vec::new();
    for tenant in &tenants {
        let entered = enter(&view, &tenant.name).await?;
        let own = Integration::all(&entered.scope).await?;
        rows.extend(own.into_iter().map(|integration| (tenant, integration)));
    }
    let body = html! {
        h1 { "Integrations" }
        @if rows.is_empty() { (empty("There is no integration yet", html! { p { "An integration says where Jira and Xray are. Projects of its tenant log in to it with credentials of their own." } })) }
        @else {
            table.stack {
                thead { tr { th { "Name" } th { "Type" } th { "Tenant" } } }
                tbody { @for (tenant, integration) in &rows { (row(&view, tenant, integration)) } }
            }
        }
        section {
            h2 { "Add integration" }
            @if tenants.is_empty() { p { a href=(view.path("tenants#add")) { "Add a tenant" } " first: an integration belongs to one." } }
            @else {
                ul.choices { @for kind in view.app.plugins().kinds() { li { a.button href=(view.path(&format!("integrations/new?kind={}", kind.id))) { (kind.title) } } } }
            }
        }
    };
    Ok(view.page(Section::Integrations, "Integrations", body))
}

async fn enter(view: &AdminView, tenant: &str) -> Result<Entered, Problem> {
    view.by.0.enter(view.app.users(), tenant).await
}

fn row(view: &AdminView, tenant: &TenantRow, integration: &Integration) -> Markup {
    let kind = view.app.plugins().kind(&integration.kind);
    html! {
        tr {
            td data-label="Name" { a href=(view.app.href(&format!("/t/{}/integrations/{}", tenant.name, integration.id))) { (integration.name) } }
            td data-label="Type" { @match kind { Some((_, kind)) => (kind.title), None => (integration.kind) } }
            td data-label="Tenant" { a href=(view.app.href(&format!("/t/{}", tenant.name))) { (tenant.title) } }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct OfKind {
    kind: String,
}

pub(super) async fn new(view: AdminView, Query(of): Query<OfKind>) -> Result<Markup, Problem> {
    let (_, kind) = view.app.plugins().kind(&of.kind).ok_or_else(Problem::not_found)?;
    let body = page_of_new(&view, kind, &Sent::default(), &[]).await?;
    Ok(view.page(Section::Integrations, &kind.title, body))
}

async fn page_of_new(view: &AdminView, kind: &Kind, sent: &Sent, findings: &[Finding]) -> Result<Markup, Problem> {
    let tenants = view.app.users().tenants().await?;
    let chosen = sent.text("tenant");
    Ok(html! {
        (crumbs(&[(view.path("integrations"), "Integrations")]))
        h1 { "Add integration" }
        p.subtitle { (kind.title) }
        form method="post" action=(view.path(&format!("integrations/new?kind={}", kind.id))) {
            (view.csrf())
            (Line::new("tenant", "Tenant").required(true).around(html! {
                select #tenant name="tenant" { @for tenant in &tenants { option value=(tenant.name) selected[tenant.name == chosen] { (tenant.title) } } }
            }))
            (lines(kind, sent, findings))
            button.primary type="submit" { "Add integration" }
        }
    })
}

pub(super) async fn add(view: AdminView, Query(of): Query<OfKind>, pairs: Pairs) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let (_, kind) = view.app.plugins().kind(&of.kind).ok_or_else(Problem::not_found)?;
    let entered = enter(&view, &sent.text("tenant")).await?;
    match Integration::add(&view.app, &entered, drafted(&of.kind, &sent)).await {
        Ok(_) => Ok(view.redirect("integrations")),
        Err(problem) => {
            let body = page_of_new(&view, kind, &sent, &wrong(&problem)).await?;
            Ok(view.again(&problem, Section::Integrations, &kind.title, body))
        }
    }
}
