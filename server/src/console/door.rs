//! Logging in, logging out, and the links that lead in.

use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::form::Line;
use super::layout::{Page, page};
use crate::app::App;
use crate::gate;
use crate::problem::Problem;
use crate::users::{Account, NewAccount};

#[derive(Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct LogIn {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct NewPassword {
    #[serde(default)]
    login: String,
    #[serde(default)]
    name: String,
    password: String,
}

pub(super) async fn login_form(State(app): State<App>, Query(next): Query<Next>) -> Markup {
    login_page(&app, &next.next, None)
}

fn login_page(app: &App, next: &str, problem: Option<&Problem>) -> Markup {
    let body = html! {
        section.door {
            h1 { "Log in" }
            @if let Some(problem) = problem { (refused(problem)) }
            form method="post" action=(app.href("/login")) {
                input type="hidden" name="next" value=(next);
                (Line::new("login", "Login").required(true).around(html! { input #login name="login" autocomplete="username" required autofocus; }))
                (Line::new("password", "Password").required(true).around(html! { input #password type="password" name="password" autocomplete="current-password" required; }))
                button.primary type="submit" { "Log in" }
            }
            @if let Some(provider) = app.single_sign_on() {
                p { a.button href=(app.href(&format!("/login/sso?next={}", form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>()))) { "Log in with " (provider.title) } }
            }
        }
    };
    page(app, &Page::new("Log in"), body)
}

pub(super) async fn log_in(State(app): State<App>, Form(entered): Form<LogIn>) -> Result<Response, Problem> {
    match app.users().log_in(&entered.login, entered.password).await {
        Ok(account) => begin(&app, &account, &entered.next).await,
        Err(problem) => Ok((problem.code(), login_page(&app, &entered.next, Some(&problem))).into_response()),
    }
}

/// Only paths of this service are gone to.
pub(super) async fn begin(app: &App, account: &Account, next: &str) -> Result<Response, Problem> {
    let session = app.users().begin_session(account).await?;
    let is_ours = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    let target = if is_ours { next } else { "/" };
    let cookie = [(header::SET_COOKIE, gate::session_cookie(app, &session))];
    Ok((cookie, Redirect::to(&app.href(target))).into_response())
}

pub(super) async fn log_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(proof) = gate::session_proof(&app, &headers) {
        app.users().end_session(&proof).await?;
    }
    let cookie = [(header::SET_COOKIE, gate::no_session_cookie(&app))];
    Ok((cookie, Redirect::to(&app.href("/login"))).into_response())
}

pub(super) async fn link_form(State(app): State<App>, Path(proof): Path<String>) -> Result<Markup, Problem> {
    let owner = app.users().linked(&proof).await?.ok_or_else(|| {
        Problem::not_found().hint("The link was used or is too old. Ask an administrator for a new one.")
    })?;
    Ok(link_page(&app, &proof, owner.as_ref(), None))
}

fn link_page(app: &App, proof: &str, owner: Option<&Account>, problem: Option<&Problem>) -> Markup {
    let password = Line::new("password", "Password")
        .help("At least 12 characters.")
        .required(true);
    let body = html! {
        section.door {
            h1 { @if owner.is_some() { "Choose a password" } @else { "Welcome to tms-sync" } }
            @if owner.is_none() { p { "This link makes you the administrator of this instance." } }
            @if let Some(problem) = problem { (refused(problem)) }
            form method="post" action=(app.href(&format!("/link/{proof}"))) {
                @match owner {
                    Some(account) => {
                        input type="hidden" name="login" value=(account.login) autocomplete="username";
                        p { "For " strong { (account.login) } }
                    }
                    None => {
                        (Line::new("login", "Login").help("Your e-mail address as a rule.").required(true).around(html! { input #login name="login" autocomplete="username" aria-describedby="login-help" required autofocus; }))
                        (Line::new("name", "Your name").around(html! { input #name name="name" autocomplete="name"; }))
                    }
                }
                (password.around(html! { input #password type="password" name="password" autocomplete="new-password" minlength="12" aria-describedby="password-help" required; }))
                button.primary type="submit" { "Set the password and log in" }
            }
        }
    };
    page(app, &Page::new("Choose a password"), body)
}

fn refused(problem: &Problem) -> Markup {
    html! { div.summary role="alert" { p { (problem.message) @if let Some(hint) = &problem.hint { " " (hint) } } } }
}

pub(super) async fn follow_link(
    State(app): State<App>,
    Path(proof): Path<String>,
    Form(entered): Form<NewPassword>,
) -> Result<Response, Problem> {
    let owner = app.users().linked(&proof).await?;
    let new = NewAccount {
        login: entered.login,
        name: entered.name,
        is_administrator: false,
    };
    match (app.users().follow_link(&proof, new, entered.password).await, owner) {
        (Ok(account), _) => begin(&app, &account, "/").await,
        (Err(problem), Some(owner)) => {
            Ok((problem.code(), link_page(&app, &proof, owner.as_ref(), Some(&problem))).into_response())
        }
        (Err(problem), None) => Err(problem),
    }
}
