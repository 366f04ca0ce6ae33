//! What all pages have in common.

use maud::{DOCTYPE, Markup, html};

use super::assets;
use crate::app::App;
use crate::problem::Problem;
use crate::users::{Entered, Visitor, Who};

/// What the frame of a page has to know.
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    pub(crate) visitor: Option<&'a Visitor>,
    pub(crate) tenant: Option<&'a Entered>,
}

/// A whole page around its `body`.
pub(crate) fn page(app: &App, about: &Page<'_>, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="htmx-config" content=r#"{"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true}"#;
                title { (about.title) " · tms-sync" }
                link rel="stylesheet" href=(assets::href(app, "app.css"));
                script src=(assets::href(app, "htmx.min.js")) defer {}
                script src=(assets::href(app, "app.js")) defer {}
            }
            body hx-headers=[about.visitor.and_then(Visitor::csrf).map(|csrf| format!(r#"{{"x-csrf-token":"{csrf}"}}"#))] {
                a.skip href="#main" { "Skip to content" }
                header.top {
                    a.brand href=(app.href("/")) { "tms-sync" }
                    @if let Some(tenant) = about.tenant {
                        a.tenant href=(app.href(&format!("/t/{}", tenant.scope.tenant()))) { (tenant.title) }
                    }
                    @if let Some(visitor) = about.visitor { (account(app, visitor)) }
                }
                main #main { (body) }
            }
        }
    }
}

fn account(app: &App, visitor: &Visitor) -> Markup {
    let name = match visitor.who() {
        Who::Account(account) if !account.name.is_empty() => account.name.clone(),
        _ => visitor.actor(),
    };
    html! {
        form.account method="post" action=(app.href("/logout")) {
            (csrf(visitor))
            span { (name) }
            button.plain type="submit" { "Log out" }
        }
    }
}

/// The hidden field that every form of a session has.
pub(crate) fn csrf(visitor: &Visitor) -> Markup {
    html! { @if let Some(csrf) = visitor.csrf() { input type="hidden" name="csrf" value=(csrf); } }
}

/// A refusal.
pub(crate) fn problem(problem: &Problem) -> Markup {
    html! {
        section.problem role="alert" {
            h1 { (problem.message) }
            @if let Some(hint) = &problem.hint { p { (hint) } }
            @if problem.findings.len() > 1 {
                ul { @for finding in &problem.findings { li { (finding.message) } } }
            }
        }
    }
}
