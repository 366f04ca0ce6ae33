//! Jira Cloud's REST API, versions 3 and 2, on the site's address and through the gateway for scoped tokens.
//!
//! [`JiraCloud`] is the handle tests and demos hold: it gives the routes and changes [`Options`] while clients are at
//! work.

pub(crate) mod adf;
mod attachment;
mod bulk;
mod call;
mod comment;
mod front;
mod issue;
mod limit;
mod link;
mod login;
mod meta;
mod oauth;
mod project;
mod property;
mod reply;
mod rich;
mod search;
mod server_info;
mod state;
mod user;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};

pub(crate) use front::is_read;
pub use login::SERVICE_ACCOUNT;
pub use state::{Burst, IssueWrites, Options, Scope};

use crate::clock::Clock;
use crate::jira::site::SharedSite;
use state::Shared;

/// Id of every simulated site behind the gateway.
pub const CLOUD_ID: &str = "11223344-a1b2-3b33-c444-def123456789";

/// The Jira Cloud of a site; clones are the same one.
#[derive(Clone)]
pub struct JiraCloud {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for JiraCloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JiraCloud").finish_non_exhaustive()
    }
}

impl JiraCloud {
    /// Jira for a site, with default [`Options`].
    #[must_use]
    pub fn new(site: SharedSite, clock: Clock) -> Self {
        Self {
            shared: Arc::new(Shared::new(site, clock)),
        }
    }

    /// Changes the options.
    pub fn configure(&self, change: impl FnOnce(&mut Options)) {
        change(&mut self.shared.state().options);
    }

    /// Adds an OAuth client of an account: what a service account's client credentials are.
    pub fn add_oauth_client(&self, id: &str, secret: &str, account: &str, scopes: &[Scope]) {
        let scopes = scopes.iter().copied().collect();
        self.shared.state().oauth.add_client(id, secret, account, scopes);
    }

    /// Deletes an OAuth client; its access tokens are void.
    pub fn remove_oauth_client(&self, id: &str) {
        self.shared.state().oauth.remove_client(id);
    }

    /// The routes of Atlassian's authorization server, which is another origin.
    pub fn oauth_router(&self) -> Router {
        oauth::router(Arc::clone(&self.shared))
    }

    /// The routes of the server: both versions on the site and behind the gateway `/ex/jira/{cloudId}`.
    pub fn router(&self) -> Router {
        let mut router = Router::new().route("/_edge/tenant_info", get(server_info::tenant));
        for base in ["/rest/api", "/ex/jira/{cloudId}/rest/api"] {
            for version in ["3", "2", "latest"] {
                for (path, methods) in resources() {
                    router = router.route(&format!("{base}/{version}{path}"), methods);
                }
            }
        }
        router
            .layer(from_fn_with_state(Arc::clone(&self.shared), front::front))
            .layer(DefaultBodyLimit::disable())
            .fallback(reply::nowhere)
            .with_state(Arc::clone(&self.shared))
    }
}

/// Resources below `/rest/api/{version}`.
fn resources() -> Vec<(&'static str, MethodRouter<Arc<Shared>>)> {
    vec![
        ("/serverInfo", get(server_info::server_info)),
        ("/myself", get(user::myself)),
        ("/mypermissions", get(user::permissions)),
        ("/user", get(user::one)),
        ("/user/search", get(user::search)),
        ("/user/assignable/search", get(user::assignable)),
        ("/project/search", get(project::search)),
        ("/project/{project}", get(project::one)),
        ("/project/{project}/versions", get(project::versions)),
        ("/version", post(project::add_version)),
        ("/field", get(meta::fields)),
        ("/issuetype", get(meta::issue_types)),
        ("/issueLinkType", get(meta::link_types)),
        ("/issue/createmeta/{project}/issuetypes", get(meta::create_types)),
        (
            "/issue/createmeta/{project}/issuetypes/{type}",
            get(meta::create_fields),
        ),
        ("/issue", post(issue::create)),
        ("/issue/bulk", post(bulk::create)),
        ("/issue/bulkfetch", post(bulk::fetch)),
        ("/issue/properties/multi", post(property::set_multi)),
        ("/task/{task}", get(property::task)),
        ("/issue/{issue}", get(issue::get).put(issue::edit).delete(issue::delete)),
        ("/issue/{issue}/editmeta", get(meta::edit_fields)),
        (
            "/issue/{issue}/transitions",
            get(comment::transitions).post(comment::transition),
        ),
        ("/issue/{issue}/comment", get(comment::list).post(comment::add)),
        ("/issue/{issue}/comment/{comment}", get(comment::one)),
        ("/issue/{issue}/properties", get(property::keys)),
        (
            "/issue/{issue}/properties/{key}",
            get(property::get).put(property::put).delete(property::delete),
        ),
        ("/issue/{issue}/attachments", post(attachment::add)),
        (
            "/issue/{issue}/remotelink",
            get(link::remote).post(link::add_remote).delete(link::remove_remote),
        ),
        ("/issueLink", post(link::add)),
        ("/issueLink/{link}", get(link::one).delete(link::remove)),
        ("/attachment/meta", get(attachment::meta)),
        ("/attachment/{file}", get(attachment::one).delete(attachment::remove)),
        ("/attachment/content/{file}", get(attachment::content)),
        ("/search", get(search::removed).post(search::removed)),
        ("/search/jql", get(search::by_query).post(search::by_body)),
        ("/search/approximate-count", post(search::count)),
    ]
}
