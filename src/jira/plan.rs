//! Which Jira fields the export fills: the names that a person configured, held against the create screen.

use super::meta::{Schema, ScreenField, value_name};
use crate::error::{Error, Kind, Result, Side};
use crate::mapping::Dialect;
use crate::mapping::fields::{Allowed, Planned, Shape};
use crate::mapping::options::Fields;
use crate::text::{nearest, same};
use serde_json::{Value, json};

/// Fields that the export fills itself.
const OWN: [&str; 7] = [
    "summary",
    "description",
    "labels",
    "project",
    "issuetype",
    "issuelinks",
    "attachment",
];

/// The plan, or everything that is wrong with it. `taken` are further fields that the export fills itself.
pub fn plan(screen: &[ScreenField], options: &Fields, taken: &[&str], dialect: Dialect) -> Result<Vec<Planned>> {
    let (mut planned, mut wrong) = (Vec::new(), Vec::new());
    for (source, name) in &options.sources {
        match target(screen, name, taken) {
            Ok((field, shape)) => {
                let mut entry = take(&mut planned, field, shape);
                entry.source = Some(source.clone());
                planned.push(entry);
            }
            Err(message) => wrong.push(message),
        }
    }
    for (name, value) in &options.defaults {
        match target(screen, name, taken) {
            Ok((field, shape)) => {
                let mut entry = take(&mut planned, field, shape);
                let mut refused = Vec::new();
                entry.value(std::slice::from_ref(value), dialect, &mut refused);
                wrong.append(&mut refused);
                entry.default = Some(value.clone());
                planned.push(entry);
            }
            Err(message) => wrong.push(message),
        }
    }
    if wrong.is_empty() {
        return Ok(planned);
    }
    Err(Error::new(
        Kind::Configuration,
        Side::Jira,
        format!("the mapping of fields does not fit the project: {}", wrong.join("; ")),
    )
    .hint(
        "mend the options fields.…, defaults.… and execution-defaults.…; `tms-sync validate --show-mapping` lists them",
    ))
}

/// The field of a name or an id, and what it takes.
fn target<'s>(screen: &'s [ScreenField], name: &str, taken: &[&str]) -> Result<(&'s ScreenField, Shape), String> {
    let field = find(screen, name)?;
    let own = OWN.contains(&field.field_id.as_str()) || taken.contains(&field.field_id.as_str());
    if own
        || field
            .schema
            .custom
            .as_deref()
            .is_some_and(|custom| custom.starts_with("com.xpandit.plugins.xray"))
    {
        return Err(format!("{} is filled by the export itself", field.name));
    }
    let shape = shape(&field.schema).ok_or_else(|| {
        let kind = field.schema.custom.as_deref().unwrap_or(&field.schema.kind);
        format!("{} is of a type that the export cannot fill ({kind})", field.name)
    })?;
    Ok((field, shape))
}

fn find<'s>(screen: &'s [ScreenField], name: &str) -> Result<&'s ScreenField, String> {
    if let Some(field) = screen.iter().find(|field| field.field_id == name) {
        return Ok(field);
    }
    let named: Vec<&ScreenField> = screen.iter().filter(|field| same(&field.name, name)).collect();
    match named.as_slice() {
        [field] => Ok(field),
        [] => {
            let known = screen
                .iter()
                .flat_map(|field| [field.name.as_str(), field.field_id.as_str()]);
            let meant = nearest(name, known).map_or_else(String::new, |known| format!("; did you mean {known}?"));
            Err(format!(
                "there is no field “{name}” on the create screen of Test{meant}"
            ))
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|field| field.field_id.as_str()).collect();
            Err(format!(
                "several fields are called “{name}”; write the id, one of {}",
                ids.join(", ")
            ))
        }
    }
}

/// Takes the plan of a field out of the list, or begins one.
fn take(planned: &mut Vec<Planned>, field: &ScreenField, shape: Shape) -> Planned {
    match planned.iter().position(|other| other.id == field.field_id) {
        Some(place) => planned.remove(place),
        None => of(field, shape),
    }
}

fn of(field: &ScreenField, shape: Shape) -> Planned {
    let allowed = field.allowed_values.iter().flat_map(allowed);
    Planned {
        id: field.field_id.clone(),
        name: field.name.clone(),
        shape,
        allowed: allowed.collect(),
        source: None,
        default: None,
        required: field.required && !field.has_default_value,
    }
}

