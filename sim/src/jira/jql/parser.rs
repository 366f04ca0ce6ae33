//! JQL as a tree.

use super::lexer::{Token, TokenKind, tokens};

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `~`
    Contains,
    /// `!~`
    NotContains,
    /// `IN`
    In,
    /// `NOT IN`
    NotIn,
    /// `IS`
    Is,
    /// `IS NOT`
    IsNot,
}

impl Operator {
    /// As written in JQL.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Contains => "~",
            Self::NotContains => "!~",
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Is => "is",
            Self::IsNot => "is not",
        }
    }
}

/// The right side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A word or a quoted string.
    Value(String),
    /// `(a, b)`
    List(Vec<Operand>),
    /// `name(arguments)`
    Function(String, Vec<String>),
    /// `EMPTY` or `NULL`
    Empty,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// All of them.
    And(Vec<Expr>),
    /// Any of them.
    Or(Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// A comparison.
    Clause {
        /// The field as written.
        field: String,
        /// The comparison.
        operator: Operator,
        /// The right side.
        operand: Operand,
    },
}

/// A parsed query, not yet checked against a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The condition; `None` matches everything.
    pub filter: Option<Expr>,
    /// Fields to sort by, and whether descending.
    pub order: Vec<(String, bool)>,
}

const OPERATORS: &str =
    "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'.";

/// Parses JQL.
///
/// # Errors
/// A message in Jira's words, with line and character.
pub fn parse(jql: &str) -> Result<Query, String> {
    let mut parser = Parser {
        tokens: tokens(jql)?,
        at: 0,
        depth: 0,
    };
    let filter = match parser.peek() {
        TokenKind::End => None,
        _ if parser.is_word("ORDER") => None,
        _ => Some(parser.or()?),
    };
    let order = parser.order()?;
    if *parser.peek() != TokenKind::End {
        return Err(parser.unexpected("Expecting either 'OR' or 'AND'", ""));
    }
    Ok(Query { filter, order })
}

