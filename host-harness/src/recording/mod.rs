//! A run's host calls, recorded once and replayed without servers, ledger and clock.
//!
//! A recording is a text of JSON lines. The first names what was called and with what; then, in the order in which it happened:
//!
//! | line | meaning |
//! |---|---|
//! | `{"n", "call", "with"}` | the plugin's `n`th host call |
//! | `{"n", "call", "answer"}` | one that is answered at once (`clock.now`, `secrets.stored`) |
//! | `{"done", "answer"}` | the answer of call `done` reaches the plugin; `0` is the caller's `cancel` |
//! | `{"event"}` | the plugin sent an event |
//! | `{"report"}`, `{"fault"}`, `{"ended"}` | the last line: how the run ended |
//!
//! A plugin is one thread, and whatever else it sees is fixed; so equal answers in an equal order make an equal run. To
//! have that order, a recorded run gets one answer at a time, and the next one only when the plugin waits again.
//!
//! Secrets are on no recording: the plugin's side of the boundary has none.

mod script;
mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use serde_json::{Value, json};
use tokio::sync::Notify;

pub use script::Difference;
pub(crate) use wire::{Brought, OnTape, request};

use crate::model::Event;
pub(crate) use script::Script;

/// Polls without any host call after which the plugin surely waits: wasmtime may need one more to pass an answer on.
const QUIET: u32 = 3;
/// `n` of the caller's `cancel`.
const CANCEL: u64 = 0;

/// The plugin does not do what is on the recording.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the run leaves the recording: {0}")]
struct Left(String);

/// What a run's host calls are written to, or answered from.
pub(crate) struct Recording {
    state: Mutex<RecordingState>,
    left: Notify,
}

struct RecordingState {
    mode: Mode,
    /// Calls so far.
    calls: u64,
    /// Calls that have their answer and wait for their turn.
    ready: VecDeque<u64>,
    /// The call whose turn it is.
    released: Option<u64>,
    waiting: BTreeMap<u64, Waker>,
    /// Whether the plugin did anything since the last poll.
    moved: bool,
    quiet: u32,
}

enum Mode {
    /// Ends at the first line that cannot be written; what is on the recording then lacks its last line.
    Writing(Option<Box<dyn Write + Send>>),
    Replaying(Script),
}

impl Recording {
    /// Writes to a recording.
    pub(crate) fn to(to: Box<dyn Write + Send>) -> Self {
        Self::new(Mode::Writing(Some(to)))
    }

    /// Writes the first line of a recording: what is called.
    pub(crate) fn begins(&self, line: &Value) {
        self.state().write(line);
    }

    /// Answers from a recording.
    pub(crate) fn replaying(script: Script) -> Self {
        Self::new(Mode::Replaying(script))
    }

