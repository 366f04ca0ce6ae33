//! A case's attributes as values of Jira fields, by the plan that the preflight made of the options and the project's
//! create screen.

use super::content::{Context, written};
use super::{Dialect, label};
use crate::digest;
use crate::domain::TestCase;
use crate::markup::Document;
use crate::markup::address::{Address, classify};
use serde_json::{Map, Number, Value, json};
use std::collections::BTreeMap;

/// Values that a message names at most.
const NAMED: usize = 10;
/// Characters of a single-line field (Jira's text field).
const LINE: usize = 255;

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One line of text.
    Line,
    /// Formatted text.
    Text,
    /// A web address.
    Url,
    /// A number.
    Number,
    /// `2026-08-23`.
    Date,
    /// `2026-08-23T10:00:00.000+0000`.
    DateTime,
    /// One of the allowed values.
    One,
    /// Any of the allowed values.
    Many,
    /// Words without white space.
    Labels,
    /// An account.
    User,
    /// Accounts.
    Users,
}

/// A value that a field takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Allowed {
    /// As people read it.
    pub name: String,
    /// As Jira takes it.
    pub value: Value,
}

/// A Jira field that the export fills.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// `customfield_10010`, `components`, …
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it takes.
    pub shape: Shape,
    /// Allowed values of [`Shape::One`] and [`Shape::Many`].
    pub allowed: Vec<Allowed>,
    /// Attribute or custom field of TestOps; absent: only the constant.
    pub source: Option<String>,
    /// Where the case has no value that the field takes.
    pub default: Option<String>,
    /// Jira creates no issue without a value.
    pub required: bool,
}

/// All fields that the export fills beyond its own.
pub type Plan = [Planned];

impl Planned {
    /// Texts as the field takes them, null where nothing is left; what it does not take is told.
    pub fn value(&self, texts: &[String], dialect: Dialect, losses: &mut Vec<String>) -> Value {
        let mut fits: Vec<Value> = Vec::new();
        for text in self.pieces(texts) {
            match self.one(&text, dialect) {
                Ok(value) => fits.push(value),
                Err(words) => losses.push(words),
            }
        }
        match self.shape {
            Shape::Many | Shape::Labels if !fits.is_empty() => Value::Array(fits),
            Shape::Many | Shape::Labels => Value::Null,
            _ => {
                if fits.len() > 1 {
                    losses.push(format!("{} takes one value, the first is taken", self.name));
                }
                fits.into_iter().next().unwrap_or_default()
            }
        }
    }

    /// Text takes several values as one.
    fn pieces(&self, texts: &[String]) -> Vec<String> {
        match self.shape {
            Shape::Line | Shape::Text if !texts.is_empty() => vec![texts.join(", ")],
            _ => texts.to_vec(),
        }
    }

    fn one(&self, text: &str, dialect: Dialect) -> Result<Value, String> {
        let refused = |what: &str| Err(format!("{} takes {what}, not “{text}”", self.name));
        match self.shape {
            Shape::Line => Ok(json!(
                text.replace(['\r', '\n'], " ").chars().take(LINE).collect::<String>()
            )),
            Shape::Text => Ok(written(&Document::from_plain(text).tree, dialect).0),
            Shape::Url => match classify(text) {
                Address::Web(url) => Ok(json!(url)),
                _ => refused("a web address"),
            },
            // JSON's own reader: a number as Jira takes it, and code that is there already.
            Shape::Number => match serde_json::from_str::<Number>(text.trim()) {
                Ok(number) => Ok(Value::Number(number)),
                Err(_) => refused("a number"),
            },
            Shape::Date if is_date(text) => Ok(json!(text)),
            Shape::Date => refused("a date like 2026-08-23"),
            Shape::DateTime
                if text
                    .split_once('T')
                    .is_some_and(|(day, time)| is_date(day) && time.len() >= 8) =>
            {
                Ok(json!(text))
            }
            Shape::DateTime => refused("a time like 2026-08-23T10:00:00.000+0000"),
            Shape::One | Shape::Many => {
                let found = self
                    .allowed
                    .iter()
                    .find(|one| one.name.to_lowercase() == text.to_lowercase());
                found
                    .map(|one| one.value.clone())
                    .map_or_else(|| refused(&self.choices()), Ok)
            }
            Shape::Labels => label::from_tag(text).map_or_else(|| refused("words"), |label| Ok(json!(label))),
            Shape::User | Shape::Users => Ok(json!(text)),
        }
    }

