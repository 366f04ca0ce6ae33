//! AQL in its normal form: lower-case keywords, single spaces, no more parentheses than needed.

use std::fmt::{self, Display, Formatter, Write};

use super::ast::{Attribute, Condition, Expr, Key, Literal, Operator, Query, Test, Value};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.filter.as_ref().map_or(Ok(()), |filter| filter.fmt(f))
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Or(parts) => joined(f, parts, " or ", |part| matches!(part, Self::Or(_))),
            Self::And(parts) => joined(f, parts, " and ", |part| matches!(part, Self::Or(_) | Self::And(_))),
            Self::Not(part) => {
                f.write_str("not ")?;
                grouped(f, part, matches!(**part, Self::Or(_) | Self::And(_)))
            }
            Self::Constant { value, .. } => write!(f, "{value}"),
            Self::Condition(condition) => condition.fmt(f),
        }
    }
}

fn joined(f: &mut Formatter<'_>, parts: &[Expr], word: &str, needs_group: impl Fn(&Expr) -> bool) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        grouped(f, part, needs_group(part))?;
    }
    Ok(())
}

fn grouped(f: &mut Formatter<'_>, part: &Expr, group: bool) -> fmt::Result {
    if group { write!(f, "({part})") } else { part.fmt(f) }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.attribute.fmt(f)?;
        match &self.test {
            Test::Compare {
                operator: Operator::Equal,
                value: value @ Value {
                    literal: Literal::Null, ..
                },
                ..
            } => {
                write!(f, " is {value}")
            }
            Test::Compare { operator, value, .. } => write!(f, " {} {value}", operator.as_str()),
            Test::In { values, .. } => {
                f.write_str(" in [")?;
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    value.fmt(f)?;
                }
                f.write_str("]")
            }
        }
    }
}

impl Display for Attribute {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.key {
            None => Ok(()),
            Some(Key::Number(number)) => write!(f, "[{number}]"),
            Some(Key::Text(text)) => {
                f.write_str("[")?;
                quoted(f, text)?;
                f.write_str("]")
            }
        }
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.literal {
            Literal::Null => f.write_str("null"),
            Literal::Bool(value) => write!(f, "{value}"),
            Literal::Number(number) => f.write_str(number),
            Literal::Text(text) => quoted(f, text),
            Literal::Function(name) => write!(f, "{name}()"),
        }
    }
}

/// Only the backslash and the quote need an escape; anything else may stand in a text as it is.
fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}
