//! Removes what no text field takes: terminal sequences, control characters, and characters that reverse the reading.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

const ESCAPE: char = '\u{1B}';
const BELL: char = '\u{7}';
/// What starts with `ESC [` where terminals take eight bits (ECMA-48, 5.4).
const CONTROL_SEQUENCE: char = '\u{9B}';
const STRING_END: char = '\u{9C}';
/// Characters of a terminal's title or other command string that are looked at. One without an end is no command.
const COMMAND: usize = 4_096;

/// A text that may travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned<'t> {
    /// The text; every kind of line end is `\n`.
    pub text: Cow<'t, str>,
    /// Whether anything but the kind of a line end changed.
    pub removed: bool,
}

/// Removes
///
/// - terminal sequences as a whole (`ESC [31m`, `ESC ]0;title BEL`; ECMA-48), so that no `[31m` stays behind,
/// - control characters but tab and line feed: Jira's XML cannot hold them, and its wiki renderer marks its own places
///   with them,
/// - noncharacters such as U+FFFE and U+FFFF, and the byte order mark,
/// - the bidirectional embeddings, overrides and isolates, which make text look like something else. Letters of
///   right-to-left scripts and the plain direction marks stay.
#[must_use]
pub fn clean(text: &str) -> Cleaned<'_> {
    if is_clean(text) {
        return Cleaned {
            text: Cow::Borrowed(text),
            removed: false,
        };
    }
    let mut out = String::with_capacity(text.len());
    let mut removed = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if is_line_end(c) {
            if c == '\r' {
                rest.next_if_eq(&'\n');
            }
            out.push('\n');
        } else if is_unwelcome(c) {
            removed = true;
            skip_sequence(c, &mut rest);
        } else {
            out.push(c);
        }
    }
    Cleaned {
        text: Cow::Owned(out),
        removed,
    }
}

/// Whether [`clean`] would change the text.
#[must_use]
pub fn is_clean(text: &str) -> bool {
    !text.contains(|c| is_line_end(c) || is_unwelcome(c))
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_unwelcome(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n'))
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FEFF}')
        || matches!(u32::from(c) & 0xFFFF, 0xFFFE | 0xFFFF)
}

/// Skips the rest of the sequence that a control character starts, if it starts one.
fn skip_sequence(start: char, rest: &mut Peekable<Chars<'_>>) {
    match start {
        CONTROL_SEQUENCE => skip_parameters(rest),
        '\u{90}' | '\u{98}' | '\u{9D}'..='\u{9F}' => skip_command(rest),
        ESCAPE => match rest.peek() {
            Some('[') => {
                rest.next();
                skip_parameters(rest);
            }
            // Device control, title, privacy and application commands.
            Some('P' | 'X' | ']' | '^' | '_') => {
                rest.next();
                skip_command(rest);
            }
            Some(' '..='~') => {
                while rest.next_if(|c| matches!(c, ' '..='/')).is_some() {}
                rest.next_if(|c| matches!(c, '0'..='~'));
            }
            _ => {}
        },
        _ => {}
    }
}

/// `31;1m`, `2K`, `?25l`: parameters, intermediate characters and one that ends the sequence.
fn skip_parameters(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| matches!(c, '0'..='?')).is_some() {}
    while rest.next_if(|c| matches!(c, ' '..='/')).is_some() {}
    rest.next_if(|c| matches!(c, '@'..='~'));
}

/// A command string up to its end. Where none comes before the line does, the text is kept.
fn skip_command(rest: &mut Peekable<Chars<'_>>) {
    let mut ahead = rest.clone();
    for _ in 0..COMMAND {
        match ahead.next() {
            Some(BELL | STRING_END) => {
                *rest = ahead;
                return;
            }
            Some(ESCAPE) => {
                if ahead.next_if_eq(&'\\').is_some() {
                    *rest = ahead;
                }
                return;
            }
            None | Some('\n' | '\r') => return,
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, is_clean};
    use proptest::prelude::*;

    fn cleaned(text: &str) -> String {
        clean(text).text.into_owned()
    }

    #[test]
    fn sequences_of_terminals_go_as_a_whole_and_the_text_stays() {
        for (text, expected) in [
            (
                "\u{1b}[31mboom\u{1b}[39m: expected \u{1b}]0;title\u{7}200\0\u{8}",
                "boom: expected 200",
            ),
            ("\u{9b}1;4mbold\u{9b}0m", "bold"),
            ("\u{1b}[38;2;255;0;0mred\u{1b}[K\u{1b}[?25l\u{1b}[1 q", "red"),
            ("\u{1b}]8;;https://a.example\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}Pq#0\u{9c}picture", "picture"),
            ("\u{1b}(B\u{1b}7plain\u{1b}c", "plain"),
            ("no end \u{1b}]0;title\nnext line", "no end 0;title\nnext line"),
            ("\u{1b}[31", ""),
            ("at the end \u{1b}", "at the end "),
            ("\u{1b}é", "é"),
            ("[31m is text without its escape", "[31m is text without its escape"),
        ] {
            assert_eq!(cleaned(text), expected, "{text:?}");
        }
    }

    #[test]
    fn line_ends_and_tabs_stay_and_only_the_rest_counts_as_removed() {
        let lines = clean("a\r\nb\rc\u{85}d\u{2028}e\tf\n");
        assert_eq!((&*lines.text, lines.removed), ("a\nb\nc\nd\ne\tf\n", false));
        let marks = clean("\u{feff}a\u{202e}b\u{fffe}\u{1ffff}\u{7f}");
        assert_eq!((&*marks.text, marks.removed), ("ab", true));
        assert_eq!(cleaned("emoji 👩‍💻 \u{200f}עברית"), "emoji 👩‍💻 \u{200f}עברית");
    }

    proptest! {
        #[test]
        fn nothing_unwelcome_is_left_and_no_visible_word_goes(
            parts in prop::collection::vec(("[a-z]{1,6}", any::<char>(), "[\u{1b}\u{9b}\\[\\]0-9;mPX\u{7}\\\\\u{9c}\r\n]{0,6}"), 0..12)
        ) {
            let text: String = parts.iter().map(|(word, c, noise)| format!("{noise}{c}\n{word}\n")).collect();
            let once = cleaned(&text);
            prop_assert!(is_clean(&once), "{:?}", once);
            prop_assert_eq!(cleaned(&once), once.clone());
            for (word, ..) in &parts {
                prop_assert!(once.lines().any(|line| line == word), "{} in {:?}", word, once);
            }
        }
    }
}
