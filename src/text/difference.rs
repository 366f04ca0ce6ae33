//! Where two texts differ, short enough for a report.

/// Characters that are shown of each.
const SHOWN: usize = 120;
/// Characters that are shown of what both begin with.
const COMMON: usize = 20;

/// Both texts around the first place in which they differ.
pub fn difference(before: &str, after: &str) -> (String, String) {
    let same = before
        .chars()
        .zip(after.chars())
        .take_while(|(one, other)| one == other);
    let from = match same.count() {
        common if common > 2 * COMMON => common - COMMON,
        _ => 0,
    };
    (part(before, from), part(after, from))
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
    use super::difference;

    #[test]
    fn short_texts_are_shown_whole_and_long_ones_around_their_difference() {
        let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        assert_eq!(difference("Log in", "Log out"), pair("Log in", "Log out"));
        let (one, other) = (format!("{}x{}", "a".repeat(500), "b".repeat(500)), "a".repeat(500));
        let (before, after) = difference(&one, &other);
        assert_eq!(before, format!("…{}x{}…", "a".repeat(20), "b".repeat(99)));
        assert_eq!(after, format!("…{}", "a".repeat(20)));
    }
}
