use super::ast::{Attribute, Condition, Expr, Key, Literal, Operator, Query, Test, Value};
use super::diagnostic::{Code, Diagnostic};
use super::lexer::{Lexer, Token};
use crate::text::{Position, Span, shown};

/// Longest query in bytes. A server sees it in the address of a request and refuses far shorter ones.
pub const MAX_BYTES: usize = 64 * 1024;
/// How deep parentheses and `not` may be nested, together.
pub const MAX_DEPTH: usize = 100;

/// Parses a query, up to its first error.
pub fn parse(text: &str) -> Result<Query, Diagnostic> {
    if text.len() > MAX_BYTES {
        let at = Span::new(text.floor_char_boundary(MAX_BYTES), text.len());
        let message = format!("The query has {} bytes; at most {MAX_BYTES} are read.", text.len());
        return Err(Diagnostic::error(Code::InvalidInput, at, message));
    }
    let mut parser = Parser::new(text)?;
    if parser.token == Token::End {
        return Ok(Query { filter: None });
    }
    let filter = parser.or()?;
    match parser.token {
        Token::End => Ok(Query { filter: Some(filter) }),
        _ => Err(parser.after_the_end()),
    }
}

struct Parser<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    token: Token,
    at: Span,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Self, Diagnostic> {
        let mut lexer = Lexer::new(text);
        let (token, at) = lexer.next()?;
        Ok(Self {
            text,
            lexer,
            token,
            at,
            depth: 0,
        })
    }

    /// The current token; the next one becomes current.
    fn take(&mut self) -> Result<(Token, Span), Diagnostic> {
        let (token, at) = self.lexer.next()?;
        Ok((
            std::mem::replace(&mut self.token, token),
            std::mem::replace(&mut self.at, at),
        ))
    }

    fn take_if(&mut self, expected: &Token) -> Result<bool, Diagnostic> {
        let found = self.token == *expected;
        if found {
            self.take()?;
        }
        Ok(found)
    }

    fn or(&mut self) -> Result<Expr, Diagnostic> {
        let mut parts = Vec::new();
        let first = self.and()?;
        while self.take_if(&Token::Or)? {
            parts.push(self.and()?);
        }
        Ok(combined(first, parts, Expr::Or))
    }

    fn and(&mut self) -> Result<Expr, Diagnostic> {
        let mut parts = Vec::new();
        let first = self.not()?;
        while self.take_if(&Token::And)? {
            parts.push(self.not()?);
        }
        Ok(combined(first, parts, Expr::And))
    }

    fn not(&mut self) -> Result<Expr, Diagnostic> {
        if self.token != Token::Not {
            return self.primary();
        }
        self.descend()?;
        let negated = self.not()?;
        self.depth -= 1;
        Ok(Expr::Not(Box::new(negated)))
    }

    /// Takes the token that opens a deeper level.
    fn descend(&mut self) -> Result<(), Diagnostic> {
        if self.depth == MAX_DEPTH {
            let message = format!("The query is nested more than {MAX_DEPTH} levels deep.");
            return Err(Diagnostic::error(Code::InvalidInput, self.at, message));
        }
        self.depth += 1;
        self.take()?;
        Ok(())
    }

    fn primary(&mut self) -> Result<Expr, Diagnostic> {
        match self.token {
            Token::Open => {
                let opened = self.at;
                self.descend()?;
                let inner = self.or()?;
                if !self.take_if(&Token::Close)? {
                    return Err(self.unclosed(opened, ")"));
                }
                self.depth -= 1;
                Ok(inner)
            }
            Token::Bool(value) => {
                let (_, at) = self.take()?;
                Ok(Expr::Constant { value, at })
            }
            _ => self.condition(),
        }
    }

    fn condition(&mut self) -> Result<Expr, Diagnostic> {
        let attribute = self.attribute()?;
        let at = self.at;
        let test = match self.token {
            Token::In => {
                self.take()?;
                Test::In {
                    at,
                    values: self.list()?,
                }
            }
            Token::Compare(operator) => {
                self.take()?;
                Test::Compare {
                    operator,
                    at,
                    value: self.value(Some(operator))?,
                }
            }
            _ => return Err(self.no_operator()),
        };
        Ok(Expr::Condition(Condition { attribute, test }))
    }

    fn attribute(&mut self) -> Result<Attribute, Diagnostic> {
        let Token::Name(name) = &mut self.token else {
            return Err(self.no_attribute());
        };
        let name = std::mem::take(name);
        let (_, at) = self.take()?;
        let opened = self.at;
        if !self.take_if(&Token::OpenBracket)? {
            return Ok(Attribute { name, key: None, at });
        }
        let key = match &mut self.token {
            Token::Text(text) => Key::Text(std::mem::take(text)),
            Token::Number(number) => Key::Number(std::mem::take(number)),
            _ => {
                let name = shown(&name);
                let message = format!("The brackets of `{name}` hold no text and no number.");
                return Err(Diagnostic::error(Code::ExpectedAccessor, self.at, message)
                    .hint(format!("Write the name in double quotes: {name}[\"…\"].")));
            }
        };
        self.take()?;
        if !self.take_if(&Token::CloseBracket)? {
            return Err(self.unclosed(opened, "]"));
        }
        Ok(Attribute {
            name,
            key: Some(key),
            at,
        })
    }

    fn list(&mut self) -> Result<Vec<Value>, Diagnostic> {
        let opened = self.at;
        if !self.take_if(&Token::OpenBracket)? {
            let message = "The list after `in` has no opening bracket.";
            return Err(Diagnostic::error(Code::ExpectedToken, self.at, message)
                .hint("A list stands in square brackets: in [\"a\", \"b\"]."));
        }
        let mut values = Vec::new();
        if self.take_if(&Token::CloseBracket)? {
            return Ok(values);
        }
        loop {
            values.push(self.value(None)?);
            if self.take_if(&Token::CloseBracket)? {
                return Ok(values);
            }
            if !self.take_if(&Token::Comma)? {
                return Err(self.unclosed(opened, "]"));
            }
        }
    }

    fn value(&mut self, operator: Option<Operator>) -> Result<Value, Diagnostic> {
        let literal = match &mut self.token {
            Token::Null => Literal::Null,
            Token::Bool(value) => Literal::Bool(*value),
            Token::Number(number) => Literal::Number(std::mem::take(number)),
            Token::Text(text) => Literal::Text(std::mem::take(text)),
            Token::Function(name) => Literal::Function(std::mem::take(name)),
            _ => return Err(self.no_value(operator)),
        };
        let (_, at) = self.take()?;
        Ok(Value { literal, at })
    }
}

