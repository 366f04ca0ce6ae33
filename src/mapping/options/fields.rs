//! Jira fields that attributes and constants fill.

use super::form::ValueType;
use super::reader::Reader;
use crate::text::folded;
use std::collections::BTreeMap;

/// What a case has beside its custom fields and the members of a role.
pub const ATTRIBUTES: [&str; 8] = ["id", "name", "url", "full-name", "layer", "status", "workflow", "tags"];

/// What stands before the name of a role.
pub const ROLE: &str = "role.";

/// Names as a person wrote them; which fields a project has is only known there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// Jira field by attribute or custom field of TestOps.
    pub sources: BTreeMap<String, String>,
    /// Constant by Jira field.
    pub defaults: BTreeMap<String, String>,
}

impl Fields {
    /// Custom fields of TestOps that fill Jira fields.
    pub fn custom(&self) -> impl Iterator<Item = &str> {
        let names = self.sources.keys().map(String::as_str);
        names.filter(|name| !ATTRIBUTES.contains(name) && !name.starts_with(ROLE))
    }
}

/// How a pair of options that fill fields is called: one table names their sources, another their constants.
pub(super) struct Words {
    pub sources: &'static str,
    pub title: &'static str,
    pub help: &'static str,
    pub defaults: &'static str,
    pub default_title: &'static str,
    pub default_help: &'static str,
    /// What is filled, for people.
    pub named: &'static str,
    /// What names a field.
    pub value_type: ValueType,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Fields {
    reader.group("Jira fields");
    let words = Words {
        sources: "fields",
        title: "Jira field",
        help: "Fills this Jira field, by name or id, from what the name ends with: id, name, full-name, url, layer, status, \
               workflow, tags, role.<role> or the name of a custom field of TestOps.",
        defaults: "defaults",
        default_title: "Value of a Jira field",
        default_help: "Fills the Jira field that the name ends with, where the case has no value for it or no attribute fills it.",
        named: "Jira field",
        value_type: ValueType::Remote("field"),
    };
    read_with(reader, &words)
}

/// Reads a pair of options.
pub(super) fn read_with(reader: &mut Reader<'_>, words: &Words) -> Fields {
    let sources = reader.option(words.sources, words.title, words.help);
    let sources = sources.table(words.value_type);
    let defaults = reader.option(words.defaults, words.default_title, words.default_help);
    let fields = Fields {
        sources,
        defaults: defaults.table(ValueType::Text),
    };
    let named = words.named;
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for (source, field) in &fields.sources {
        let option = format!("{}.{source}", words.sources);
        if field.is_empty() {
            let hint = format!("Write the name or the id of a {named}.");
            reader.wrong(&option, format!("{option} names no {named}."), &hint);
        } else if let Some(other) = owners.insert(folded(field), source) {
            let message = format!("`{source}` and `{other}` both go to the {named} {field}.");
            reader.wrong(&option, message, "Take one of them out.");
        }
    }
    for (field, value) in &fields.defaults {
        if value.is_empty() {
            let option = format!("{}.{field}", words.defaults);
            reader.wrong(&option, format!("{option} has no value."), "Write one, or take it out.");
        }
    }
    fields
}
