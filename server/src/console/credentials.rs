//! Who a project logs in as at the servers of an integration, and the connection test.

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::form::{self, Pairs, Sent};
use super::parts::{Tone, crumbs, notice, test_result};
use super::view::{Section, TenantView};
use crate::plugins::{FieldPlace, Finding, FormField};
use crate::problem::Problem;
use crate::settings::{Credentials, CredentialsDraft, Integration, Project, assemble, try_out};
use crate::users::Role;

/// A project and an integration, which credentials bring together.
#[derive(Deserialize)]
pub(super) struct Pair {
    project: String,
    integration: String,
}

/// The two, as they are.
struct Ends {
    project: Project,
    integration: Integration,
}

impl Ends {
    async fn get(view: &TenantView, project: &str, integration: &str) -> Result<Self, Problem> {
        Ok(Self {
            project: Project::get(&view.app, view.scope(), project).await?,
            integration: Integration::get(view.scope(), integration).await?,
        })
    }

    fn title(&self) -> String {
        format!("{} → {}", self.project.name, self.integration.name)
    }

    fn crumbs(&self, view: &TenantView) -> Markup {
        let project = format!("projects/{}", self.project.id);
        crumbs(&[
            (view.path(&project), &self.project.name),
            (view.path(&format!("{project}/integrations")), "Integrations"),
        ])
    }
}

pub(super) async fn new(view: TenantView, Query(pair): Query<Pair>) -> Result<Markup, Problem> {
    view.entered.need(Role::Owner)?;
    let ends = Ends::get(&view, &pair.project, &pair.integration).await?;
    let body = page_of_new(&view, &ends, &Sent::default(), &[])?;
    Ok(view.page(Section::Overview, &ends.title(), body))
}

fn page_of_new(view: &TenantView, ends: &Ends, sent: &Sent, findings: &[Finding]) -> Result<Markup, Problem> {
    let action = format!(
        "credentials/new?project={}&integration={}",
        ends.project.id, ends.integration.id
    );
    Ok(html! {
        (ends.crumbs(view))
        h1 { (ends.title()) }
        p.subtitle { "Whose account the export uses. Give it one that may browse, create and edit in the destination project." }
        (credentials_form(view, &ends.integration, &action, None, sent, findings)?)
    })
}

/// The form of a kind, with its tabs.
fn credentials_form(
    view: &TenantView,
    integration: &Integration,
    rest: &str,
    known: Option<&Credentials>,
    sent: &Sent,
    findings: &[Finding],
) -> Result<Markup, Problem> {
    let (_, kind) = view.kind(&integration.kind)?;
    let fields: Vec<&FormField> = kind.fields_at(FieldPlace::Credentials).collect();
    let values = sent.below("field:");
    let is_stored = |field: &FormField| {
        let secrets = known.map(|known| &*known.secrets).unwrap_or_default();
        secrets
            .iter()
            .any(|secret| secret.field == field.name && secret.is_stored && !secret.is_for_another_server)
    };
    let one = |field: &FormField| {
        let value = values.get(&field.name).map(String::as_str);
        form::field(field, value, is_stored(field), findings)
    };
    // The tab that was sent, or the one that has something.
    let sent_tab = sent.text("tab");
    let filled = |field: &&&FormField| is_stored(field) || values.contains_key(&field.name);
    let filled = fields.iter().filter(filled).find_map(|field| field.tab.as_deref());
    let tab = Some(&*sent_tab).filter(|tab| !tab.is_empty()).or(filled);
    Ok(html! {
        form method="post" action=(view.path(rest)) {
            (view.csrf())
            @if let Some(known) = known { (form::revision(known.revision)) }
            (form::others(findings, |name| name == form::EXPIRY || fields.iter().any(|field| field.name == name)))
            (form::tabbed(&fields, tab, one))
            (form::expiry(sent, findings, "The last day of the secret that ends first, in UTC. Channels hear of it before."))
            div.actions {
                button.primary type="submit" name="then" value="test" { "Save and test connection" }
                button type="submit" { "Save" }
            }
        }
    })
}

/// What the form holds, without the fields of the tabs that were not chosen.
fn drafted(
    view: &TenantView,
    ends: &Ends,
    known: Option<&Credentials>,
    sent: &Sent,
) -> Result<CredentialsDraft, Problem> {
    let (_, kind) = view.kind(&ends.integration.kind)?;
    let tab = sent.text("tab");
    let is_meant = |name: &String| {
        let field = kind.field(name).and_then(|field| field.tab.as_deref());
        field.is_none_or(|own| own == tab)
    };
    Ok(CredentialsDraft {
        project: ends.project.id.clone(),
        integration: ends.integration.id.clone(),
        expires_at: sent.expiry(known.and_then(|known| known.expires_at))?,
        fields: sent
            .below("field:")
            .into_iter()
            .filter(|(name, _)| is_meant(name))
            .collect(),
        secrets: sent.secrets().into_iter().filter(|(name, _)| is_meant(name)).collect(),
    })
}

