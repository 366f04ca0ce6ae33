//! Jira Data Center over HTTP: `/rest/api/2` and `/rest/api/latest`, and with Xray installed the raven API
//! ([`super::raven`]), at the root or below a context path.
//!
//! Sources: Atlassian's Jira 10.3 REST description, "Basic authentication" and "Using personal access tokens", and what
//! working clients of both products expect.

mod attachment;
mod auth;
mod bulk;
mod comment;
mod issue;
mod limiter;
mod link;
mod meta;
mod project;
mod property;
mod search;
mod server_info;
mod user;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::get;

pub use super::instance::{DataCenter, Options, RateLimit};

use super::http::Routes;
use super::raven;
use crate::clock::Clock;
use crate::journal::{Call, Class};
use crate::server::Server;

impl DataCenter {
    /// All routes, the pages of [`super::page`] included.
    pub fn router(&self) -> Router {
        let mut routes = Routes::new();
        for base in ["/rest/api/2", "/rest/api/latest"] {
            routes = server_info::routes(routes, base);
            routes = user::routes(routes, base);
            routes = project::routes(routes, base);
            routes = meta::routes(routes, base);
            routes = issue::routes(routes, base);
            routes = bulk::routes(routes, base);
            routes = search::routes(routes, base);
            routes = property::routes(routes, base);
            routes = comment::routes(routes, base);
            routes = link::routes(routes, base);
            routes = attachment::routes(routes, base);
        }
        let api = attachment::downloads(routes)
            .into_router()
            .merge(raven::routes(self))
            .fallback(super::http::dead_link)
            .layer(from_fn_with_state(self.clone(), auth::authenticate))
            .layer(DefaultBodyLimit::disable())
            .with_state(self.clone());
        let app = super::page::router(self.site()).merge(api);
        match self.context() {
            "" => app,
            path => {
                // A nested router answers `/jira` but not `/jira/`.
                let home = Redirect::temporary(path);
                Router::new()
                    .nest(path, app)
                    .route(&format!("{path}/"), get(|| async { home }))
                    .fallback(super::http::dead_link)
            }
        }
    }

    /// Serves on `port` (0: any free one) and makes the site's links point there.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(&self, clock: Clock, port: u16) -> io::Result<Server> {
        let context = self.context().to_owned();
        let classify = move |call: Call<'_>| {
            let path = call.path.strip_prefix(&context).unwrap_or(call.path);
            let is_search = matches!(path, "/rest/api/2/search" | "/rest/api/latest/search");
            if is_search {
                Class::Read
            } else {
                Class::of_method(call.method)
            }
        };
        let builder = Server::builder(self.router()).clock(clock).classify(Arc::new(classify));
        let server = builder.port(port).start().await?;
        self.site().lock().base_url = format!("{}{}", server.url(), self.context());
        Ok(server)
    }
}
