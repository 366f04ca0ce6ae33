//! How a run is asked to end.

use std::sync::Arc;

use tokio::sync::watch;

/// How urgently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stop {
    No,
    Cancel,
    Kill,
}

/// Shared by the run and everybody who may end it. It only ever rises.
#[derive(Clone)]
pub(crate) struct StopSignal {
    level: Arc<watch::Sender<Stop>>,
    /// Whether the plugin was given a `cancel` future at all.
    heard: bool,
}

impl StopSignal {
    pub(crate) fn new(heard: bool) -> Self {
        Self {
            level: Arc::new(watch::Sender::new(Stop::No)),
            heard,
        }
    }

    pub(crate) fn is_heard(&self) -> bool {
        self.heard
    }

    pub(crate) fn cancel(&self) {
        self.raise(Stop::Cancel);
    }

    pub(crate) fn kill(&self) {
        self.raise(Stop::Kill);
    }

    fn raise(&self, to: Stop) {
        self.level.send_if_modified(|level| {
            let rises = *level < to;
            *level = (*level).max(to);
            rises
        });
    }

    /// Resolves when the level is above `known`.
    pub(crate) async fn changed_from(&self, known: Stop) -> Stop {
        let mut level = self.level.subscribe();
        let changed = level.wait_for(|level| *level > known).await.map(|level| *level);
        match changed {
            Ok(level) => level,
            // The sender lives in `self`.
            Err(_) => std::future::pending().await,
        }
    }
}

/// Ends a run from elsewhere, for example from a signal handler.
#[derive(Clone)]
pub struct Canceller(pub(crate) StopSignal);

impl Canceller {
    /// Asks the plugin to end. It reports what it did; what was begun is settled by the next run.
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// Drops the instance at once. Requests under way may still have their effect.
    pub fn kill(&self) {
        self.0.kill();
    }
}