/// A value, and those below it in a cascading select, which people write as `Parent / Child`.
fn allowed(value: &Value) -> Vec<Allowed> {
    let Some(name) = value_name(value) else {
        return Vec::new();
    };
    let member = if value.get("value").is_some() { "value" } else { "name" };
    let children = value.get("children").and_then(Value::as_array).into_iter().flatten();
    let below = children.filter_map(value_name).map(|child| Allowed {
        value: json!({ member: name, "child": { "value": child } }),
        name: format!("{name} / {child}"),
    });
    let own = Allowed {
        value: json!({ member: name }),
        name: name.clone(),
    };
    std::iter::once(own).chain(below).collect()
}

fn shape(schema: &Schema) -> Option<Shape> {
    let custom = schema.custom.as_deref().and_then(|custom| custom.rsplit(':').next());
    Some(match (schema.kind.as_str(), schema.items.as_deref(), custom) {
        ("string", _, Some("textarea")) => Shape::Text,
        ("string", _, Some("url")) => Shape::Url,
        ("string", ..) if schema.system.as_deref() == Some("environment") => Shape::Text,
        ("string", ..) => Shape::Line,
        ("number", ..) => Shape::Number,
        ("date", ..) => Shape::Date,
        ("datetime", ..) => Shape::DateTime,
        ("option" | "option-with-child" | "priority" | "version" | "securitylevel", ..) => Shape::One,
        ("array", Some("option" | "version" | "component"), _) => Shape::Many,
        ("array", Some("string"), _) => Shape::Labels,
        ("user", ..) => Shape::User,
        ("array", Some("user"), _) => Shape::Users,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::plan;
    use crate::jira::meta::ScreenField;
    use crate::mapping::Dialect;
    use crate::mapping::options;

    fn screen() -> Vec<ScreenField> {
        serde_json::from_slice(
            br#"[{"fieldId":"summary","name":"Summary","required":true,"schema":{"type":"string","system":"summary"}},
            {"fieldId":"customfield_1","name":"Risk","required":true,"schema":{"type":"option","custom":"x:select"},
             "allowedValues":[{"id":"1","value":"High"},{"id":"2","value":"Low"}]},
            {"fieldId":"customfield_2","name":"Twice","schema":{"type":"number","custom":"x:float"}},
            {"fieldId":"customfield_3","name":"Twice","schema":{"type":"number","custom":"x:float"}},
            {"fieldId":"customfield_4","name":"Tree","schema":{"type":"any","custom":"x:sprint"}},
            {"fieldId":"customfield_5","name":"Area","schema":{"type":"option-with-child","custom":"x:cascadingselect"},
             "allowedValues":[{"id":"3","value":"Shop","children":[{"id":"4","value":"Cart"},{"id":"5","value":"Till"}]}]},
            {"fieldId":"components","name":"Component/s","schema":{"type":"array","items":"component","system":"components"},
             "allowedValues":[{"id":"9","name":"UI"}]}]"#,
        )
        .unwrap()
    }

    #[test]
    fn fields_are_found_by_name_and_id_with_their_values() {
        let given = [
            ("fields.Epic", "risk"),
            ("fields.layer", "customfield_2"),
            ("defaults.Component/s", "UI"),
            ("defaults.Area", "shop / till"),
        ];
        let plan = plan(
            &screen(),
            &options::read(given).options.issues.fields,
            &[],
            Dialect::Wiki,
        )
        .unwrap();
        let planned: Vec<_> = plan
            .iter()
            .map(|p| (p.id.as_str(), p.source.as_deref(), p.allowed.len()))
            .collect();
        let expected = [
            ("customfield_1", Some("Epic"), 2),
            ("customfield_2", Some("layer"), 0),
            ("customfield_5", None, 3),
            ("components", None, 1),
        ];
        assert_eq!(planned, expected);
        assert!(plan[0].required);
        let area = plan[2].value(&["shop / till".to_owned()], Dialect::Wiki, &mut Vec::new());
        assert_eq!(area, serde_json::json!({"value": "Shop", "child": {"value": "Till"}}));
    }

    #[test]
    fn everything_that_does_not_fit_is_reported_at_once_with_what_would() {
        let given = [
            ("fields.a", "Riks"),
            ("fields.b", "Twice"),
            ("fields.c", "Tree"),
            ("fields.d", "Summary"),
            ("defaults.Risk", "Middle"),
        ];
        let error = plan(
            &screen(),
            &options::read(given).options.issues.fields,
            &[],
            Dialect::Wiki,
        )
        .unwrap_err();
        for message in [
            "did you mean Risk?",
            "customfield_2, customfield_3",
            "x:sprint",
            "Summary is filled by the export itself",
            "Risk takes one of High, Low, not “Middle”",
        ] {
            assert!(error.message.contains(message), "{message} in {}", error.message);
        }
    }
}
