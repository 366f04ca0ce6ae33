//! A row of an answer.

use std::sync::Arc;

use super::{StoreError, Value};

/// Columns by name.
#[derive(Debug, Clone)]
pub struct Row {
    pub(super) columns: Arc<[String]>,
    pub(super) values: Vec<Value>,
}

impl Row {
    /// The value of a column.
    ///
    /// # Errors
    ///
    /// There is no such column, or it holds something else.
    pub fn get<T: FromValue>(&self, column: &str) -> Result<T, StoreError> {
        let unexpected = || StoreError::Unavailable(format!("column `{column}` is missing or holds something else"));
        self.value(column).and_then(T::from_value).ok_or_else(unexpected)
    }

    /// The value of a column, whatever it is.
    pub(super) fn value(&self, column: &str) -> Option<Value> {
        let index = self.columns.iter().position(|name| name == column)?;
        self.values.get(index).cloned()
    }

    /// The value of a column that holds JSON.
    ///
    /// # Errors
    ///
    /// As [`Row::get`], or the text is not that JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        let text: String = self.get(column)?;
        serde_json::from_str(&text).map_err(|error| StoreError::Unavailable(format!("column `{column}`: {error}")))
    }
}

/// What a column can hold.
pub trait FromValue: Sized {
    /// From the column's value; `None` where it is of another kind.
    fn from_value(value: Value) -> Option<Self>;
}

impl FromValue for String {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl FromValue for u64 {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(number) => number.try_into().ok(),
            _ => None,
        }
    }
}

impl FromValue for u32 {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(number) => number.try_into().ok(),
            _ => None,
        }
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(number) => Some(number != 0),
            _ => None,
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}
