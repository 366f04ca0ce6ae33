//! How it goes: health for load balancers, OpenMetrics for monitoring, traces of runs. Metrics have a listener of their own
//! ([`Options::metrics`](crate::Options::metrics)), since they count all tenants together; they name none.

mod health;
mod log;
mod metrics;
mod traces;

pub use log::{LogFormat, begin_log};
pub use traces::Traces;

pub(crate) use health::router as health;
pub(crate) use metrics::{Metrics, router as metrics};
pub(crate) use traces::RunSpans;
