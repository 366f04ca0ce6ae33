//! A visitor on a page of a tenant: where links lead, what the frame shows, what may be done.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::layout::{self, Page, Tab, page};
use crate::app::App;
use crate::plugins::{Kind, Manifest, Term};
use crate::problem::Problem;
use crate::settings::{Credentials, Integration};
use crate::store::TenantScope;
use crate::users::{Entered, Role, Visitor};

/// A visitor in a tenant.
pub(super) struct TenantView {
    pub(super) app: App,
    pub(super) visitor: Visitor,
    pub(super) entered: Entered,
}

/// Part of a tenant's pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Overview,
    Runs,
    Integrations,
    Channels,
    People,
    Tokens,
    Audit,
}

impl FromRequestParts<App> for TenantView {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self {
            visitor: <Visitor as FromRequestParts<App>>::from_request_parts(parts, app).await?,
            entered: Entered::from_request_parts(parts, app).await?,
            app: app.clone(),
        })
    }
}

impl TenantView {
    pub(super) fn scope(&self) -> &TenantScope {
        &self.entered.scope
    }

    /// The path of a page of the tenant; `rest` begins without a slash, and is empty for the overview.
    pub(super) fn path(&self, rest: &str) -> String {
        let slash = if rest.is_empty() { "" } else { "/" };
        self.app.href(&format!("/t/{}{slash}{rest}", self.scope().tenant()))
    }

    pub(super) fn may(&self, role: Role) -> bool {
        self.entered.role >= role
    }

    pub(super) fn csrf(&self) -> Markup {
        layout::csrf(&self.visitor)
    }

    pub(super) fn page(&self, section: Section, title: &str, body: Markup) -> Markup {
        page(&self.app, &self.about(section, title), body)
    }

    /// A page that loads itself again where no script follows what goes on.
    pub(super) fn live_page(&self, section: Section, title: &str, body: Markup) -> Markup {
        let about = Page {
            reloads: true,
            ..self.about(section, title)
        };
        page(&self.app, &about, body)
    }

    fn about<'a>(&'a self, section: Section, title: &'a str) -> Page<'a> {
        let tab = |which: Section, label: &'static str, rest: &str| Tab {
            href: self.path(rest),
            label,
            is_current: which == section,
        };
        let mut tabs = vec![
            tab(Section::Overview, "Overview", ""),
            tab(Section::Runs, "Runs", "runs"),
            tab(Section::Integrations, "Integrations", "integrations"),
            tab(Section::Channels, "Notifications", "channels"),
            tab(Section::People, "Members", "members"),
        ];
        if self.may(Role::Owner) {
            tabs.push(tab(Section::Tokens, "API tokens", "tokens"));
            tabs.push(tab(Section::Audit, "Audit log", "audit"));
        }
        Page {
            visitor: Some(&self.visitor),
            heading: Some((self.path(""), &self.entered.title)),
            tabs,
            ..Page::new(title)
        }
    }

    /// A button that changes something, with the fields that it sends.
    pub(super) fn button(&self, rest: &str, label: &str, look: &str, fields: &[(&str, &str)]) -> Markup {
        layout::button(&self.visitor, &self.path(rest), label, look, fields)
    }

    /// A removal that has to be unfolded first. `what` says what goes and what stays.
    pub(super) fn removal(&self, rest: &str, label: &str, what: &str) -> Markup {
        html! {
            details.removal {
                summary { (label) "…" }
                p { (what) }
                (self.button(rest, label, "danger", &[]))
            }
        }
    }

    pub(super) fn redirect(&self, rest: &str) -> Response {
        Redirect::to(&self.path(rest)).into_response()
    }

    /// The page of a form again, with what is wrong.
    pub(super) fn again(&self, problem: &Problem, section: Section, title: &str, body: Markup) -> Response {
        (problem.code(), self.page(section, title, body)).into_response()
    }

    /// The manifest that has a kind, and the kind.
    pub(super) fn kind(&self, id: &str) -> Result<(&Manifest, &Kind), Problem> {
        self.app.plugins().kind(id).ok_or_else(|| {
            Problem::conflict(format!("No loaded plugin offers integrations of the kind `{id}`."))
                .hint("An administrator can load the plugin that does.")
        })
    }

    /// The same of credentials.
    pub(super) async fn kind_of(&self, credentials: &str) -> Result<(&Manifest, &Kind), Problem> {
        let credentials = Credentials::get(&self.app, self.scope(), credentials).await?;
        let integration = Integration::get(self.scope(), &credentials.integration).await?;
        self.kind(&integration.kind)
    }

    /// How people call a side, whichever plugin declares it.
    pub(super) fn side(&self, name: &str) -> String {
        self.term(name, |manifest| &manifest.sides)
            .map_or(name.to_owned(), |term| term.title.clone())
    }

    /// How people call one of an entity, and many.
    pub(super) fn entity(&self, name: &str) -> (String, String) {
        self.term(name, |manifest| &manifest.entities)
            .map_or((name.to_owned(), name.to_owned()), |term| {
                (term.title.clone(), term.plural.clone())
            })
    }

    fn term(&self, name: &str, among: impl Fn(&Manifest) -> &Vec<Term>) -> Option<&Term> {
        self.app
            .plugins()
            .manifests()
            .flat_map(among)
            .find(|term| term.name == name)
    }
}
