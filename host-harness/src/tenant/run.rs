//! Plans, runs and their like: started, watched, ended.

use std::sync::Arc;

use futures_channel::mpsc;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use wasmtime::component::{Accessor, FutureReader, Source};
use wasmtime::{AsContextMut, StoreContextMut};

use crate::call::cancel::{Canceller, Stop, StopSignal};
use crate::call::events::{self, EventSink};
use crate::call::http::{Way, left_of_windows};
use crate::call::outcome::{CallError, RunOutcome};
use crate::call::store::{CallState, HostSide};
use crate::call::{self, NoReport, Work};
use crate::contract::TmsSync;
use crate::contract::VERSION;
use crate::contract::exports::exporter::{AdoptJob, Job as GuestJob, UndoJob};
use crate::credentials::expiry;
use crate::credentials::health::{Admission, CredentialGuard, Purpose};
use crate::id::random_name;
use crate::ledger::{LedgerSession, RunMode};
use crate::limits::CallLimits;
use crate::metering::Meter;
use crate::metering::facts::Facts;
use crate::model::{Event, Fault, Report, Settings};
use crate::plugin::LoadedPlugin;
use crate::recording::{OnTape, Recording};
use crate::tenant::history::History;

/// A plan, check, run or undo under way. Dropping it asks the plugin to end.
pub struct Run {
    run_id: String,
    events: mpsc::Receiver<Event>,
    stop: StopSignal,
    meter: Arc<Meter>,
    outcome: oneshot::Receiver<RunOutcome>,
}

impl Run {
    /// The next event; `None` after the last. The plugin waits for an event to be taken once a few hundred are waiting.
    pub async fn next_event(&mut self) -> Option<Event> {
        self.events.next().await
    }

    /// Name of the run in the ledger's history.
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// What it used so far.
    pub fn facts(&self) -> Facts {
        self.meter.facts()
    }

    /// Asks the plugin to end; see [`Canceller::cancel`].
    pub fn cancel(&self) {
        self.stop.cancel();
    }

    /// Drops the instance at once; see [`Canceller::kill`].
    pub fn kill(&self) {
        self.stop.kill();
    }

    /// Something that can end this run from elsewhere.
    pub fn canceller(&self) -> Canceller {
        Canceller(self.stop.clone())
    }

