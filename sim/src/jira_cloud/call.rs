//! What a handler gets: who asks, in which version, path and query parameters, the body.

use std::sync::{Arc, MutexGuard};

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, Query, RawPathParams, Request};
use axum::http::header;
use axum::http::request::Parts;
use serde_json::Value;

use crate::jira::account::{Actor, Permission};
use crate::jira::id::IssueId;
use crate::jira::issue::Issue;
use crate::jira::site::Site;

use super::reply::Refusal;
use super::rich::Version;
use super::state::Shared;

/// A request without its body.
pub(super) struct Call {
    pub shared: Arc<Shared>,
    pub actor: Actor,
    pub version: Version,
    path: Vec<(String, String)>,
    query: Vec<(String, String)>,
}

impl FromRequestParts<Arc<Shared>> for Call {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Self::Rejection> {
        let route = parts
            .extensions
            .get::<MatchedPath>()
            .map(|route| route.as_str().to_owned())
            .unwrap_or_default();
        let path = match RawPathParams::from_request_parts(parts, shared).await {
            Ok(found) => found
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            Err(_) => Vec::new(),
        };
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, shared).await;
        Ok(Self {
            shared: Arc::clone(shared),
            actor: parts.extensions.get::<Actor>().cloned().unwrap_or(Actor::Anonymous),
            version: if route.contains("/rest/api/3/") {
                Version::Three
            } else {
                Version::Two
            },
            path,
            query: query.map(|Query(pairs)| pairs).unwrap_or_default(),
        })
    }
}

impl Call {
    /// A parameter of the path.
    pub fn path(&self, name: &str) -> &str {
        self.path
            .iter()
            .find(|(own, _)| own == name)
            .map_or("", |(_, value)| value)
    }

    /// The first query parameter with this name.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// All values of a query parameter, split at commas.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let values = self.query.iter().filter(|(own, _)| own == name);
        let items = values.flat_map(|(_, value)| value.split(',')).map(str::trim);
        items.filter(|item| !item.is_empty()).collect()
    }

    /// A number in the query.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.query(name)?.parse().ok()
    }

    /// The site, locked.
    pub fn site(&self) -> MutexGuard<'_, Site> {
        self.shared.site()
    }

    /// Refuses anonymous visitors.
    ///
    /// # Errors
    /// 401.
    pub fn authenticated(&self) -> Result<(), Refusal> {
        if self.actor == Actor::Anonymous {
            Err(Refusal::unauthenticated())
        } else {
            Ok(())
        }
    }

    /// The issue named by the path.
    ///
    /// # Errors
    /// 404 when it is missing or hidden.
    pub fn issue<'a>(&self, site: &'a Site) -> Result<&'a Issue, Refusal> {
        site.visible_issue(&self.actor, self.path("issue"))
            .ok_or_else(Refusal::no_such_issue)
    }

    /// The issue named by the path, if the caller holds a permission for it.
    ///
    /// # Errors
    /// 404 when it is missing or hidden, 403 without the permission.
    pub fn issue_with(&self, site: &Site, permission: Permission, refusal: &str) -> Result<IssueId, Refusal> {
        let issue = self.issue(site)?;
        if site.may(&self.actor, issue, permission) {
            Ok(issue.id)
        } else {
            Err(Refusal::message(403, refusal))
        }
    }
}

/// A JSON body, declared as such.
pub(super) struct Body(pub Value);

impl FromRequest<Arc<Shared>> for Body {
    type Rejection = Refusal;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Refusal> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let is_json = kind.is_some_and(|kind| kind.trim_start().to_lowercase().starts_with("application/json"));
        let bytes = Bytes::from_request(request, shared).await;
        let bytes = bytes.map_err(|_| Refusal::message(400, "The request body could not be read."))?;
        if !is_json {
            return Err(Refusal::message(415, "Unsupported Media Type"));
        }
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Self(value)),
            Err(_) => Err(Refusal::message(
                400,
                "There was an error parsing JSON. Check that your request body is valid.",
            )),
        }
    }
}
