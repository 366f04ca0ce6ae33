//! Create-meta: which issue types a project has, which fields they take, and which they require.

use super::{Jira, Variant};
use crate::error::{Error, Kind, Result, Side};
use crate::json::{Slot, members};
use crate::web::{Call, Verb};
use serde_json::Value;

/// An issue type of a project.
#[derive(Debug, Default)]
pub struct IssueType {
    /// Id.
    pub id: String,
    /// Name, which admins may change or translate.
    pub name: String,
    /// Where Xray's own icons give a renamed type away.
    pub icon_url: String,
}
members!(IssueType { id, name, icon_url: "iconUrl" } needs id, name);

/// A field of a create screen.
#[derive(Debug, Default)]
pub struct ScreenField {
    /// `summary`, `customfield_10001`, …
    pub field_id: String,
    /// Name for people.
    pub name: String,
    /// A value must be given.
    pub required: bool,
    /// Jira fills it in.
    pub has_default_value: bool,
    /// What it is.
    pub schema: Schema,
    /// Values it takes.
    pub allowed_values: Vec<Value>,
}
members!(ScreenField {
    field_id: "fieldId", name, required, has_default_value: "hasDefaultValue", schema,
    allowed_values: "allowedValues",
} needs field_id);

/// A field's schema.
#[derive(Debug, Default)]
pub struct Schema {
    /// `string`, `option`, `array`, …
    pub kind: String,
    /// What an array holds.
    pub items: Option<String>,
    /// Jira's own name of its own fields.
    pub system: Option<String>,
    /// The app's own name of a custom field type.
    pub custom: Option<String>,
}
members!(Schema {
    kind: "type",
    items,
    system,
    custom
});

#[derive(Default)]
struct Page<T> {
    values: Vec<T>,
    total: Option<u64>,
    is_last: Option<bool>,
}
members!(Page<T> { values: "values" | "issueTypes" | "fields", total, is_last: "isLast" });

impl Jira<'_> {
    /// Issue types that can be created in a project.
    pub async fn issue_types(&self, project: &str) -> Result<Vec<IssueType>> {
        self.meta(&format!("issue/createmeta/{project}/issuetypes")).await
    }

    /// Fields of an issue type's create screen.
    pub async fn screen(&self, project: &str, issue_type: &str) -> Result<Vec<ScreenField>> {
        self.meta(&format!("issue/createmeta/{project}/issuetypes/{issue_type}"))
            .await
    }

    async fn meta<T: Slot + Default>(&self, path: &str) -> Result<Vec<T>> {
        let size = if self.variant() == Variant::Cloud { 200 } else { 1_000 };
        let mut rows: Vec<T> = Vec::new();
        for _ in 0..100 {
            let call = Call::get(self.path(path))
                .query("startAt", rows.len())
                .query("maxResults", size);
            let page: Page<T> = self.client().json(call, Verb::Read).await?;
            let empty = page.values.is_empty();
            rows.extend(page.values);
            if empty || page.is_last == Some(true) || page.total.is_none_or(|total| rows.len() as u64 >= total) {
                return Ok(rows);
            }
        }
        Err(Error::new(
            Kind::Unreachable,
            Side::Jira,
            format!("{path} does not end"),
        ))
    }
}

/// The type among a project's issue types that Xray calls by one of these names, or whose icon is Xray's own.
pub fn pick<'t>(types: &'t [IssueType], names: &[&str], icon: &str) -> Option<&'t IssueType> {
    let named = types
        .iter()
        .find(|t| names.iter().any(|name| t.name.eq_ignore_ascii_case(name)));
    named.or_else(|| {
        types
            .iter()
            .find(|t| t.icon_url.contains("com.xpandit.plugins.xray") && t.icon_url.ends_with(icon))
    })
}

/// Required fields without a default that the exporter does not fill, in words.
pub fn unfilled(screen: &[ScreenField], filled: &[&str]) -> Vec<String> {
    let open = screen.iter().filter(|field| field.required && !field.has_default_value);
    let open = open.filter(|field| !filled.contains(&field.field_id.as_str()));
    open.map(|field| {
        let values: Vec<String> = field.allowed_values.iter().take(5).filter_map(value_name).collect();
        let values = if values.is_empty() {
            String::new()
        } else {
            format!(", one of: {}", values.join(", "))
        };
        format!("{} ({}{values})", field.name, field.field_id)
    })
    .collect()
}

/// How people read a value.
pub fn value_name(value: &Value) -> Option<String> {
    let name = value.get("value").or_else(|| value.get("name"))?;
    name.as_str().map(str::to_owned)
}
