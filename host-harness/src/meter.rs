//! What one call used.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::outcome::{Facts, Traffic};

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
    pub(crate) cpu: CpuTime,
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
            cpu: CpuTime::new(),
        }
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
}

impl CpuTime {
    fn new() -> Self {
        Self {
            origin: Instant::now(),
            spent: AtomicU64::new(0),
            polling_since: AtomicU64::new(0),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos())
            .unwrap_or(u64::MAX)
            .max(1)
    }

    /// Runs a poll and adds its time.
    pub(crate) fn measure<R>(&self, poll: impl FnOnce() -> R) -> R {
        self.polling_since.store(self.now(), Relaxed);
        let result = poll();
        let since = self.polling_since.swap(0, Relaxed);
        self.spent.fetch_add(self.now().saturating_sub(since), Relaxed);
        result
    }

    /// With the poll that is going on.
    pub(crate) fn spent(&self) -> Duration {
        let current = match self.polling_since.load(Relaxed) {
            0 => 0,
            since => self.now().saturating_sub(since),
        };
        Duration::from_nanos(self.spent.load(Relaxed) + current)
    }
}
