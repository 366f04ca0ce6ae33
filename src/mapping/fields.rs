//! A case's attributes as values of Jira fields, by the plan that the preflight made of the options and the project's
//! create screen.

mod digests;
mod planned;

use super::content::Context;
use super::options::ROLE;
use crate::domain::TestCase;
use crate::text::same;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub use digests::{differing, digests, part, parts};
pub use planned::{Allowed, Plan, Planned, Shape};

/// Values of the planned fields of one case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    /// By field id; null: the case has none.
    all: Map<String, Value>,
    /// Accounts to be looked up: field, whether it takes several, names.
    people: Vec<(String, bool, Vec<String>)>,
    /// Required fields that got no value, for people.
    pub missing: Vec<String>,
    /// Fields to write; absent: all that have a value.
    write: Option<Vec<String>>,
}

impl Values {
    /// The values of a case.
    pub fn of(case: &TestCase, context: &Context<'_>, losses: &mut Vec<String>) -> Self {
        let mut values = Values::default();
        for target in context.plan {
            let mut texts = target
                .source
                .as_deref()
                .map(|name| texts(case, context, name))
                .unwrap_or_default();
            if texts.is_empty() {
                texts.extend(target.default.clone());
            }
            if target.is_user() {
                let many = target.shape == Shape::Users;
                if !texts.is_empty() {
                    values.people.push((target.id.clone(), many, texts));
                }
                values.all.insert(target.id.clone(), Value::Null);
                continue;
            }
            let mut value = target.value(&texts, context.dialect, losses);
            if let (true, Some(default)) = (value.is_null(), &target.default) {
                value = target.value(std::slice::from_ref(default), context.dialect, losses);
            }
            if value.is_null() && target.required {
                // Neither can it be created, nor may the value that it has be taken away.
                values
                    .missing
                    .push(format!("{} ({})", target.name, target.choices_or_any()));
                continue;
            }
            values.all.insert(target.id.clone(), value);
        }
        values
    }

    /// Names of accounts that are not looked up yet.
    pub fn people(&self) -> impl Iterator<Item = &str> {
        self.people
            .iter()
            .flat_map(|(_, _, names)| names.iter().map(String::as_str))
    }

    /// Puts accounts in the place of their names.
    pub fn resolve(&mut self, found: &BTreeMap<String, Option<Value>>, losses: &mut Vec<String>) {
        for (id, many, names) in std::mem::take(&mut self.people) {
            let mut accounts = Vec::new();
            for name in names {
                match found.get(&name).cloned().flatten() {
                    Some(account) => accounts.push(account),
                    None => losses.push(format!("no one Jira account belongs to “{name}”; {id} is left empty")),
                }
            }
            self.all.insert(id, planned::of_accounts(accounts, many));
        }
    }

    /// Leaves only these fields to be written.
    pub fn keep(&mut self, ids: &[String]) {
        self.write = Some(ids.to_vec());
    }

    /// What goes into a create or an edit.
    pub fn body(&self) -> Map<String, Value> {
        let wanted = self.all.iter().filter(|(id, value)| match &self.write {
            Some(ids) => ids.contains(id),
            None => !value.is_null(),
        });
        let mut body = Map::new();
        body.extend(wanted.map(|(id, value)| (id.clone(), value.clone())));
        body
    }

    /// True where a field is written, given that all that differ are.
    pub fn writes(&self, id: &str) -> bool {
        self.write
            .as_ref()
            .is_none_or(|ids| ids.iter().any(|known| known == id))
    }

    /// A digest of each field, as one text.
    pub fn digests(&self) -> String {
        digests(self.all.iter().map(|(id, value)| (id.as_str(), value)))
    }
}

