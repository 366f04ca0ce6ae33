//! Users: who may log in, and who keeps the instance.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::super::form::{Line, Pairs, Sent, others, tick, wrong};
use super::super::parts::{Tone, badge, notice};
use super::{AdminView, Section};
use crate::plugins::Finding;
use crate::problem::Problem;
use crate::users::{Account, NewAccount};

pub(super) async fn list(view: AdminView) -> Result<Markup, Problem> {
    let body = page_of_all(&view, None, &Sent::default(), &[]).await?;
    Ok(view.page(Section::Accounts, "Users", body))
}

/// A link that was just made, and whose it is.
struct Link<'a> {
    login: &'a str,
    url: &'a str,
}

async fn page_of_all(
    view: &AdminView,
    link: Option<Link<'_>>,
    sent: &Sent,
    findings: &[Finding],
) -> Result<Markup, Problem> {
    let accounts = view.app.users().all().await?;
    Ok(html! {
        h1 { "Users" }
        @if let Some(link) = link {
            (notice(Tone::Good, format!("Send this link to {}", link.login), html! { p { code.secret { (link.url) } } p { "It works once, for three days, and lets them choose a password." } }))
        }
        table.stack {
            thead { tr { th { "Login" } th { "Name" } th { "State" } th { span.hidden { "Change" } } } }
            tbody { @for account in &accounts { (row(view, account)) } }
        }
        section #add {
            h2 { "Add user" }
            form method="post" action=(view.path("users")) {
                (view.csrf())
                (others(findings, |_| false))
                (Line::new("login", "Login").help("Their e-mail address as a rule.").required(true).input("text", &sent.text("login")))
                (Line::new("name", "Name").input("text", &sent.text("name")))
                (tick("is-administrator", "Administrator", "Keeps the instance, and may enter every tenant.", sent.is_ticked("is-administrator")))
                button.primary type="submit" { "Add user" }
            }
        }
    })
}

fn row(view: &AdminView, account: &Account) -> Markup {
    let here = format!("users/{}", account.id);
    let flag = |is: bool| if is { "yes" } else { "" };
    let change = |label: &str, is_administrator: bool, is_off: bool| {
        let fields = [("is-administrator", flag(is_administrator)), ("is-off", flag(is_off))];
        view.button(&here, label, "quiet", &fields)
    };
    html! {
        tr {
            td data-label="Login" { (account.login) }
            td data-label="Name" { @if account.name.is_empty() { "–" } @else { (account.name) } }
            td data-label="State" {
                @if account.is_off { (badge(Tone::Bad, "off")) " " }
                @if account.is_administrator { (badge(Tone::News, "administrator")) " " }
                @if !account.has_password { (badge(Tone::Calm, "no password yet")) }
            }
            td {
                div.actions {
                    (view.button(&format!("{here}/link"), if account.has_password { "Reset password" } else { "Make link" }, "", &[]))
                    @if account.is_administrator { (change("Make an ordinary user", false, account.is_off)) } @else { (change("Make administrator", true, account.is_off)) }
                    @if account.is_off { (change("Switch on", account.is_administrator, false)) } @else { (change("Switch off", account.is_administrator, true)) }
                }
            }
        }
    }
}

pub(super) async fn add(view: AdminView, pairs: Pairs) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let new = NewAccount {
        login: sent.text("login"),
        name: sent.text("name"),
        is_administrator: sent.is_ticked("is-administrator"),
    };
    match view.users().add(new, &view.actor()).await {
        Ok(account) => linked(&view, &account).await,
        Err(problem) => {
            let body = page_of_all(&view, None, &sent, &wrong(&problem)).await?;
            Ok(view.again(&problem, Section::Accounts, "Users", body))
        }
    }
}

async fn linked(view: &AdminView, account: &Account) -> Result<Response, Problem> {
    let proof = view.users().invite(&account.id, &view.actor()).await?;
    let url = view.app.url(&format!("/link/{}", *proof));
    let link = Link {
        login: &account.login,
        url: &url,
    };
    let body = page_of_all(view, Some(link), &Sent::default(), &[]).await?;
    Ok(view.page(Section::Accounts, "Users", body).into_response())
}

async fn account(view: &AdminView, id: &str) -> Result<Account, Problem> {
    let all = view.app.users().all().await?;
    all.into_iter()
        .find(|account| account.id == id)
        .ok_or_else(Problem::not_found)
}

pub(super) async fn link(view: AdminView, Path(id): Path<String>) -> Result<Response, Problem> {
    linked(&view, &account(&view, &id).await?).await
}

pub(super) async fn change(view: AdminView, Path(id): Path<String>, pairs: Pairs) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let is = |name: &str| !sent.text(name).is_empty();
    let by = view.actor();
    let changed = view
        .users()
        .change(&id, is("is-administrator"), is("is-off"), &by)
        .await;
    match changed {
        Ok(()) => Ok(view.redirect("users")),
        Err(problem) => {
            let body = page_of_all(&view, None, &Sent::default(), &wrong(&problem)).await?;
            Ok(view.again(&problem, Section::Accounts, "Users", body))
        }
    }
}
