//! Time that tests own: the service's and the simulated servers' alike.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tms_sync_host::Clock;
use tms_sync_host::ledger::HEARTBEAT;

/// A clock that moves when a test says so, or when a plugin waits.
#[derive(Clone)]
pub struct ManualClock(pub tms_sync_sim::Clock);

impl ManualClock {
    pub fn at(start: u64) -> Self {
        Self(tms_sync_sim::Clock::manual(start.try_into().unwrap()))
    }

    pub fn advance(&self, by: Duration) {
        self.0.advance(by);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> u64 {
        self.0.now_ms().try_into().unwrap()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // The host's own heartbeat goes on beside the component and must not drive time.
        if duration == HEARTBEAT {
            return Box::pin(std::future::pending());
        }
        self.0.advance(duration);
        Box::pin(std::future::ready(()))
    }
}
