//! Characters that must not travel.

use std::borrow::Cow;

use super::loss::{Losses, What};

/// Text without the characters Jira refuses or that make text look like something else: control characters but
/// tab and line feed (Jira's XML cannot hold them, and its wiki renderer marks its own places with them),
/// noncharacters, and the bidirectional embeddings, overrides and isolates. Letters of right-to-left scripts and the
/// plain direction marks stay. Every kind of line end becomes `\n`.
pub(super) fn clean<'a>(text: &'a str, losses: &mut Losses) -> Cow<'a, str> {
    if !text.contains(|c| is_line_end(c) || is_unwelcome(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut removed = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if is_line_end(c) {
            if c == '\r' {
                chars.next_if_eq(&'\n');
            }
            out.push('\n');
        } else if is_unwelcome(c) {
            removed = true;
        } else {
            out.push(c);
        }
    }
    if removed {
        losses.note(What::ControlCharacters);
    }
    Cow::Owned(out)
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_unwelcome(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n'))
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FEFF}')
        || matches!(u32::from(c) & 0xFFFF, 0xFFFE | 0xFFFF)
}

/// Characters as Jira counts them: Java's, so an emoji counts as two.
pub(super) fn count(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}
