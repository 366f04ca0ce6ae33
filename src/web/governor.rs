//! How fast a connection is used: a request budget per time window, a ceiling of requests in flight that adapts to loss,
//! and waits that a server asks for.
//!
//! Every number is handed in; nothing here reads a clock.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// What a vendor allows.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Requests that may be sent at once; the bucket's size. 0: no budget is known.
    pub burst: u32,
    /// Milliseconds in which the whole bucket fills again.
    pub refill_ms: u64,
    /// Requests in flight at the most.
    pub in_flight: u32,
}

/// Governs one connection.
pub struct Governor {
    state: RefCell<State>,
}

struct State {
    allowance: Allowance,
    /// Requests that may be sent now, in thousandths.
    tokens: u64,
    filled_at: u64,
    /// Nothing is sent before.
    not_before: u64,
    /// Ceiling of requests in flight, in tenths: one more a window without loss, a tenth less on loss.
    ceiling: u32,
    in_flight: u32,
    since_loss: u32,
    queue: VecDeque<Waker>,
}

impl Governor {
    /// A governor with a full bucket. Starts with two requests in flight.
    pub fn new(allowance: Allowance, now: u64) -> Self {
        Governor {
            state: RefCell::new(State {
                allowance,
                tokens: u64::from(allowance.burst) * 1000,
                filled_at: now,
                not_before: 0,
                ceiling: 20.min(allowance.in_flight * 10),
                in_flight: 0,
                since_loss: 0,
                queue: VecDeque::new(),
            }),
        }
    }

    /// Takes a token, or tells how many milliseconds to wait for one.
    pub fn take(&self, now: u64) -> Result<(), u64> {
        self.state.borrow_mut().take(now)
    }

    /// Waits for a place among the requests in flight.
    pub fn enter(&self) -> Enter<'_> {
        Enter { governor: self }
    }

    /// The server answered in time.
    pub fn succeeded(&self) {
        let mut state = self.state.borrow_mut();
        state.since_loss += 1;
        if state.since_loss * 10 >= state.ceiling {
            state.since_loss = 0;
            state.ceiling = (state.ceiling + 10).min(state.allowance.in_flight * 10);
        }
    }

    /// The server refused for load, failed or did not answer.
    pub fn lost(&self) {
        let mut state = self.state.borrow_mut();
        state.since_loss = 0;
        state.ceiling = (state.ceiling * 9 / 10).max(10);
    }

    /// The server says that little is left: half the requests in flight.
    pub fn near_limit(&self) {
        let mut state = self.state.borrow_mut();
        state.ceiling = (state.ceiling / 2).max(10);
    }

    /// Nothing is sent before this time.
    pub fn hold_until(&self, at: u64) {
        let mut state = self.state.borrow_mut();
        state.not_before = state.not_before.max(at);
    }

    /// How long so many requests take at this allowance, in milliseconds, beside the server's own time.
    pub fn forecast(&self, requests: u64) -> u64 {
        let state = self.state.borrow();
        if state.allowance.burst == 0 {
            return 0;
        }
        let over = requests.saturating_sub(state.tokens / 1000);
        over * state.allowance.refill_ms / u64::from(state.allowance.burst)
    }

    fn leave(&self) {
        let mut state = self.state.borrow_mut();
        state.in_flight = state.in_flight.saturating_sub(1);
        for waker in state.queue.drain(..) {
            waker.wake();
        }
    }
}

impl State {
    fn take(&mut self, now: u64) -> Result<(), u64> {
        if now < self.not_before {
            return Err(self.not_before - now);
        }
        let burst = u64::from(self.allowance.burst) * 1000;
        if burst == 0 {
            return Ok(());
        }
        let refill = self.allowance.refill_ms.max(1);
        let gained = now.saturating_sub(self.filled_at).saturating_mul(burst) / refill;
        if gained > 0 {
            self.tokens = self.tokens.saturating_add(gained).min(burst);
            self.filled_at = now;
        }
        if self.tokens >= 1000 {
            self.tokens -= 1000;
            return Ok(());
        }
        Err(((1000 - self.tokens) * refill).div_ceil(burst).max(1))
    }
}

/// Future of [`Governor::enter`].
pub struct Enter<'a> {
    governor: &'a Governor,
}

impl<'a> Future for Enter<'a> {
    type Output = Place<'a>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Place<'a>> {
        let mut state = self.governor.state.borrow_mut();
        if state.in_flight * 10 < state.ceiling {
            state.in_flight += 1;
            return Poll::Ready(Place {
                governor: self.governor,
            });
        }
        state.queue.push_back(cx.waker().clone());
        Poll::Pending
    }
}

/// A place among the requests in flight; dropping it gives it back.
pub struct Place<'a> {
    governor: &'a Governor,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.governor.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowance, Governor};

    const XRAY: Allowance = Allowance {
        burst: 270,
        refill_ms: 300_000,
        in_flight: 2,
    };

    #[test]
    fn three_hundred_requests_in_five_minutes_are_never_exceeded() {
        let governor = Governor::new(XRAY, 0);
        let (mut now, mut sent) = (0, Vec::new());
        while sent.len() < 2_000 {
            match governor.take(now) {
                Ok(()) => sent.push(now),
                Err(wait) => now += wait,
            }
        }
        // The first window may hold the full bucket and what refills meanwhile; from then on the rate is the refill.
        let most = sent
            .iter()
            .skip(540)
            .map(|t| sent.iter().filter(|s| **s >= *t && **s < t + 300_000).count())
            .max();
        assert!(most <= Some(300), "{most:?}");
        assert!(governor.forecast(1_000) > 0);
    }

    #[test]
    fn a_hold_keeps_everything_back_until_its_time() {
        let governor = Governor::new(XRAY, 0);
        governor.hold_until(5_000);
        assert_eq!(governor.take(1_000), Err(4_000));
        assert_eq!(governor.take(5_000), Ok(()));
    }

    #[test]
    fn requests_in_flight_grow_without_loss_and_shrink_with_it() {
        let governor = Governor::new(
            Allowance {
                burst: 0,
                refill_ms: 0,
                in_flight: 8,
            },
            0,
        );
        let ceiling = || governor.state.borrow().ceiling / 10;
        assert_eq!(ceiling(), 2);
        for _ in 0..100 {
            governor.succeeded();
        }
        assert_eq!(ceiling(), 8);
        for _ in 0..30 {
            governor.lost();
        }
        assert_eq!(ceiling(), 1);
    }
}