    /// The allowed values in words.
    pub fn choices(&self) -> String {
        let names: Vec<&str> = self.allowed.iter().take(NAMED).map(|one| one.name.as_str()).collect();
        match self.allowed.len() {
            0 => "no value in this project".to_owned(),
            1..=NAMED => format!("one of {}", names.join(", ")),
            more => format!("one of {} and {} others", names.join(", "), more - NAMED),
        }
    }

    fn is_user(&self) -> bool {
        matches!(self.shape, Shape::User | Shape::Users)
    }
}

/// `2026-08-23`.
fn is_date(text: &str) -> bool {
    let shape = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    text.len() == 10 && shape
}

/// Values of the planned fields of one case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    /// By field id; null: the case has none.
    all: Map<String, Value>,
    /// Accounts to be looked up: field, whether it takes several, names.
    people: Vec<(String, bool, Vec<String>)>,
    /// Required fields that got no value, in words.
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
            let value = match (many, accounts.is_empty()) {
                (_, true) => Value::Null,
                (true, _) => Value::Array(accounts),
                (false, _) => accounts.into_iter().next().unwrap_or_default(),
            };
            self.all.insert(id, value);
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
        wanted.map(|(id, value)| (id.clone(), value.clone())).collect()
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

impl Planned {
    fn choices_or_any(&self) -> String {
        match self.shape {
            Shape::One | Shape::Many => self.choices(),
            _ => "required".to_owned(),
        }
    }
}

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

/// Fields of which both texts of [`digests`] tell, and tell differently.
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
            let mut each: Vec<String> = list.iter().filter_map(essence).collect();
            each.sort_unstable();
            (!each.is_empty()).then(|| each.join("\u{1}"))
        }
        Value::Object(map) if map.get("type").and_then(Value::as_str) == Some("doc") => Some(value.to_string()),
        Value::Object(map) => {
            let names = ["accountId", "value", "name", "key", "id"];
            let text = names.iter().find_map(|name| map.get(*name)?.as_str());
            Some(text.map_or_else(|| value.to_string(), str::to_owned))
        }
        Value::Number(number) => {
            let text = number.to_string();
            Some(text.strip_suffix(".0").unwrap_or(&text).to_owned())
        }
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Bool(_) => Some(value.to_string()),
    }
}

/// What an attribute or a custom field of a case says.
fn texts(case: &TestCase, context: &Context<'_>, name: &str) -> Vec<String> {
    let of = &case.attributes;
    let one = |text: &Option<String>| text.iter().cloned().collect();
    match name {
        "id" => vec![case.id.to_string()],
        "name" => vec![case.name.clone()],
        "url" => vec![context.url.to_owned()],
        "full-name" => one(&case.full_name),
        "layer" => one(&of.layer),
        "status" => one(&of.status),
        "workflow" => one(&of.workflow),
        "tags" => case.tags.clone(),
        _ => match name.strip_prefix("role.") {
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

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
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
            dialect: Dialect::Wiki,
            cucumber: false,
            options: &options,
            plan: &plan,
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
        let told = json!({"a": {"self": "x", "value": "High", "id": "1"}, "b": 7.0,
            "c": [{"id": "2", "name": "API"}, {"id": "1", "name": "UI"}], "d": [], "e": "not ours"});
        let text = |value: &Value| {
            let map = value.as_object().unwrap();
            digests(map.iter().map(|(id, value)| (id.as_str(), value)))
        };
        assert!(differing(&text(&ours), &text(&told)).is_empty());
        let other = json!({"a": {"value": "Low"}, "b": 7});
        assert_eq!(differing(&text(&ours), &text(&other)), ["a"]);
    }
}
