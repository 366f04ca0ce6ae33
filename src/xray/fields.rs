//! Xray's own fields of steps and Test Runs: what a project has, held against what the options name.

use crate::error::{Error, Kind, Result, Side};
use crate::mapping::Dialect;
use crate::mapping::fields::{Allowed, Planned, Shape};
use crate::mapping::options::{Fields, OfLaunch};
use crate::mapping::xray_field::text;
use crate::text::{nearest, same};
use itertools::Itertools;
use serde_json::{Value, json};

/// Columns of a step that everybody has.
const NATIVE: [&str; 3] = ["Action", "Data", "Expected Result"];

/// What fields are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Steps,
    Runs,
}

impl Of {
    fn name(self) -> &'static str {
        match self {
            Of::Steps => "steps",
            Of::Runs => "Test Runs",
        }
    }

    /// Options that fill them.
    fn options(self) -> &'static str {
        match self {
            Of::Steps => "step-fields.… or step-defaults.…",
            Of::Runs => "run-fields.… or run-defaults.…",
        }
    }

    /// Where a project has them (Xray, Project Settings).
    fn page(self) -> &'static str {
        match self {
            Of::Steps => "Test Step Fields",
            Of::Runs => "Test Run Custom Fields",
        }
    }
}

/// A field as a project has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    id: String,
    name: String,
    kind: String,
    required: bool,
    disabled: bool,
    values: Vec<String>,
}

/// Fields of an answer. Releases differ in what they call a field's values and whether it is in use.
pub(super) fn known(list: &Value) -> Vec<Known> {
    let fields = list.as_array().into_iter().flatten();
    fields.map(field).collect()
}

fn field(value: &Value) -> Known {
    let is = |name: &str| value.get(name).and_then(Value::as_bool);
    let values = ["values", "options"]
        .into_iter()
        .find_map(|name| value.get(name)?.as_array());
    let values = values.into_iter().flatten().map(text).filter(|text| !text.is_empty());
    Known {
        id: value.get("id").map(text).unwrap_or_default(),
        name: value.get("name").map(text).unwrap_or_default(),
        kind: value.get("type").map(text).unwrap_or_default(),
        required: is("required") == Some(true),
        disabled: is("disabled") == Some(true) || is("enabled") == Some(false),
        values: values.collect(),
    }
}

/// What a field takes, by Xray's words for its type; a type that nobody knows takes text.
fn shape(field: &Known) -> Shape {
    let kind: String = field
        .kind
        .to_lowercase()
        .chars()
        .filter(char::is_ascii_alphabetic)
        .collect();
    let has = |word: &str| kind.contains(word);
    if has("toggle") || has("boolean") {
        Shape::Toggle
    } else if has("number") {
        Shape::Number
    } else if has("datetime") {
        Shape::DateTime
    } else if has("date") {
        Shape::Date
    } else if has("multi") && (has("select") || has("choice")) || has("checkbox") {
        Shape::Many
    } else if has("select") || has("radio") || has("choice") || !field.values.is_empty() {
        Shape::One
    } else {
        Shape::Plain
    }
}

/// The fields that options fill, or everything that is wrong with them: a name that the project does not know, a constant
/// that its field does not take, a required field that nothing fills.
pub(super) fn plan(project: &str, known: &[Known], options: &Fields, of: Of) -> Result<Vec<Planned>> {
    let (mut planned, mut wrong): (Vec<Planned>, Vec<String>) = (Vec::new(), Vec::new());
    let named = options.sources.iter().map(|(source, name)| (name, Some(source), None));
    let constants = options.defaults.iter().map(|(name, value)| (name, None, Some(value)));
    for (name, source, default) in named.chain(constants) {
        match find(known, name, of) {
            Ok(field) => {
                let place = planned.iter().position(|other| other.id == field.id);
                let mut entry = place.map_or_else(|| planned_of(field), |place| planned.remove(place));
                entry.source = source.cloned().or(entry.source);
                let fixed = default.filter(|value| of == Of::Steps || OfLaunch::read(value).fixed().is_some());
                if let Some(value) = fixed {
                    entry.value(std::slice::from_ref(value), Dialect::Wiki, &mut wrong);
                }
                entry.default = default.cloned().or(entry.default);
                planned.push(entry);
            }
            Err(message) => wrong.push(message),
        }
    }
    let (fields, settings) = (of.name(), of.page());
    if !wrong.is_empty() {
        let message = format!(
            "the mapping of fields of {fields} does not fit project {project}: {}",
            wrong.join("; ")
        );
        return Err(error(message).hint(format!(
            "mend the options {}, or the project's Xray settings ({settings})",
            of.options()
        )));
    }
    let open: Vec<String> = known
        .iter()
        .filter(|field| field.required && !field.disabled && !is_native(field, of))
        .filter(|field| !planned.iter().any(|own| own.id == field.id))
        .map(|field| {
            let open = planned_of(field);
            match open.shape {
                Shape::One | Shape::Many => format!("{} ({})", field.name, open.choices()),
                _ => field.name.clone(),
            }
        })
        .collect();
    if open.is_empty() {
        return Ok(planned);
    }
    let message = format!(
        "project {project} requires fields of {fields} that the export does not fill in: {}",
        open.join("; ")
    );
    Err(error(message).hint(format!(
        "give them a value by the mapping options {}, or make them optional in the project's Xray settings ({settings})",
        of.options()
    )))
}

fn planned_of(field: &Known) -> Planned {
    let allowed = field.values.iter().map(|name| Allowed {
        name: name.clone(),
        value: json!(name),
    });
    Planned {
        id: field.id.clone(),
        name: field.name.clone(),
        shape: shape(field),
        allowed: allowed.collect(),
        source: None,
        default: None,
        required: field.required,
    }
}

