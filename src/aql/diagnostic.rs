use std::fmt;

use crate::text::{self, Position, Severity, Span};

/// What kind of error it is, by the vendor's codes.
///
/// The port reports the `Forbidden…` ones where its caller narrows the language; here the narrowing is what is
/// documented of an entity's attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// A character that starts no token.
    UnexpectedCharacter,
    /// A text without its closing quote.
    UnterminatedString,
    /// `\u` without four hexadecimal digits, or half of a surrogate pair.
    InvalidUnicodeEscape,
    /// A parenthesis, bracket, attribute or the end was due.
    ExpectedToken,
    /// An operator was due.
    ExpectedOperation,
    /// A value was due.
    ExpectedValue,
    /// A text or number in brackets was due.
    ExpectedAccessor,
    /// The query is too long or nested too deeply.
    InvalidInput,
    /// A name of other characters than `A-Z`, `a-z` and `_`.
    InvalidIdentifier,
    /// The attribute does not take this operator.
    ForbiddenOperation,
    /// The attribute does not take this kind of value.
    ForbiddenValueType,
    /// The attribute takes no brackets, or needs them.
    ForbiddenBracketAccess,
}

impl Code {
    /// The vendor's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnexpectedCharacter => "UNEXPECTED_CHARACTER",
            Self::UnterminatedString => "UNTERMINATED_STRING",
            Self::InvalidUnicodeEscape => "INVALID_UNICODE_ESCAPE",
            Self::ExpectedToken => "EXPECTED_TOKEN",
            Self::ExpectedOperation => "EXPECTED_OPERATION",
            Self::ExpectedValue => "EXPECTED_VALUE",
            Self::ExpectedAccessor => "EXPECTED_ACCESSOR",
            Self::InvalidInput => "INVALID_INPUT",
            Self::InvalidIdentifier => "INVALID_IDENTIFIER",
            Self::ForbiddenOperation => "FORBIDDEN_OPERATION",
            Self::ForbiddenValueType => "FORBIDDEN_VALUE_TYPE",
            Self::ForbiddenBracketAccess => "FORBIDDEN_BRACKET_ACCESS",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error in a query, or a doubt about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Present for an error, absent for a doubt.
    pub code: Option<Code>,
    /// The bytes of the query it is about. Empty at the place where something is missing.
    pub at: Span,
    /// What is wrong, one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnostic {
    pub(super) fn error(code: Code, at: Span, message: impl Into<String>) -> Self {
        Self {
            code: Some(code),
            at,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn doubt(at: Span, message: impl Into<String>) -> Self {
        Self {
            code: None,
            at,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// An error, or a doubt as a warning.
    pub const fn severity(&self) -> Severity {
        if self.code.is_some() {
            Severity::Error
        } else {
            Severity::Warning
        }
    }

    /// Line and column in the query's text.
    pub fn position(&self, text: &str) -> Position {
        Position::at(text, self.at.start)
    }

    /// The line of the query's text with a caret below the place.
    pub fn excerpt(&self, text: &str) -> String {
        text::excerpt(text, self.at.start)
    }
}
