//! A build without traces.

use tms_sync_host::{EgressPolicy, RequestSink};

use crate::plugins::Heard;
use crate::runs::Ended;
use crate::schedule::Turn;

/// Where spans go: nowhere, since this build has no feature `otlp`.
#[derive(Clone, Default)]
pub struct Traces(());

impl Traces {
    /// As the `OTEL_*` variables have it; a build without the feature warns where they name a collector.
    ///
    /// # Errors
    ///
    /// None in this build.
    pub fn from_environment(_: &EgressPolicy) -> Result<Self, String> {
        if let Some(variable) = super::wanted_by() {
            tracing::warn!("{variable} is set, but this build sends no traces: build it with the feature `otlp`");
        }
        Ok(Self(()))
    }

    pub(crate) fn begin(&self, _: &Turn) -> RunSpans {
        RunSpans(())
    }

    pub(crate) async fn deliver(&self) {}
}

/// Spans of a run, which nobody collects.
#[derive(Clone)]
pub(crate) struct RunSpans(());

impl RunSpans {
    pub(crate) fn requests(&self) -> Option<RequestSink> {
        None
    }

    pub(crate) fn hear(&self, _: &Heard) {}

    pub(crate) fn end(&self, _: &Ended) {}
}
