//! Values as requests write them.

use serde_json::{Value, json};

use crate::jira::date;
use crate::jira::field::Field;
use crate::jira::input::Operation;

/// A member given as a string or number, under the first of these names.
pub(in crate::jira) fn text_member(value: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match value.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

pub(super) fn strings(operation: &Operation, read: impl Fn(&Value) -> Option<String>) -> Result<Vec<String>, ()> {
    match operation {
        Operation::Set(Value::Null) => Ok(Vec::new()),
        Operation::Set(Value::Array(items)) => items.iter().map(|item| read(item).ok_or(())).collect(),
        Operation::Set(_) => Err(()),
        Operation::Add(item) | Operation::Remove(item) => read(item).map(|one| vec![one]).ok_or(()),
    }
}

pub(super) fn change_list(list: &mut Vec<String>, operation: &Operation, values: Vec<String>) {
    match operation {
        Operation::Remove(_) => list.retain(|item| !values.contains(item)),
        Operation::Set(_) | Operation::Add(_) => {
            if matches!(operation, Operation::Set(_)) {
                list.clear();
            }
            for value in values {
                if !list.contains(&value) {
                    list.push(value);
                }
            }
        }
    }
}

/// Checks the value of a custom field that is not Xray's.
pub(super) fn check_custom(field: &Field, value: &Value) -> Result<Value, String> {
    match (field.kind.as_str(), value) {
        (_, Value::Null) => Ok(Value::Null),
        ("string", Value::String(text)) => {
            let is_line = field
                .custom
                .as_deref()
                .is_some_and(|custom| custom.ends_with(":textfield"));
            if is_line && text.chars().count() > 255 {
                return Err("The entered text is too long. It exceeds the allowed limit of 255 characters.".to_owned());
            }
            Ok(value.clone())
        }
        ("string", Value::Object(_)) => Ok(value.clone()),
        ("string", _) => Err("Operation value must be a string".to_owned()),
        ("number", Value::Number(_)) => Ok(value.clone()),
        ("number", _) => Err("Operation value must be a number".to_owned()),
        ("option" | "option-with-child", _) if !field.options.is_empty() => field
            .picked(value)
            .ok_or_else(|| "Option value is not valid".to_owned()),
        ("array", Value::Array(items)) if !field.options.is_empty() => {
            let picked = items.iter().map(|item| field.picked(item));
            let picked = picked.collect::<Option<Vec<_>>>();
            picked
                .map(Value::Array)
                .ok_or_else(|| "Option value is not valid".to_owned())
        }
        ("array", Value::Array(_)) => Ok(value.clone()),
        ("array", _) => Err("Operation value must be an array".to_owned()),
        ("date", Value::String(text)) if text.parse::<jiff::civil::Date>().is_ok() => Ok(value.clone()),
        ("date", _) => Err("Error parsing date string".to_owned()),
        ("datetime", Value::String(text)) if date::parse(text).is_some() => Ok(value.clone()),
        ("datetime", _) => Err("Error parsing time".to_owned()),
        _ => Ok(value.clone()),
    }
}

/// A document of one paragraph per line.
pub(in crate::jira) fn document(text: &str) -> Value {
    let paragraph = |line: &str| match line {
        "" => json!({ "type": "paragraph", "content": [] }),
        line => json!({ "type": "paragraph", "content": [{ "type": "text", "text": line }] }),
    };
    let content: Vec<Value> = text.lines().map(paragraph).collect();
    json!({ "type": "doc", "version": 1, "content": content })
}

pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
