//! The spans of one run.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use opentelemetry::trace::{SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;
use tms_sync_host::model::RUN;
use tms_sync_host::{RequestSink, SentRequest};

use crate::plugins::{Heard, Progress, Wait};
use crate::runs::Ended;
use crate::schedule::Turn;

/// Spans of a run that is under way. Names of items, texts and secrets are no part of them: ids, numbers and words of the
/// plugin's own are. Cheap to clone; the last one that goes ends what is open.
#[derive(Clone)]
pub(crate) struct RunSpans(Option<Arc<Open>>);

struct Open {
    tracer: SdkTracer,
    run: Context,
    phase: Mutex<Option<Phase>>,
}

struct Phase {
    name: String,
    span: Context,
}

impl RunSpans {
    /// Nothing is collected without a tracer.
    pub(super) fn begin(tracer: Option<SdkTracer>, turn: &Turn) -> Self {
        let open = |tracer: SdkTracer| {
            let attributes = [
                KeyValue::new("tms_sync.tenant", turn.scope.tenant().to_owned()),
                KeyValue::new("tms_sync.sync", turn.sync.clone()),
                KeyValue::new("tms_sync.run", turn.run.clone()),
                KeyValue::new("tms_sync.mode", turn.mode.name()),
            ];
            let span = tracer.span_builder(turn.mode.name()).with_attributes(attributes);
            let run = Context::new().with_span(tracer.build_with_context(span, &Context::new()));
            Arc::new(Open {
                tracer,
                run,
                phase: Mutex::default(),
            })
        };
        Self(tracer.map(open))
    }

    /// What gets the run's requests; absent where nothing is collected.
    pub(crate) fn requests(&self) -> Option<RequestSink> {
        let open = Arc::clone(self.0.as_ref()?);
        Some(Arc::new(move |request| open.request(request)))
    }

    /// The run is heard of.
    pub(crate) fn hear(&self, heard: &Heard) {
        let Some(open) = &self.0 else { return };
        match heard {
            Heard::Progress(progress) => open.progress(progress),
            Heard::Waiting(wait) => open.wait(wait),
            Heard::Note(_) | Heard::Verdict(_) => {}
        }
    }

    /// The run is over.
    pub(crate) fn end(&self, ended: &Ended) {
        let Some(open) = &self.0 else { return };
        open.end_phase();
        let run = open.run.span();
        run.set_attribute(KeyValue::new("tms_sync.status", ended.status().name()));
        for (entity, tally) in &ended.summary.totals.0 {
            for (outcome, number) in &tally.0 {
                let name = format!("tms_sync.items.{entity}.{}", outcome.name());
                run.set_attribute(KeyValue::new(name, i64::try_from(*number).unwrap_or(i64::MAX)));
            }
        }
        if let Some(stop) = &ended.stopped {
            run.set_attribute(KeyValue::new("error.type", stop.kind.clone()));
            run.set_status(Status::error(stop.kind.clone()));
        }
        run.end();
    }
}

impl Open {
    fn phase(&self) -> std::sync::MutexGuard<'_, Option<Phase>> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The phase, or the run before the first one.
    fn innermost(&self) -> Context {
        self.phase().as_ref().map_or(&self.run, |phase| &phase.span).clone()
    }

    /// A phase lasts until another one is heard of. The run as a whole has a span already.
    fn progress(&self, progress: &Progress) {
        if progress.phase == RUN {
            return;
        }
        let mut phase = self.phase();
        if phase.as_ref().is_none_or(|phase| phase.name != progress.phase) {
            let span = self.tracer.span_builder(progress.phase.clone());
            let next = Phase {
                name: progress.phase.clone(),
                span: Context::new().with_span(self.tracer.build_with_context(span, &self.run)),
            };
            if let Some(before) = phase.replace(next) {
                before.span.span().end();
            }
        }
        if let Some(phase) = &*phase {
            let done = i64::try_from(progress.done).unwrap_or(i64::MAX);
            phase.span.span().set_attribute(KeyValue::new("tms_sync.done", done));
        }
    }

    fn end_phase(&self) {
        if let Some(phase) = self.phase().take() {
            phase.span.span().end();
        }
    }

    fn wait(&self, wait: &Wait) {
        let milliseconds = i64::try_from(wait.milliseconds).unwrap_or(i64::MAX);
        let attributes = vec![
            KeyValue::new("tms_sync.connection", wait.connection.clone()),
            KeyValue::new("tms_sync.milliseconds", milliseconds),
        ];
        self.innermost().span().add_event("wait", attributes);
    }

    fn request(&self, request: &SentRequest) {
        let now = SystemTime::now();
        let began = now.checked_sub(request.took).unwrap_or(now);
        let attributes = [
            KeyValue::new("tms_sync.connection", request.connection.clone()),
            KeyValue::new("http.request.method", request.method.clone()),
            KeyValue::new("url.path", request.path.clone()),
        ];
        let span = self
            .tracer
            .span_builder(request.method.clone())
            .with_kind(SpanKind::Client)
            .with_start_time(began)
            .with_attributes(attributes);
        let span = Context::new().with_span(self.tracer.build_with_context(span, &self.innermost()));
        let span = span.span();
        match request.status {
            Some(status) => {
                span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
                if status >= 400 {
                    span.set_status(Status::error(status.to_string()));
                }
            }
            None => span.set_status(Status::error("no answer")),
        }
        span.end_with_timestamp(now);
    }
}
