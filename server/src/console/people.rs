//! Members and API tokens of a tenant.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::form::{Line, Pairs, Sent, others, wrong};
use super::parts::{Tone, badge, empty, notice, time};
use super::view::{Section, TenantView};
use crate::plugins::Finding;
use crate::problem::Problem;
use crate::users::{Member, NewToken, Reach, Role, TokenRow};

/// How long a token lives where nobody asks for another time, in days.
const DAYS: &str = "90";

pub(super) async fn members(view: TenantView) -> Result<Markup, Problem> {
    let members = view.app.users().members(view.scope().tenant()).await?;
    let body = html! {
        h1 { "Members" }
        p.subtitle { "A viewer looks. An operator starts, cancels and takes back runs, and switches syncs on and off. An owner changes settings, secrets and tokens. Administrators add members." }
        @if members.is_empty() { (empty("Nobody is a member yet", html! { p { "An administrator adds people under Administration, Tenants." } })) }
        @else {
            table.stack {
                thead { tr { th { "Login" } th { "Name" } th { "Role" } @if view.may(Role::Owner) { th { "Membership" } } } }
                tbody { @for member in &members { (member_row(&view, member)) } }
            }
        }
    };
    Ok(view.page(Section::People, "Members", body))
}

fn member_row(view: &TenantView, member: &Member) -> Markup {
    let here = format!("members/{}", member.account);
    html! {
        tr {
            td data-label="Login" { (member.login) }
            td data-label="Name" { @if member.name.is_empty() { "–" } @else { (member.name) } }
            td data-label="Role" {
                @if view.may(Role::Owner) {
                    form.inline method="post" action=(view.path(&format!("{here}/role"))) {
                        (view.csrf())
                        (role_select(&format!("Role of {}", member.login), member.role))
                        button type="submit" { "Change" }
                    }
                } @else { (member.role.name()) }
            }
            @if view.may(Role::Owner) { td data-label="Membership" { (view.button(&format!("{here}/dismiss"), "End membership", "quiet", &[])) } }
        }
    }
}

/// Roles to choose from.
pub(super) fn role_select(label: &str, chosen: Role) -> Markup {
    html! {
        select name="role" aria-label=(label) {
            @for role in Role::ALL { option value=(role.name()) selected[role == chosen] { (role.name()) } }
        }
    }
}

pub(super) async fn change_role(
    view: TenantView,
    Path((_, account)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let role =
        Role::named(&Sent::from(pairs).text("role")).ok_or_else(|| Problem::invalid("There is no such role."))?;
    view.app.users().change_role(&view.entered, &account, role).await?;
    Ok(view.redirect("members"))
}

pub(super) async fn dismiss(view: TenantView, Path((_, account)): Path<(String, String)>) -> Result<Response, Problem> {
    view.app.users().end_membership(&view.entered, &account).await?;
    Ok(view.redirect("members"))
}

pub(super) async fn tokens(view: TenantView) -> Result<Markup, Problem> {
    view.entered.need(Role::Owner)?;
    let body = tokens_page(&view, None, &[]).await?;
    Ok(view.page(Section::Tokens, "API tokens", body))
}

async fn tokens_page(view: &TenantView, made: Option<&str>, findings: &[Finding]) -> Result<Markup, Problem> {
    let tokens = view.app.users().tokens(view.scope()).await?;
    Ok(html! {
        h1 { "API tokens" }
        p.subtitle { "For scripts and CI. Everything that the pages do can be done over " a href=(view.app.href("/api")) { "the API" } "." }
        @if let Some(secret) = made {
            (notice(Tone::Good, "Copy the token now", html! { p { code.secret { (secret) } } p { "It is shown this once and cannot be looked up later." } }))
        }
        @if tokens.is_empty() { (empty("There is no token yet", html! { p { "Make one below for each script that needs to get in." } })) }
        @else {
            table.stack {
                thead { tr { th { "Name" } th { "May" } th { "Made by" } th { "Expires" } th { "Last used" } th { span.hidden { "End" } } } }
                tbody { @for token in &tokens { (token_row(view, token)) } }
            }
        }
        h2 { "Make a token" }
        form method="post" action=(view.path("tokens")) {
            (view.csrf())
            (others(findings, |_| false))
            (Line::new("name", "Name").help("What it is for, for example nightly CI.").required(true).input("text", ""))
            (Line::new("reach", "It may").required(true).around(html! {
                select #reach name="reach" {
                    option value="read" { "read: look" }
                    option value="run" selected { "run: look, start and cancel runs" }
                    option value="manage" { "manage: change settings and secrets as well" }
                }
            }))
            (Line::new("days", "Lives for (days)").help("1 to 366.").required(true).input("number", DAYS))
            button.primary type="submit" { "Make token" }
        }
    })
}

fn token_row(view: &TenantView, token: &TokenRow) -> Markup {
    let is_over = token.expires_at <= view.app.now();
    html! {
        tr {
            td data-label="Name" { (token.name) }
            td data-label="May" { (token.reach.name()) }
            td data-label="Made by" { (token.created_by) }
            td data-label="Expires" { (time(token.expires_at)) @if is_over { " " (badge(Tone::Calm, "expired")) } }
            td data-label="Last used" { @match token.used_at { Some(at) => (time(at)), None => "never" } }
            td { (view.button(&format!("tokens/{}/end", token.id), "End", "quiet", &[])) }
        }
    }
}

pub(super) async fn add_token(view: TenantView, pairs: Pairs) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let reach = Reach::named(&sent.text("reach")).ok_or_else(|| Problem::invalid("There is no such reach."))?;
    let new = NewToken {
        name: sent.text("name"),
        reach,
        days: sent.number("days").unwrap_or_default(),
    };
    match view.app.users().add_token(&view.entered, new).await {
        Ok((_, secret)) => {
            let body = tokens_page(&view, Some(&secret), &[]).await?;
            Ok(view.page(Section::Tokens, "API tokens", body).into_response())
        }
        Err(problem) => {
            let body = tokens_page(&view, None, &wrong(&problem)).await?;
            Ok(view.again(&problem, Section::Tokens, "API tokens", body))
        }
    }
}

pub(super) async fn end_token(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Response, Problem> {
    view.app.users().end_token(&view.entered, &id).await?;
    Ok(view.redirect("tokens"))
}
