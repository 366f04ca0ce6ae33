//! The reader: where values go, and what is said of those that go nowhere.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use std::fmt;

/// What holds others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `[…]`
    List,
    /// `{…}`
    Object,
}

/// A place that a value is read into. What it does not take is refused with what it expects.
pub trait Slot {
    /// What it takes, for an error message.
    fn expects(&self) -> &'static str;

    /// Takes a text, a number, a truth value, or null (`Unit`).
    fn scalar(&mut self, _value: Unexpected<'_>) -> bool {
        false
    }

    /// Elements or members follow.
    fn begin(&mut self, _shape: Shape) -> bool {
        false
    }

    /// The place of an element of a list; none: it is skipped.
    fn element(&mut self, _index: usize) -> Option<&mut dyn Slot> {
        None
    }

    /// The place of a member of an object; none: it is skipped.
    fn member(&mut self, _name: &str) -> Option<&mut dyn Slot> {
        None
    }

    /// A member that did not come and has to.
    fn missing(&self) -> Option<&'static str> {
        None
    }
}

/// Says which members of a struct are read, under another name where that is given, and which of them must be there and
/// say something.
macro_rules! members {
    ($of:ident $(<$param:ident>)? {
        $($field:ident $(: $($name:literal)|+)?),+ $(,)?
    } $(needs $($needed:ident),+)?) => {
        impl $(<$param: $crate::json::Slot + Default>)? $crate::json::Slot for $of $(<$param>)? {
            fn expects(&self) -> &'static str {
                "an object"
            }

            fn begin(&mut self, shape: $crate::json::Shape) -> bool {
                shape == $crate::json::Shape::Object
            }

            fn member(&mut self, name: &str) -> Option<&mut dyn $crate::json::Slot> {
                $(if $crate::json::members!(@ name is $field $($($name)|+)?) {
                    return Some(&mut self.$field);
                })+
                None
            }

            $(fn missing(&self) -> Option<&'static str> {
                $(if $crate::json::is_default(&self.$needed) {
                    return Some(stringify!($needed));
                })+
                None
            })?
        }
    };
    (@ $given:ident is $field:ident) => {
        $given == stringify!($field)
    };
    (@ $given:ident is $field:ident $($name:literal)|+) => {
        matches!($given, $($name)|+)
    };
}
pub(crate) use members;

/// True for what a struct holds before anything is read.
pub fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Reads a text.
///
/// # Errors
///
/// What is wrong, and where.
pub fn read<T: Slot + Default>(text: &[u8]) -> serde_json::Result<T> {
    let mut value = T::default();
    fill(&mut value, text)?;
    Ok(value)
}

fn fill(slot: &mut dyn Slot, text: &[u8]) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    Filler(slot).deserialize(&mut reader)?;
    reader.end()
}

/// Reads one value into its place.
struct Filler<'s>(&'s mut dyn Slot);

impl Filler<'_> {
    fn take<E: Error>(self, value: Unexpected<'_>) -> Result<(), E> {
        if self.0.scalar(value) {
            return Ok(());
        }
        Err(E::invalid_type(value, &self.0.expects()))
    }
}

impl<'de> DeserializeSeed<'de> for Filler<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Filler<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.expects())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.take(Unexpected::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.take(Unexpected::Unsigned(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.take(Unexpected::Signed(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.take(Unexpected::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.take(Unexpected::Str(value))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.take(Unexpected::Unit)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if !self.0.begin(Shape::List) {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self.0.expects()));
        }
        let mut index = 0;
        while list.next_element_seed(Element(&mut *self.0, index))?.is_some() {
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        if !self.0.begin(Shape::Object) {
            return Err(A::Error::invalid_type(Unexpected::Map, &self.0.expects()));
        }
        while let Some(slot) = object.next_key_seed(Name(&mut *self.0))? {
            match slot {
                Some(slot) => object.next_value_seed(Filler(slot))?,
                None => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        self.0
            .missing()
            .map_or(Ok(()), |name| Err(A::Error::missing_field(name)))
    }
}

/// An element, whose place is asked for once it is there.
struct Element<'s>(&'s mut dyn Slot, usize);

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        match self.0.element(self.1) {
            Some(slot) => reader.deserialize_any(Filler(slot)),
            None => reader.deserialize_ignored_any(IgnoredAny).map(drop),
        }
    }
}

/// A member's name, which gives its place.
struct Name<'s>(&'s mut dyn Slot);

impl<'de, 's> DeserializeSeed<'de> for Name<'s> {
    type Value = Option<&'s mut dyn Slot>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'s> Visitor<'_> for Name<'s> {
    type Value = Option<&'s mut dyn Slot>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.member(name))
    }
}
