//! Random queries, and queries written the way different people write them.

use proptest::prelude::*;

use crate::aql::{Attribute, Condition, Expr, Key, Literal, Operator, Query, Test, Value};
use crate::text::Span;

const NOWHERE: Span = Span::new(0, 0);

pub(super) fn query() -> impl Strategy<Value = Query> {
    prop_oneof![
        1 => Just(Query { filter: None }),
        9 => expr().prop_map(|filter| Query { filter: Some(filter) }),
    ]
}

fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        1 => any::<bool>().prop_map(|value| Expr::Constant { value, at: NOWHERE }),
        5 => condition().prop_map(Expr::Condition),
    ];
    leaf.prop_recursive(8, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            inner.prop_map(|part| Expr::Not(Box::new(part))),
        ]
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let key = prop_oneof![any::<String>().prop_map(Key::Text), number().prop_map(Key::Number)];
    let attribute = (name(), prop::option::of(key)).prop_map(|(name, key)| Attribute { name, key, at: NOWHERE });
    let operator = prop::sample::select(vec![
        Operator::Greater,
        Operator::GreaterOrEqual,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Equal,
        Operator::NotEqual,
        Operator::Contains,
    ]);
    let test = prop_oneof![
        (operator, value()).prop_map(|(operator, value)| Test::Compare {
            operator,
            at: NOWHERE,
            value
        }),
        prop::collection::vec(value(), 0..4).prop_map(|values| Test::In { at: NOWHERE, values }),
    ];
    (attribute, test).prop_map(|(attribute, test)| Condition { attribute, test })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        number().prop_map(Literal::Number),
        any::<String>().prop_map(Literal::Text),
        name().prop_map(Literal::Function),
    ]
    .prop_map(|literal| Value { literal, at: NOWHERE })
}

fn number() -> impl Strategy<Value = String> {
    "-?[0-9]{1,15}(\\.[0-9]{0,4})?"
}

fn name() -> impl Strategy<Value = String> {
    let keywords = ["and", "or", "not", "in", "is", "true", "false", "null", "empty"];
    "[A-Za-z_]{1,10}".prop_filter("a keyword", move |name| {
        !keywords.contains(&name.to_lowercase().as_str())
    })
}

/// The query without the places of its parts.
pub(super) fn placeless(query: Query) -> Query {
    Query {
        filter: query.filter.map(expr_placeless),
    }
}

fn expr_placeless(expr: Expr) -> Expr {
    match expr {
        Expr::Or(parts) => Expr::Or(parts.into_iter().map(expr_placeless).collect()),
        Expr::And(parts) => Expr::And(parts.into_iter().map(expr_placeless).collect()),
        Expr::Not(part) => Expr::Not(Box::new(expr_placeless(*part))),
        Expr::Constant { value, .. } => Expr::Constant { value, at: NOWHERE },
        Expr::Condition(Condition { attribute, test }) => Expr::Condition(Condition {
            attribute: Attribute {
                at: NOWHERE,
                ..attribute
            },
            test: match test {
                Test::Compare { operator, value, .. } => Test::Compare {
                    operator,
                    at: NOWHERE,
                    value: Value { at: NOWHERE, ..value },
                },
                Test::In { values, .. } => Test::In {
                    at: NOWHERE,
                    values: values.into_iter().map(|value| Value { at: NOWHERE, ..value }).collect(),
                },
            },
        }),
    }
}

/// Writes a query with white space, keyword case, synonyms, escapes and spare parentheses as the choices say.
pub(super) struct Scribe<I> {
    pub(super) choices: I,
}

impl<I: Iterator<Item = u8>> Scribe<I> {
    pub(super) fn write(&mut self, query: &Query) -> String {
        let blank = self.blank();
        query.filter.as_ref().map_or(blank, |filter| self.expr(filter, 0))
    }

