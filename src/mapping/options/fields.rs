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

pub(super) fn read(reader: &mut Reader<'_>) -> Fields {
    reader.group("Jira fields");
    let sources = reader.option(
        "fields",
        "Jira field",
        "Fills this Jira field, by name or id, from what the name ends with: id, name, full-name, url, layer, status, \
         workflow, tags, role.<role> or the name of a custom field of TestOps.",
    );
    let sources = sources.table(ValueType::Remote("field"));
    let defaults = reader.option(
        "defaults",
        "Value of a Jira field",
        "Fills the Jira field that the name ends with, where the case has no value for it or no attribute fills it.",
    );
    let fields = Fields {
        sources,
        defaults: defaults.table(ValueType::Text),
    };
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for (source, field) in &fields.sources {
        let option = format!("fields.{source}");
        if field.is_empty() {
            let hint = "Write the name or the id of a Jira field, as in customfield_10010.";
            reader.wrong(&option, format!("{option} names no Jira field."), hint);
        } else if let Some(other) = owners.insert(folded(field), source) {
            let message = format!("`{source}` and `{other}` both go to the Jira field {field}.");
            reader.wrong(&option, message, "Take one of them out.");
        }
    }
    for (field, value) in &fields.defaults {
        if value.is_empty() {
            let option = format!("defaults.{field}");
            reader.wrong(&option, format!("{option} has no value."), "Write one, or take it out.");
        }
    }
    fields
}
