//! Host of tms-sync plugins.
mod contract;
pub mod limits;
pub mod model;
mod outcome;
mod secret;

pub use contract::{PACKAGE, VERSION};
pub use limits::{CallLimits, EngineLimits};
pub use outcome::{CallError, EndReason, Ended, Facts, RunOutcome, Traffic};
pub use secret::Secret;
