//! Replaying a recording.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::call::outcome::CallError;
use crate::call::store::HostSide;
use crate::clock::SystemClock;
use crate::contract::VERSION;
use crate::id::random_name;
use crate::ledger::{Ledger, LedgerAccess, LedgerSession, RunRecord, Scope, SqliteLedger};
use crate::limits::CallLimits;
use crate::plugin::LoadedPlugin;
use crate::recording::{Difference, Recording, Script};
use crate::tenant::history::History;
use crate::tenant::run::{self, RunParts, RunRequest};

/// No recording computes for longer, whatever the machine.
const LONGEST: Duration = Duration::from_secs(600);

/// A replay that did what is on its recording, to the last byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Host calls of the plugin.
    pub calls: usize,
    /// Requests among them.
    pub requests: usize,
    /// Events that it sent.
    pub events: usize,
    /// Digest of the component that was recorded; the replayed one may be another.
    pub recorded_digest: String,
}

/// Why a replay is not its recording.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The text is no recording.
    #[error("line {line} is not of a recording: {message}")]
    Unreadable {
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
    /// The recording was made with another version of the contract.
    #[error(
        "the recording is of contract {of}, this host replays {VERSION} alone: record the run again with this version, or \
         replay it with the release that made it"
    )]
    OtherVersion {
        /// Version of the contract that it was made with.
        of: String,
    },
    /// The recorded run never ended, or its recording was cut off.
    #[error("the recording has no end")]
    Cut,
    /// The plugin did something else than recorded.
    #[error("line {}: recorded {}, replayed {}", .0.line, .0.recorded, .0.replayed)]
    Differs(Difference),
    /// The run could not be started.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Runs a plugin against a recording: its calls must come in the recorded request with the recorded content, and its
/// events and report must be the recorded ones. Reaches no server and no ledger.
///
/// # Errors
///
/// See [`ReplayError`].
pub async fn replay(plugin: &LoadedPlugin, recording: &str) -> Result<Replayed, ReplayError> {
    let mut lines = read(recording)?;
    let first = if lines.is_empty() { Value::Null } else { lines.remove(0) };
    check_version(&first)?;
    let request = RunRequest::from_tape(&first).ok_or_else(|| ReplayError::Unreadable {
        line: 1,
        message: "it must name what was called".into(),
    })?;
    let is_end = |line: &Value| ["report", "fault", "ended"].iter().any(|end| line.get(end).is_some());
    if !lines.last().is_some_and(is_end) {
        return Err(ReplayError::Cut);
    }
    let recording = Arc::new(Recording::replaying(Script::new(lines)));
    run(plugin, request, &recording).await;
    let digest = first.pointer("/plugin/digest").and_then(Value::as_str);
    judge(&recording, digest.unwrap_or_default())
}

/// Recordings of contract 0.1 have no version in their first line but the number 1.
fn check_version(first: &Value) -> Result<(), ReplayError> {
    let of = match first.get("contract").and_then(Value::as_str) {
        Some(VERSION) => return Ok(()),
        Some(of) => of.to_owned(),
        None if first.get("tape").is_some() => "0.1".to_owned(),
        // What is no recording at all is refused for that.
        None => return Ok(()),
    };
    Err(ReplayError::OtherVersion { of })
}

fn read(recording: &str) -> Result<Vec<Value>, ReplayError> {
    let lines = recording.lines().enumerate().filter(|(_, line)| !line.is_empty());
    let lines = lines.map(|(at, line)| {
        serde_json::from_str(line).map_err(|error| ReplayError::Unreadable {
            line: at + 1,
            message: error.to_string(),
        })
    });
    lines.collect()
}

async fn run(plugin: &LoadedPlugin, request: RunRequest, recording: &Arc<Recording>) {
    // Nothing reaches it: the recording answers for the ledger too.
    let Ok(ledger) = SqliteLedger::in_memory() else { return };
    let ledger: Arc<dyn Ledger> = Arc::new(ledger);
    let limits = CallLimits {
        cpu: LONGEST,
        ..CallLimits::default()
    };
    let scope = Scope {
        tenant: "replay".into(),
        integration: "replay".into(),
    };
    let session = LedgerSession::new(
        Arc::clone(&ledger),
        Arc::new(SystemClock),
        scope.clone(),
        &limits,
        LedgerAccess::Read,
        random_name(),
        limits.exchange,
    );
    let mut run = run::start(RunParts {
        plugin: plugin.clone(),
        limits,
        host: HostSide {
            recording: Some(Arc::clone(recording)),
            ..HostSide::offline(Arc::new(SystemClock), Vec::new(), &CallLimits::default())
        },
        online: None,
        session: Arc::new(session),
        history: History {
            ledger,
            clock: Arc::new(SystemClock),
            scope,
            record: record(&request),
        },
        request,
    });
    loop {
        tokio::select! {
            event = run.next_event() => if event.is_none() { break },
            () = recording.has_left() => {
                run.kill();
                break;
            }
        }
    }
    run.finish().await;
}

fn record(request: &RunRequest) -> RunRecord {
    RunRecord {
        run_id: request.run_id().to_owned(),
        mode: request.mode(),
        export: String::new(),
        undoes: None,
        settings_digest: String::new(),
        started_at: 0,
        finished_at: None,
        ending: None,
        totals: String::new(),
    }
}

fn judge(recording: &Recording, digest: &str) -> Result<Replayed, ReplayError> {
    let passed = recording.replayed().map_err(ReplayError::Differs)?;
    let count = |member: &str, value: Option<&str>| {
        let of = passed.iter().filter_map(|line| line.get(member));
        of.filter(|found| value.is_none_or(|value| *found == value)).count()
    };
    Ok(Replayed {
        calls: count("call", None),
        requests: count("call", Some("http.send")),
        events: count("event", None),
        recorded_digest: digest.to_owned(),
    })
}