pub(super) async fn add(view: TenantView, Query(pair): Query<Pair>, pairs: Pairs) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let ends = Ends::get(&view, &pair.project, &pair.integration).await?;
    let added = match drafted(&view, &ends, None, &sent) {
        Ok(draft) => Credentials::add(&view.app, &view.entered, draft).await,
        Err(problem) => Err(problem),
    };
    match added {
        Ok(added) => saved(&view, &added.id, &sent).await,
        Err(problem) => {
            let body = page_of_new(&view, &ends, &sent, &form::wrong(&problem))?;
            Ok(view.again(&problem, Section::Overview, &ends.title(), body))
        }
    }
}

/// Goes on to the page of the credentials, tested where the person asked for it.
async fn saved(view: &TenantView, id: &str, sent: &Sent) -> Result<Response, Problem> {
    if sent.text("then") == "test" {
        return tested(view, id).await;
    }
    Ok(view.redirect(&format!("credentials/{id}")))
}

pub(super) async fn show(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Markup, Problem> {
    let known = Credentials::get(&view.app, view.scope(), &id).await?;
    let ends = Ends::get(&view, &known.project, &known.integration).await?;
    let sent = stored(&known);
    let body = page_of(&view, &ends, &known, &sent, &[])?;
    Ok(view.page(Section::Overview, &ends.title(), body))
}

/// What is stored, as the form would send it.
fn stored(known: &Credentials) -> Sent {
    let field = |(name, value): (&String, &String)| (format!("field:{name}"), value.clone());
    let expires = (form::EXPIRY.to_owned(), form::day(known.expires_at));
    Sent::of(known.fields.iter().map(field).chain([expires]))
}

fn page_of(
    view: &TenantView,
    ends: &Ends,
    known: &Credentials,
    sent: &Sent,
    findings: &[Finding],
) -> Result<Markup, Problem> {
    let here = format!("credentials/{}", known.id);
    let passed = known.test.as_ref().is_some_and(|test| test.passed);
    let is_owner = view.may(Role::Owner);
    Ok(html! {
        (ends.crumbs(view))
        h1 { (ends.title()) }
        @if known.secrets.iter().any(|secret| secret.is_for_another_server) {
            (notice(Tone::Warn, "Enter the secrets again", html! { p { "The address of a server has changed since they were entered. They are not sent to the new one before you enter them for it." } }))
        }
        @if let Some(test) = &known.test { (test_result(test, known.tested_at, |side| view.side(side))) }
        div.actions {
            @if passed && is_owner { a.button.primary href=(view.path(&format!("syncs/new?credentials={}", known.id))) { "Create sync" } }
            @if view.may(Role::Operator) { (view.button(&format!("{here}/test"), "Test connection", "", &[])) }
        }
        @if is_owner {
            h2 { "Credentials" }
            (credentials_form(view, &ends.integration, &here, Some(known), sent, findings)?)
            (view.removal(&format!("{here}/remove"), "Remove this connection", "Its syncs go as well, with their history. Issues at the destination stay."))
        }
    })
}

pub(super) async fn change(
    view: TenantView,
    Path((_, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let known = Credentials::get(&view.app, view.scope(), &id).await?;
    let ends = Ends::get(&view, &known.project, &known.integration).await?;
    let draft = sent
        .expect(known.revision)
        .and_then(|()| drafted(&view, &ends, Some(&known), &sent));
    let changed = match draft {
        Ok(draft) => known.clone().change(&view.app, &view.entered, draft).await,
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(_) => saved(&view, &id, &sent).await,
        Err(problem) => {
            let body = page_of(&view, &ends, &known, &sent, &form::wrong(&problem))?;
            Ok(view.again(&problem, Section::Overview, &ends.title(), body))
        }
    }
}

pub(super) async fn test(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Response, Problem> {
    tested(&view, &id).await
}

async fn tested(view: &TenantView, id: &str) -> Result<Response, Problem> {
    let here = format!("credentials/{id}");
    let assembled = match assemble(&view.app, view.scope(), id).await {
        Ok(assembled) => assembled,
        // The page itself shows what is missing.
        Err(problem) if !problem.findings.is_empty() => return incomplete(view, id, &problem).await,
        Err(problem) => return Err(problem),
    };
    view.entered.need(Role::Operator)?;
    let result = try_out(&assembled, None, false).await?;
    assembled.credentials.tested(&view.app, view.scope(), &result).await?;
    Ok(view.redirect(&here))
}

async fn incomplete(view: &TenantView, id: &str, problem: &Problem) -> Result<Response, Problem> {
    let known = Credentials::get(&view.app, view.scope(), id).await?;
    let ends = Ends::get(view, &known.project, &known.integration).await?;
    let sent = stored(&known);
    let body = page_of(view, &ends, &known, &sent, &problem.findings)?;
    Ok(view.again(problem, Section::Overview, &ends.title(), body))
}

pub(super) async fn remove(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Response, Problem> {
    let known = Credentials::get(&view.app, view.scope(), &id).await?;
    let rest = format!("projects/{}/integrations", known.project);
    known.remove(&view.app, &view.entered).await?;
    Ok(view.redirect(&rest))
}
