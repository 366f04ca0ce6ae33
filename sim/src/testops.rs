//! Allure TestOps: the read side of its API as an exporter meets it, the one write an exporter needs,
//! and the edits of people, through pages and the API.
//!
//! | module | what |
//! |---|---|
//! | [`data`] | builders: `Project::new(1).case(Case::new("log in").step("Open", "The page is open"))` |
//! | `site` | the state, indexed by id, and every way to change it while the server runs |
//! | `names` | dictionaries: names and their ids |
//! | `aql` | the query language, really evaluated |
//! | `access` | API tokens, access tokens, rights |
//! | `page`, `filter`, `error` | paging, list filters and refusals as Spring and the vendor write them |
//! | `rows`, `dto` | rows as queries see them, and as the API shows them |
//! | `routes` | the paths |
//! | `browser` | pages for people, where a case can be changed and a launch closed |

mod access;
mod app;
mod aql;
mod browser;
pub mod data;
mod dto;
mod error;
mod filter;
mod names;
mod page;
mod routes;
mod rows;
mod site;

use std::io;
use std::ops::Deref;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use axum::Router;

use access::Access;
pub use access::User;
use app::App;
pub use site::Site;

use crate::answers::{Answers, Version};
use crate::clock::Clock;
use crate::journal::{Call, Class};
use crate::server::Server;
use data::{Integration, Project};

/// The API token that every simulated TestOps accepts unless it is configured otherwise.
pub const TOKEN: &str = "canary-testops-token-Wm4KcB7gEz9UxT3hQn6";

/// The vendor's default lifetime of access tokens.
const LIFETIME: Duration = Duration::from_secs(3600);

/// A running TestOps; dropping it stops it.
#[derive(Debug)]
pub struct TestOps {
    server: Server,
    state: State,
}

/// What is in a TestOps; clones are the same one.
#[derive(Clone, Debug)]
pub struct State {
    app: App,
}

impl TestOps {
    /// Describes a TestOps; [`Builder::start`] runs it.
    #[must_use]
    pub fn builder() -> Builder {
        Builder {
            clock: Clock::real(),
            port: 0,
            answers: Answers::default(),
            lifetime: LIFETIME,
            tokens: vec![(TOKEN.to_owned(), User::new("exporter"))],
            integrations: Vec::new(),
            projects: Vec::new(),
        }
    }

    /// Its address, journal and faults.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }
}

impl Deref for TestOps {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl State {
    /// Reads or changes the state while the server runs.
    pub fn edit<T>(&self, change: impl FnOnce(&mut Site) -> T) -> T {
        self.app.edit(change)
    }

    /// Serves the same state under a second address, as after a move to another host; 0 picks a free port.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn serve_also(&self, port: u16) -> io::Result<Server> {
        let server = Server::builder(routes::router(self.app.clone())).clock(self.app.clock.clone());
        server.port(port).classify(Arc::new(classify)).start().await
    }

    /// Makes an API token good for this user.
    pub fn grant(&self, token: &str, user: User) {
        self.app.access(|access| access.grant(token, user));
    }

    /// Revokes an API token and the access tokens made from it: from now on they answer 401.
    pub fn revoke(&self, token: &str) {
        self.app.access(|access| access.revoke(token));
    }

    /// Ends every access token early; exchanging the API token again helps.
    pub fn expire_access_tokens(&self) {
        self.app.access(Access::expire);
    }
}

/// How a TestOps is to be.
#[derive(Debug)]
pub struct Builder {
    clock: Clock,
    port: u16,
    answers: Answers,
    lifetime: Duration,
    tokens: Vec<(String, User)>,
    integrations: Vec<Integration>,
    projects: Vec<Project>,
}

impl Builder {
    /// The clock for dates and token lifetimes.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// A fixed port on 127.0.0.1.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The switches of answers, shared with whoever holds them too.
    #[must_use]
    pub fn answers(mut self, answers: Answers) -> Self {
        self.answers = answers;
        self
    }

    /// Whose shapes are served.
    #[must_use]
    pub fn version(self, version: Version) -> Self {
        self.answers.choose(version);
        self
    }

    /// How long access tokens are good; 3600 s by default.
    #[must_use]
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Accepts this API token too.
    #[must_use]
    pub fn token(mut self, token: &str, user: User) -> Self {
        self.tokens.push((token.to_owned(), user));
        self
    }

    /// Adds an integration, switched on in every project.
    #[must_use]
    pub fn integration(mut self, integration: Integration) -> Self {
        self.integrations.push(integration);
        self
    }

    /// Adds a project.
    #[must_use]
    pub fn project(mut self, project: Project) -> Self {
        self.projects.push(project);
        self
    }

    /// The routes without a socket, for calls in memory, and the state behind them.
    pub fn in_memory(self) -> (Router, State) {
        let mut site = Site::new(self.clock.clone());
        self.integrations
            .into_iter()
            .for_each(|integration| site.add_integration(integration));
        self.projects.into_iter().for_each(|project| site.add_project(project));
        let mut access = Access::new(self.lifetime);
        self.tokens
            .into_iter()
            .for_each(|(token, user)| access.grant(&token, user));
        let app = App {
            site: Arc::new(RwLock::new(site)),
            access: Arc::new(Mutex::new(access)),
            clock: self.clock,
            answers: self.answers,
        };
        (routes::router(app.clone()), State { app })
    }

    /// Serves on loopback.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(self) -> io::Result<TestOps> {
        let (clock, port) = (self.clock.clone(), self.port);
        let (router, state) = self.in_memory();
        let server = Server::builder(router).clock(clock).port(port);
        let server = server.classify(Arc::new(classify)).start().await?;
        Ok(TestOps { server, state })
    }
}

fn classify(call: Call<'_>) -> Class {
    if call.path.ends_with("/uaa/oauth/token") {
        Class::Auth
    } else {
        Class::of_method(call.method)
    }
}
