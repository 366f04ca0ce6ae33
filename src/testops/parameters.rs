//! Parameters of a case, and the sets of values that TestOps calls examples.

use super::wire;
use crate::domain::Examples;
use serde_json::Value;

/// Rows of examples that are read. A description has no room for as many, and nobody runs a Test that often.
const ROWS: usize = 2_000;

/// Names in order, those that only an example names last; and the values of each example by name. `losses` gets what is
/// left out.
pub fn read(of: wire::Examples, losses: &mut Vec<String>) -> Examples {
    let mut parameters = super::names(of.parameters);
    let mut rows = Vec::new();
    let examples = of
        .rows
        .as_ref()
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    if examples.len() > ROWS {
        losses.push(format!(
            "examples: {} after the first {ROWS} are left out",
            examples.len() - ROWS
        ));
    }
    for example in examples.iter().take(ROWS) {
        let values = example.get("parameters").and_then(Value::as_array);
        let row: Vec<(String, String)> = values.into_iter().flatten().filter_map(value).collect();
        for (name, _) in &row {
            if !parameters.contains(name) {
                parameters.push(name.clone());
            }
        }
        if !row.is_empty() {
            rows.push(row);
        }
    }
    Examples { parameters, rows }
}

fn value(parameter: &Value) -> Option<(String, String)> {
    let text = |name: &str| parameter.get(name).and_then(Value::as_str).map(str::to_owned);
    Some((super::filled(text("name"))?, text("value").unwrap_or_default()))
}
