//! What all pages have in common.

use maud::{DOCTYPE, Markup, html};

use super::assets;
use crate::app::App;
use crate::problem::Problem;
use crate::users::{Visitor, Who};

/// What the frame of a page has to know.
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    pub(crate) visitor: Option<&'a Visitor>,
    /// What the pages are about, a tenant for instance, and where that begins.
    pub(super) heading: Option<(String, &'a str)>,
    pub(super) tabs: Vec<Tab>,
    /// Whether it loads itself again where no scripts run.
    pub(super) reloads: bool,
}

/// A part of the pages below a heading.
pub(super) struct Tab {
    pub(super) href: String,
    pub(super) label: &'static str,
    pub(super) is_current: bool,
}

impl<'a> Page<'a> {
    /// With a title, for anybody.
    pub(crate) fn new(title: &'a str) -> Self {
        Self {
            title,
            visitor: None,
            heading: None,
            tabs: Vec::new(),
            reloads: false,
        }
    }
}

/// Scripts of pages evaluate no text, and ask this service alone.
const HTMX: &str = r#"{"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true}"#;

/// A whole page around its `body`.
pub(crate) fn page(app: &App, about: &Page<'_>, body: Markup) -> Markup {
    let headers = about.visitor.and_then(Visitor::csrf);
    let headers = headers.map(|csrf| format!(r#"{{"x-csrf-token":"{csrf}"}}"#));
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="htmx-config" content=(HTMX);
                title { (about.title) " · tms-sync" }
                link rel="icon" href=(assets::href(app, "icon.svg"));
                link rel="stylesheet" href=(assets::href(app, "app.css"));
                script src=(assets::href(app, "htmx.min.js")) defer {}
                script src=(assets::href(app, "app.js")) defer {}
                @if about.reloads { noscript { meta http-equiv="refresh" content="5"; } }
            }
            body hx-headers=[headers] {
                a.skip href="#main" { "Skip to content" }
                header.top {
                    a.brand href=(app.href("/")) { img src=(assets::href(app, "icon.svg")) alt="" width="24" height="24"; "tms-sync" }
                    @if let Some((href, title)) = &about.heading { a.heading href=(href) { (title) } }
                    @if let Some(visitor) = about.visitor { (account(app, visitor)) }
                }
                @if !about.tabs.is_empty() { (tabs(&about.tabs)) }
                main #main tabindex="-1" { (body) }
            }
        }
    }
}

fn tabs(tabs: &[Tab]) -> Markup {
    html! {
        nav.tabs aria-label="Sections" {
            @for tab in tabs { a href=(tab.href) aria-current=[tab.is_current.then_some("page")] { (tab.label) } }
        }
    }
}

fn account(app: &App, visitor: &Visitor) -> Markup {
    let name = match visitor.who() {
        Who::Account(account) if !account.name.is_empty() => account.name.clone(),
        _ => visitor.actor(),
    };
    html! {
        div.account {
            @if visitor.is_administrator() { a href=(app.href("/admin/tenants")) { "Administration" } }
            span.name { (name) }
            (button(visitor, &app.href("/logout"), "Log out", "quiet", &[]))
        }
    }
}

/// A button that changes something: a form of its own.
pub(super) fn button(visitor: &Visitor, action: &str, label: &str, look: &str, fields: &[(&str, &str)]) -> Markup {
    html! {
        form.inline method="post" action=(action) {
            (csrf(visitor))
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button class=(look) type="submit" { (label) }
        }
    }
}

/// The hidden field that every form of a session has.
pub(super) fn csrf(visitor: &Visitor) -> Markup {
    html! { @if let Some(csrf) = visitor.csrf() { input type="hidden" name="csrf" value=(csrf); } }
}

/// A refusal.
pub(super) fn problem(app: &App, problem: &Problem) -> Markup {
    let is_missing = problem.status == 404;
    html! {
        section.refusal role="alert" {
            h1 { (problem.message) }
            @if let Some(hint) = &problem.hint { p { (hint) } }
            @if is_missing { p { "It was removed, or it belongs to somebody else." } }
            @if problem.findings.len() > 1 { ul { @for finding in &problem.findings { li { (finding.message) } } } }
            a.button href=(app.href("/")) { "To the front page" }
        }
    }
}