/// What an attribute or a custom field of a case says.
pub(super) fn texts(case: &TestCase, context: &Context<'_>, name: &str) -> Vec<String> {
    let of = &case.attributes;
    let one = |text: &Option<String>| text.iter().cloned().collect();
    match name {
        "id" => vec![case.id.to_string()],
        "name" => vec![case.name.clone()],
        "url" => vec![context.url.to_owned()],
        "full-name" => one(&case.automation.full_name),
        "layer" => one(&of.layer),
        "status" => one(&of.status),
        "workflow" => one(&of.workflow),
        "tags" => case.tags.clone(),
        _ => match name.strip_prefix(ROLE) {
            Some(role) => {
                let members = of.members.iter().filter(|member| same(&member.role, role));
                members.map(|member| member.name.clone()).collect()
            }
            None => {
                let field = of.fields.iter().find(|field| same(&field.name, name));
                field.map(|field| field.values.clone()).unwrap_or_default()
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowed, Planned, Shape, Values, differing, digests};
    use crate::domain::{Attributes, CustomField, TestCase};
    use crate::mapping::{Context, Dialect, Options};
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    fn target(shape: Shape) -> Planned {
        let allowed = ["High", "Low"].map(|name| Allowed {
            name: name.to_owned(),
            value: json!({"value": name}),
        });
        Planned {
            id: "customfield_1".to_owned(),
            name: "Field".to_owned(),
            shape,
            allowed: allowed.to_vec(),
            source: Some("Risk".to_owned()),
            default: None,
            required: false,
        }
    }

    fn values(target: Planned, given: &[&str]) -> (Values, Vec<String>) {
        let field = CustomField {
            name: "risk".to_owned(),
            values: given.iter().map(|text| (*text).to_owned()).collect(),
        };
        let case = TestCase {
            attributes: Attributes {
                fields: vec![field],
                ..Attributes::default()
            },
            ..TestCase::default()
        };
        let (options, plan, mut losses) = (Options::default(), [target], Vec::new());
        let context = Context {
            url: "https://t.example/1",
            testops: "https://t.example",
            dialect: Dialect::Wiki,
            cucumber: false,
            options: &options,
            plan: &plan,
            step_fields: &[],
            site: "",
        };
        (Values::of(&case, &context, &mut losses), losses)
    }

    #[test]
    fn each_type_takes_what_it_takes_and_names_what_it_does_not() {
        for (shape, given, expected, lost) in [
            (Shape::Line, vec!["a", "b"], json!("a, b"), None),
            (Shape::Number, vec!["7"], json!(7), None),
            (Shape::Number, vec!["7.5"], json!(7.5), None),
            (Shape::Number, vec!["many"], Value::Null, Some("a number")),
            (Shape::Date, vec!["2026-08-23"], json!("2026-08-23"), None),
            (Shape::Date, vec!["tomorrow"], Value::Null, Some("a date")),
            (Shape::One, vec!["high"], json!({"value": "High"}), None),
            (
                Shape::One,
                vec!["Middle"],
                Value::Null,
                Some("one of High, Low, not “Middle”"),
            ),
            (
                Shape::Many,
                vec!["Low", "Middle"],
                json!([{"value": "Low"}]),
                Some("Middle"),
            ),
            (
                Shape::One,
                vec!["High", "Low"],
                json!({"value": "High"}),
                Some("takes one value"),
            ),
            (Shape::Labels, vec!["two words"], json!(["two_words"]), None),
            (
                Shape::Url,
                vec!["javascript:alert(1)"],
                Value::Null,
                Some("a web address"),
            ),
            (Shape::Text, vec!["{html}x"], json!("\\{html\\}x"), None),
        ] {
            let (values, losses) = values(target(shape), &given);
            let said = values.all.get("customfield_1").cloned().unwrap_or_default();
            assert_eq!(said, expected, "{shape:?} of {given:?}");
            assert_eq!(losses.is_empty(), lost.is_none(), "{losses:?}");
            assert!(lost.is_none_or(|words| losses[0].contains(words)), "{losses:?}");
        }
    }

    #[test]
    fn a_case_without_a_value_gets_the_default_and_a_required_field_without_one_is_missing() {
        let mut with = target(Shape::One);
        with.default = Some("Low".to_owned());
        assert_eq!(values(with, &[]).0.body()["customfield_1"], json!({"value": "Low"}));
        let mut needed = target(Shape::One);
        needed.required = true;
        let (found, _) = values(needed, &["Middle"]);
        assert!(found.body().is_empty());
        assert_eq!(found.missing, ["Field (one of High, Low)"]);
    }

    #[test]
    fn people_are_left_open_until_they_are_looked_up() {
        let (mut values, mut losses) = values(target(Shape::Users), &["ann", "bob"]);
        assert_eq!(values.people().collect::<Vec<_>>(), ["ann", "bob"]);
        let found = BTreeMap::from([
            ("ann".to_owned(), Some(json!({"name": "ann"}))),
            ("bob".to_owned(), None),
        ]);
        values.resolve(&found, &mut losses);
        assert_eq!(values.body()["customfield_1"], json!([{"name": "ann"}]));
        assert!(losses.len() == 1 && losses[0].contains("bob"), "{losses:?}");
    }

    #[test]
    fn what_jira_adds_to_a_value_is_no_difference() {
        let ours = json!({"a": {"value": "High"}, "b": 7, "c": [{"name": "UI"}, {"name": "API"}], "d": null});
        let theirs = json!({"a": {"self": "x", "value": "High", "id": "1"}, "b": 7.0,
            "c": [{"id": "2", "name": "API"}, {"id": "1", "name": "UI"}], "d": [], "e": "not ours"});
        let text = |value: &Value| {
            let map = value.as_object().unwrap();
            digests(map.iter().map(|(id, value)| (id.as_str(), value)))
        };
        assert!(differing(&text(&ours), &text(&theirs)).is_empty());
        let other = json!({"a": {"value": "Low"}, "b": 7});
        assert_eq!(differing(&text(&ours), &text(&other)), ["a"]);
    }
}
