//! One call of a plugin: a fresh instance, a limited time, and what became of it.

pub(crate) mod cancel;
pub(crate) mod events;
pub(crate) mod http;
pub(crate) mod imports;
pub(crate) mod log;
pub(crate) mod outcome;
pub(crate) mod store;

use std::fmt::Debug;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::time::Instant;
use wasmtime::Trap;
use wasmtime::component::Accessor;

use crate::call::cancel::{Stop, StopSignal};
use crate::call::events::EventFlood;
use crate::call::http::RequestSink;
use crate::call::log::{CallLog, LogSink};
use crate::call::outcome::{EndReason, Ended};
use crate::call::store::{CallState, CpuExhausted, HostSide};
use crate::contract::{TmsSync, TmsSyncPre};
use crate::credentials::secret_watch::Place;
use crate::engine::Engine;
use crate::limits::CallLimits;
use crate::metering::Meter;
use crate::model::Level;
use crate::recording::Recording;

/// Longest trace of a trap in the log, in characters: that of a deep recursion has no end.
const MAX_TRACE: usize = 4_000;

/// Who hears of what happens during the calls of a tenant.
#[derive(Clone, Default)]
pub(crate) struct Sinks {
    pub(crate) log: Option<LogSink>,
    pub(crate) requests: Option<RequestSink>,
}

/// What is done with the instance. Boxed, so that the whole call can move between threads.
pub(crate) type Work<R> =
    Box<dyn for<'a> FnOnce(&'a Accessor<CallState>, &'a TmsSync) -> BoxFuture<'a, wasmtime::Result<R>> + Send>;

/// Instantiates, works, and throws the instance away.
pub(crate) async fn call<R: Debug + Send + 'static>(
    engine: &Engine,
    pre: &TmsSyncPre<CallState>,
    limits: &CallLimits,
    host: HostSide,
    stop: &StopSignal,
    work: Work<R>,
) -> Result<R, Ended> {
    let meter = Arc::clone(&host.meter);
    let recording = host.recording.clone();
    let log = Arc::clone(&host.log);
    let mut store = store::new(engine, limits, host);
    let running = async {
        let instance = pre.instantiate_async(&mut store).await?;
        store
            .run_concurrent(async |accessor| work(accessor, &instance).await)
            .await?
    };
    let running = Metered {
        work: Box::pin(running),
        meter: Arc::clone(&meter),
        recording,
    };
    match supervise(running, limits, stop).await {
        Ok(Ok(value)) => {
            if let Some(watch) = engine.watch() {
                watch.value(Place::OutOfPlugin, &value);
            }
            Ok(value)
        }
        Ok(Err(error)) => {
            let ended = diagnose(&error, limits, &meter, &log);
            let trace: String = format!("{error:?}").chars().take(MAX_TRACE).collect();
            log.add(Level::Debug, &trace);
            Err(ended)
        }
        Err(ended) => Err(ended),
    }
}

/// Lets `work` go on until it ends, is killed, or has had its time. Time that runs out cancels first.
async fn supervise<R>(work: impl Future<Output = R>, limits: &CallLimits, stop: &StopSignal) -> Result<R, Ended> {
    let mut work = pin!(work);
    let mut reason = EndReason::Wall;
    let mut deadline = Instant::now() + limits.wall;
    let mut heard = Stop::No;
    loop {
        tokio::select! {
            biased;
            result = &mut work => return Ok(result),
            level = stop.changed_from(heard) => {
                if level == Stop::Kill {
                    return Err(Ended { reason: EndReason::Killed, detail: "as asked".into() });
                }
                heard = level;
                reason = EndReason::IgnoredCancel;
                deadline = deadline.min(Instant::now() + limits.cancel_grace);
            }
            () = tokio::time::sleep_until(deadline) => {
                if heard != Stop::No || !stop.is_heard() {
                    let given = if reason == EndReason::Wall { limits.wall } else { limits.cancel_grace };
                    return Err(Ended { reason, detail: format!("after {given:?}") });
                }
                deadline = Instant::now() + limits.cancel_grace;
                heard = Stop::Cancel;
                stop.cancel();
            }
        }
    }
}

fn diagnose(error: &wasmtime::Error, limits: &CallLimits, meter: &Meter, log: &CallLog) -> Ended {
    let reason = if error.is::<CpuExhausted>() {
        EndReason::Cpu
    } else if error.is::<EventFlood>() {
        EndReason::Events
    } else if error.is::<NoReport>() {
        EndReason::NoReport
    } else if error.downcast_ref::<Trap>() == Some(&Trap::StackOverflow) {
        EndReason::Stack
    } else if mentions(error, "fuel allocated for hostcalls has been exhausted") {
        EndReason::Copies
    } else if mentions(error, "handle limit exceeded") || mentions(error, "no free keys") {
        EndReason::Handles
    } else if meter.memory_refused.load(Relaxed) {
        EndReason::Memory
    } else {
        EndReason::Trap
    };
    let cause = || error.chain().last().map(ToString::to_string).unwrap_or_default();
    let detail = match reason {
        EndReason::Memory => memory_detail(limits.memory_bytes, meter),
        // A panic logs its message and traps.
        EndReason::Trap => log.last_error().unwrap_or_else(cause),
        _ => cause(),
    };
    Ended { reason, detail }
}

/// How much memory there is, and what probably filled it.
fn memory_detail(bytes: usize, meter: &Meter) -> String {
    let largest = meter.largest_answer().map(|(size, request)| {
        let size = size.div_ceil(1024);
        format!("; the largest answer was that to {request}, of {size} KiB")
    });
    format!("{} MiB{}", bytes >> 20, largest.unwrap_or_default())
}

/// For what wasmtime has no public type. The hostile guests hold these texts against the release in use.
fn mentions(error: &wasmtime::Error, text: &str) -> bool {
    error.chain().any(|cause| cause.to_string().contains(text))
}

/// The report's future was dropped.
#[derive(Debug, thiserror::Error)]
#[error("the report's future was closed without a report")]
pub(crate) struct NoReport;

/// Adds the time of every poll to the call's computing time, and gives a recorded call its scheduler.
struct Metered<'a, R> {
    work: BoxFuture<'a, R>,
    meter: Arc<Meter>,
    recording: Option<Arc<Recording>>,
}

impl<R> Future for Metered<'_, R> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<R> {
        if let Some(recording) = &self.recording {
            recording.before_poll();
        }
        let meter = Arc::clone(&self.meter);
        let polled = meter.poll(|| self.work.as_mut().poll(context));
        if let (Some(recording), Poll::Pending) = (&self.recording, &polled) {
            recording.after_poll(context);
        }
        polled
    }
}
