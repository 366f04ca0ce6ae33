//! Administration: what the keepers of the instance see and do. For everybody else it does not exist.

mod accounts;
mod integrations;
mod plugins;
mod servers;
mod tenants;

use axum::Router;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::Markup;

use super::audit::{self, Which};
use super::layout::{self, Page, Tab, page};
use crate::app::App;
use crate::audit::AuditEntry;
use crate::gate::Administrator;
use crate::problem::Problem;
use crate::users::Users;

/// An administrator on a page.
struct AdminView {
    app: App,
    by: Administrator,
}

/// Part of the administration.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Tenants,
    Accounts,
    Integrations,
    Servers,
    Plugins,
    Audit,
}

impl FromRequestParts<App> for AdminView {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self {
            by: Administrator::from_request_parts(parts, app).await?,
            app: app.clone(),
        })
    }
}

impl AdminView {
    fn users(&self) -> &Users {
        self.app.users()
    }

    /// Who it is, for the log.
    fn actor(&self) -> String {
        self.by.0.actor()
    }

    fn path(&self, rest: &str) -> String {
        self.app.href(&format!("/admin/{rest}"))
    }

    fn csrf(&self) -> Markup {
        layout::csrf(&self.by.0)
    }

    fn button(&self, rest: &str, label: &str, look: &str, fields: &[(&str, &str)]) -> Markup {
        layout::button(&self.by.0, &self.path(rest), label, look, fields)
    }

    fn redirect(&self, rest: &str) -> Response {
        Redirect::to(&self.path(rest)).into_response()
    }

    fn again(&self, problem: &Problem, section: Section, title: &str, body: Markup) -> Response {
        (problem.code(), self.page(section, title, body)).into_response()
    }

    fn page(&self, section: Section, title: &str, body: Markup) -> Markup {
        let tab = |which: Section, label: &'static str, rest: &str| Tab {
            href: self.path(rest),
            label,
            is_current: which == section,
        };
        let about = Page {
            visitor: Some(&self.by.0),
            heading: Some((self.path("tenants"), "Administration")),
            tabs: vec![
                tab(Section::Tenants, "Tenants", "tenants"),
                tab(Section::Accounts, "Users", "users"),
                tab(Section::Integrations, "Integrations", "integrations"),
                tab(Section::Servers, "Private servers", "servers"),
                tab(Section::Plugins, "Plugins", "plugins"),
                tab(Section::Audit, "Audit log", "audit"),
            ],
            ..Page::new(title)
        };
        page(&self.app, &about, body)
    }
}

async fn entries(view: AdminView, Query(which): Query<Which>) -> Result<Markup, Problem> {
    let entries = AuditEntry::of_instance(view.app.store(), &which.before, audit::PAGE).await?;
    let body = audit::shown(&view.path("audit"), &entries);
    Ok(view.page(Section::Audit, "Audit log", body))
}

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/tenants", get(tenants::list).post(tenants::add))
        .route("/tenants/{tenant}", get(tenants::show).post(tenants::change))
        .route("/tenants/{tenant}/members", post(tenants::admit))
        .route("/tenants/{tenant}/remove", post(tenants::remove))
        .route("/users", get(accounts::list).post(accounts::add))
        .route("/users/{id}", post(accounts::change))
        .route("/users/{id}/link", post(accounts::link))
        .route("/integrations", get(integrations::list))
        .route("/integrations/new", get(integrations::new).post(integrations::add))
        .route("/servers", get(servers::list).post(servers::allow))
        .route("/servers/forbid", post(servers::forbid))
        .route("/plugins", get(plugins::list))
        .route("/audit", get(entries))
}
