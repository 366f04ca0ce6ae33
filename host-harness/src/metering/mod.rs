//! What one call used.

pub(crate) mod facts;
pub(crate) mod run_queue;
pub(crate) mod scheduler;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::metering::facts::{Facts, Traffic};
use crate::metering::scheduler::{ComputeScheduler, ComputeSlot};

/// A guest that computed for so much longer than it waited needs turns.
const LONG: Duration = Duration::from_millis(5);
/// As if it had computed for no longer than this: waiting for so long is enough to begin anew.
const FORGIVEN: Duration = Duration::from_millis(20);

/// Counters of a call, shared by its imports.
pub(crate) struct Meter {
    started: Instant,
    traffic: Mutex<BTreeMap<String, Traffic>>,
    requests: AtomicU64,
    pub(crate) ledger_reads: AtomicU64,
    pub(crate) ledger_writes: AtomicU64,
    pub(crate) events: AtomicU64,
    pub(crate) events_bytes: AtomicU64,
    pending: AtomicUsize,
    pub(crate) peak_memory: AtomicUsize,
    /// Whether the guest asked for more memory than it may have.
    pub(crate) memory_refused: AtomicBool,
    /// Size and request of the largest answer.
    largest: Mutex<(usize, String)>,
    pub(crate) cpu: CpuTime,
    /// The turn in which the guest computes, if it needs one.
    turn: Mutex<Option<ComputeSlot>>,
}

impl Meter {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            traffic: Mutex::default(),
            requests: AtomicU64::new(0),
            ledger_reads: AtomicU64::new(0),
            ledger_writes: AtomicU64::new(0),
            events: AtomicU64::new(0),
            events_bytes: AtomicU64::new(0),
            pending: AtomicUsize::new(0),
            peak_memory: AtomicUsize::new(0),
            memory_refused: AtomicBool::new(false),
            largest: Mutex::default(),
            cpu: CpuTime::new(),
            turn: Mutex::default(),
        }
    }

    /// Runs a poll of the guest, adds its time, and ends the turn that the guest got in it.
    pub(crate) fn poll<R>(&self, poll: impl FnOnce() -> R) -> R {
        let result = self.cpu.measure(poll);
        self.end_turn();
        result
    }

    /// Ends the turn of a guest that computes, and waits for the next one.
    pub(crate) fn next_turn(
        self: &Arc<Self>,
        turns: &Arc<ComputeScheduler>,
    ) -> impl Future<Output = ()> + Send + 'static {
        self.end_turn();
        let (meter, next) = (Arc::clone(self), turns.queue());
        async move {
            let turn = next.await;
            *meter.turn.lock().unwrap_or_else(PoisonError::into_inner) = Some(turn);
        }
    }

    fn end_turn(&self) {
        drop(self.turn.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Counts a request of the plugin against its budget.
    pub(crate) fn take_request(&self, budget: u64) -> Result<(), String> {
        if self.requests.fetch_add(1, Relaxed) < budget {
            return Ok(());
        }
        Err(format!("the call has used its {budget} requests"))
    }

    /// Room for `bytes` that the host is to hold for the guest, until the result is dropped.
    pub(crate) fn hold(self: &Arc<Self>, bytes: usize, limit: usize) -> Option<Hold> {
        let mut hold = Hold {
            meter: Arc::clone(self),
            bytes: 0,
            limit,
        };
        hold.grow(bytes).then_some(hold)
    }

    pub(crate) fn traffic(&self, connection: &str, change: impl FnOnce(&mut Traffic)) {
        let mut traffic = self.traffic.lock().unwrap_or_else(PoisonError::into_inner);
        change(traffic.entry(connection.to_owned()).or_default());
    }

    /// Keeps what the largest answer was one to.
    pub(crate) fn answered(&self, bytes: usize, request: impl FnOnce() -> String) {
        let mut largest = self.largest.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes > largest.0 {
            *largest = (bytes, request());
        }
    }

    /// The request of the largest answer, and its bytes.
    pub(crate) fn largest_answer(&self) -> Option<(usize, String)> {
        let largest = self.largest.lock().unwrap_or_else(PoisonError::into_inner);
        (largest.0 > 0).then(|| largest.clone())
    }

    pub(crate) fn facts(&self) -> Facts {
        Facts {
            duration: self.started.elapsed(),
            cpu: self.cpu.spent(),
            peak_memory: self.peak_memory.load(Relaxed),
            connections: self.traffic.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            ledger_reads: self.ledger_reads.load(Relaxed),
            ledger_writes: self.ledger_writes.load(Relaxed),
            events: self.events.load(Relaxed),
        }
    }
}

/// A part of the bytes that the host may hold for a guest ([`CallLimits::pending_bytes`](crate::CallLimits)).
pub(crate) struct Hold {
    meter: Arc<Meter>,
    bytes: usize,
    limit: usize,
}

impl Hold {
    /// Takes `more` bytes; whether there is room for them.
    pub(crate) fn grow(&mut self, more: usize) -> bool {
        let before = self.meter.pending.fetch_add(more, Relaxed);
        self.bytes += more;
        before.saturating_add(more) <= self.limit
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.meter.pending.fetch_sub(self.bytes, Relaxed);
    }
}

/// Time the guest was being polled. Epoch ticks alone would count a whole tick for every short wake-up.
pub(crate) struct CpuTime {
    origin: Instant,
    spent: AtomicU64,
    /// When the current poll began, in nanoseconds after `origin`; 0 between polls.
    polling_since: AtomicU64,
    /// When the last poll ended, likewise.
    waiting_since: AtomicU64,
    /// By how much computing was longer than waiting when the current or last poll began or ended, in nanoseconds.
    excess: AtomicU64,
}

impl CpuTime {
    fn new() -> Self {
        Self {
            origin: Instant::now(),
            spent: AtomicU64::new(0),
            polling_since: AtomicU64::new(0),
            waiting_since: AtomicU64::new(0),
            excess: AtomicU64::new(0),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos())
            .unwrap_or(u64::MAX)
            .max(1)
    }

    /// Runs a poll and adds its time.
    fn measure<R>(&self, poll: impl FnOnce() -> R) -> R {
        let began = self.now();
        let waited = began.saturating_sub(self.waiting_since.load(Relaxed));
        let excess = self.excess.load(Relaxed).saturating_sub(waited);
        self.excess.store(excess, Relaxed);
        self.polling_since.store(began, Relaxed);
        let result = poll();
        self.polling_since.store(0, Relaxed);
        let ended = self.now();
        let computed = ended.saturating_sub(began);
        self.spent.fetch_add(computed, Relaxed);
        self.excess
            .store((excess + computed).min(nanoseconds(FORGIVEN)), Relaxed);
        self.waiting_since.store(ended, Relaxed);
        result
    }

    /// With the poll that is going on.
    pub(crate) fn spent(&self) -> Duration {
        Duration::from_nanos(self.spent.load(Relaxed) + self.current())
    }

    /// Whether the guest computes on and on: without waiting, or for much longer than it waits.
    pub(crate) fn is_long(&self) -> bool {
        self.excess.load(Relaxed) + self.current() > nanoseconds(LONG)
    }

    /// Nanoseconds of the poll that is going on.
    fn current(&self) -> u64 {
        match self.polling_since.load(Relaxed) {
            0 => 0,
            since => self.now().saturating_sub(since),
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
