//! What is wrong with a configuration file, and where.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Whether the file can be used all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Nothing can run with it.
    Error,
    /// It works, and a person should know.
    Warning,
}

/// A place in the file, from 1; columns count characters, as editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// One thing that is wrong. No value of a secret is ever part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    pub file: PathBuf,
    /// Absent where the problem is the file itself or something missing from it as a whole.
    pub place: Option<Place>,
    pub message: String,
    pub hint: Option<String>,
    /// Whether everything else can be judged all the same: so it is with a key that nothing reads.
    pub is_unknown_key: bool,
}

impl Problem {
    /// A problem with the file as a whole.
    pub fn with_file(file: &Path, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            file: file.to_owned(),
            place: None,
            message: message.into(),
            hint: None,
            is_unknown_key: false,
        }
    }

    /// Whether nothing else of the file can be judged.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Error && !self.is_unknown_key
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// `file:line:column`, which terminals and editors make clickable.
impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file.display())?;
        if let Some(place) = self.place {
            write!(formatter, ":{}:{}", place.line, place.column)?;
        }
        write!(formatter, ": {}", self.message)
    }
}

/// The text of a configuration file, which knows the line of every byte.
#[derive(Debug)]
pub struct Source {
    pub file: PathBuf,
    pub text: String,
}

impl Source {
    pub fn problem(&self, span: Range<usize>, message: impl Into<String>) -> Problem {
        Problem {
            place: Some(self.place(span.start)),
            ..Problem::with_file(&self.file, message)
        }
    }

    pub fn warning(&self, span: Range<usize>, message: impl Into<String>) -> Problem {
        Problem {
            severity: Severity::Warning,
            ..self.problem(span, message)
        }
    }

    fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source {
            file: "f.toml".into(),
            text: "a = 1\nключ = 2\n".to_owned(),
        };
        let equals = source.text.rfind('=').unwrap();
        assert_eq!(source.problem(equals..equals, "x").to_string(), "f.toml:2:6: x");
    }

    #[test]
    fn a_place_behind_the_end_is_the_end() {
        let source = Source {
            file: "f.toml".into(),
            text: "a\n".to_owned(),
        };
        assert_eq!(source.place(99), Place { line: 2, column: 1 });
    }
}
