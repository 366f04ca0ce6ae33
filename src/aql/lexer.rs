use super::ast::Operator;
use super::diagnostic::{Code, Diagnostic};
use crate::text::{Span, shown};

/// A token of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Comma,
    Compare(Operator),
    And,
    Or,
    Not,
    In,
    Null,
    Bool(bool),
    Name(String),
    Number(String),
    Text(String),
    Function(String),
    End,
}

/// Cuts a query into tokens, one at a time.
pub(super) struct Lexer<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, offset: 0 }
    }

    /// The next token. [`Token::End`] stands right behind the last other token, again and again.
    pub(super) fn next(&mut self) -> Result<(Token, Span), Diagnostic> {
        let before = self.offset;
        self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c'));
        let start = self.offset;
        let Some(first) = self.peek() else {
            self.offset = before;
            return Ok((Token::End, Span::new(before, before)));
        };
        let token = match first {
            '"' => self.quoted(start)?,
            '-' | '0'..='9' => self.number(start)?,
            c if c.is_alphabetic() || c == '_' => self.word(start)?,
            c => self.symbol(c, start)?,
        };
        Ok((token, Span::new(start, self.offset)))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.offset += c.len_utf8();
        Some(c)
    }

    fn take_if(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.offset += expected.len();
        }
        found
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest
            .find(|c| !accept(c))
            .and_then(|end| rest.get(..end))
            .unwrap_or(rest);
        self.offset += taken.len();
        taken
    }

    fn symbol(&mut self, first: char, start: usize) -> Result<Token, Diagnostic> {
        self.take();
        Ok(match first {
            '(' => Token::Open,
            ')' => Token::Close,
            '[' => Token::OpenBracket,
            ']' => Token::CloseBracket,
            ',' => Token::Comma,
            '=' => Token::Compare(Operator::Equal),
            '>' if self.take_if("=") => Token::Compare(Operator::GreaterOrEqual),
            '>' => Token::Compare(Operator::Greater),
            '<' if self.take_if("=") => Token::Compare(Operator::LessOrEqual),
            '<' => Token::Compare(Operator::Less),
            '!' if self.take_if("=") => Token::Compare(Operator::NotEqual),
            '~' if self.take_if("=") => Token::Compare(Operator::Contains),
            other => return Err(unexpected(other, Span::new(start, self.offset))),
        })
    }

    fn number(&mut self, start: usize) -> Result<Token, Diagnostic> {
        self.take_if("-");
        if self.take_while(|c| c.is_ascii_digit()).is_empty() {
            return Err(unexpected('-', Span::new(start, self.offset)));
        }
        if self.take_if(".") {
            self.take_while(|c| c.is_ascii_digit());
        }
        Ok(Token::Number(self.since(start).to_owned()))
    }

    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.offset).unwrap_or_default()
    }

    fn word(&mut self, start: usize) -> Result<Token, Diagnostic> {
        let word = self.take_while(is_name);
        let keyword = match word.to_ascii_lowercase().as_str() {
            "and" => Token::And,
            "or" => Token::Or,
            "not" => Token::Not,
            "in" => Token::In,
            "is" => Token::Compare(Operator::Equal),
            "null" | "empty" => Token::Null,
            "true" => Token::Bool(true),
            "false" => Token::Bool(false),
            _ => return self.name(word, Span::new(start, self.offset)),
        };
        Ok(keyword)
    }

    fn name(&mut self, word: &str, at: Span) -> Result<Token, Diagnostic> {
        if !word.chars().all(|c| c.is_ascii_alphabetic() || c == '_') {
            let message = format!("`{}` cannot be a name.", shown(word));
            let error = Diagnostic::error(Code::InvalidIdentifier, at, message);
            return Err(match word.split_once('.') {
                Some((attribute @ ("tag" | "layer" | "status" | "workflow" | "testPlan" | "issue"), _)) => error.hint(
                    format!("Attributes have no parts: {attribute} is compared with a name or a number, as in {attribute} = \"…\"."),
                ),
                Some(("cf" | "customField" | "customFields", _)) => {
                    error.hint("A custom field stands in brackets: cf[\"Name of the field\"] = \"value\".")
                }
                Some(("role" | "member" | "members", _)) => {
                    error.hint("Roles stand in brackets: role[\"Owner\"] = \"username\"; member is any of them.")
                }
                Some(_) => error.hint("Attributes have no parts. A text needs double quotes."),
                None => error.hint("Names are made of Latin letters and underscores. A text needs double quotes."),
            });
        }
        Ok(if self.take_if("()") {
            Token::Function(word.to_owned())
        } else {
            Token::Name(word.to_owned())
        })
    }

    fn quoted(&mut self, start: usize) -> Result<Token, Diagnostic> {
        self.take();
        let mut value = String::new();
        loop {
            let at = self.offset;
            match self.take() {
                Some('"') => return Ok(Token::Text(value)),
                Some('\\') => match self.take() {
                    Some('n') => value.push('\n'),
                    Some('t') => value.push('\t'),
                    Some('r') => value.push('\r'),
                    Some('u') => value.push(self.escaped_unicode(at)?),
                    Some(other) => value.push(other),
                    None => return Err(unterminated(start)),
                },
                Some(other) => value.push(other),
                None => return Err(unterminated(start)),
            }
        }
    }

    /// What follows `\u`: a UTF-16 unit, or two of them as a surrogate pair.
    fn escaped_unicode(&mut self, at: usize) -> Result<char, Diagnostic> {
        let mut units = vec![self.hex_unit(at)?];
        if matches!(units.first(), Some(0xd800..=0xdbff)) && self.take_if("\\u") {
            units.push(self.hex_unit(at)?);
        }
        let mut decoded = char::decode_utf16(units);
        match (decoded.next(), decoded.next()) {
            (Some(Ok(c)), None) => Ok(c),
            _ => Err(Diagnostic::error(
                Code::InvalidUnicodeEscape,
                Span::new(at, self.offset),
                "Half of a surrogate pair is no character.",
            )
            .hint("Write the character itself: a text may hold any.")),
        }
    }

    fn hex_unit(&mut self, at: usize) -> Result<u16, Diagnostic> {
        let digits = self
            .rest()
            .get(..4)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
            Some(unit) => {
                self.offset += 4;
                Ok(unit)
            }
            None => Err(Diagnostic::error(
                Code::InvalidUnicodeEscape,
                Span::new(at, self.offset),
                "`\\u` needs four hexadecimal digits.",
            )
            .hint("A backslash that is meant as such is written twice.")),
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}

