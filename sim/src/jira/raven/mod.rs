//! Xray Data Center's REST API ("raven"), versions 1.0, 2.0 and latest (= 2.0).
//!
//! Sources: the vendor's Postman collections (which assert the codes), the REST pages of Xray Server + DC, and working
//! clients. 1.0 answers 200 almost everywhere; 2.0 answers 201 to creates and 204 to deletes.

mod evidence;
mod folder;
mod import;
mod license;
mod membership;
mod run;
mod run_part;
mod run_view;
mod settings;
mod step;
mod test;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::extract::{OriginalUri, Request, State};
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};

use super::account::{Actor, Permission};
use super::http::{Params, Refusal, Routes, not_a_resource};
use super::instance::DataCenter;
use super::issue::Issue;
use super::project::Role;
use super::site::Site;
use crate::answers::{PageFilling, PageMaximum};

/// Every path of the API, behind the checks that the app is there and licensed.
pub(super) fn routes(dc: &DataCenter) -> Router<DataCenter> {
    let mut routes = Routes::new();
    for version in ["1.0", "2.0", "latest"] {
        let base = format!("/rest/raven/{version}");
        let api = format!("{base}/api");
        routes = license::routes(routes, &api);
        routes = settings::routes(routes, &api);
        routes = step::routes(routes, &api, version == "1.0");
        routes = test::routes(routes, &api);
        routes = membership::routes(routes, &api);
        routes = run::routes(routes, &api, &base);
        routes = run_part::routes(routes, &api);
        routes = folder::routes(routes, &api);
        routes = import::routes(routes, &base);
        routes = import::routes(routes, &api);
    }
    routes = evidence::downloads(routes);
    routes.into_router().route_layer(from_fn_with_state(dc.clone(), gate))
}

async fn gate(State(dc): State<DataCenter>, OriginalUri(uri): OriginalUri, request: Request, next: Next) -> Response {
    let (installed, licensed) = {
        let site = dc.site().lock();
        (site.xray.installed, site.xray.licensed)
    };
    if !installed {
        return not_a_resource(uri.path(), request.headers());
    }
    if !matches!(request.extensions().get::<Actor>(), Some(Actor::User(_))) {
        return Refusal::unauthenticated().into_response();
    }
    if !licensed && !uri.path().trim_end_matches('/').ends_with("/xraylicense") {
        return Refusal::error(401, "The Xray license is not valid").into_response();
    }
    next.run(request).await
}

/// The version in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

impl Version {
    /// `new` in 2.0, 200 in 1.0.
    fn code(self, new: u16) -> u16 {
        if self == Self::V1 { 200 } else { new }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Version {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(if parts.uri.path().contains("/raven/1.0/") {
            Self::V1
        } else {
            Self::V2
        })
    }
}

/// The issue with this key, if it is of a kind the resource is about.
fn issue_of<'a>(site: &'a Site, actor: &Actor, key: &str, is_kind: fn(Role) -> bool) -> Result<&'a Issue, Refusal> {
    let issue = site
        .visible_issue(actor, key)
        .ok_or_else(|| Refusal::error(400, format!("Issue with key {key} does not exist")))?;
    if is_kind(site.role(issue)) {
        return Ok(issue);
    }
    Err(Refusal::error(
        400,
        format!("Issue with key {key} is not of the expected issue type"),
    ))
}

fn is_test(role: Role) -> bool {
    role == Role::Test
}

/// Refuses without a permission in the issue's project.
fn require(site: &Site, actor: &Actor, issue: &Issue, permission: Permission) -> Result<(), Refusal> {
    if site.may(actor, issue, permission) {
        return Ok(());
    }
    Err(Refusal::error(
        403,
        format!("You do not have permission to edit issue {}", issue.key),
    ))
}

/// The slice of a list that `page` (from 1) and `limit` ask for; the instance's maximum bounds every page.
fn paged<T>(site: &Site, params: &Params, items: impl Iterator<Item = T>) -> Vec<T> {
    let most = match site.answers.of() {
        PageMaximum::Hundred => 100,
        PageMaximum::TwoHundredFifty => 250,
        PageMaximum::Twenty => 20,
        PageMaximum::Two => 2,
    };
    let limit = params
        .number("limit")
        .filter(|&limit| limit > 0)
        .unwrap_or(most)
        .min(most);
    let page = params.number("page").unwrap_or(1).max(1);
    // A short page lacks its last item, which the next page begins with.
    let shown = match site.answers.of() {
        PageFilling::Full => limit,
        PageFilling::Short => (limit - 1).max(1),
    };
    items.skip((page - 1).saturating_mul(shown)).take(shown).collect()
}
