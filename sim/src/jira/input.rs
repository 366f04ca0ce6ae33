//! What create and edit requests may say: Jira's `{"fields","update","properties"}`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::rejection::Rejection;

/// One operation on a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Replace the value.
    Set(Value),
    /// Add to a list.
    Add(Value),
    /// Remove from a list.
    Remove(Value),
}

/// The body of a create or edit request.
#[derive(Clone, Debug, Default)]
pub struct IssueInput {
    /// Operations by field id; `fields` are [`Operation::Set`].
    pub operations: BTreeMap<String, Vec<Operation>>,
    /// Entity properties to set.
    pub properties: Vec<(String, Value)>,
    /// Rich text given as a plain string is turned into a document: Cloud's v2 API and Xray Cloud's samples send strings.
    pub plain_text: bool,
}

impl IssueInput {
    /// Reads a request body.
    ///
    /// # Errors
    /// A body that is no object, a field in both `fields` and `update`, an unknown operation.
    pub fn from_json(body: &Value) -> Result<Self, Rejection> {
        let Value::Object(body) = body else {
            return Err(Rejection::message(
                400,
                "Unexpected character in the request body: an object was expected.",
            ));
        };
        let mut input = Self::default();
        for (field, value) in object(body, "fields")? {
            input
                .operations
                .insert(field.clone(), vec![Operation::Set(value.clone())]);
        }
        for (field, operations) in object(body, "update")? {
            if input.operations.contains_key(field) {
                let text = format!("Field '{field}' cannot appear in both 'fields' and 'update'");
                return Err(Rejection::field(field, text));
            }
            input
                .operations
                .insert(field.clone(), read_operations(field, operations)?);
        }
        for property in body.get("properties").and_then(Value::as_array).into_iter().flatten() {
            let key = property.get("key").and_then(Value::as_str).unwrap_or_default();
            let value = property.get("value").cloned().unwrap_or(Value::Null);
            input.properties.push((key.to_owned(), value));
        }
        Ok(input)
    }

    /// An input made in code, such as by an import.
    #[must_use]
    pub fn of(fields: impl IntoIterator<Item = (String, Value)>) -> Self {
        let operations = fields
            .into_iter()
            .map(|(id, value)| (id, vec![Operation::Set(value)]))
            .collect();
        Self {
            operations,
            ..Self::default()
        }
    }

    /// The value a field is set to.
    #[must_use]
    pub fn set_value(&self, field: &str) -> Option<&Value> {
        self.operations
            .get(field)?
            .iter()
            .rev()
            .find_map(|operation| match operation {
                Operation::Set(value) => Some(value),
                Operation::Add(_) | Operation::Remove(_) => None,
            })
    }
}

fn object<'a>(
    body: &'a Map<String, Value>,
    member: &str,
) -> Result<impl Iterator<Item = (&'a String, &'a Value)>, Rejection> {
    match body.get(member) {
        None | Some(Value::Null) => Ok(None.into_iter().flatten()),
        Some(Value::Object(map)) => Ok(Some(map).into_iter().flatten()),
        Some(_) => Err(Rejection::message(
            400,
            format!("Can not deserialize '{member}': an object was expected."),
        )),
    }
}

fn read_operations(field: &str, operations: &Value) -> Result<Vec<Operation>, Rejection> {
    let Value::Array(list) = operations else {
        return Err(Rejection::field(field, "data was not an array"));
    };
    let mut read = Vec::new();
    for (verb, value) in list.iter().filter_map(Value::as_object).flatten() {
        read.push(match verb.as_str() {
            "set" | "edit" => Operation::Set(value.clone()),
            "add" => Operation::Add(value.clone()),
            "remove" => Operation::Remove(value.clone()),
            _ => {
                let text = format!("Field '{field}' does not support operation '{verb}'");
                return Err(Rejection::field(field, text));
            }
        });
    }
    Ok(read)
}
