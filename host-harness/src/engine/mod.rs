//! The WebAssembly engine: one for a host.

pub(crate) mod cache;
pub(crate) mod compiler;
pub(crate) mod refusal;
pub(crate) mod watched_memory;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use wasmtime::Config;

use crate::credentials::secret_watch::SecretWatch;
use crate::engine::watched_memory::WatchedMemories;
use crate::limits::EngineLimits;
use crate::metering::run_queue::RunQueue;
use crate::metering::scheduler::ComputeScheduler;

/// Stack of the host's own functions below a guest's call, in bytes. Untouched pages cost nothing.
const HOST_STACK: usize = 2 * 1024 * 1024;

/// How often a computing guest is interrupted, to let others run and to look at its budget.
const TICK: Duration = Duration::from_millis(10);

/// Compiles plugins and runs them. Cheap to clone.
///
/// With [`EngineLimits::cache`] set, compiled code is kept in that folder, which must belong to this host alone: the
/// code runs with the host's rights. It is used only if folder, key and file belong to the process's user and nobody else
/// can write to them; otherwise plugins are compiled each time. Files are checked against the key, which finds damage and
/// files from elsewhere, not somebody who can read the folder.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<EngineParts>,
}

struct EngineParts {
    engine: wasmtime::Engine,
    limits: EngineLimits,
    watch: Option<Arc<SecretWatch>>,
    instances: Arc<AtomicUsize>,
    scheduler: Arc<ComputeScheduler>,
    runs: Arc<RunQueue>,
}

/// The engine cannot start on this machine.
#[derive(Debug, thiserror::Error)]
#[error("the WebAssembly engine cannot start: {0}")]
pub struct EngineError(String);

impl Engine {
    /// Starts an engine and its ticker thread, which ends with the last clone.
    ///
    /// # Errors
    ///
    /// The machine offers no threads or no memory for code.
    pub fn new(limits: EngineLimits) -> Result<Self, EngineError> {
        let watch = limits.watch.then(Arc::<SecretWatch>::default);
        let mut config = config(&limits);
        if let Some(watch) = &watch {
            config.with_host_memory(Arc::new(WatchedMemories(Arc::clone(watch))));
        }
        let engine = wasmtime::Engine::new(&config).map_err(|e| EngineError(format!("{e:#}")))?;
        let weak = engine.weak();
        let tick = move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        };
        let ticker = std::thread::Builder::new().name("tms-sync-ticker".into()).spawn(tick);
        ticker.map_err(|e| EngineError(e.to_string()))?;
        let instances: Arc<AtomicUsize> = Arc::default();
        Ok(Self {
            inner: Arc::new(EngineParts {
                engine,
                scheduler: ComputeScheduler::new(limits.computing, Arc::clone(&instances)),
                runs: RunQueue::new(limits.runs),
                limits,
                watch,
                instances,
            }),
        })
    }

    /// Instances of plugins that exist now: one for each call under way. An instance that broke, was ended or was
    /// killed is gone before its caller hears of it.
    pub fn instances(&self) -> usize {
        self.inner.instances.load(Relaxed)
    }

    /// What was found in plugins' hands, where [`EngineLimits::watch`] is set.
    pub fn watch(&self) -> Option<&Arc<SecretWatch>> {
        self.inner.watch.as_ref()
    }

    /// Counts an instance until the result is dropped.
    pub(crate) fn instance(&self) -> Alive {
        self.inner.instances.fetch_add(1, Relaxed);
        Alive(Arc::clone(&self.inner.instances))
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.inner.engine
    }

    /// ComputeScheduler of the instances that compute for long.
    pub(crate) fn scheduler(&self) -> &Arc<ComputeScheduler> {
        &self.inner.scheduler
    }

    /// Runs under way, and those that wait.
    pub(crate) fn runs(&self) -> &Arc<RunQueue> {
        &self.inner.runs
    }

    pub(crate) fn limits(&self) -> &EngineLimits {
        &self.inner.limits
    }
}

/// What shapes code, which a compiler process has to know too.
pub(crate) fn config(limits: &EngineLimits) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(limits.stack_bytes)
        .async_stack_size(limits.stack_bytes + HOST_STACK);
    if limits.watch {
        config
            .memory_reservation(0)
            .memory_reservation_for_growth(0)
            .memory_guard_size(0)
            .memory_init_cow(false);
    }
    config
}

/// An instance that is counted.
pub(crate) struct Alive(Arc<AtomicUsize>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
