/// A place in a text of several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1. Lines end with LF.
    pub line: u32,
    /// Column, from 1, in Unicode characters.
    pub column: u32,
}