    fn new(mode: Mode) -> Self {
        let state = RecordingState {
            mode,
            calls: CANCEL,
            ready: VecDeque::new(),
            released: None,
            waiting: BTreeMap::new(),
            moved: true,
            quiet: 0,
        };
        Self {
            state: Mutex::new(state),
            left: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, RecordingState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call that is answered at once.
    pub(crate) fn at_once<A: OnTape>(&self, call: &str, live: impl FnOnce() -> A) -> wasmtime::Result<A> {
        let mut state = self.state();
        let n = state.number();
        if state.is_recording() {
            let answer = live();
            state.write(&json!({"n": n, "call": call, "answer": answer.to_tape()}));
            return Ok(answer);
        }
        let line = state.expect(&json!({"n": n, "call": call}), "answer");
        self.checked(line.and_then(|line| decoded(&line)))
    }

    /// A call that the host answers in time; `live` is not polled in a replay.
    pub(crate) async fn call<A: OnTape>(
        &self,
        call: &str,
        with: Value,
        live: impl Future<Output = A>,
    ) -> wasmtime::Result<A> {
        let (n, is_recording) = {
            let mut state = self.state();
            let n = state.number();
            let line = without_null(json!({"n": n, "call": call, "with": with}));
            self.checked(state.sent(&line))?;
            (n, state.is_recording())
        };
        let _place = RunningCall { recording: self, n };
        if !is_recording {
            let line = Turn { recording: self, n }.await;
            return self.checked(decoded(&line));
        }
        let answer = live.await;
        self.state().ready.push_back(n);
        Turn { recording: self, n }.await;
        self.state()
            .write(&without_null(json!({"done": n, "answer": answer.to_tape()})));
        Ok(answer)
    }

    /// Waits for the caller to cancel, which is an answer like any other.
    pub(crate) async fn cancelled(&self, live: impl Future<Output = ()>) {
        let is_recording = self.state().is_recording();
        let _place = RunningCall {
            recording: self,
            n: CANCEL,
        };
        if is_recording {
            live.await;
            self.state().ready.push_back(CANCEL);
        }
        Turn {
            recording: self,
            n: CANCEL,
        }
        .await;
        if is_recording {
            self.state().write(&json!({"done": CANCEL}));
        }
    }

    /// The plugin sends an event.
    pub(crate) fn event(&self, event: &Event) -> wasmtime::Result<()> {
        let sent = self.state().sent(&json!({"event": event.to_tape()}));
        self.checked(sent)
    }

    /// The run is over; `line` records how.
    pub(crate) fn ended(&self, line: &Value) {
        let mut state = self.state();
        // In a replay the difference is remembered, and nothing is left to stop.
        let _ = state.sent(line);
        if let Mode::Writing(Some(to)) = &mut state.mode {
            // Whoever reads a recording without its end is informed.
            let _ = to.flush();
        }
    }

    /// Before every poll of the run: passes the next answer on where the plugin waits.
    pub(crate) fn before_poll(&self) {
        self.state().turn();
    }

    /// After every poll that did not end the run: polls again as long as something moves.
    pub(crate) fn after_poll(&self, context: &Context<'_>) {
        let mut state = self.state();
        if state.moved || state.quiet <= QUIET || state.released.is_some() || state.next().is_some() {
            context.waker().wake_by_ref();
        } else if state.stalls() {
            self.left.notify_one();
        }
    }

    /// Resolves when a replay has left its recording.
    pub(crate) async fn has_left(&self) {
        self.left.notified().await;
    }

    /// The lines that a replay has gone past, or where it first did something else.
    pub(crate) fn replayed(&self) -> Result<Vec<Value>, Difference> {
        let state = self.state();
        let Mode::Replaying(script) = &state.mode else {
            return Ok(Vec::new());
        };
        script.difference().map_or_else(|| Ok(script.passed().to_vec()), Err)
    }

    fn checked<T>(&self, result: Result<T, Left>) -> wasmtime::Result<T> {
        result.map_err(|left| {
            self.left.notify_one();
            wasmtime::Error::from(left)
        })
    }
}

impl RecordingState {
    fn number(&mut self) -> u64 {
        self.moved = true;
        self.calls += 1;
        self.calls
    }

    fn is_recording(&self) -> bool {
        matches!(self.mode, Mode::Writing(_))
    }

    fn write(&mut self, line: &Value) {
        if let Mode::Writing(to) = &mut self.mode {
            let written = to.as_mut().map(|to| writeln!(to, "{line}"));
            if matches!(written, Some(Err(_))) {
                *to = None;
            }
        }
    }

    /// Writes a line, or compares it with the recording's.
    fn sent(&mut self, line: &Value) -> Result<(), Left> {
        self.moved = true;
        match &mut self.mode {
            Mode::Writing(_) => {
                self.write(line);
                Ok(())
            }
            Mode::Replaying(script) => script.expect(line, None).map(drop).map_err(Left),
        }
    }

    /// The recording's line, which may have more than `line`: the member `open`.
    fn expect(&mut self, line: &Value, open: &str) -> Result<Value, Left> {
        match &mut self.mode {
            Mode::Writing(_) => Ok(Value::Null),
            Mode::Replaying(script) => script.expect(line, Some(open)).map_err(Left),
        }
    }

    fn turn(&mut self) {
        self.quiet = if std::mem::take(&mut self.moved) {
            0
        } else {
            self.quiet + 1
        };
        if self.released.is_some() || self.quiet < QUIET {
            return;
        }
        if let Some(n) = self.next() {
            self.ready.retain(|ready| *ready != n);
            self.released = Some(n);
            if let Some(waker) = self.waiting.remove(&n) {
                waker.wake();
            }
        }
    }

    /// The call that is to be answered next, if it is known already and still waits.
    fn next(&self) -> Option<u64> {
        match &self.mode {
            Mode::Writing(_) => self.ready.front().copied(),
            Mode::Replaying(script) => script.done().filter(|n| self.waiting.contains_key(n)),
        }
    }

    /// Whether a replayed plugin waits for what the recording does not have.
    fn stalls(&mut self) -> bool {
        match &mut self.mode {
            Mode::Writing(_) => false,
            Mode::Replaying(script) => {
                script.missed();
                true
            }
        }
    }
}

/// A call under way; one that the plugin gives up loses its turn.
struct RunningCall<'a> {
    recording: &'a Recording,
    n: u64,
}

impl Drop for RunningCall<'_> {
    fn drop(&mut self) {
        let mut state = self.recording.state();
        state.waiting.remove(&self.n);
        state.ready.retain(|ready| *ready != self.n);
        if state.released == Some(self.n) {
            state.released = None;
        }
    }
}

/// Waits for a call's turn; in a replay it brings the recorded line.
struct Turn<'a> {
    recording: &'a Recording,
    n: u64,
}

impl Future for Turn<'_> {
    type Output = Value;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Value> {
        let mut state = self.recording.state();
        if state.released != Some(self.n) {
            state.waiting.insert(self.n, context.waker().clone());
            return Poll::Pending;
        }
        state.released = None;
        state.moved = true;
        let line = match &mut state.mode {
            Mode::Writing(_) => Value::Null,
            Mode::Replaying(script) => script.take(),
        };
        Poll::Ready(line)
    }
}

fn decoded<A: OnTape>(line: &Value) -> Result<A, Left> {
    let answer = line.get("answer").unwrap_or(&Value::Null);
    A::from_tape(answer).ok_or_else(|| Left(format!("an answer cannot be read: {line}")))
}

fn without_null(mut line: Value) -> Value {
    if let Some(members) = line.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    line
}

/// A host call, on the recording where there is one; `with` is what the plugin asks.
pub(crate) async fn call<A: OnTape>(
    recording: Option<&Recording>,
    name: &str,
    with: Value,
    live: impl Future<Output = A>,
) -> wasmtime::Result<A> {
    match recording {
        Some(recording) => recording.call(name, with, live).await,
        None => Ok(live.await),
    }
}

/// The same for a call that is answered at once.
pub(crate) fn at_once<A: OnTape>(
    recording: Option<&Recording>,
    name: &str,
    live: impl FnOnce() -> A,
) -> wasmtime::Result<A> {
    match recording {
        Some(recording) => recording.at_once(name, live),
        None => Ok(live()),
    }
}
