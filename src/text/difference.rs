//! Where two texts differ, short enough for a report.

/// Characters that are shown of each: enough for most fields as a whole. Who shows a verdict folds it further.
const SHOWN: usize = 1_500;
/// Characters that are shown of what both begin with, where that is longer.
const COMMON: usize = 200;

/// Both texts around the first place in which they differ.
pub fn difference(before: &str, after: &str) -> (String, String) {
    let same = before
        .chars()
        .zip(after.chars())
        .take_while(|(one, other)| one == other);
    let from = match same.count() {
        common if common > SHOWN / 2 => common - COMMON,
        _ => 0,
    };
    (part(before, from), part(after, from))
}

/// The beginning of a text that stands alone.
pub fn beginning(text: &str) -> String {
    part(text, 0)
}

/// A part of a text, with dots where something is left out.
fn part(text: &str, from: usize) -> String {
    let mut rest = text.chars().skip(from);
    let shown: String = rest.by_ref().take(SHOWN).collect();
    let begin = if from > 0 { "…" } else { "" };
    let end = if rest.next().is_some() { "…" } else { "" };
    format!("{begin}{shown}{end}")
}

#[cfg(test)]
mod tests {
    use super::{beginning, difference};

    #[test]
    fn short_texts_are_shown_whole_and_long_ones_around_their_difference() {
        let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        assert_eq!(difference("Log in", "Log out"), pair("Log in", "Log out"));
        let (one, other) = (
            format!("{}x{}", "a".repeat(5_000), "b".repeat(5_000)),
            "a".repeat(5_000),
        );
        let (before, after) = difference(&one, &other);
        assert_eq!(before, format!("…{}x{}…", "a".repeat(200), "b".repeat(1_299)));
        assert_eq!(after, format!("…{}", "a".repeat(200)));
    }

    #[test]
    fn a_text_that_stands_alone_is_shown_from_its_beginning() {
        assert_eq!(beginning("Log in"), "Log in");
        assert_eq!(beginning(&"a".repeat(2_000)), format!("{}…", "a".repeat(1_500)));
    }
}
