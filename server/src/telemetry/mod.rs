//! How it goes: health for load balancers, OpenMetrics for monitoring. Metrics have a listener of their own
//! ([`Options::metrics`](crate::Options::metrics)), since they count all tenants together; they name none.

mod health;
mod log;
mod metrics;

pub use log::{LogFormat, begin_log};

pub(crate) use health::router as health;
pub(crate) use metrics::{Metrics, router as metrics};
