//! Values of Xray's own fields of steps and of Test Runs. A value has one form, whether it is ours or the server's, which is
//! also how it is sent (Xray Server + DC, "Test Steps - REST": numbers, dates and choices as text, several choices as a list).

use super::Dialect;
use super::content::Context;
use super::fields::{Plan, Planned, Shape, texts};
use super::options::{OF_RESULT, OfLaunch, PARAMETER};
use crate::domain::{Environment, LaunchRow, Step, TestCase, TestResult};
use itertools::Itertools;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A server's value in its one form; empty where it says nothing.
pub fn settled(field: &Planned, value: &Value) -> Vec<String> {
    // Columns of Data Center's version 2.0 have a type beside their value.
    let value = match (value.get("type"), value.get("value")) {
        (Some(_), Some(inner)) => inner,
        _ => value,
    };
    let texts: Vec<String> = match value {
        Value::Array(list) => list.iter().map(text).collect(),
        one => vec![text(one)],
    };
    let form = |text: String| match field.shape {
        Shape::Number => text.strip_suffix(".0").unwrap_or(&text).to_owned(),
        Shape::Toggle => toggled(&text).to_owned(),
        _ => text,
    };
    let texts = texts.into_iter().map(form).filter(|text| !text.is_empty());
    match field.shape {
        Shape::Many => texts.sorted().dedup().collect(),
        _ => texts.take(1).collect(),
    }
}

fn toggled(text: &str) -> &str {
    match text.to_lowercase().as_str() {
        "true" | "1" => "true",
        "false" | "0" => "false",
        _ => "",
    }
}

/// What a value says: some servers wrap it.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(members) => {
            let names = ["raw", "value", "name"];
            let inner = names.iter().find_map(|name| members.get(*name));
            inner.map(text).unwrap_or_default()
        }
        other => other.to_string(),
    }
}

/// A value as it is sent; null takes one away.
pub fn sent(field: &Planned, values: &[String]) -> Value {
    match (field.shape, values) {
        (Shape::Many, [_, ..]) => json!(values),
        (Shape::Toggle, [one, ..]) => json!(one == "true"),
        (_, [one, ..]) => json!(one),
        (_, []) => Value::Null,
    }
}

/// A field's value of texts, or its constant where they say nothing that it takes; what it does not take is noted.
fn value(field: &Planned, texts: &[String], default: Option<&String>, noted: &mut Noted<'_>) -> Vec<String> {
    let found = noted.of(field, texts);
    match default {
        Some(default) if found.is_empty() => noted.of(field, std::slice::from_ref(default)),
        _ => found,
    }
}

impl Noted<'_> {
    fn of(&mut self, field: &Planned, texts: &[String]) -> Vec<String> {
        if texts.is_empty() {
            return Vec::new();
        }
        let mut losses = Vec::new();
        let value = field.value(texts, Dialect::Wiki, &mut losses);
        let place = &self.place;
        self.losses
            .extend(losses.into_iter().map(|loss| format!("{place}: {loss}")));
        settled(field, &value)
    }
}

/// Where something is filled, and what is noted about it.
struct Noted<'n> {
    place: String,
    losses: &'n mut Vec<String>,
}

/// Fills fields of a case's steps. Returns the required ones that some step has no value for, for people.
pub fn fill_steps(steps: &mut [Step], case: &TestCase, context: &Context<'_>, losses: &mut Vec<String>) -> Vec<String> {
    let mut missing = Vec::new();
    if !context.step_fields.is_empty() {
        let of_case = |field: &Planned| field.source.as_deref().map(|name| texts(case, context, name));
        let of_case: Vec<Vec<String>> = context
            .step_fields
            .iter()
            .map(|field| of_case(field).unwrap_or_default())
            .collect();
        fill(steps, "", (context.step_fields, &of_case), losses, &mut missing);
    }
    missing.into_iter().sorted().dedup().collect()
}

