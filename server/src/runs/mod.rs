//! What was done: runs, their verdicts, and who listens to them.

mod asking;
mod carry;
mod compare;
mod ending;
mod history;
mod hub;
mod model;
mod retention;
mod verdicts;
mod watching;

pub use compare::Difference;
pub use history::RunFilter;
pub use hub::{Begun, Hub, Live, LiveRun};
pub use model::{Mode, NewRun, Origin, Requests, Run, RunOptions, Status, Summary};
pub use verdicts::{ItemFilter, Items};

pub(crate) use asking::{Answered, Asked, ask};
pub(crate) use carry::{Ended, carry_out};
pub(crate) use ending::{OFF, switched_off, switches_off};
pub(crate) use retention::tidy;
pub(crate) use watching::{Seen, watch};
