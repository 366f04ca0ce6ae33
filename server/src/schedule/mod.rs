//! When a run begins, and who carries it out.
//!
//! The ledger is the fence: a schedule or queue that loses everything costs lateness, never a duplicate. So everything
//! here may be repeated. [`LocalDispatcher`] serves one process on one store, [`JetStreamDispatcher`] any number of them on
//! one database.

#[cfg(test)]
mod contract;
mod firing;
mod jetstream;
mod local;
#[cfg(test)]
#[path = "../../tests/fleet/nats.rs"]
#[expect(dead_code, reason = "each test binary uses its part")]
mod nats;
mod queue;
mod timing;

use futures_util::future::BoxFuture;

pub use jetstream::{FleetOptions, JetStreamDispatcher, Shared};
pub use local::LocalDispatcher;

pub(crate) use firing::interruption;
pub use timing::Timing;

use crate::problem::Problem;
use crate::runs::{Begun, Mode, NewRun};
use crate::settings::Sync;
use crate::store::{StoreError, TenantScope};

/// A run that was handed out to be carried out. Whoever watches or cancels it finds it in the hub from the claim on.
pub struct Claim {
    pub(crate) turn: Turn,
    pub(crate) begun: Begun,
}

/// A run whose turn it is.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Rows of its tenant.
    pub(crate) scope: TenantScope,
    /// Its id.
    pub(crate) run: String,
    /// Id of its sync.
    pub(crate) sync: String,
    pub(crate) mode: Mode,
    /// What no other run may write to meanwhile: credentials and destination.
    pub(crate) writes_to: Option<(String, String)>,
}

/// When a sync is due next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// As its schedule says.
    AsScheduled,
    /// At a time of its own, in milliseconds since the Unix epoch, unless it is switched off.
    At(u64),
}

/// What became of a run that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enqueued {
    /// It is in the queue.
    Queued,
    /// Another run of the sync is queued or under way; this is its id.
    Overlaps(String),
}

/// Result of an operation of a dispatcher.
pub type DispatchResult<'a, T> = BoxFuture<'a, Result<T, Problem>>;

/// Where a run under way is, from now on.
pub type Watched = tokio::sync::watch::Receiver<crate::runs::Live>;

/// Decides when runs begin, and hands them out one by one.
pub trait Dispatcher: Send + std::marker::Sync + 'static {
    /// For the start of a process: takes up what the one before left.
    fn begin(&self) -> DispatchResult<'_, ()>;

    /// Puts into the queue what is due, once.
    fn turn(&self) -> DispatchResult<'_, ()>;

    /// The same at the times that are planned, again and again.
    fn keep_turning(&self) -> BoxFuture<'_, ()>;

    /// Plans the next time of a sync: after its schedule changed, it was switched on or off, or a run of it ended.
    fn plan<'a>(&'a self, scope: &'a TenantScope, sync: &'a Sync, when: When) -> DispatchResult<'a, ()>;

    /// Puts a run into the queue, unless one of the same sync is queued or under way.
    fn enqueue<'a>(&'a self, scope: &'a TenantScope, run: &'a NewRun) -> DispatchResult<'a, Enqueued>;

    /// Waits for a run whose turn it is. It is under way from now on, until it is settled.
    fn claim(&self) -> BoxFuture<'_, Claim>;

    /// Lets a queued run go, or asks one under way to end, wherever that is. A second time it is ended at once.
    fn cancel<'a>(&'a self, scope: &'a TenantScope, run: &'a str) -> DispatchResult<'a, ()>;

    /// A run under way, wherever that is; `None`: none is known under that id.
    fn watch<'a>(&'a self, scope: &'a TenantScope, run: &'a str) -> BoxFuture<'a, Option<Watched>>;

    /// The end of a claimed run, once it is recorded.
    fn settle(&self, claim: Claim) -> BoxFuture<'_, Result<(), StoreError>>;
}
