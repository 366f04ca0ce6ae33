//! Create-meta: which issue types a project has, which fields they take, and which they require.

use super::Jira;
use crate::error::{Error, Kind, Result, Side};
use crate::json::filled;
use crate::web::{Call, Idempotency};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// An issue type of a project.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IssueType {
    /// Id.
    #[serde(deserialize_with = "filled")]
    pub id: String,
    /// Name, which admins may change or translate.
    #[serde(deserialize_with = "filled")]
    pub name: String,
    /// Where Xray's own icons give a renamed type away.
    #[serde(default)]
    pub icon_url: String,
}

/// A field of a create screen.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScreenField {
    /// `summary`, `customfield_10001`, …
    #[serde(deserialize_with = "filled")]
    pub field_id: String,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// A value must be given.
    #[serde(default)]
    pub required: bool,
    /// Jira fills it in.
    #[serde(default)]
    pub has_default_value: bool,
    /// What it is.
    #[serde(default)]
    pub schema: Schema,
    /// Values it takes.
    #[serde(default)]
    pub allowed_values: Vec<Value>,
}

/// A field's schema.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Schema {
    /// `string`, `option`, `array`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// What an array holds.
    pub items: Option<String>,
    /// Jira's own name of its own fields.
    pub system: Option<String>,
    /// The app's own name of a custom field type.
    pub custom: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    #[serde(default = "Vec::new", alias = "issueTypes", alias = "fields")]
    values: Vec<T>,
    total: Option<u64>,
    is_last: Option<bool>,
}

/// What can be created in a project, and the fields of it.
#[derive(Clone, Copy)]
pub struct Screens<'j>(pub(super) &'j Jira<'j>);

impl Screens<'_> {
    /// Issue types that can be created in a project.
    pub async fn issue_types(self, project: &str) -> Result<Vec<IssueType>> {
        self.rows(&format!("issue/createmeta/{project}/issuetypes")).await
    }

    /// Fields of an issue type's create screen.
    pub async fn of_type(self, project: &str, issue_type: &str) -> Result<Vec<ScreenField>> {
        self.rows(&format!("issue/createmeta/{project}/issuetypes/{issue_type}"))
            .await
    }

    async fn rows<T: DeserializeOwned>(self, path: &str) -> Result<Vec<T>> {
        let mut rows: Vec<T> = Vec::new();
        for _ in 0..100 {
            let call = Call::get(self.0.path(path))
                .query("startAt", rows.len())
                .query("maxResults", self.0.flavour.meta_page);
            let page: Page<T> = self.0.client().json(call, Idempotency::Safe).await?;
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

/// Required fields without a default that the exporter does not fill, for people.
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
