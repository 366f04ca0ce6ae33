//! A TestOps project: its syncs, the integrations it uses, its settings.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};

use super::form::{self, Line, Pairs, Sent};
use super::integrations::{endpoint, title};
use super::overview::sync_table;
use super::parts::{Tone, badge, empty};
use super::view::{Section, TenantView};
use crate::plugins::Finding;
use crate::problem::Problem;
use crate::settings::{Credentials, Integration, Project, ProjectDraft, SecretText, Sync};
use crate::users::Role;

/// A tab of a project's pages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Sync,
    Integrations,
    Settings,
}

fn framed(view: &TenantView, project: &Project, tab: Tab, body: &Markup) -> Markup {
    let here = format!("projects/{}", project.id);
    let link = |which: Tab, label: &str, rest: &str| {
        html! { a href=(view.path(&format!("{here}{rest}"))) aria-current=[(which == tab).then_some("page")] { (label) } }
    };
    let body = html! {
        h1 { (project.name) }
        p.subtitle { "TestOps project " (project.number) " at " (project.endpoint) }
        nav.subtabs aria-label="Project" {
            (link(Tab::Sync, "TMS Sync", ""))
            (link(Tab::Integrations, "Integrations", "/integrations"))
            @if view.may(Role::Owner) { (link(Tab::Settings, "Settings", "/settings")) }
        }
        (body)
    };
    view.page(Section::Overview, &project.name, body)
}