    /// Waits for the end. Events that were not taken are lost.
    pub async fn finish(mut self) -> RunOutcome {
        self.events.close();
        while self.events.next().await.is_some() {}
        match (&mut self.outcome).await {
            Ok(outcome) => outcome,
            Err(_) => RunOutcome::host_failed(self.run_id.clone()),
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Which export is called, and with what.
pub(crate) enum RunRequest {
    Plan(GuestJob),
    Verify(GuestJob),
    Run(GuestJob),
    Undo {
        /// Name of this undo; the job has the name of the run that is taken back.
        name: String,
        job: UndoJob,
    },
    Adopt(AdoptJob),
}

impl RunRequest {
    pub(crate) fn run_id(&self) -> &str {
        match self {
            Self::Plan(job) | Self::Verify(job) | Self::Run(job) => &job.run_id,
            Self::Undo { name, .. } => name,
            Self::Adopt(job) => &job.run_id,
        }
    }

    pub(crate) fn undoes(&self) -> Option<&str> {
        match self {
            Self::Plan(_) | Self::Verify(_) | Self::Run(_) | Self::Adopt(_) => None,
            Self::Undo { job, .. } => Some(&job.run_id),
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        match self {
            Self::Plan(job) | Self::Verify(job) | Self::Run(job) => &job.settings,
            Self::Undo { job, .. } => &job.settings,
            Self::Adopt(job) => &job.settings,
        }
    }

    pub(crate) fn mode(&self) -> RunMode {
        match self {
            Self::Plan(_) => RunMode::Plan,
            Self::Verify(_) => RunMode::Verify,
            Self::Run(_) => RunMode::Export,
            Self::Undo { job, .. } if job.apply => RunMode::Undo,
            Self::Undo { .. } => RunMode::UndoDryRun,
            Self::Adopt(job) if job.apply => RunMode::Adopt,
            Self::Adopt(_) => RunMode::AdoptDryRun,
        }
    }
}

impl RunRequest {
    /// What is called, as the first line of a recording.
    fn on_record(&self, plugin: &LoadedPlugin) -> Value {
        let (call, job) = match self {
            Self::Plan(job) => ("plan", job.to_tape()),
            Self::Verify(job) => ("verify", job.to_tape()),
            Self::Run(job) => ("run", job.to_tape()),
            Self::Undo { job, .. } => ("undo", job.to_tape()),
            Self::Adopt(job) => ("adopt", job.to_tape()),
        };
        let plugin = json!({
            "name": plugin.info().name,
            "version": plugin.info().version,
            "digest": plugin.digest(),
        });
        json!({"tape": 2, "contract": VERSION, "plugin": plugin, "call": call, "job": job})
    }

    /// Reads it back; `None` where it is no first line.
    pub(crate) fn from_tape(line: &Value) -> Option<Self> {
        if line.get("tape")? != 2 {
            return None;
        }
        let job = line.get("job")?;
        match line.get("call")?.as_str()? {
            "plan" => OnTape::from_tape(job).map(Self::Plan),
            "verify" => OnTape::from_tape(job).map(Self::Verify),
            "run" => OnTape::from_tape(job).map(Self::Run),
            "adopt" => OnTape::from_tape(job).map(Self::Adopt),
            "undo" => OnTape::from_tape(job).map(|job| Self::Undo {
                name: random_name(),
                job,
            }),
            _ => None,
        }
    }
}

/// Everything a run needs, owned.
pub(crate) struct RunParts {
    pub(crate) plugin: LoadedPlugin,
    pub(crate) limits: CallLimits,
    pub(crate) host: HostSide,
    /// Asked before the call begins, and the way of its requests then; absent where nothing is reached.
    pub(crate) online: Option<(Admission, Way)>,
    pub(crate) session: Arc<LedgerSession>,
    pub(crate) history: History,
    pub(crate) request: RunRequest,
}

/// Starts on the current tokio runtime.
pub(crate) fn start(parts: RunParts) -> Run {
    let stop = StopSignal::new(true);
    let run_id = parts.request.run_id().to_owned();
    let (mut sink, events) = events::channel(
        &parts.limits,
        Arc::clone(&parts.host.clock),
        Arc::clone(&parts.host.meter),
        parts.host.recording.clone(),
        parts.plugin.engine().watch().cloned(),
    );
    let (notes, now) = match &parts.online {
        Some((admission, _)) => (&admission.used[..], admission.clock.now()),
        None => (&[][..], 0),
    };
    expiry::notes(notes, now).into_iter().for_each(|note| sink.note(note));
    let (outcome_sender, outcome) = oneshot::channel();
    let signal = stop.clone();
    let meter = Arc::clone(&parts.host.meter);
    tokio::spawn(async move {
        // Nobody may be waiting.
        let _ = outcome_sender.send(drive(parts, sink, signal).await);
    });
    Run {
        run_id,
        events,
        stop,
        meter,
        outcome,
    }
}

async fn drive(parts: RunParts, sink: EventSink, stop: StopSignal) -> RunOutcome {
    let RunParts {
        plugin,
        limits,
        host,
        online,
        session,
        history,
        mut request,
    } = parts;
    let run_id = request.run_id().to_owned();
    let meter: Arc<Meter> = Arc::clone(&host.meter);
    // One that is to end before its turn ends at once, and needs none.
    let _place = tokio::select! {
        place = plugin.engine().runs().enter(&history.scope.tenant) => Some(place),
        _ = stop.changed_from(Stop::No) => None,
    };
    if let Err(error) = history.started().await {
        return RunOutcome::no_ledger(run_id, &error);
    }
    let recording = host.recording.clone();
    let admitted = match online {
        Some((admission, way)) => {
            let admitted = admit(&admission, &mut request, history.record.started_at).await;
            admitted.map(|guard| {
                let windows = (way.limits.clone(), Arc::clone(&way.ledger));
                Some(((way.guarded(&guard), windows), guard))
            })
        }
        None => Ok(None),
    };
    if let Some(recording) = &recording {
        recording.begins(&request.on_record(&plugin));
    }
    let result = match admitted {
        Ok(admitted) => {
            let (online, guard) = admitted.unzip();
            let (http, windows) = online.unzip();
            let last_notes = (request.mode() == RunMode::Plan).then(|| sink.last_notes());
            let host = HostSide {
                http: http.unwrap_or_else(|| Arc::clone(&host.http)),
                ..host
            };
            let work = work(request, sink, stop.clone(), recording.clone());
            let calling = call::call(plugin.engine(), plugin.pre(), &limits, host, &stop, work);
            let result = tokio::select! {
                result = calling => result,
                never = session.keep_leases() => match never {},
            };
            let result = result
                .map_err(CallError::from)
                .and_then(|answer| answer.map_err(CallError::Fault));
            if let Some(recording) = &recording {
                recording.ended(&ending(&result));
            }
            if let (Some(notes), Some((limits, ledger)), Some(guard), Ok(_)) = (last_notes, windows, &guard, &result) {
                // A forecast without them is one all the same.
                notes
                    .send(left_of_windows(&limits, guard, &ledger).await.unwrap_or_default())
                    .await;
            }
            judged(guard.as_deref(), result).await
        }
        Err(error) => {
            let result = Err(error);
            if let Some(recording) = &recording {
                recording.ended(&ending(&result));
            }
            result
        }
    };
    session.release().await;
    // The run is over either way; a history that misses its end shows a run without one.
    let _ = history.finished(&result).await;
    RunOutcome {
        run_id,
        result,
        facts: meter.facts(),
    }
}

/// A run's end as the last line of its recording.
fn ending(result: &Result<Report, CallError>) -> Value {
    match result {
        Ok(report) => json!({"report": report.to_tape()}),
        Err(CallError::Fault(fault)) => json!({"fault": fault.to_tape()}),
        Err(CallError::Ended(ended)) => json!({"ended": ended.reason.to_string()}),
    }
}

/// Whether the credentials may be used, and how much is to be read.
async fn admit(admission: &Admission, request: &mut RunRequest, began: u64) -> Result<Arc<CredentialGuard>, CallError> {
    let export = request.settings().export.clone();
    let destination = export.as_ref().map(|export| export.project.clone()).unwrap_or_default();
    let guard = admission.guard(Purpose::Run, destination, began).await;
    let guard = guard.map_err(CallError::ledger)?;
    guard.admit().await.map_err(CallError::Fault)?;
    if let (RunRequest::Run(job) | RunRequest::Plan(job), Some(export)) = (request, &export) {
        job.full |= guard.owes_full(&export.name).await.map_err(CallError::ledger)?;
    }
    Ok(guard)
}

/// Records what a run found about credentials, and why it stopped where the host withheld a request.
async fn judged(guard: Option<&CredentialGuard>, result: Result<Report, CallError>) -> Result<Report, CallError> {
    let Some(guard) = guard else { return result };
    let mut result = result;
    let fault = match &mut result {
        Ok(report) => report.stopped.as_mut(),
        Err(CallError::Fault(fault)) => Some(fault),
        Err(CallError::Ended(_)) => return result,
    };
    let faults: Vec<Fault> = fault.iter().map(|fault| (**fault).clone()).collect();
    if let Some(fault) = fault {
        *fault = guard.reason_for(fault.clone());
    }
    let is_whole = faults.is_empty();
    guard.end(&faults, is_whole).await.map_err(CallError::ledger)?;
    result
}

fn work(
    request: RunRequest,
    sink: EventSink,
    stop: StopSignal,
    recording: Option<Arc<Recording>>,
) -> Work<Result<Report, Fault>> {
    let cancelled = async move {
        let heard = async {
            stop.changed_from(Stop::No).await;
        };
        match recording {
            Some(recording) => recording.cancelled(heard).await,
            None => heard.await,
        }
    };
    Box::new(move |accessor, instance| Box::pin(export(accessor, instance, request, sink, Box::pin(cancelled))))
}

/// Calls the export and keeps the guest going until its report is there: a guest only runs while this is polled.
async fn export(
    accessor: &Accessor<CallState>,
    instance: &TmsSync,
    request: RunRequest,
    sink: EventSink,
    cancelled: BoxFuture<'static, ()>,
) -> wasmtime::Result<Result<Report, Fault>> {
    let cancelled = cancelled.map(Ok::<(), wasmtime::Error>);
    let cancel = accessor.with(|mut access| FutureReader::new(access.as_context_mut(), cancelled))?;
    let exporter = instance.testops_tms_sync_exporter();
    let started = match request {
        RunRequest::Plan(job) => exporter.call_plan(accessor, job, cancel).await?,
        RunRequest::Verify(job) => exporter.call_verify(accessor, job, cancel).await?,
        RunRequest::Run(job) => exporter.call_run(accessor, job, cancel).await?,
        RunRequest::Undo { job, .. } => exporter.call_undo(accessor, job, cancel).await?,
        RunRequest::Adopt(job) => exporter.call_adopt(accessor, job, cancel).await?,
    };
    let running = match started {
        Ok(running) => running,
        Err(fault) => return Ok(Err(fault)),
    };
    let (report_sender, report) = oneshot::channel();
    accessor.with(|mut access| {
        running.events.pipe(access.as_context_mut(), sink)?;
        running
            .report
            .pipe(access.as_context_mut(), ReportSink(Some(report_sender)))
    })?;
    report.await.map(Ok).map_err(|_| NoReport.into())
}

struct ReportSink(Option<oneshot::Sender<Report>>);

impl<D: 'static> wasmtime::component::FutureConsumer<D> for ReportSink {
    type Item = Report;

    fn poll_consume(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        mut store: StoreContextMut<'_, D>,
        mut source: Source<'_, Report>,
        _: bool,
    ) -> std::task::Poll<wasmtime::Result<()>> {
        let mut report = None;
        source.read(&mut store, &mut report)?;
        if let (Some(report), Some(sender)) = (report, self.0.take()) {
            // The waiting side lives as long as the call.
            let _ = sender.send(report);
        }
        std::task::Poll::Ready(Ok(()))
    }
}
