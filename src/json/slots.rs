//! What values are read into.

use super::{Shape, Slot};
use serde::de::Unexpected;
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

impl Slot for String {
    fn expects(&self) -> &'static str {
        "a text"
    }

    fn scalar(&mut self, value: Unexpected<'_>) -> bool {
        let Unexpected::Str(text) = value else {
            return false;
        };
        text.clone_into(self);
        true
    }
}

impl Slot for bool {
    fn expects(&self) -> &'static str {
        "true or false"
    }

    fn scalar(&mut self, value: Unexpected<'_>) -> bool {
        let Unexpected::Bool(value) = value else {
            return false;
        };
        *self = value;
        true
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl Slot for $number {
            fn expects(&self) -> &'static str {
                "a number"
            }

            fn scalar(&mut self, value: Unexpected<'_>) -> bool {
                let number = match value {
                    Unexpected::Unsigned(number) => Self::try_from(number).ok(),
                    Unexpected::Signed(number) => Self::try_from(number).ok(),
                    _ => None,
                };
                *self = number.unwrap_or(*self);
                number.is_some()
            }
        })+
    };
}
numbers!(u32, u64, usize, i64);

/// Absent and null are the same.
impl<T: Slot + Default> Slot for Option<T> {
    fn expects(&self) -> &'static str {
        T::default().expects()
    }

    fn scalar(&mut self, value: Unexpected<'_>) -> bool {
        if value == Unexpected::Unit {
            *self = None;
            return true;
        }
        self.insert(T::default()).scalar(value)
    }

    fn begin(&mut self, shape: Shape) -> bool {
        self.insert(T::default()).begin(shape)
    }

    fn element(&mut self, index: usize) -> Option<&mut dyn Slot> {
        self.as_mut()?.element(index)
    }

    fn member(&mut self, name: &str) -> Option<&mut dyn Slot> {
        self.as_mut()?.member(name)
    }

    fn missing(&self) -> Option<&'static str> {
        self.as_ref()?.missing()
    }
}

impl<T: Slot + Default> Slot for Vec<T> {
    fn expects(&self) -> &'static str {
        "a list"
    }

    fn begin(&mut self, shape: Shape) -> bool {
        self.clear();
        shape == Shape::List
    }

    fn element(&mut self, _index: usize) -> Option<&mut dyn Slot> {
        self.push(T::default());
        self.last_mut().map(|last| last as &mut dyn Slot)
    }
}

impl<V: Slot + Default> Slot for BTreeMap<String, V> {
    fn expects(&self) -> &'static str {
        "an object"
    }

    fn begin(&mut self, shape: Shape) -> bool {
        self.clear();
        shape == Shape::Object
    }

    fn member(&mut self, name: &str) -> Option<&mut dyn Slot> {
        Some(self.entry(name.to_owned()).or_default())
    }
}

/// A list of two.
impl Slot for (String, String) {
    fn expects(&self) -> &'static str {
        "a list of two"
    }

    fn begin(&mut self, shape: Shape) -> bool {
        shape == Shape::List
    }

    fn element(&mut self, index: usize) -> Option<&mut dyn Slot> {
        match index {
            0 => Some(&mut self.0),
            1 => Some(&mut self.1),
            _ => None,
        }
    }
}

impl Slot for Map<String, Value> {
    fn expects(&self) -> &'static str {
        "an object"
    }

    fn begin(&mut self, shape: Shape) -> bool {
        shape == Shape::Object
    }

    fn member(&mut self, name: &str) -> Option<&mut dyn Slot> {
        Some(self.entry(name).or_insert(Value::Null))
    }
}

/// Anything.
impl Slot for Value {
    fn expects(&self) -> &'static str {
        "JSON"
    }

    fn scalar(&mut self, value: Unexpected<'_>) -> bool {
        *self = match value {
            Unexpected::Bool(value) => Value::Bool(value),
            Unexpected::Unsigned(number) => Value::Number(number.into()),
            Unexpected::Signed(number) => Value::Number(number.into()),
            Unexpected::Float(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
            Unexpected::Str(text) => Value::String(text.to_owned()),
            _ => Value::Null,
        };
        true
    }

    fn begin(&mut self, shape: Shape) -> bool {
        *self = match shape {
            Shape::List => Value::Array(Vec::new()),
            Shape::Object => Value::Object(Map::new()),
        };
        true
    }

    fn element(&mut self, index: usize) -> Option<&mut dyn Slot> {
        self.as_array_mut()?.element(index)
    }

    fn member(&mut self, name: &str) -> Option<&mut dyn Slot> {
        self.as_object_mut()?.member(name)
    }
}

/// Anything, of which only that it is there counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped;

impl Slot for Skipped {
    fn expects(&self) -> &'static str {
        "JSON"
    }

    fn scalar(&mut self, _value: Unexpected<'_>) -> bool {
        true
    }

    fn begin(&mut self, _shape: Shape) -> bool {
        true
    }
}
