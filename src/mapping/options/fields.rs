//! Jira fields that attributes and constants fill.

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
    let fields = Fields {
        sources: reader.table("fields"),
        defaults: reader.table("defaults"),
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
