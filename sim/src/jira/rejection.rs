//! Jira's error collection.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Why a request was refused: Jira's `{"errorMessages":[…],"errors":{field: text}}` with the HTTP status it travels under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// HTTP status, usually 400.
    pub status: u16,
    /// Messages about the request as a whole.
    pub messages: Vec<String>,
    /// Messages by field id.
    pub errors: BTreeMap<String, String>,
}

impl Rejection {
    /// An empty collection to fill; see [`Rejection::into_result`].
    #[must_use]
    pub fn collect() -> Self {
        Self {
            status: 400,
            messages: Vec::new(),
            errors: BTreeMap::new(),
        }
    }

    /// One general message.
    #[must_use]
    pub fn message(status: u16, text: impl Into<String>) -> Self {
        Self {
            status,
            messages: vec![text.into()],
            errors: BTreeMap::new(),
        }
    }

    /// One message about a field, status 400.
    #[must_use]
    pub fn field(field: impl Into<String>, text: impl Into<String>) -> Self {
        let mut collection = Self::collect();
        collection.add(field, text);
        collection
    }

    /// An issue that does not exist or may not be seen: 404 in the words both products use.
    #[must_use]
    pub fn no_such_issue() -> Self {
        Self::message(404, "Issue Does Not Exist")
    }

    /// Adds a message about a field; the first message of a field wins.
    pub fn add(&mut self, field: impl Into<String>, text: impl Into<String>) {
        self.errors.entry(field.into()).or_insert_with(|| text.into());
    }

    /// Takes over the findings of another collection.
    pub fn merge(&mut self, other: Self) {
        self.messages.extend(other.messages);
        for (field, text) in other.errors {
            self.add(field, text);
        }
    }

    /// `Err(self)` when anything was collected.
    ///
    /// # Errors
    /// The collection itself, when it is not empty.
    pub fn into_result(self) -> Result<(), Self> {
        if self.messages.is_empty() && self.errors.is_empty() {
            Ok(())
        } else {
            Err(self)
        }
    }

    /// The body Jira sends.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({ "errorMessages": self.messages, "errors": self.errors })
    }

    /// One line as Xray quotes Jira: `field: message` or the first general message.
    #[must_use]
    pub fn to_line(&self) -> String {
        let fields = self.errors.iter().map(|(field, text)| format!("{field}: {text}"));
        self.messages
            .iter()
            .cloned()
            .chain(fields)
            .collect::<Vec<_>>()
            .join("; ")
    }
}
