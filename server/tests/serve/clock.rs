//! Time that tests own.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tms_sync_host::Clock;
use tokio::sync::watch;

/// A clock that moves when a test says so.
#[derive(Clone)]
pub struct ManualClock(Arc<watch::Sender<u64>>);

impl ManualClock {
    pub fn at(start: u64) -> Self {
        Self(Arc::new(watch::Sender::new(start)))
    }

    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|now| *now += u64::try_from(by.as_millis()).unwrap());
    }
}

impl Clock for ManualClock {
    fn now(&self) -> u64 {
        *self.0.borrow()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let until = self.now() + u64::try_from(duration.as_millis()).unwrap();
        let mut now = self.0.subscribe();
        Box::pin(async move {
            let _ = now.wait_for(|now| *now >= until).await;
        })
    }
}
