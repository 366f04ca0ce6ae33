//! What the Xray Cloud server holds besides the site.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::jira::id::Millis;
use crate::jira::issue::StoredFile;
use crate::jira::site::{SharedSite, Site};

use super::bulk::Jobs;
use super::rate::Window;

/// How fast import jobs run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobPace {
    /// So many looks at a job find it unfinished, the first `pending`, the others `working`. A status request is a
    /// look, and so is an import refused because the job runs.
    Polls(u32),
    /// A job takes this long by the clock.
    Takes(Duration),
}

/// How the server behaves where an installation can differ.
#[derive(Clone, Debug)]
pub struct Options {
    /// Requests per five minutes: 300 on the Standard plan, 1000 on Enterprise; `None` switches the limit off.
    pub rate: Option<u32>,
    /// See [`JobPace`].
    pub job_pace: JobPace,
    /// Largest body of an import, in bytes; larger ones are refused with 413.
    pub import_body: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rate: Some(300),
            job_pace: JobPace::Polls(2),
            import_body: 104_857_600,
        }
    }
}

/// An API key.
#[derive(Clone, Debug)]
pub(super) struct ApiClient {
    pub secret: String,
    /// The user the key acts as.
    pub user: String,
    /// Grows when the key is regenerated, which makes older tokens void.
    pub generation: u64,
}

/// The result of an automated test as a report gave it.
#[derive(Clone, Debug)]
pub(super) struct AutomatedResult {
    pub name: String,
    pub status: String,
    pub log: String,
    pub duration_ms: f64,
}

/// Everything but the site.
pub(super) struct State {
    pub options: Options,
    pub clients: BTreeMap<String, ApiClient>,
    pub window: Window,
    pub jobs: Jobs,
    /// Uploaded attachments and evidence by id.
    pub files: HashMap<String, StoredFile>,
    /// Detailed results by run id.
    pub results: HashMap<String, Vec<AutomatedResult>>,
    /// When the latest backup was asked for.
    pub last_backup: Option<Millis>,
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
            clients: BTreeMap::new(),
            window: Window::default(),
            jobs: Jobs::default(),
            files: HashMap::new(),
            results: HashMap::new(),
            last_backup: None,
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

    /// Waits by the server's clock.
    pub async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }

    /// Keeps a file for download.
    pub fn keep(&self, file: &StoredFile) {
        self.state().files.insert(file.id.clone(), file.clone());
    }
}
