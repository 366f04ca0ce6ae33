//! One call's store: its limits and what its imports work on. Stores are used once and thrown away.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use wasmtime::component::ResourceTable;
use wasmtime::{ResourceLimiter, Store, UpdateDeadline};

use crate::call::http::{self, Http, Offline};
use crate::call::log::CallLog;
use crate::clock::Clock;
use crate::credentials::secret_watch::SecretWatch;
use crate::engine::{Alive, Engine};
use crate::ledger::LedgerSession;
use crate::limits::CallLimits;
use crate::metering::Meter;
use crate::recording::Recording;
use crate::spool::Spool;

const MEMORIES: usize = 2;
const TABLES: usize = 16;

/// What the imports of a call work on.
pub(crate) struct HostSide {
    pub(crate) meter: Arc<Meter>,
    pub(crate) clock: Arc<dyn Clock>,
    /// What the plugin logs.
    pub(crate) log: Arc<CallLog>,
    pub(crate) http: Arc<dyn Http>,
    /// Absent in calls that are offline by contract.
    pub(crate) ledger: Option<Arc<LedgerSession>>,
    /// Names of the stored secrets.
    pub(crate) stored: Vec<String>,
    pub(crate) spool: Arc<Spool>,
    /// The files that the guest has handles of.
    pub(crate) files: ResourceTable,
    /// Where the call's host calls are recorded, or replayed from.
    pub(crate) recording: Option<Arc<Recording>>,
    /// Sees every value that crosses the boundary, where the engine has one.
    pub(crate) secret_watch: Option<Arc<SecretWatch>>,
}

impl HostSide {
    /// For calls that reach neither network nor ledger.
    pub(crate) fn offline(clock: Arc<dyn Clock>, stored: Vec<String>, limits: &CallLimits) -> Self {
        Self {
            meter: Arc::new(Meter::new()),
            clock,
            log: CallLog::new(None, None),
            http: Arc::new(Offline),
            ledger: None,
            stored,
            spool: Spool::new(limits),
            files: ResourceTable::new(),
            recording: None,
            secret_watch: None,
        }
    }
}

/// Data of a store.
pub(crate) struct CallState {
    pub(crate) host: HostSide,
    limiter: Limiter,
    _alive: Alive,
}

/// The epoch callback's verdict.
#[derive(Debug, thiserror::Error)]
#[error("the budget of computing time is used up")]
pub(crate) struct CpuExhausted;

pub(crate) fn new(engine: &Engine, limits: &CallLimits, mut host: HostSide) -> Store<CallState> {
    host.secret_watch = engine.watch().cloned();
    host.http = http::at_boundary(host.http, host.recording.as_ref(), host.secret_watch.as_ref());
    let meter = Arc::clone(&host.meter);
    let is_recorded = host.recording.is_some();
    let limiter = Limiter {
        memory_bytes: limits.memory_bytes,
        table_elements: limits.table_elements,
        instances: engine.limits().instances,
        memory_used: 0,
        table_used: 0,
        meter: Arc::clone(&meter),
    };
    let state = CallState {
        host,
        limiter,
        _alive: engine.instance(),
    };
    let mut store = Store::new(engine.wasmtime(), state);
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(limits.hostcall_bytes);
    store.set_max_component_handles(limits.handles);
    if let Some(table) = store.concurrent_resource_table() {
        table.set_max_capacity(limits.tasks);
    }
    store.set_epoch_deadline(1);
    let budget = limits.cpu;
    let scheduler = Arc::clone(engine.scheduler());
    store.epoch_deadline_callback(move |_| {
        if meter.cpu.spent() > budget {
            Err(CpuExhausted.into())
        } else if is_recorded || !meter.cpu.is_long() {
            // An answer that arrives while a recorded plugin computes would come at another time in each run.
            Ok(UpdateDeadline::Continue(1))
        } else {
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(meter.next_turn(&scheduler))))
        }
    });
    store
}

/// Memory and tables of all core instances together.
struct Limiter {
    memory_bytes: usize,
    table_elements: usize,
    instances: usize,
    memory_used: usize,
    table_used: usize,
    meter: Arc<Meter>,
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.memory_used.saturating_sub(current).saturating_add(desired);
        if used > self.memory_bytes {
            self.meter.memory_refused.store(true, Relaxed);
            return Ok(false);
        }
        self.memory_used = used;
        self.meter.peak_memory.fetch_max(used, Relaxed);
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.table_used.saturating_sub(current).saturating_add(desired);
        let fits = used <= self.table_elements;
        if fits {
            self.table_used = used;
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}
