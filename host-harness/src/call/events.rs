//! From the plugin's event stream to the caller's channel, no faster than the caller reads.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_channel::mpsc;
use futures_util::future::BoxFuture;
use wasmtime::StoreContextMut;
use wasmtime::component::{Source, StreamConsumer, StreamResult};

use crate::clock::Clock;
use crate::credentials::secret_watch::{Place, SecretWatch};
use crate::limits::CallLimits;
use crate::metering::Meter;
use crate::model::{Event, Verdict};
use crate::recording::Recording;

/// Events that wait for the caller; with these waiting, the guest's next write does.
const WAITING: usize = 256;

/// More or larger events than allowed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct EventFlood(&'static str);

pub(crate) fn channel(
    limits: &CallLimits,
    clock: Arc<dyn Clock>,
    meter: Arc<Meter>,
    recording: Option<Arc<Recording>>,
    watch: Option<Arc<SecretWatch>>,
) -> (EventSink, mpsc::Receiver<Event>) {
    // A recorded plugin must not wait for its reader, who is on no recording.
    let waiting = recording
        .as_ref()
        .map_or(WAITING, |_| usize::try_from(limits.events).unwrap_or(WAITING));
    let (sender, receiver) = mpsc::channel(waiting);
    let tokens = u64::from(limits.events_per_second);
    let rate = Rate {
        per_second: tokens,
        tokens,
        refilled_at: clock.now(),
        clock,
        pause: None,
    };
    let sink = EventSink {
        sender,
        rate,
        meter,
        recording,
        watch,
        max_events: limits.events,
        max_bytes: limits.event_bytes,
        max_total_bytes: limits.events_bytes,
    };
    (sink, receiver)
}

/// The reading end of the plugin's stream.
pub(crate) struct EventSink {
    sender: mpsc::Sender<Event>,
    rate: Rate,
    meter: Arc<Meter>,
    recording: Option<Arc<Recording>>,
    watch: Option<Arc<SecretWatch>>,
    max_events: u64,
    max_bytes: usize,
    max_total_bytes: u64,
}

impl<D: 'static> StreamConsumer<D> for EventSink {
    type Item = Event;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut store: StoreContextMut<'_, D>,
        mut source: Source<'_, Event>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let mut taken = false;
        while source.remaining(&mut store) > 0 {
            let Poll::Ready(is_read) = self.poll_room(context) else {
                return match (taken, finish) {
                    (true, _) => Poll::Ready(Ok(StreamResult::Completed)),
                    (false, true) => Poll::Ready(Ok(StreamResult::Cancelled)),
                    (false, false) => Poll::Pending,
                };
            };
            let mut item = None;
            source.read(&mut store, &mut item)?;
            taken = true;
            if let Some(event) = item {
                self.accept(event, is_read)?;
            }
        }
        Poll::Ready(Ok(StreamResult::Completed))
    }
}

impl EventSink {
    /// Room for one event; whether anybody still reads.
    fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        if self.recording.is_some() {
            return Poll::Ready(!self.sender.is_closed());
        }
        ready!(self.rate.poll(context));
        Poll::Ready(ready!(self.sender.poll_ready(context)).is_ok())
    }

    /// A note of the host itself, before the plugin's first event.
    pub(crate) fn note(&mut self, text: String) {
        // Nobody may be reading.
        let _ = self.sender.start_send(Event::Note(text));
    }

    /// For notes behind the plugin's last event. The stream of events ends once this is gone as well.
    pub(crate) fn last_notes(&self) -> LastNotes {
        LastNotes(self.sender.clone())
    }

    fn accept(&mut self, event: Event, is_read: bool) -> wasmtime::Result<()> {
        self.rate.tokens = self.rate.tokens.saturating_sub(1);
        if self.meter.events.fetch_add(1, Relaxed) >= self.max_events {
            return Err(EventFlood("too many events").into());
        }
        let size = size(&event);
        if size > self.max_bytes {
            return Err(EventFlood("an event is too large").into());
        }
        if self.meter.events_bytes.fetch_add(size as u64, Relaxed) + size as u64 > self.max_total_bytes {
            return Err(EventFlood("all events together are too large").into());
        }
        if let Some(watch) = &self.watch {
            watch.value(Place::OutOfPlugin, &event);
        }
        if let Some(recording) = &self.recording {
            recording.event(&event)?;
        }
        if is_read {
            // There is room; only a reader that left in between can make this fail.
            let _ = self.sender.start_send(event);
        }
        Ok(())
    }
}

/// Sends notes of the host itself when the plugin has ended.
pub(crate) struct LastNotes(mpsc::Sender<Event>);

impl LastNotes {
    pub(crate) async fn send(mut self, notes: Vec<String>) {
        for text in notes {
            if poll_fn(|context| self.0.poll_ready(context)).await.is_err() {
                // Nobody reads any more.
                return;
            }
            let _ = self.0.start_send(Event::Note(text));
        }
    }
}

/// A bucket of one second's events.
struct Rate {
    per_second: u64,
    tokens: u64,
    refilled_at: u64,
    clock: Arc<dyn Clock>,
    pause: Option<BoxFuture<'static, ()>>,
}

impl Rate {
    const PAUSE: Duration = Duration::from_millis(50);

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            if self.tokens > 0 {
                return Poll::Ready(());
            }
            let now = self.clock.now();
            let earned = now.saturating_sub(self.refilled_at) * self.per_second / 1_000;
            if earned > 0 {
                self.tokens = earned.min(self.per_second);
                self.refilled_at = now;
            } else {
                self.pause = Some(self.clock.sleep(Self::PAUSE));
            }
        }
    }
}

/// What a text costs beside its bytes: a million empty ones are no small event.
const PER_TEXT: usize = 24;

/// Sum of an event's texts, in bytes.
fn size(event: &Event) -> usize {
    match event {
        Event::Progress(progress) => progress.phase.len(),
        Event::Waiting(wait) => wait.connection.len() + wait.reason.len(),
        Event::Note(text) => text.len(),
        Event::Verdict(verdict) => verdict_size(verdict),
    }
}

fn verdict_size(verdict: &Verdict) -> usize {
    let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let changes = verdict
        .changes
        .iter()
        .map(|change| change.field.len() + optional(&change.before) + optional(&change.after) + 3 * PER_TEXT)
        .sum::<usize>();
    let notes = verdict.notes.iter().map(|text| text.len() + PER_TEXT).sum::<usize>();
    let counts = verdict
        .counts
        .iter()
        .map(|count| count.what.len() + PER_TEXT)
        .sum::<usize>();
    let issue = verdict
        .issue
        .as_ref()
        .map_or(0, |issue| issue.id.len() + issue.key.len() + optional(&issue.url));
    let texts = [&verdict.entity, &verdict.id, &verdict.name, &verdict.decision].map(String::len);
    let texts = texts.into_iter().sum::<usize>() + optional(&verdict.source_url) + optional(&verdict.reason);
    texts + changes + notes + counts + issue
}
