//! A checked tree against a row.

use super::attributes::Attribute;
use super::lex::Op;
use super::parse::{Node, Value};

/// One value of a row's attribute; an attribute with no value is empty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operand<'a> {
    Bool(bool),
    Number(i64),
    Text(&'a str),
    /// A dictionary row: its id, when it has one, and its name.
    Named(Option<i64>, &'a str),
}

/// A row that can be asked for its attributes.
pub(crate) trait Row {
    /// Shows each value of `attribute` to `see`, until `see` gives true; returns whether it did.
    fn any<'a>(&'a self, attribute: &Attribute, see: &mut dyn FnMut(Operand<'a>) -> bool) -> bool;
}

/// What the functions of the language give while one query runs.
#[derive(Debug)]
pub(super) struct Functions {
    pub(super) now_ms: i64,
    pub(super) user: String,
}

const DAY_MS: i64 = 86_400_000;

enum Known<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Text(&'a str),
}

impl Functions {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of the next 200,000 years fit a double"
    )]
    fn value<'a>(&'a self, value: &'a Value) -> Known<'a> {
        match value {
            Value::Null => Known::Null,
            Value::Bool(value) => Known::Bool(*value),
            Value::Number(value) => Known::Number(*value),
            Value::Text(value) => Known::Text(value),
            Value::Function(name) => match name.as_str() {
                "now" => Known::Number(self.now_ms as f64),
                "dayStartUtc" => Known::Number((self.now_ms - self.now_ms.rem_euclid(DAY_MS)) as f64),
                "weekAgo" => Known::Number((self.now_ms - 7 * DAY_MS) as f64),
                "currentUser" => Known::Text(&self.user),
                _ => Known::Null,
            },
        }
    }
}

pub(super) fn holds(node: &Node, row: &dyn Row, functions: &Functions) -> bool {
    match node {
        Node::Constant(constant) => *constant,
        Node::Not(inner) => !holds(inner, row, functions),
        Node::And(nodes) => nodes.iter().all(|node| holds(node, row, functions)),
        Node::Or(nodes) => nodes.iter().any(|node| holds(node, row, functions)),
        Node::Compare(attribute, op, value) => compare(row, attribute, *op, &functions.value(value)),
        Node::In(attribute, values) => values.iter().map(|value| functions.value(value)).any(|value| {
            !matches!(value, Known::Null) && row.any(attribute, &mut |operand| test(operand, Op::Equal, &value))
        }),
    }
}

fn compare(row: &dyn Row, attribute: &Attribute, op: Op, value: &Known<'_>) -> bool {
    match (op, value) {
        (Op::Equal, Known::Null) => !row.any(attribute, &mut |_| true),
        (Op::NotEqual, Known::Null) => row.any(attribute, &mut |_| true),
        _ => row.any(attribute, &mut |operand| test(operand, op, value)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "ids and milliseconds stay far below 2^53")]
fn test(operand: Operand<'_>, op: Op, value: &Known<'_>) -> bool {
    match (operand, value) {
        (Operand::Bool(left), Known::Bool(right)) => (left == *right) == (op == Op::Equal),
        (Operand::Number(left), Known::Number(right)) => {
            let left = left as f64;
            match op {
                Op::Equal => left == *right,
                Op::NotEqual => left != *right,
                Op::Less => left < *right,
                Op::LessOrEqual => left <= *right,
                Op::Greater => left > *right,
                Op::GreaterOrEqual => left >= *right,
                Op::Contains => false,
            }
        }
        (Operand::Named(id, _), Known::Number(right)) => {
            id.is_some_and(|id| (id as f64 == *right) == (op == Op::Equal))
        }
        (Operand::Text(left) | Operand::Named(_, left), Known::Text(right)) => {
            let (left, right) = (left.to_lowercase(), right.to_lowercase());
            match op {
                Op::Equal => left == right,
                Op::NotEqual => left != right,
                Op::Contains => left.contains(&right),
                Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => false,
            }
        }
        _ => false,
    }
}
