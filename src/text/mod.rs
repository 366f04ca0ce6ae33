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

/// The number that people wrote in front of a text, such as `1.`, `2.3.` or `4)`, and what follows it.
pub fn numbered(text: &str) -> Option<(&str, &str)> {
    let (number, rest) = text.trim_start().split_once(' ')?;
    // Wiki markup escapes the dot.
    let bare = number.strip_suffix(['.', ')'])?.trim_end_matches('\\');
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    bare.split('.')
        .map(|part| part.trim_end_matches('\\'))
        .all(digits)
        .then_some((bare, rest))
}

/// How much a remark matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// What was written cannot work.
    Error,
    /// It can work and may not mean what was meant.
    Warning,
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn a_number_in_front_is_no_text_that_begins_with_one() {
        assert_eq!(numbered("1. Open"), Some(("1", "Open")));
        assert_eq!(numbered("2.3. Open it"), Some(("2.3", "Open it")));
        assert_eq!(numbered("4) Open"), Some(("4", "Open")));
        assert_eq!(numbered("5\\. Open"), Some(("5", "Open")));
        for text in ["2 apples", "1.", "v1. Open", "1.x. Open", ". Open", ""] {
            assert_eq!(numbered(text), None, "{text}");
        }
    }
}
