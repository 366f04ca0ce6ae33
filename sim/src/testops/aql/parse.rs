//! Tokens to a checked tree.

use super::Refusal;
use super::attributes::{Attribute, Entity, Key, Kind, find};
use super::lex::{Op, Token};

/// Parentheses and `not` nest at most this deep.
const DEPTH: usize = 200;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Constant(bool),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(Attribute, Op, Value),
    In(Attribute, Vec<Value>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Function(String),
}

pub(super) fn parse(tokens: Vec<(usize, Token)>, entity: Entity) -> Result<Node, Refusal> {
    if tokens.is_empty() {
        return Ok(Node::Constant(true));
    }
    let mut parser = Parser {
        tokens,
        at: 0,
        entity,
        depth: 0,
    };
    let root = parser.or()?;
    match parser.peek() {
        None => Ok(root),
        Some(_) => Err(parser.refuse("INVALID_SYNTAX")),
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    entity: Entity,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.at += usize::from(token.is_some());
        token
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let taken = self.peek() == Some(wanted);
        self.at += usize::from(taken);
        taken
    }

    fn refuse(&self, code: &str) -> Refusal {
        let position = self
            .tokens
            .get(self.at)
            .or(self.tokens.last())
            .map_or(0, |(position, _)| *position);
        Refusal(format!("{code}: at position {position}"))
    }

    fn or(&mut self) -> Result<Node, Refusal> {
        let mut nodes = vec![self.and()?];
        while self.take(&Token::Or) {
            nodes.push(self.and()?);
        }
        Ok(if nodes.len() > 1 {
            Node::Or(nodes)
        } else {
            nodes.swap_remove(0)
        })
    }

    fn and(&mut self) -> Result<Node, Refusal> {
        let mut nodes = vec![self.not()?];
        while self.take(&Token::And) {
            nodes.push(self.not()?);
        }
        Ok(if nodes.len() > 1 {
            Node::And(nodes)
        } else {
            nodes.swap_remove(0)
        })
    }

    fn not(&mut self) -> Result<Node, Refusal> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.refuse("INVALID_INPUT"));
        }
        let node = if self.take(&Token::Not) {
            Node::Not(Box::new(self.not()?))
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn primary(&mut self) -> Result<Node, Refusal> {
        match self.peek() {
            Some(Token::Open) => {
                self.at += 1;
                let inner = self.or()?;
                if self.take(&Token::Close) {
                    Ok(inner)
                } else {
                    Err(self.refuse("EXPECTED_TOKEN"))
                }
            }
            Some(Token::Bool(constant)) => {
                let constant = *constant;
                self.at += 1;
                Ok(Node::Constant(constant))
            }
            Some(Token::Name(_)) => self.condition(),
            _ => Err(self.refuse("EXPECTED_ACCESSOR")),
        }
    }

    fn condition(&mut self) -> Result<Node, Refusal> {
        let attribute = self.access()?;
        match self.next() {
            Some(Token::In) => self.list(attribute),
            Some(Token::Compare(op)) => {
                if !attribute.kind.takes(op) {
                    return Err(self.refuse("FORBIDDEN_OPERATION"));
                }
                let value = self.value(attribute.kind)?;
                Ok(Node::Compare(attribute, op, value))
            }
            _ => {
                self.at = self.at.saturating_sub(1);
                Err(self.refuse("EXPECTED_OPERATION"))
            }
        }
    }

    fn access(&mut self) -> Result<Attribute, Refusal> {
        let found = match self.peek() {
            Some(Token::Name(name)) => find(name, self.entity),
            _ => None,
        };
        let (name, kind, takes_key) = found.ok_or_else(|| self.refuse("FORBIDDEN_IDENTIFIER"))?;
        self.at += 1;
        let has_key = self.take(&Token::OpenBracket);
        if has_key != takes_key {
            return Err(self.refuse("FORBIDDEN_BRACKET_ACCESS"));
        }
        let key = if has_key { Some(self.key()?) } else { None };
        Ok(Attribute { name, key, kind })
    }

    fn key(&mut self) -> Result<Key, Refusal> {
        let key = match self.next() {
            Some(Token::Text(name)) => Key::Name(name),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "ids are whole numbers; a fraction names no row anyway"
            )]
            Some(Token::Number(id)) => Key::Id(id as i64),
            _ => return Err(self.refuse("EXPECTED_VALUE")),
        };
        if self.take(&Token::CloseBracket) {
            Ok(key)
        } else {
            Err(self.refuse("EXPECTED_TOKEN"))
        }
    }

    fn list(&mut self, attribute: Attribute) -> Result<Node, Refusal> {
        if attribute.kind == Kind::Bool {
            return Err(self.refuse("FORBIDDEN_ARRAY_OPERATION"));
        }
        if !self.take(&Token::OpenBracket) {
            return Err(self.refuse("EXPECTED_TOKEN"));
        }
        let mut values = Vec::new();
        if self.take(&Token::CloseBracket) {
            return Ok(Node::In(attribute, values));
        }
        loop {
            values.push(self.value(attribute.kind)?);
            if self.take(&Token::CloseBracket) {
                return Ok(Node::In(attribute, values));
            }
            if !self.take(&Token::Comma) {
                return Err(self.refuse("EXPECTED_TOKEN"));
            }
        }
    }

    fn value(&mut self, kind: Kind) -> Result<Value, Refusal> {
        let value = match self.peek() {
            Some(Token::Null) => Value::Null,
            Some(Token::Bool(value)) => Value::Bool(*value),
            Some(Token::Number(value)) => Value::Number(*value),
            Some(Token::Text(value)) => Value::Text(value.clone()),
            Some(Token::Function(name)) => Value::Function(name.clone()),
            _ => return Err(self.refuse("EXPECTED_VALUE")),
        };
        let fits = match (&value, kind) {
            (Value::Null | Value::Function(_), _)
            | (Value::Bool(_), Kind::Bool)
            | (Value::Number(_), Kind::Number | Kind::Named | Kind::Value)
            | (Value::Text(_), Kind::Text | Kind::Named | Kind::Value) => true,
            (Value::Bool(_) | Value::Number(_) | Value::Text(_), _) => false,
        };
        if !fits {
            return Err(self.refuse("FORBIDDEN_VALUE_TYPE"));
        }
        self.at += 1;
        Ok(value)
    }
}