/// One part as it is, more as a combination.
fn combined(first: Expr, mut rest: Vec<Expr>, combination: impl FnOnce(Vec<Expr>) -> Expr) -> Expr {
    if rest.is_empty() {
        return first;
    }
    rest.insert(0, first);
    combination(rest)
}

/// What to say where the grammar has no way on.
impl Parser<'_> {
    fn found(&self) -> String {
        match &self.token {
            Token::End => "the query ends".to_owned(),
            Token::Open => "there is `(`".to_owned(),
            Token::Close => "there is `)`".to_owned(),
            Token::OpenBracket => "there is `[`".to_owned(),
            Token::CloseBracket => "there is `]`".to_owned(),
            Token::Comma => "there is a comma".to_owned(),
            Token::Compare(operator) => format!("there is `{}`", operator.as_str()),
            Token::And => "there is `and`".to_owned(),
            Token::Or => "there is `or`".to_owned(),
            Token::Not => "there is `not`".to_owned(),
            Token::In => "there is `in`".to_owned(),
            Token::Null => "there is `null`".to_owned(),
            Token::Bool(value) => format!("there is `{value}`"),
            Token::Name(name) => format!("there is `{}`", shown(name)),
            Token::Number(number) => format!("there is `{}`", shown(number)),
            Token::Text(_) => "there is a text".to_owned(),
            Token::Function(name) => format!("there is `{}()`", shown(name)),
        }
    }

    fn after_the_end(&self) -> Diagnostic {
        let message = format!("The condition is complete, but {}.", self.found());
        let error = Diagnostic::error(Code::ExpectedToken, self.at, message);
        match self.token {
            Token::Close => error.hint("This parenthesis was never opened."),
            Token::Comma => {
                error.hint("Conditions are joined by the words and, or; a comma separates values of a list.")
            }
            _ => error.hint("Conditions are joined by the words and, or."),
        }
    }

    fn unclosed(&self, opened: Span, expected: &str) -> Diagnostic {
        let Position { line, column } = Position::at(self.text, opened.start);
        let message = format!(
            "`{expected}` is missing for the bracket of line {line}, column {column}: {}.",
            self.found()
        );
        let hint = match (&self.token, expected) {
            (Token::End, _) => "What was opened before must be closed.",
            (_, "]") => "Values of a list are separated by commas.",
            _ => "Conditions are joined by the words and, or.",
        };
        Diagnostic::error(Code::ExpectedToken, self.at, message).hint(hint)
    }

    fn no_attribute(&self) -> Diagnostic {
        let message = format!("An attribute was expected, but {}.", self.found());
        let error = Diagnostic::error(Code::ExpectedToken, self.at, message);
        match self.token {
            Token::End => error.hint("Something is missing after the last word."),
            Token::Close => error.hint("Parentheses hold at least one condition."),
            Token::Text(_) => error.hint("The attribute stands on the left, without quotes: tag = \"smoke\"."),
            Token::Null => error.hint("Null is a value: write layer is null."),
            _ => error.hint("A condition looks like tag = \"smoke\"."),
        }
    }

    fn no_operator(&self) -> Diagnostic {
        let message = format!("An operator was expected, but {}.", self.found());
        let error = Diagnostic::error(Code::ExpectedOperation, self.at, message);
        match &self.token {
            Token::Not => error.hint("There is no `not in`: the `not` comes first, as in not tag in [\"a\"]."),
            Token::Name(name) if matches!(name.to_ascii_lowercase().as_str(), "like" | "contains" | "matches") => {
                error.hint("A part of a text is found by ~=, as in name ~= \"login\".")
            }
            Token::OpenBracket => error.hint("An attribute has one pair of brackets at most."),
            _ => error.hint("The operators are = != ~= > >= < <= and the words is, in."),
        }
    }

    fn no_value(&self, operator: Option<Operator>) -> Diagnostic {
        let message = format!("A value was expected, but {}.", self.found());
        let error = Diagnostic::error(Code::ExpectedValue, self.at, message);
        match (&self.token, operator) {
            (Token::Not, _) => error.hint("There is no `is not`: write layer != null."),
            (Token::Compare(Operator::Equal), Some(Operator::Equal)) => error.hint("One = is enough."),
            (Token::Compare(Operator::Greater), Some(Operator::Less)) => error.hint("Unequal is written !=."),
            (Token::Name(name), _) => error.hint(format!("A text needs double quotes: \"{}\".", shown(name))),
            (Token::OpenBracket, Some(_)) => error.hint("A list comes after in, as in tag in [\"a\", \"b\"]."),
            (Token::CloseBracket, None) => error.hint("The last value of a list has no comma after it."),
            _ => error.hint("Values are texts in double quotes, numbers, true, false, null and functions like now()."),
        }
    }
}
