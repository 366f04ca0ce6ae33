//! Who hears of what: mail, webhooks, Slack.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::form::{self, Line, Pairs, Sent, tick};
use super::parts::{Tone, badge, crumbs, empty, notice, time};
use super::view::{Section, TenantView};
use crate::notify::{Channel, ChannelDraft, Occasion, Target, try_out};
use crate::plugins::Finding;
use crate::problem::Problem;
use crate::settings::SecretText;
use crate::users::Role;

/// Kinds of targets: in addresses, for people.
const KINDS: [(&str, &str); 3] = [("mail", "Mail"), ("webhook", "Webhook"), ("slack", "Slack")];

/// What can be heard of, and what it means.
const OCCASIONS: [(Occasion, &str, &str); 5] = [
    (
        Occasion::Failed,
        "failed",
        "A run failed for the first time in a row, or the sync is about to switch itself off.",
    ),
    (Occasion::Disabled, "disabled", "A sync was switched off."),
    (Occasion::Recovered, "recovered", "A sync works again."),
    (Occasion::Expires, "expires", "A secret or an API token ends soon."),
    (
        Occasion::Stale,
        "stale",
        "A sync has had no success for as many hours as its settings say.",
    ),
];

pub(super) async fn list(view: TenantView) -> Result<Markup, Problem> {
    let channels = Channel::all(view.scope()).await?;
    let body = html! {
        h1 { "Notifications" }
        p.subtitle { "Who hears that a sync failed, was switched off, or works again. A flood is one message." }
        @if channels.is_empty() { (empty("Nobody is notified yet", html! { p { "Add a channel below, so that nobody has to look every day." } })) }
        @else {
            table.stack {
                thead { tr { th { "Name" } th { "Where to" } th { "Of what" } th { "Last sent" } } }
                tbody { @for channel in &channels { (row(&view, channel)) } }
            }
        }
        @if view.may(Role::Owner) {
            h2 { "Add channel" }
            ul.choices { @for (kind, title) in KINDS { li { a.button href=(view.path(&format!("channels/new?kind={kind}"))) { (title) } } } }
        }
    };
    Ok(view.page(Section::Channels, "Notifications", body))
}