fn is_native(field: &Known, of: Of) -> bool {
    of == Of::Steps && NATIVE.iter().any(|native| same(native, &field.name))
}

/// The field of a name or an id.
fn find<'k>(known: &'k [Known], name: &str, of: Of) -> std::result::Result<&'k Known, String> {
    let fields = of.name();
    let Some(field) = known.iter().find(|field| field.id == name || same(&field.name, name)) else {
        let names = known
            .iter()
            .filter(|field| !is_native(field, of))
            .map(|field| field.name.as_str());
        let there = match names.clone().join(", ") {
            none if none.is_empty() => "there is none".to_owned(),
            all => match nearest(name, names) {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!("there are {all}"),
            },
        };
        return Err(format!("there is no field “{name}” of {fields}; {there}"));
    };
    if is_native(field, of) {
        return Err(format!("{} is filled by the export itself", field.name));
    }
    match field.disabled {
        true => Err(format!("{} is switched off in the project", field.name)),
        false => Ok(field),
    }
}

/// What was found, for people.
pub(super) fn found(steps: &[Planned], runs: &[Planned]) -> String {
    let names = |fields: &[Planned]| fields.iter().map(|field| field.name.as_str()).join(", ");
    let filled = [("steps", names(steps)), ("Test Runs", names(runs))];
    let filled = filled.iter().filter(|(_, names)| !names.is_empty());
    match filled.map(|(of, names)| format!("{names} of {of}")).join(", ") {
        none if none.is_empty() => "none is required".to_owned(),
        filled => format!("filled: {filled}"),
    }
}

/// The error of fields that options name where Xray does not show any.
pub(super) fn not_shown(project: &str, of: Of, why: &str) -> Error {
    let fields = of.name();
    let message = format!("Xray does not show the fields of {fields} of project {project}: {why}");
    Error::new(Kind::Product, Side::Xray, message).hint(format!(
        "ask a Jira administrator whether the account may see the project's Xray settings ({}), or take the options {} out",
        of.page(),
        of.options()
    ))
}

fn error(message: String) -> Error {
    Error::new(Kind::Configuration, Side::Xray, message)
}

#[cfg(test)]
mod tests {
    use super::{Of, field, found, known, plan, shape};
    use crate::mapping::fields::Shape;
    use crate::mapping::options::Fields;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[test]
    fn types_are_recognised_by_the_words_of_both_variants() {
        for (kind, expected) in [
            ("Text", Shape::Plain),
            ("Wiki", Shape::Plain),
            ("Single Line Text", Shape::Plain),
            ("Number Value", Shape::Number),
            ("Toggle Switch", Shape::Toggle),
            ("Date Picker", Shape::Date),
            ("Date Time Picker", Shape::DateTime),
            ("Single Select", Shape::One),
            ("Radio Buttons", Shape::One),
            ("MultiSelect", Shape::Many),
            ("Select List (multiple choices)", Shape::Many),
            ("Something new", Shape::Plain),
        ] {
            assert_eq!(shape(&field(&json!({"name": "x", "type": kind}))), expected, "{kind}");
        }
        let options = json!({"type": "Something new", "options": [{"id": 1, "value": "UI"}]});
        assert_eq!(shape(&field(&options)), Shape::One);
    }

    fn fields(sources: &[(&str, &str)], defaults: &[(&str, &str)]) -> Fields {
        let table = |rows: &[(&str, &str)]| {
            let rows = rows
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            rows.collect::<BTreeMap<_, _>>()
        };
        Fields {
            sources: table(sources),
            defaults: table(defaults),
        }
    }

    fn project() -> serde_json::Value {
        json!([
            {"id": 1, "name": "Action", "type": "Wiki", "required": true},
            {"id": 4, "name": "Component", "type": "Single Select", "required": true, "values": ["UI", "API"]},
            {"id": 5, "name": "Risk", "type": "Number Value", "required": false},
            {"id": 6, "name": "Old", "type": "Text", "required": true, "enabled": false}
        ])
    }

    fn judged(options: &Fields) -> String {
        match plan("CALC", &known(&project()), options, Of::Steps) {
            Ok(planned) => found(&planned, &[]),
            Err(error) => error.message.clone(),
        }
    }

    #[test]
    fn what_does_not_fit_the_project_is_named() {
        assert_eq!(
            judged(&fields(&[("number", "5")], &[("component", "ui")])),
            "filled: Risk, Component of steps"
        );
        for (options, wrong) in [
            (
                fields(&[], &[]),
                "project CALC requires fields of steps that the export does not fill in: Component (one of UI, API)",
            ),
            (
                fields(
                    &[("number", "Action"), ("layer", "Old")],
                    &[("Componet", "UI"), ("Risk", "high")],
                ),
                "the mapping of fields of steps does not fit project CALC: Old is switched off in the project; Action is \
                 filled by the export itself; there is no field “Componet” of steps; did you mean Component?; Risk takes a \
                 number, not “high”",
            ),
            (
                fields(&[], &[("Component", "Backend")]),
                "the mapping of fields of steps does not fit project CALC: Component takes one of UI, API, not “Backend”",
            ),
            (
                fields(&[], &[("Component", "UI"), ("Elsewhere", "x")]),
                "the mapping of fields of steps does not fit project CALC: there is no field “Elsewhere” of steps; there are \
                 Component, Risk, Old",
            ),
        ] {
            assert_eq!(judged(&options), wrong);
        }
    }
}
