//! Every request a server saw, in order of arrival: what budgets are judged by and what tests assert on.
//!
//! A secret never gets in: of the authorisation only the scheme and a short hash are kept, and of a sign-in
//! ([`Class::Auth`]) no body.

mod entry;
mod record;

pub use entry::{Call, Class, Classify, Counts, Credential, Entry};
pub(crate) use record::Ticket;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::middleware::from_fn_with_state;

use crate::clock::Clock;

/// The journal of one server; clones read the same entries.
#[derive(Clone)]
pub struct Journal {
    entries: Arc<Mutex<Vec<Entry>>>,
    clock: Clock,
    classify: Classify,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("entries", &self.lock().len())
            .finish_non_exhaustive()
    }
}

impl Journal {
    pub(crate) fn new(clock: Clock, classify: Classify) -> Self {
        Self {
            entries: Arc::default(),
            clock,
            classify,
        }
    }

    /// Wraps `app` so that every request to it is kept, whether a route matched or not.
    pub(crate) fn layer(&self, app: Router) -> Router {
        app.layer(from_fn_with_state(self.clone(), record::record))
    }

    /// A copy of all entries.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().clone()
    }

    /// A copy of the entries that arrived after the one with this sequence number; 0 gives all.
    #[must_use]
    pub fn since(&self, sequence: usize) -> Vec<Entry> {
        self.lock().get(sequence..).map(<[Entry]>::to_vec).unwrap_or_default()
    }

    /// Forgets what arrived so far, for stories that are long; sequence numbers begin anew.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// How many requests arrived so far; also the sequence number of the latest.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether nothing arrived yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// The totals over everything that arrived.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts_since(0)
    }

    /// The totals over what arrived after the entry with this sequence number: a budget for one run.
    #[must_use]
    pub fn counts_since(&self, sequence: usize) -> Counts {
        self.lock().get(sequence..).map(Counts::of).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        // An entry is always whole: a panic elsewhere while holding the lock loses nothing.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