fn row(view: &TenantView, channel: &Channel) -> Markup {
    html! {
        tr {
            td data-label="Name" { a href=(view.path(&format!("channels/{}", channel.id))) { (channel.name) } }
            td data-label="Where to" {
                @match &channel.target {
                    Target::Mail { to } => (to.join(", ")),
                    Target::Webhook { url } => (url),
                    Target::Slack => "Slack",
                }
            }
            td data-label="Of what" {
                @if channel.occasions.is_empty() { "everything" }
                @for (occasion, name, _) in &OCCASIONS { @if channel.occasions.contains(occasion) { (name) " " } }
                @if !channel.every_sync { "(of syncs that name it)" }
            }
            td data-label="Last sent" {
                @match channel.sent_at { Some(at) => (time(at)), None => "never" }
                @if let Some(error) = &channel.error { " " (badge(Tone::Bad, "failed")) p.reason { (error) } }
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
    let sent = Sent::of([("every-sync".to_owned(), "on".to_owned())]);
    let body = page_of_new(&view, &of.kind, &sent, &[]);
    Ok(view.page(Section::Channels, "Add channel", body))
}

fn page_of_new(view: &TenantView, kind: &str, sent: &Sent, findings: &[Finding]) -> Markup {
    html! {
        (crumbs(&[(view.path("channels"), "Notifications")]))
        h1 { "Add channel" }
        form method="post" action=(view.path(&format!("channels/new?kind={kind}"))) {
            (view.csrf())
            (lines(kind, sent, false, findings))
            button.primary type="submit" { "Add channel" }
        }
    }
}

fn lines(kind: &str, sent: &Sent, is_stored: bool, findings: &[Finding]) -> Markup {
    let secret = |label, help| {
        let line = Line::new("secret", label)
            .help(help)
            .required(true)
            .wrong(findings, "secret");
        line.around(html! {
            input #secret name="secret" type="password" autocomplete="off" aria-describedby="secret-help" required[!is_stored]
                placeholder=[is_stored.then_some("stored; enter another to replace it")];
        })
    };
    html! {
        (form::others(findings, |name| matches!(name, "name" | "to" | "url" | "secret")))
        (Line::new("name", "Name").required(true).wrong(findings, "name").input("text", &sent.text("name")))
        @match kind {
            "mail" => (Line::new("to", "Addresses").help("Separated by commas.").required(true).wrong(findings, "to").input("text", &sent.text("to"))),
            "webhook" => {
                (Line::new("url", "URL").help("It gets a POST of JSON. HTTPS and public, unless an administrator allowed the server.").required(true).wrong(findings, "url").input("url", &sent.text("url")))
                (secret("Signing key", "The receiver checks the signature of a message with it."))
            }
            _ => (secret("Webhook URL", "An incoming webhook of Slack, Mattermost or Rocket.Chat. The URL is a secret: who has it can post.")),
        }
        fieldset {
            legend { "Of what" }
            p.help { "Nothing ticked means everything." }
            @for (_, name, help) in &OCCASIONS { (tick(&format!("occasion:{name}"), name, help, sent.is_ticked(&format!("occasion:{name}")))) }
        }
        (tick("every-sync", "Every sync", "Without it, of the syncs that name this channel.", sent.is_ticked("every-sync")))
    }
}

fn drafted(kind: &str, sent: &Sent) -> ChannelDraft {
    let target = match kind {
        "mail" => Target::Mail {
            to: sent
                .text("to")
                .split(',')
                .map(|one| one.trim().to_owned())
                .filter(|one| !one.is_empty())
                .collect(),
        },
        "webhook" => Target::Webhook {
            url: sent.text("url").trim().to_owned(),
        },
        _ => Target::Slack,
    };
    let ticked = OCCASIONS
        .iter()
        .filter(|(_, name, _)| sent.is_ticked(&format!("occasion:{name}")));
    ChannelDraft {
        name: sent.text("name"),
        target,
        occasions: ticked.map(|(occasion, ..)| *occasion).collect(),
        every_sync: sent.is_ticked("every-sync"),
        secret: Some(SecretText::new(sent.text("secret"))),
    }
}

pub(super) async fn add(view: TenantView, Query(of): Query<OfKind>, pairs: Pairs) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    match Channel::add(&view.app, &view.entered, drafted(&of.kind, &sent)).await {
        Ok(channel) => Ok(view.redirect(&format!("channels/{}", channel.id))),
        Err(problem) => {
            let body = page_of_new(&view, &of.kind, &sent, &form::wrong(&problem));
            Ok(view.again(&problem, Section::Channels, "Add channel", body))
        }
    }
}

fn kind(channel: &Channel) -> &'static str {
    match channel.target {
        Target::Mail { .. } => "mail",
        Target::Webhook { .. } => "webhook",
        Target::Slack => "slack",
    }
}

/// What is stored, as the form would send it.
fn stored(channel: &Channel) -> Sent {
    let target = match &channel.target {
        Target::Mail { to } => Some(("to".to_owned(), to.join(", "))),
        Target::Webhook { url } => Some(("url".to_owned(), url.clone())),
        Target::Slack => None,
    };
    let ticked = OCCASIONS
        .iter()
        .filter(|(occasion, ..)| channel.occasions.contains(occasion));
    let ticked = ticked.map(|(_, name, _)| (format!("occasion:{name}"), "on".to_owned()));
    let every = channel.every_sync.then(|| ("every-sync".to_owned(), "on".to_owned()));
    let name = ("name".to_owned(), channel.name.clone());
    Sent::of([name].into_iter().chain(target).chain(ticked).chain(every))
}

pub(super) async fn show(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Markup, Problem> {
    view.entered.need(Role::Owner)?;
    let channel = Channel::get(view.scope(), &id).await?;
    let body = page_of(&view, &channel, &stored(&channel), &[], html! {});
    Ok(view.page(Section::Channels, &channel.name, body))
}

fn page_of(view: &TenantView, channel: &Channel, sent: &Sent, findings: &[Finding], above: Markup) -> Markup {
    let here = format!("channels/{}", channel.id);
    html! {
        (crumbs(&[(view.path("channels"), "Notifications")]))
        h1 { (channel.name) }
        (above)
        (view.button(&format!("{here}/test"), "Send a test message", "", &[]))
        form method="post" action=(view.path(&here)) {
            (view.csrf())
            (form::revision(channel.revision))
            (lines(kind(channel), sent, true, findings))
            button.primary type="submit" { "Save" }
        }
        (view.removal(&format!("{here}/remove"), "Remove this channel", "Messages that wait for it are dropped."))
    }
}

pub(super) async fn change(
    view: TenantView,
    Path((_, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let channel = Channel::get(view.scope(), &id).await?;
    let changed = match sent.expect(channel.revision) {
        Ok(()) => {
            let draft = drafted(kind(&channel), &sent);
            channel.clone().change(&view.app, &view.entered, draft).await
        }
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(_) => Ok(view.redirect("channels")),
        Err(problem) => {
            let body = page_of(&view, &channel, &sent, &form::wrong(&problem), html! {});
            Ok(view.again(&problem, Section::Channels, &channel.name, body))
        }
    }
}

pub(super) async fn test(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Response, Problem> {
    let channel = Channel::get(view.scope(), &id).await?;
    let above = match try_out(&view.app, &view.entered, &channel).await {
        Ok(()) => notice(Tone::Good, "Sent", html! { p { "Look whether it arrived." } }),
        Err(problem) => notice(
            Tone::Bad,
            &problem.message,
            html! { @if let Some(hint) = &problem.hint { p { (hint) } } },
        ),
    };
    let body = page_of(&view, &channel, &stored(&channel), &[], above);
    Ok(view.page(Section::Channels, &channel.name, body).into_response())
}

pub(super) async fn remove(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Response, Problem> {
    let channel = Channel::get(view.scope(), &id).await?;
    channel.remove(&view.app, &view.entered).await?;
    Ok(view.redirect("channels"))
}
