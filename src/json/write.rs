//! JSON put together.

use serde_json::{Map, Value};

/// JSON as it is written, like serde_json's macro of that name, in a third of its code: what it takes is known
/// ([`ToJson`]), so that nothing can fail, and a member is one call.
macro_rules! json {
    ({ $($members:tt)* }) => {{
        #[allow(unused_mut, reason = "an object may have no members")]
        let mut object = serde_json::Map::new();
        $crate::json::json!(@ object { $($members)* });
        serde_json::Value::Object(object)
    }};
    ([ $($elements:tt)* ]) => {{
        #[allow(unused_mut, reason = "a list may have no elements")]
        let mut list: Vec<serde_json::Value> = Vec::new();
        $crate::json::json!(@ list [ $($elements)* ]);
        serde_json::Value::Array(list)
    }};
    (@ $object:ident {}) => {};
    (@ $object:ident { $name:tt : { $($value:tt)* } $(, $($rest:tt)*)? }) => {
        $crate::json::put(&mut $object, $name, $crate::json::json!({ $($value)* }));
        $($crate::json::json!(@ $object { $($rest)* });)?
    };
    (@ $object:ident { $name:tt : [ $($value:tt)* ] $(, $($rest:tt)*)? }) => {
        $crate::json::put(&mut $object, $name, $crate::json::json!([ $($value)* ]));
        $($crate::json::json!(@ $object { $($rest)* });)?
    };
    (@ $object:ident { $name:tt : $value:expr $(, $($rest:tt)*)? }) => {
        $crate::json::put(&mut $object, $name, $crate::json::ToJson::json(&$value));
        $($crate::json::json!(@ $object { $($rest)* });)?
    };
    (@ $list:ident []) => {};
    (@ $list:ident [ { $($value:tt)* } $(, $($rest:tt)*)? ]) => {
        $crate::json::add(&mut $list, $crate::json::json!({ $($value)* }));
        $($crate::json::json!(@ $list [ $($rest)* ]);)?
    };
    (@ $list:ident [ $value:expr $(, $($rest:tt)*)? ]) => {
        $crate::json::add(&mut $list, $crate::json::ToJson::json(&$value));
        $($crate::json::json!(@ $list [ $($rest)* ]);)?
    };
    ($value:expr) => {
        $crate::json::ToJson::json(&$value)
    };
}
pub(crate) use json;

/// What can be a value of [`json!`]; it is copied.
pub trait ToJson {
    /// As JSON.
    fn json(&self) -> Value;
}

impl ToJson for Value {
    fn json(&self) -> Value {
        self.clone()
    }
}

impl ToJson for Map<String, Value> {
    fn json(&self) -> Value {
        Value::Object(self.clone())
    }
}

impl ToJson for str {
    fn json(&self) -> Value {
        Value::String(self.to_owned())
    }
}

impl ToJson for String {
    fn json(&self) -> Value {
        self.as_str().json()
    }
}

impl ToJson for bool {
    fn json(&self) -> Value {
        Value::Bool(*self)
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl ToJson for $number {
            fn json(&self) -> Value {
                Value::from(*self)
            }
        })+
    };
}
numbers!(u32, u64, usize, i64);

impl<T: ToJson> ToJson for [T] {
    fn json(&self) -> Value {
        Value::Array(self.iter().map(T::json).collect())
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn json(&self) -> Value {
        self.as_slice().json()
    }
}

impl<T: ToJson, const N: usize> ToJson for [T; N] {
    fn json(&self) -> Value {
        self.as_slice().json()
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::json)
    }
}

impl<T: ToJson + ?Sized> ToJson for &T {
    fn json(&self) -> Value {
        T::json(self)
    }
}

/// A value as text, in one way for all: `Display` and `to_vec` are two more.
pub fn text(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Adds an element to a list.
pub fn add(list: &mut Vec<Value>, element: Value) {
    list.push(element);
}

/// Puts a member into an object.
pub fn put(object: &mut Map<String, Value>, name: &str, value: Value) {
    object.insert(name.to_owned(), value);
}