/// Nesting beyond this is refused rather than recursed into.
const MAX_DEPTH: usize = 100;

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &TokenKind {
        self.tokens.get(self.at).map_or(&TokenKind::End, |token| &token.kind)
    }

    fn bump(&mut self) -> TokenKind {
        let kind = self.peek().clone();
        self.at += 1;
        kind
    }

    fn is_word(&self, keyword: &str) -> bool {
        matches!(self.peek(), TokenKind::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn eat_word(&mut self, keyword: &str) -> bool {
        let there = self.is_word(keyword);
        if there {
            self.at += 1;
        }
        there
    }

    fn unexpected(&self, expecting: &str, hint: &str) -> String {
        let (line, column) = self
            .tokens
            .get(self.at)
            .map_or((1, 1), |token| (token.line, token.column));
        let got = match self.peek() {
            TokenKind::End => "before the end of the query".to_owned(),
            other => format!("but got '{}'", other.quote()),
        };
        let hint = if hint.is_empty() {
            String::new()
        } else {
            format!(" {hint}")
        };
        format!("Error in the JQL Query: {expecting} {got}.{hint} (line {line}, character {column})")
    }

    fn or(&mut self) -> Result<Expr, String> {
        let mut all = vec![self.and()?];
        while self.eat_word("OR") {
            all.push(self.and()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expr::Or(all) })
    }

    fn and(&mut self) -> Result<Expr, String> {
        let mut all = vec![self.not()?];
        while self.eat_word("AND") {
            all.push(self.not()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expr::And(all) })
    }

    fn not(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("Error in the JQL Query: The query is nested too deeply.".to_owned());
        }
        let expr = if self.eat_word("NOT") {
            Expr::Not(Box::new(self.not()?))
        } else if *self.peek() == TokenKind::Open {
            self.bump();
            let inner = self.or()?;
            if *self.peek() != TokenKind::Close {
                return Err(self.unexpected("Expecting ')'", ""));
            }
            self.bump();
            inner
        } else {
            self.clause()?
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn clause(&mut self) -> Result<Expr, String> {
        let field = match self.peek().clone() {
            TokenKind::Word(word) if !is_keyword(&word) => word,
            TokenKind::Text(text) => text,
            _ => return Err(self.unexpected("Expecting a field name", "")),
        };
        self.bump();
        let operator = self.operator()?;
        let operand = match operator {
            Operator::In | Operator::NotIn if *self.peek() == TokenKind::Open => self.list()?,
            _ => self.operand()?,
        };
        Ok(Expr::Clause {
            field,
            operator,
            operand,
        })
    }

    fn operator(&mut self) -> Result<Operator, String> {
        let operator = match self.peek().clone() {
            TokenKind::Operator(symbol) => match symbol {
                "=" => Operator::Eq,
                "!=" => Operator::Ne,
                "<" => Operator::Lt,
                "<=" => Operator::Le,
                ">" => Operator::Gt,
                ">=" => Operator::Ge,
                "~" => Operator::Contains,
                _ => Operator::NotContains,
            },
            TokenKind::Word(word) if word.eq_ignore_ascii_case("IN") => Operator::In,
            TokenKind::Word(word) if word.eq_ignore_ascii_case("IS") => {
                self.bump();
                return Ok(if self.eat_word("NOT") {
                    Operator::IsNot
                } else {
                    Operator::Is
                });
            }
            TokenKind::Word(word) if word.eq_ignore_ascii_case("NOT") => {
                self.bump();
                if !self.is_word("IN") {
                    return Err(self.unexpected("Expecting operator 'IN'", OPERATORS));
                }
                Operator::NotIn
            }
            _ => return Err(self.unexpected("Expecting operator", OPERATORS)),
        };
        self.bump();
        Ok(operator)
    }

    fn list(&mut self) -> Result<Operand, String> {
        self.bump();
        let mut items = vec![self.operand()?];
        loop {
            match self.peek() {
                TokenKind::Comma => {
                    self.bump();
                    items.push(self.operand()?);
                }
                TokenKind::Close => {
                    self.bump();
                    return Ok(Operand::List(items));
                }
                _ => return Err(self.unexpected("Expecting ',' or ')'", "")),
            }
        }
    }

    fn operand(&mut self) -> Result<Operand, String> {
        let expecting = "Expecting either a value, list or function";
        let word = match self.peek().clone() {
            TokenKind::Text(text) => {
                self.bump();
                return Ok(Operand::Value(text));
            }
            TokenKind::Word(word) if !is_keyword(&word) => word,
            _ => return Err(self.unexpected(expecting, "")),
        };
        self.bump();
        if *self.peek() == TokenKind::Open {
            self.bump();
            return Ok(Operand::Function(word, self.arguments()?));
        }
        let is_empty = word.eq_ignore_ascii_case("EMPTY") || word.eq_ignore_ascii_case("NULL");
        Ok(if is_empty { Operand::Empty } else { Operand::Value(word) })
    }

    fn arguments(&mut self) -> Result<Vec<String>, String> {
        let mut arguments = Vec::new();
        loop {
            match self.bump() {
                TokenKind::Close => return Ok(arguments),
                TokenKind::Comma => {}
                TokenKind::Word(text) | TokenKind::Text(text) => arguments.push(text),
                _ => {
                    self.at -= 1;
                    return Err(self.unexpected("Expecting an argument", ""));
                }
            }
        }
    }

    fn order(&mut self) -> Result<Vec<(String, bool)>, String> {
        let mut order = Vec::new();
        if !self.eat_word("ORDER") {
            return Ok(order);
        }
        if !self.eat_word("BY") {
            return Err(self.unexpected("Expecting 'by'", ""));
        }
        loop {
            let (TokenKind::Word(field) | TokenKind::Text(field)) = self.peek().clone() else {
                return Err(self.unexpected("Expecting a field name", ""));
            };
            self.bump();
            let descending = self.eat_word("DESC");
            if !descending {
                self.eat_word("ASC");
            }
            order.push((field, descending));
            if *self.peek() != TokenKind::Comma {
                return Ok(order);
            }
            self.bump();
        }
    }
}

fn is_keyword(word: &str) -> bool {
    ["AND", "OR", "NOT", "IN", "IS", "ORDER", "BY"]
        .iter()
        .any(|keyword| word.eq_ignore_ascii_case(keyword))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precedence_lists_functions_and_order_are_read() {
        let query =
            parse("project = CALC AND (labels in (\"a b\", c) OR NOT key IN f(\"X-1\")) order by created desc, key")
                .unwrap();
        assert_eq!(query.order, [("created".to_owned(), true), ("key".to_owned(), false)]);
        let Some(Expr::And(parts)) = query.filter else {
            panic!("not a conjunction")
        };
        assert_eq!(parts.len(), 2);
        assert!(matches!(&parts[1], Expr::Or(inner) if matches!(&inner[1], Expr::Not(_))));
        assert_eq!(parse("").unwrap(), Query::default());
        assert!(parse("labels is not EMPTY").is_ok());
    }

    #[test]
    fn errors_name_line_and_character() {
        let error = parse("project CALC").unwrap_err();
        assert!(
            error.starts_with("Error in the JQL Query: Expecting operator but got 'CALC'."),
            "{error}"
        );
        assert!(error.ends_with("(line 1, character 9)"), "{error}");
        assert!(
            parse("project = CALC labels = x")
                .unwrap_err()
                .contains("Expecting either 'OR' or 'AND'")
        );
        assert!(
            parse("summary ~ \"open")
                .unwrap_err()
                .contains("has not been completed")
        );
        assert!(parse("a = @b").unwrap_err().contains("reserved JQL character"));
        assert!(parse(&"(".repeat(10_000)).is_err());
    }
}
