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
    /// Requests in any window of time. 0: no budget is known.
    pub requests: u32,
    /// Length of the window, in milliseconds.
    pub window_ms: u64,
    /// Requests in flight at the most.
    pub in_flight: u32,
}

/// Governs one connection.
pub struct Governor {
    state: RefCell<State>,
}

struct State {
    allowance: Allowance,
    /// When the requests of the last window were sent. Remembering them keeps the budget in every window, whether the
    /// server counts fixed or sliding ones; a bucket that refills would allow twice the budget in the first.
    sent: VecDeque<u64>,
    /// Nothing is sent before.
    not_before: u64,
    /// Ceiling of requests in flight, in tenths: one more a window without loss, a tenth less on loss.
    ceiling: u32,
    in_flight: u32,
    since_loss: u32,
    queue: VecDeque<Waker>,
}

impl Governor {
    /// A governor that has sent nothing yet. Starts with two requests in flight.
    pub fn new(allowance: Allowance) -> Self {
        Governor {
            state: RefCell::new(State {
                allowance,
                sent: VecDeque::new(),
                not_before: 0,
                ceiling: 20.min(allowance.in_flight * 10),
                in_flight: 0,
                since_loss: 0,
                queue: VecDeque::new(),
            }),
        }
    }

    /// Takes a request from the budget, or returns how many milliseconds to wait for one.
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
        let allowance = self.state.borrow().allowance;
        match u64::from(allowance.requests) {
            0 => 0,
            most => requests.saturating_sub(1) / most * allowance.window_ms,
        }
    }

    /// Requests in flight at the most.
    pub fn in_flight(&self) -> u32 {
        self.state.borrow().allowance.in_flight.max(1)
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
        if self.allowance.requests == 0 {
            return Ok(());
        }
        while self
            .sent
            .front()
            .is_some_and(|sent| sent + self.allowance.window_ms <= now)
        {
            self.sent.pop_front();
        }
        match self.sent.front() {
            Some(oldest) if self.sent.len() >= self.allowance.requests as usize => {
                Err(oldest + self.allowance.window_ms - now)
            }
            _ => {
                self.sent.push_back(now);
                Ok(())
            }
        }
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
        requests: 270,
        window_ms: 300_000,
        in_flight: 2,
    };

    #[test]
    fn the_budget_is_kept_in_every_window_and_used_up_to_its_end() {
        let governor = Governor::new(XRAY);
        let (mut now, mut sent) = (0, Vec::new());
        while sent.len() < 2_000 {
            match governor.take(now) {
                Ok(()) => sent.push(now),
                Err(wait) => now += wait,
            }
            now += 7;
        }
        let in_window = |from: u64| sent.iter().filter(|at| **at >= from && **at < from + 300_000).count();
        assert_eq!(sent.iter().map(|from| in_window(*from)).max(), Some(270));
        assert!(now < 8 * 301_000, "{now}");
        assert_eq!((governor.forecast(270), governor.forecast(1_000)), (0, 3 * 300_000));
    }

    #[test]
    fn a_hold_keeps_everything_back_until_its_time() {
        let governor = Governor::new(XRAY);
        governor.hold_until(5_000);
        assert_eq!(governor.take(1_000), Err(4_000));
        assert_eq!(governor.take(5_000), Ok(()));
    }

    #[test]
    fn requests_in_flight_grow_without_loss_and_shrink_with_it() {
        let governor = Governor::new(Allowance {
            requests: 0,
            window_ms: 0,
            in_flight: 8,
        });
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
