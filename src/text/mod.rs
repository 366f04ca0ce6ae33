//! Text that people wrote: places in it, what to show of it, and which known word was meant.

mod excerpt;
mod place;
mod spelling;

pub use excerpt::{excerpt, shown};
pub use place::{Position, Span};
pub use spelling::nearest;

/// How much a remark matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// What was written cannot work.
    Error,
    /// It can work and may not mean what was meant.
    Warning,
}
