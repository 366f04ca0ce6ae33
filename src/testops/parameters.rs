//! Parameters of a case, and the sets of values that TestOps calls examples.

use super::wire::{Example, Named};

/// Names in order, those that only an example tells last; and the values of each example by name.
pub fn read(
    parameters: Option<Vec<Named>>,
    examples: Option<Vec<Example>>,
) -> (Vec<String>, Vec<Vec<(String, String)>>) {
    let mut names = super::names(parameters);
    let rows: Vec<Vec<(String, String)>> = examples
        .into_iter()
        .flatten()
        .map(|example| {
            let values = example.parameters.into_iter().flatten();
            let value = values.filter_map(|p| Some((super::filled(p.name)?, p.value.unwrap_or_default())));
            value.collect()
        })
        .filter(|row: &Vec<_>| !row.is_empty())
        .collect();
    for (name, _) in rows.iter().flatten() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    (names, rows)
}
