//! Time as the simulators see it: the wall clock, or a hand that only a test moves.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// A shared clock in milliseconds since the Unix epoch; clones show the same time.
///
/// Rate-limit windows, index lag, token lifetimes and job durations are all measured with it, and nothing in this crate
/// waits in any other way, so a test with a manual clock never sleeps.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    hand: Option<Arc<watch::Sender<i64>>>,
}

impl Clock {
    /// The wall clock.
    #[must_use]
    pub fn real() -> Self {
        Self::default()
    }

    /// A clock standing at `epoch_ms` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(epoch_ms: i64) -> Self {
        Self {
            hand: Some(Arc::new(watch::Sender::new(epoch_ms))),
        }
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match &self.hand {
            Some(hand) => *hand.borrow(),
            None => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis),
        }
    }

    /// Moves a manual clock forward and wakes every sleeper whose time has come. The wall clock ignores it.
    pub fn advance(&self, by: Duration) {
        if let Some(hand) = &self.hand {
            hand.send_modify(|now| *now = now.saturating_add(millis(by)));
        }
    }

    /// Waits until this clock has moved on by `time`.
    pub async fn sleep(&self, time: Duration) {
        let Some(hand) = &self.hand else {
            return tokio::time::sleep(time).await;
        };
        let wake = self.now_ms().saturating_add(millis(time));
        // The sender lives as long as `self`, so the wait can only end by reaching the time.
        let _ = hand.subscribe().wait_for(|now| *now >= wake).await;
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_hand_reaches_its_time() {
        let clock = Clock::manual(1_000);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep(Duration::from_secs(5)).await;
                clock.now_ms()
            }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(4));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_secs(1));
        assert_eq!(sleeper.await.unwrap(), 6_000);
    }
}
