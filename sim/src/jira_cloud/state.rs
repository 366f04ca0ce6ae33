//! What the Jira Cloud server holds besides the site.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::clock::Clock;
use crate::jira::id::{IssueId, Millis};
use crate::jira::site::{SharedSite, Site};

use super::limit::{Buckets, Writes};
use super::oauth::Oauth;

/// What a token with scopes may do: Jira's classic scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// `read:jira-work`
    Read,
    /// `write:jira-work`
    Write,
    /// `read:jira-user`
    User,
    /// `manage:jira-project`
    ManageProject,
}

impl Scope {
    /// What an exporter needs.
    pub const EXPORT: [Self; 3] = [Self::Read, Self::Write, Self::User];

    /// The name on Atlassian's page.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read:jira-work",
            Self::Write => "write:jira-work",
            Self::User => "read:jira-user",
            Self::ManageProject => "manage:jira-project",
        }
    }
}

/// Requests per second of one endpoint and method, also the size of its bucket ("Rate limiting", burst limits).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// GET.
    pub get: u32,
    /// POST.
    pub post: u32,
    /// PUT.
    pub put: u32,
    /// DELETE.
    pub delete: u32,
    /// `GET /issue/{key}` and `POST /search/approximate-count`.
    pub raised: u32,
}

/// Writes one issue takes ("Rate limiting", per-issue limits).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssueWrites {
    /// In two seconds.
    pub short: usize,
    /// In thirty seconds.
    pub long: usize,
}

/// How the server behaves where an installation can differ.
#[derive(Clone, Debug)]
pub struct Options {
    /// Burst limits; `None` switches them off.
    pub burst: Option<Burst>,
    /// Limits of writes to one issue; `None` switches them off.
    pub issue_writes: Option<IssueWrites>,
    /// API tokens that have scopes: they work through the gateway only. Tokens not named here have none.
    pub scoped_tokens: BTreeMap<String, BTreeSet<Scope>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            burst: Some(Burst {
                get: 100,
                post: 100,
                put: 50,
                delete: 50,
                raised: 150,
            }),
            issue_writes: Some(IssueWrites { short: 20, long: 100 }),
            scoped_tokens: BTreeMap::new(),
        }
    }
}

/// The answer to a search, kept so that its pages fit together.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub jql: String,
    pub ids: Arc<[IssueId]>,
    pub taken: Millis,
}

/// Everything but the site.
pub(super) struct State {
    pub options: Options,
    pub buckets: Buckets,
    pub writes: Writes,
    pub oauth: Oauth,
    /// Searches by number; page tokens name them.
    pub searches: BTreeMap<u64, Snapshot>,
    pub last_search: u64,
    /// Finished tasks by id.
    pub tasks: HashMap<String, Value>,
}

/// What all requests share. Lock the site first, the state last, and the state only for a moment.
pub(super) struct Shared {
    site: SharedSite,
    state: Mutex<State>,
    clock: Clock,
}

impl Shared {
    pub fn new(site: SharedSite, clock: Clock) -> Self {
        let state = State {
            options: Options::default(),
            buckets: Buckets::default(),
            writes: Writes::default(),
            oauth: Oauth::default(),
            searches: BTreeMap::new(),
            last_search: 0,
            tasks: HashMap::new(),
        };
        Self {
            site,
            state: Mutex::new(state),
            clock,
        }
    }

    pub fn site(&self) -> MutexGuard<'_, Site> {
        self.site.lock()
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds since the epoch.
    pub fn now(&self) -> Millis {
        self.clock.now_ms()
    }
}
