//! A statement as data.

use std::borrow::Cow;

/// A parameter or a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A number, a time or a truth (0 or 1).
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// SQL with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Statement {
    pub(super) sql: Cow<'static, str>,
    pub(super) parameters: Vec<Value>,
    pub(super) must_change: Option<u64>,
}

/// A statement without parameters yet.
pub fn sql(text: impl Into<Cow<'static, str>>) -> Statement {
    Statement {
        sql: text.into(),
        parameters: Vec::new(),
        must_change: None,
    }
}

impl Statement {
    /// The next parameter: the first call gives `?1`.
    pub fn bind(mut self, value: impl IntoValue) -> Self {
        self.parameters.push(value.into_value());
        self
    }

    /// How many rows it has to change; otherwise the whole transaction is [`super::StoreError::Stale`].
    pub fn must_change(self, rows: u64) -> Self {
        Self {
            must_change: Some(rows),
            ..self
        }
    }

    /// With `first` before all other parameters.
    pub(crate) fn led_by(mut self, first: &str) -> Self {
        self.parameters.insert(0, Value::Text(first.to_owned()));
        self
    }
}

/// What can be bound.
pub trait IntoValue {
    /// As a parameter.
    fn into_value(self) -> Value;
}

impl IntoValue for Value {
    fn into_value(self) -> Value {
        self
    }
}

impl IntoValue for &str {
    fn into_value(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl IntoValue for String {
    fn into_value(self) -> Value {
        Value::Text(self)
    }
}

impl IntoValue for &String {
    fn into_value(self) -> Value {
        Value::Text(self.clone())
    }
}

impl IntoValue for u64 {
    /// Numbers of ours stay far below 2⁶³.
    fn into_value(self) -> Value {
        Value::Int(i64::try_from(self).unwrap_or(i64::MAX))
    }
}

impl IntoValue for u32 {
    fn into_value(self) -> Value {
        Value::Int(i64::from(self))
    }
}

impl IntoValue for bool {
    fn into_value(self) -> Value {
        Value::Int(i64::from(self))
    }
}

impl IntoValue for Vec<u8> {
    fn into_value(self) -> Value {
        Value::Bytes(self)
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }
}
