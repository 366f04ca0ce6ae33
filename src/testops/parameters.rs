//! Parameters of a case, and the sets of values that TestOps calls examples.

use super::wire::Named;
use serde_json::Value;

/// Names in order, those that only an example tells last; and the values of each example by name.
pub fn read(parameters: Option<Vec<Named>>, examples: Option<&Value>) -> (Vec<String>, Vec<Vec<(String, String)>>) {
    let mut names = super::names(parameters);
    let mut rows = Vec::new();
    for example in examples.and_then(Value::as_array).into_iter().flatten() {
        let values = example.get("parameters").and_then(Value::as_array);
        let row: Vec<(String, String)> = values.into_iter().flatten().filter_map(value).collect();
        for (name, _) in &row {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        if !row.is_empty() {
            rows.push(row);
        }
    }
    (names, rows)
}

fn value(parameter: &Value) -> Option<(String, String)> {
    let text = |name: &str| parameter.get(name).and_then(Value::as_str).map(str::to_owned);
    Some((super::filled(text("name"))?, text("value").unwrap_or_default()))
}