fn unterminated(start: usize) -> Diagnostic {
    Diagnostic::error(
        Code::UnterminatedString,
        Span::new(start, start + 1),
        "This text never ends.",
    )
    .hint("Close it with a double quote; a quote inside the text is written \\\".")
}

fn unexpected(c: char, at: Span) -> Diagnostic {
    let hint = match c {
        '\'' | '`' | '“' | '”' | '„' | '«' | '»' | '‘' | '’' => {
            "A text needs straight double quotes: \"…\"."
        }
        '!' | '~' => "The operators are = != ~= > >= < <= and the words is, in.",
        '.' => "A number starts with a digit: 0.5.",
        '&' | '|' => "Conditions are joined by the words and, or.",
        '%' | '*' | '?' => "There are no wildcards: name ~= \"part\" finds a part of a name.",
        '{' | '}' => "A list stands in square brackets: tag in [\"a\", \"b\"].",
        '#' | '/' | ';' => "The language has no comments and no separators.",
        '\u{a0}' | '\u{2000}'..='\u{200f}' | '\u{202f}' | '\u{3000}' | '\u{feff}' => {
            "This is a special space, often from a word processor: type a plain one."
        }
        _ => "Only a text in double quotes may hold it.",
    };
    let shown = if c.is_control() || c.is_whitespace() || !(c.is_alphanumeric() || c.is_ascii()) {
        format!("U+{:04X}", u32::from(c))
    } else {
        format!("`{c}`")
    };
    Diagnostic::error(
        Code::UnexpectedCharacter,
        at,
        format!("The character {shown} has no meaning here."),
    )
    .hint(hint)
}
