//! Characters that must not travel.

use std::borrow::Cow;

use super::loss::{Losses, What};
use crate::text;

/// Text as [`text::clean`] leaves it, and a loss where that took something away.
pub(super) fn clean<'a>(text: &'a str, losses: &mut Losses) -> Cow<'a, str> {
    let cleaned = text::clean(text);
    if cleaned.removed {
        losses.note(What::ControlCharacters);
    }
    cleaned.text
}

/// Characters as Jira counts them: Java's, so an emoji counts as two.
pub(super) fn count(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}
