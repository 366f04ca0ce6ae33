//! Values of fields as one text of digests: what was exported, and what Jira has, compared field by field.

use crate::digest;
use itertools::Itertools;
use serde_json::Value;

/// `id=digest` of each field, separated by `;`. A field without a value has the digest `-`.
pub fn digests<'v>(values: impl Iterator<Item = (&'v str, &'v Value)>) -> String {
    let each = values.map(|(id, value)| match essence(value) {
        None => format!("{id}=-"),
        Some(text) => format!("{id}={}", digest::short(text.as_bytes())),
    });
    each.collect::<Vec<_>>().join(";")
}

/// A text of [`digests`], taken apart.
pub fn parts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(';').filter_map(|part| part.split_once('='))
}

/// The digest of one field in a text of [`digests`].
pub fn part<'t>(text: &'t str, id: &str) -> Option<&'t str> {
    parts(text).find(|(other, _)| *other == id).map(|(_, digest)| digest)
}

/// Fields that both texts of [`digests`] have, with other digests.
pub fn differing(one: &str, other: &str) -> Vec<String> {
    let differs = |(id, digest): &(&str, &str)| part(other, id).is_some_and(|there| there != *digest);
    let differing = parts(one).filter(differs);
    differing.map(|(id, _)| id.to_owned()).collect()
}

/// What a value says, whether it is ours or Jira's, which adds addresses, pictures and ids. `None`: nothing.
fn essence(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Array(list) => {
            let mut each = list.iter().filter_map(essence).sorted().dedup().peekable();
            each.peek().is_some().then(|| each.join("\u{1}"))
        }
        Value::Object(map) if map.get("type").and_then(Value::as_str) == Some("doc") => Some(value.to_string()),
        Value::Object(map) => {
            let names = ["accountId", "value", "name", "key", "id"];
            let text = names.iter().find_map(|name| map.get(*name)?.as_str());
            let text = text.map_or_else(|| value.to_string(), str::to_owned);
            // A cascading select has a value below its value.
            Some(match map.get("child").and_then(essence) {
                Some(child) => format!("{text} / {child}"),
                None => text,
            })
        }
        Value::Number(number) => {
            let text = number.to_string();
            Some(text.strip_suffix(".0").unwrap_or(&text).to_owned())
        }
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Bool(_) => Some(value.to_string()),
    }
}