fn fill(
    steps: &mut [Step],
    above: &str,
    plan: (&Plan, &[Vec<String>]),
    losses: &mut Vec<String>,
    missing: &mut Vec<String>,
) {
    for (step, number) in steps.iter_mut().zip(1..) {
        let number = format!("{above}{number}.");
        let mut noted = Noted {
            place: format!("step {number}"),
            losses,
        };
        for (field, of_case) in plan.0.iter().zip(plan.1) {
            let own = match field.source.as_deref() {
                Some("number") => vec![number.trim_end_matches('.').to_owned()],
                Some("files") => step.attachments.clone(),
                _ => of_case.clone(),
            };
            let value = value(field, &own, field.default.as_ref(), &mut noted);
            if value.is_empty() && field.required {
                missing.push(format!("{} of a step ({})", field.name, field.choices_or_any()));
            }
            step.fields.insert(field.name.clone(), value);
        }
        fill(&mut step.children, &number, plan, losses, missing);
    }
}

/// What a launch has for all of its runs, by a field's id: its constants, and what they say where the launch is to.
pub fn of_launch(plan: &Plan, row: &LaunchRow, environment: &[Environment]) -> BTreeMap<String, String> {
    let constants = plan.iter().filter_map(|field| {
        let value = OfLaunch::read(field.default.as_deref()?).of(row, environment)?;
        Some((field.id.clone(), value))
    });
    constants.collect()
}

/// Values of fields of a run, by id: of the result that decides about it, or what the launch has for all of its runs.
pub fn of_run(
    plan: &Plan,
    result: &TestResult,
    of_launch: &BTreeMap<String, String>,
    losses: &mut Vec<String>,
) -> Vec<(String, Value)> {
    let mut noted = Noted {
        place: format!("result {}", result.id),
        losses,
    };
    let value = |field: &Planned| {
        let own = field
            .source
            .as_deref()
            .map(|name| of_result(result, name))
            .unwrap_or_default();
        let values = value(field, &own, of_launch.get(&field.id), &mut noted);
        (field.id.clone(), sent(field, &values))
    };
    plan.iter().map(value).collect()
}

fn of_result(result: &TestResult, name: &str) -> Vec<String> {
    let [status, title, message, tested_by, _] = OF_RESULT;
    let found = match name.strip_prefix(PARAMETER) {
        Some(parameter) => {
            let mut named = result
                .parameters
                .iter()
                .filter(|own| crate::text::same(&own.name, parameter));
            named.next().map(|own| own.value.clone())
        }
        None if name == status => result.status.map(|status| status.word().to_owned()),
        None if name == title => Some(result.name.clone()),
        None if name == message => result.failure.message.clone(),
        None if name == tested_by => result.testers.tested_by.clone(),
        None => result.testers.assignee.clone(),
    };
    found.into_iter().filter(|text| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Planned, Shape, sent, settled};
    use serde_json::{Value, json};

    fn field(shape: Shape) -> Planned {
        Planned {
            id: "1".to_owned(),
            name: "Field".to_owned(),
            shape,
            allowed: Vec::new(),
            source: None,
            default: None,
            required: false,
        }
    }

    #[test]
    fn a_value_has_one_form_whoever_wrote_it() {
        for (shape, value, form) in [
            (Shape::Number, json!(7), json!("7")),
            (Shape::Number, json!(7.0), json!("7")),
            (Shape::Number, json!("7"), json!("7")),
            (Shape::Toggle, json!(true), json!(true)),
            (Shape::Toggle, json!("0"), json!(false)),
            (Shape::Toggle, json!(""), Value::Null),
            (Shape::One, json!({"id": 3, "value": "UI"}), json!("UI")),
            (Shape::One, json!(["UI"]), json!("UI")),
            (Shape::Many, json!(["b", "a", "b"]), json!(["a", "b"])),
            (Shape::Many, json!("a"), json!(["a"])),
            (Shape::Many, json!([]), Value::Null),
            (
                Shape::Many,
                json!({"type": "MultiSelect", "value": ["b", "a"]}),
                json!(["a", "b"]),
            ),
            (Shape::Plain, json!({"raw": "x", "rendered": "<p>x</p>"}), json!("x")),
            (Shape::Plain, Value::Null, Value::Null),
        ] {
            let field = field(shape);
            assert_eq!(sent(&field, &settled(&field, &value)), form, "{shape:?} {value}");
        }
    }
}
