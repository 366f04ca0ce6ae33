//! What serde's derives leave open about JSON.

use serde::de::{Deserialize, Deserializer, Error, Unexpected};

/// A text that must be there and say something, such as an id: an empty one would be taken for an issue's.
///
/// # Errors
///
/// The value is no text, or empty.
pub fn filled<'de, D: Deserializer<'de>>(reader: D) -> Result<String, D::Error> {
    let text = String::deserialize(reader)?;
    if text.is_empty() {
        return Err(D::Error::invalid_value(
            Unexpected::Str(""),
            &"a text that is not empty",
        ));
    }
    Ok(text)
}

/// True for what a struct holds before anything is read.
pub fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
