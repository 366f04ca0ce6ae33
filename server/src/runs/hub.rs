//! Runs under way, for those who watch.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tms_sync_host::Canceller;
use tokio::sync::watch;
use utoipa::ToSchema;

use crate::plugins::{Progress, Totals, Wait};

/// Where a run is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Live {
    /// Phases so far, in the order they began, each with how far it is.
    pub phases: Vec<Progress>,
    /// Verdicts so far.
    pub totals: Totals,
    /// What it waits for at the moment.
    pub waiting: Option<Wait>,
    /// Whether somebody asked it to end.
    pub is_cancelled: bool,
    /// Whether it is over: its row has the rest.
    pub is_over: bool,
}

/// A run under way.
#[derive(Clone)]
pub struct LiveRun {
    state: Arc<watch::Sender<Live>>,
    canceller: Arc<Mutex<Option<Canceller>>>,
    handed_over: Arc<AtomicBool>,
}

/// All runs under way in this process.
#[derive(Clone, Default)]
pub struct Hub {
    runs: Arc<Mutex<HashMap<(String, String), LiveRun>>>,
}

impl Hub {
    /// A run begins; it is gone from here when the result is dropped.
    pub(crate) fn begin(&self, tenant: &str, run: &str) -> Begun {
        let live = LiveRun {
            state: Arc::new(watch::Sender::new(Live::default())),
            canceller: Arc::default(),
            handed_over: Arc::default(),
        };
        let key = (tenant.to_owned(), run.to_owned());
        self.lock().insert(key.clone(), live.clone());
        Begun {
            hub: self.clone(),
            key,
            live,
        }
    }

    /// A run that is under way here.
    pub fn run(&self, tenant: &str, run: &str) -> Option<LiveRun> {
        self.lock().get(&(tenant.to_owned(), run.to_owned())).cloned()
    }

    /// How many runs are under way.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Asks all runs to end, so that another process goes on with them.
    pub(crate) fn hand_over_all(&self) {
        for live in self.lock().values() {
            if !live.state.borrow().is_cancelled {
                live.handed_over.store(true, Ordering::SeqCst);
                live.cancel();
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), LiveRun>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LiveRun {
    /// Where it is, from now on. The channel ends with the run.
    pub fn watch(&self) -> watch::Receiver<Live> {
        self.state.subscribe()
    }

    /// Asks it to end; the second time at once.
    pub(crate) fn cancel(&self) {
        let again = self.state.borrow().is_cancelled;
        self.change(|live| live.is_cancelled = true);
        if let Some(canceller) = self.canceller.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            if again { canceller.kill() } else { canceller.cancel() }
        }
    }

    /// Whether it was asked to end because its process does.
    pub(crate) fn is_handed_over(&self) -> bool {
        self.handed_over.load(Ordering::SeqCst)
    }

    /// Gives it what ends it; a wish that came before is heard now.
    pub(crate) fn cancels_with(&self, canceller: Canceller) {
        if self.state.borrow().is_cancelled {
            canceller.cancel();
        }
        *self.canceller.lock().unwrap_or_else(PoisonError::into_inner) = Some(canceller);
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Live)) {
        self.state.send_modify(change);
    }
}

/// A run that is under way until this is dropped.
pub struct Begun {
    hub: Hub,
    key: (String, String),
    pub(crate) live: LiveRun,
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.live.change(|live| live.is_over = true);
        self.hub.lock().remove(&self.key);
    }
}
