//! Spans of runs for OpenTelemetry: one per run, below it one per phase, below that one per request to a server.
//!
//! With the feature `otlp` they go to a collector by OTLP over HTTP, as the `OTEL_*` variables have it. Without it both types
//! below are empty and nothing is collected.

#[cfg(feature = "otlp")]
mod collector;
#[cfg(not(feature = "otlp"))]
mod none;
#[cfg(feature = "otlp")]
mod spans;

#[cfg(feature = "otlp")]
pub use collector::Traces;
#[cfg(feature = "otlp")]
pub(crate) use spans::RunSpans;

#[cfg(not(feature = "otlp"))]
pub(crate) use none::RunSpans;
#[cfg(not(feature = "otlp"))]
pub use none::Traces;

/// Variables that name a collector; without one of them nothing is sent.
const COLLECTORS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// The variable that names a collector, unless traces are off: `OTEL_SDK_DISABLED=true` or `OTEL_TRACES_EXPORTER=none`.
fn wanted_by() -> Option<&'static str> {
    let is = |name, value: &str| std::env::var(name).is_ok_and(|set| set.eq_ignore_ascii_case(value));
    if is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
        return None;
    }
    let is_named = |name: &&str| std::env::var(name).is_ok_and(|url| !url.trim().is_empty());
    COLLECTORS.into_iter().find(is_named)
}
