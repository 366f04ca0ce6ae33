//! Xray Cloud: REST v2 and GraphQL over the site Jira Cloud shows.
//!
//! [`XrayCloud`] is the handle tests and demos hold: it gives the routes, takes API keys and changes [`Options`] while
//! clients are at work.

mod auth;
mod bulk;
mod create;
mod environment;
mod export;
mod file;
mod gherkin;
mod graphql;
mod import;
mod rate;
mod reply;
mod route;
mod state;
mod token;

use std::sync::Arc;

use axum::Router;

pub use state::{JobPace, Options};

use crate::clock::Clock;
use crate::jira::site::SharedSite;
use state::Shared;

/// The Xray Cloud of a site; clones are the same one.
#[derive(Clone)]
pub struct XrayCloud {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for XrayCloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("XrayCloud").finish_non_exhaustive()
    }
}

impl XrayCloud {
    /// Xray for a site, with default [`Options`] and no API key.
    #[must_use]
    pub fn new(site: SharedSite, clock: Clock) -> Self {
        Self {
            shared: Arc::new(Shared::new(site, clock)),
        }
    }

    /// The routes of the server.
    pub fn router(&self) -> Router {
        route::router(Arc::clone(&self.shared))
    }

    /// Adds an API key acting as a user of the site, or gives the key another secret, which voids its tokens.
    pub fn add_api_key(&self, client_id: &str, client_secret: &str, user: &str) {
        let mut state = self.shared.state();
        let generation = state.clients.get(client_id).map_or(0, |old| old.generation + 1);
        state
            .clients
            .insert(client_id.to_owned(), auth::client(client_secret, user, generation));
    }

    /// Deletes an API key; its tokens are void.
    pub fn remove_api_key(&self, client_id: &str) {
        self.shared.state().clients.remove(client_id);
    }

    /// Changes the options.
    pub fn configure(&self, change: impl FnOnce(&mut Options)) {
        change(&mut self.shared.state().options);
    }
}