    fn choose(&mut self, from: &[&str]) -> String {
        let choice = usize::from(self.choices.next().unwrap_or_default());
        from[choice % from.len()].to_owned()
    }

    fn blank(&mut self) -> String {
        self.choose(&[" ", "  ", "\n", "\t", "\r\n", " \x0c "])
    }

    /// `strength` of the place: 0 anything, 1 an operand of `or`, 2 of `and`, 3 of `not`.
    fn expr(&mut self, expr: &Expr, strength: u8) -> String {
        let (own, text) = match expr {
            Expr::Or(parts) => (0, self.joined(parts, &["or", "OR", "Or"], 1)),
            Expr::And(parts) => (1, self.joined(parts, &["and", "AND", "aNd"], 2)),
            Expr::Not(part) => {
                let word = self.choose(&["not", "NOT", "Not"]);
                let blank = self.blank();
                (3, format!("{word}{blank}{}", self.expr(part, 3)))
            }
            Expr::Constant { value: true, .. } => (3, self.choose(&["true", "TRUE"])),
            Expr::Constant { .. } => (3, self.choose(&["false", "False"])),
            Expr::Condition(condition) => (3, self.condition(condition)),
        };
        let (open, close) = if own < strength { ("(", ")") } else { ("", "") };
        match self.choose(&["", "", "", "("]).as_str() {
            "(" => format!("( {open}{text}{close})"),
            _ => format!("{open}{text}{close}"),
        }
    }

    fn joined(&mut self, parts: &[Expr], words: &[&str], strength: u8) -> String {
        let mut text = String::new();
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                text += &self.blank();
                text += &self.choose(words);
                text += &self.blank();
            }
            text += &self.expr(part, strength);
        }
        text
    }

    fn condition(&mut self, condition: &Condition) -> String {
        let mut text = condition.attribute.name.clone();
        if let Some(key) = &condition.attribute.key {
            let key = match key {
                Key::Number(number) => number.clone(),
                Key::Text(key) => self.quoted(key),
            };
            text += &format!("[{}{key} ]", self.choose(&["", " "]));
        }
        match &condition.test {
            Test::Compare { operator, value, .. } => {
                let sign = match operator {
                    Operator::Equal => self.choose(&[" = ", "=", "\nis ", " IS\t"]),
                    other => self.choose(&[other.as_str(), &format!(" {} ", other.as_str())]),
                };
                format!("{text}{sign}{}", self.value(value))
            }
            Test::In { values, .. } => {
                let values: Vec<_> = values.iter().map(|value| self.value(value)).collect();
                let separator = self.choose(&[",", ", ", "\n, "]);
                format!(
                    "{text}{}{}",
                    self.choose(&[" in [", " IN\t[", " In["]),
                    values.join(&separator) + "]"
                )
            }
        }
    }

    fn value(&mut self, value: &Value) -> String {
        match &value.literal {
            Literal::Null => self.choose(&["null", "NULL", "empty", "Empty"]),
            Literal::Bool(true) => self.choose(&["true", "True"]),
            Literal::Bool(false) => self.choose(&["false", "FALSE"]),
            Literal::Number(number) => number.clone(),
            Literal::Text(text) => self.quoted(text),
            Literal::Function(name) => format!("{name}()"),
        }
    }

    fn quoted(&mut self, text: &str) -> String {
        let mut quoted = String::from("\"");
        for c in text.chars() {
            let escaped_whole = self.choose(&["", "", "u"]) == "u";
            match c {
                c if escaped_whole => {
                    let mut units = [0; 2];
                    quoted.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
                }
                '"' => quoted += "\\\"",
                '\\' => quoted += "\\\\",
                '\n' => quoted += &self.choose(&["\n", "\\n"]),
                '\t' => quoted += &self.choose(&["\t", "\\t"]),
                '\r' => quoted += &self.choose(&["\r", "\\r"]),
                c => quoted.push(c),
            }
        }
        quoted.push('"');
        quoted
    }
}
