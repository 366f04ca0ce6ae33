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
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::get;

pub(super) use attachment::file_response;
pub use limiter::RateLimit;

use super::http::Routes;
use super::raven;
use super::site::SharedSite;
use crate::clock::Clock;
use crate::journal::{Call, Class};
use crate::server::Server;
use limiter::Limiter;

/// What `POST …/import/execution` answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImportAnswer {
    /// 1.0 answers in the old shape, 2.0 and latest in the new one.
    #[default]
    ByVersion,
    /// `{"testExecIssue"}` only, as older releases do in both versions.
    Short,
    /// With `testIssues` and `infoMessages` in both versions.
    Long,
}

/// How the instance is configured; tests flip these while clients are at work.
#[derive(Clone, Debug)]
pub struct Options {
    /// `version` of `serverInfo`.
    pub version: String,
    /// Basic authentication is switched off: 403 whatever the password.
    pub basic_disabled: bool,
    /// So many wrong passwords lock the account until someone solves a CAPTCHA in the browser.
    pub captcha_threshold: u32,
    /// Jira's optional limiter.
    pub rate_limit: Option<RateLimit>,
    /// Requests with a larger body are answered 413 by the reverse proxy; bytes.
    pub proxy_body_limit: Option<usize>,
    /// The search backend refuses to page beyond this many hits (OpenSearch: 10,000), with a 500.
    pub search_window: Option<usize>,
    /// Whether issue linking is switched on.
    pub linking_enabled: bool,
    /// Xray's global maximum of items per REST page.
    pub raven_page: usize,
    /// What a results import answers.
    pub import_answer: ImportAnswer,
    /// Xray locks the runs of executions whose workflow status is final.
    pub lock_done_executions: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: "10.3.6".to_owned(),
            basic_disabled: false,
            captcha_threshold: 3,
            rate_limit: None,
            proxy_body_limit: None,
            search_window: None,
            linking_enabled: true,
            raven_page: 100,
            import_answer: ImportAnswer::default(),
            lock_done_executions: false,
        }
    }
}

/// A Jira Data Center instance in front of a site; clones are the same instance.
#[derive(Clone, Debug)]
pub struct DataCenter {
    site: SharedSite,
    options: Arc<Mutex<Options>>,
    limiter: Arc<Mutex<Limiter>>,
    context_path: String,
}

impl DataCenter {
    /// An instance at the root of its host.
    #[must_use]
    pub fn new(site: SharedSite) -> Self {
        Self {
            site,
            options: Arc::default(),
            limiter: Arc::default(),
            context_path: String::new(),
        }
    }

    /// Puts the instance below a path such as `/jira`.
    #[must_use]
    pub fn context_path(mut self, path: &str) -> Self {
        path.trim_end_matches('/').clone_into(&mut self.context_path);
        self
    }

    /// The site behind it.
    #[must_use]
    pub fn site(&self) -> &SharedSite {
        &self.site
    }

    /// The configuration, to read or change.
    pub fn options(&self) -> MutexGuard<'_, Options> {
        self.options.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

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
        let app = super::page::router(&self.site).fallback_service(api);
        match self.context_path.as_str() {
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
        let context = self.context_path.clone();
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
        self.site.lock().base_url = format!("{}{}", server.url(), self.context_path);
        Ok(server)
    }
}
