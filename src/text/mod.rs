//! Text that people wrote: places in it, what to show of it, and which known word was meant.

mod clean;
mod difference;
mod excerpt;
mod place;
mod spelling;

pub use clean::{Cleaned, clean, is_clean};
pub use difference::{beginning, difference};
pub use excerpt::{excerpt, shown};
pub use place::{Position, Span};
pub use spelling::nearest;

/// A text without the difference between capitals and small letters.
pub fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Whether two texts are the same but for capitals and small letters.
pub fn same(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

/// How much a remark matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// What was written cannot work.
    Error,
    /// It can work and may not mean what was meant.
    Warning,
}