pub(super) async fn syncs(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Markup, Problem> {
    let project = Project::get(&view.app, view.scope(), &id).await?;
    let uses = uses(&view, &id).await?;
    let all = Sync::all(view.scope()).await?;
    let of = |sync: &&Sync| uses.iter().any(|(own, _)| own.id == sync.draft.credentials);
    let own: Vec<&Sync> = all.iter().filter(of).collect();
    let body = html! {
        @if uses.is_empty() {
            (empty("This project has no integration yet", html! {
                p { "Connect it to Jira and Xray first; then create a sync." }
                a.button.primary href=(view.path(&format!("projects/{id}/integrations"))) { "Choose an integration" }
            }))
        } @else if own.is_empty() {
            (empty("Nothing is exported yet", html! { p { "A sync says which test cases and launches go to which Jira project, and when." } (creates(&view, &uses, true)) }))
        } @else {
            (sync_table(&view, &own))
            (creates(&view, &uses, false))
        }
    };
    Ok(framed(&view, &project, Tab::Sync, &body))
}

/// A button for each connection that a sync can be created on.
fn creates(view: &TenantView, uses: &[(Credentials, Integration)], is_first: bool) -> Markup {
    html! {
        @if view.may(Role::Owner) {
            div.actions {
                @for (credentials, integration) in uses {
                    a class={ "button" @if is_first { " primary" } } href=(view.path(&format!("syncs/new?credentials={}", credentials.id))) {
                        "Create" @if uses.len() > 1 { " on " (integration.name) }
                    }
                }
            }
        }
    }
}

/// Integrations that a project uses, with its credentials.
async fn uses(view: &TenantView, project: &str) -> Result<Vec<(Credentials, Integration)>, Problem> {
    let mut uses = Vec::new();
    for credentials in Credentials::all(&view.app, view.scope()).await? {
        if credentials.project == project {
            let integration = Integration::get(view.scope(), &credentials.integration).await?;
            uses.push((credentials, integration));
        }
    }
    Ok(uses)
}

pub(super) async fn integrations(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Markup, Problem> {
    let project = Project::get(&view.app, view.scope(), &id).await?;
    let uses = uses(&view, &id).await?;
    let all = Integration::all(view.scope()).await?;
    let free: Vec<&Integration> = all
        .iter()
        .filter(|one| uses.iter().all(|(_, used)| used.id != one.id))
        .collect();
    let body = html! {
        @if all.is_empty() {
            (empty("There is no integration yet", html! {
                p { "An integration says where Jira and Xray are." }
                a.button.primary href=(view.path("integrations")) { "Add the first integration" }
            }))
        }
        @for (credentials, integration) in &uses { (used(&view, credentials, integration)) }
        @if !free.is_empty() {
            h2 { "Available integrations" }
            ul.cards { @for integration in free { (available(&view, &project, integration)) } }
        }
    };
    Ok(framed(&view, &project, Tab::Integrations, &body))
}

fn used(view: &TenantView, credentials: &Credentials, integration: &Integration) -> Markup {
    html! {
        section.card {
            div.title {
                h2 { a href=(view.path(&format!("credentials/{}", credentials.id))) { (integration.name) } }
                @match &credentials.test {
                    Some(test) => (badge(if test.passed { Tone::Good } else { Tone::Bad }, &test.summary)),
                    None => (badge(Tone::Calm, "not tested")),
                }
            }
            p.help { (title(view, &integration.kind)) " at " (endpoint(view, integration)) }
            div.actions {
                @if view.may(Role::Operator) { (view.button(&format!("credentials/{}/test", credentials.id), "Test connection", "", &[])) }
                a.button href=(view.path(&format!("credentials/{}", credentials.id))) { "Credentials" }
                @if view.may(Role::Owner) { a.button href=(view.path(&format!("syncs/new?credentials={}", credentials.id))) { "Create sync" } }
            }
        }
    }
}

fn available(view: &TenantView, project: &Project, integration: &Integration) -> Markup {
    html! {
        li.card {
            h3 { (integration.name) }
            p.help { (title(view, &integration.kind)) " at " (endpoint(view, integration)) }
            @if view.may(Role::Owner) {
                a.button.primary href=(view.path(&format!("credentials/new?project={}&integration={}", project.id, integration.id))) { "Add integration" }
            }
        }
    }
}

pub(super) async fn new(view: TenantView) -> Result<Markup, Problem> {
    view.entered.need(Role::Owner)?;
    Ok(view.page(
        Section::Overview,
        "Add project",
        page_of_new(&view, &Sent::default(), &[]),
    ))
}

fn page_of_new(view: &TenantView, sent: &Sent, findings: &[Finding]) -> Markup {
    html! {
        h1 { "Add a TestOps project" }
        form method="post" action=(view.path("projects/new")) {
            (view.csrf())
            (lines(sent, false, findings))
            button.primary type="submit" { "Add project" }
        }
    }
}

fn lines(sent: &Sent, has_token: bool, findings: &[Finding]) -> Markup {
    let line = |name, label, help| Line::new(name, label).help(help).required(true).wrong(findings, name);
    let token = line(
        "token",
        "API token",
        "Made in your TestOps profile under API tokens. Its owner needs to read the project. It is stored encrypted and never shown again.",
    );
    let known = ["name", "endpoint", "number", "token", form::EXPIRY];
    html! {
        (form::others(findings, |name| known.contains(&name)))
        (line("name", "Name", "How people call it here.").input("text", &sent.text("name")))
        (line("endpoint", "TestOps endpoint", "Address of Allure TestOps, for example https://testops.example.com.").input("url", &sent.text("endpoint")))
        (line("number", "TestOps project id", "The 7 in https://testops.example.com/project/7.").input("number", &sent.text("number")))
        (token.around(html! {
            input #token name="token" type="password" autocomplete="off" aria-describedby="token-help" required[!has_token]
                placeholder=[has_token.then_some("stored; enter another to replace it")];
        }))
        (form::expiry(sent, findings, "Its last day, in UTC. Channels hear of it before."))
    }
}

fn drafted(sent: &Sent, known: Option<&Project>) -> Result<ProjectDraft, Problem> {
    let number = sent.number("number").filter(|number| *number > 0);
    let number = number.ok_or_else(|| {
        Problem::findings(vec![Finding::error(
            "number",
            "The project's id is a number, for example 7.",
        )])
    })?;
    Ok(ProjectDraft {
        name: sent.text("name"),
        endpoint: sent.text("endpoint"),
        number,
        token: Some(SecretText::new(sent.text("token"))).filter(|token| !token.is_empty()),
        expires_at: sent.expiry(known.and_then(|known| known.expires_at))?,
    })
}

pub(super) async fn add(view: TenantView, pairs: Pairs) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let added = match drafted(&sent, None) {
        Ok(draft) => Project::add(&view.app, &view.entered, draft).await,
        Err(problem) => Err(problem),
    };
    match added {
        Ok(project) => Ok(view.redirect(&format!("projects/{}/integrations", project.id))),
        Err(problem) => {
            let body = page_of_new(&view, &sent, &form::wrong(&problem));
            Ok(view.again(&problem, Section::Overview, "Add project", body))
        }
    }
}

pub(super) async fn settings(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Markup, Problem> {
    view.entered.need(Role::Owner)?;
    let project = Project::get(&view.app, view.scope(), &id).await?;
    let stored = [
        ("name", &project.name),
        ("endpoint", &project.endpoint),
        ("number", &project.number),
    ];
    let stored = stored.map(|(name, value)| (name.to_owned(), value.clone()));
    let expires = (form::EXPIRY.to_owned(), form::day(project.expires_at));
    let sent = Sent::of(stored.into_iter().chain([expires]));
    let body = settings_form(&view, &project, &sent, &[]);
    Ok(framed(&view, &project, Tab::Settings, &body))
}

fn settings_form(view: &TenantView, project: &Project, sent: &Sent, findings: &[Finding]) -> Markup {
    let here = format!("projects/{}/settings", project.id);
    html! {
        form method="post" action=(view.path(&here)) {
            (view.csrf())
            (form::revision(project.revision))
            (lines(sent, project.has_token, findings))
            p.help { "The token belongs to the server that it was entered for. Another address asks for it again." }
            button.primary type="submit" { "Save" }
        }
        (view.removal(&format!("projects/{}/remove", project.id), "Remove this project", "Its credentials and syncs go as well, with their history. TestOps and the issues at the destination stay."))
    }
}

pub(super) async fn change(
    view: TenantView,
    Path((_, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let project = Project::get(&view.app, view.scope(), &id).await?;
    let draft = sent
        .expect(project.revision)
        .and_then(|()| drafted(&sent, Some(&project)));
    let changed = match draft {
        Ok(draft) => project.clone().change(&view.app, &view.entered, draft).await,
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(project) if project.has_token => Ok(view.redirect(&format!("projects/{id}/integrations"))),
        Ok(_) => Ok(view.redirect(&format!("projects/{id}/settings"))),
        Err(problem) => {
            let body = html! { h1 { (project.name) } (settings_form(&view, &project, &sent, &form::wrong(&problem))) };
            Ok(view.again(&problem, Section::Overview, &project.name, body))
        }
    }
}

pub(super) async fn remove(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Response, Problem> {
    let project = Project::get(&view.app, view.scope(), &id).await?;
    project.remove(&view.app, &view.entered).await?;
    Ok(view.redirect(""))
}
