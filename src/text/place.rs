/// A place in a text of several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1. Lines end with LF.
    pub line: u32,
    /// Column, from 1, in Unicode characters.
    pub column: u32,
}

impl Position {
    /// The place of the character that starts at this byte, or the last place before it; past the end: the end.
    pub fn at(text: &str, offset: usize) -> Self {
        let before = text.get(..text.floor_char_boundary(offset)).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count();
        Self {
            line: from_one(before.matches('\n').count()),
            column: from_one(column),
        }
    }
}

fn from_one(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1)
}

/// A range of bytes of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` to before `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_start_over_after_a_line_feed() {
        let text = "ю = 1\n\tx";
        assert_eq!(Position::at(text, 0), Position { line: 1, column: 1 });
        assert_eq!(Position::at(text, 2), Position { line: 1, column: 2 });
        assert_eq!(Position::at(text, 8), Position { line: 2, column: 2 });
    }

    #[test]
    fn an_offset_inside_a_character_or_past_the_end_is_still_a_place() {
        assert_eq!(Position::at("ю", 1), Position { line: 1, column: 1 });
        assert_eq!(Position::at("ab", 99), Position { line: 1, column: 3 });
        assert_eq!(Position::at("", 0), Position { line: 1, column: 1 });
    }
}
