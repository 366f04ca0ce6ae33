//! An answer as names and types of its members: what a bug report may show of it.

use serde_json::{Map, Value};

/// Levels of members below which a value is not described.
const DEPTH: usize = 3;
/// Members of an object that are named.
const MEMBERS: usize = 24;
/// Characters of a member's name; what is longer is no name that a vendor gave.
const NAME: usize = 40;

/// Names and types of a value's members, never values: `{id: number, steps: [{status: string}]}`. A list is described by
/// its first element.
pub(super) fn shape(value: &Value) -> String {
    described(value, DEPTH)
}

fn described(value: &Value, depth: usize) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "boolean".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Array(list) if depth == 0 && !list.is_empty() => "[…]".to_owned(),
        Value::Array(list) => {
            let first = list.first().map(|first| described(first, depth));
            format!("[{}]", first.unwrap_or_default())
        }
        Value::Object(members) if depth == 0 && !members.is_empty() => "{…}".to_owned(),
        Value::Object(members) => object(members, depth),
    }
}

fn object(members: &Map<String, Value>, depth: usize) -> String {
    let named = members.iter().take(MEMBERS);
    let mut all: Vec<String> = named
        .map(|(name, value)| format!("{}: {}", vendors(name), described(value, depth.saturating_sub(1))))
        .collect();
    if members.len() > MEMBERS {
        all.push("…".to_owned());
    }
    format!("{{{}}}", all.join(", "))
}

/// The name of a member, where a vendor and not a person gave it.
fn vendors(name: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match name.len() <= NAME && name.chars().all(plain) {
        true => name,
        false => "…",
    }
}

#[cfg(test)]
mod tests {
    use super::shape;
    use serde_json::json;

    #[test]
    fn a_shape_has_names_and_types_and_no_values() {
        let answer = json!({"id": 7, "key": "SECRET-1", "evidences": [], "Our own column": "x",
            "steps": [{"status": "PASS", "index": 1, "fields": {"Action": {"raw": {"deep": 1}}}}], "done": true, "by": null});
        assert_eq!(
            shape(&answer),
            "{…: string, by: null, done: boolean, evidences: [], id: number, key: string, steps: [{fields: {Action: {…}}, index: number, status: string}]}"
        );
    }

    #[test]
    fn an_endless_answer_has_a_short_shape() {
        let deep = (0..50).fold(json!({"x": 1}), |inner, _| json!([{ "x": inner }]));
        assert_eq!(shape(&deep), "[{x: [{x: [{x: […]}]}]}]");
        let wide: serde_json::Map<_, _> = (0..100).map(|n| (format!("m{n:02}"), json!(n))).collect();
        assert!(shape(&wide.into()).ends_with("m23: number, …}"));
    }
}
