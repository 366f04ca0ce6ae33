//! Rows as the API shows them, member by member as in the vendor's OpenAPI documents of 26.1.1 and 4.24.1.

mod case;
mod dictionary;
mod execution;
mod launch;
mod project;
mod scenario;

pub(crate) use scenario::files as step_files;
use serde_json::{Map, Value, json};

use super::data::{File, Issue, Link, Parameter, Stamp, TestKey};
use super::site::Site;
use crate::answers::Version;

/// A site seen through the API.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) site: &'a Site,
    pub(crate) version: Version,
}

/// Builds an object. Empty members are left out, except the two whose emptiness means something: a `status` that is not
/// there yet and a `testCaseId` that links to nothing.
macro_rules! dto {
    ($($key:literal : $value:expr),* $(,)?) => {{
        let mut members = ::serde_json::Map::new();
        $( $crate::testops::dto::put(&mut members, $key, $value); )*
        ::serde_json::Value::Object(members)
    }};
}
pub(crate) use dto;

pub(crate) fn put(members: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    let value = value.into();
    if !value.is_null() || matches!(key, "status" | "testCaseId") {
        members.insert(key.to_owned(), value);
    }
}

/// Adds the four members that say when and by whom.
pub(super) fn stamped(mut row: Value, stamp: &Stamp) -> Value {
    if let Value::Object(members) = &mut row {
        put(members, "createdBy", stamp.created_by.as_str());
        put(members, "createdDate", stamp.created_ms);
        put(members, "lastModifiedBy", stamp.modified_by.as_str());
        put(members, "lastModifiedDate", stamp.modified_ms);
    }
    row
}

/// The rendered twin of a Markdown text: paragraphs, with the text escaped and nothing inside them rendered.
pub(crate) fn html(markdown: Option<&str>) -> Option<String> {
    let escaped = markdown?
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    Some(
        escaped
            .split("\n\n")
            .map(|paragraph| format!("<p>{paragraph}</p>\n"))
            .collect(),
    )
}

/// The document form of a plain text: one paragraph with its line breaks.
pub(super) fn document(text: &str) -> Value {
    let mut content = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if at > 0 {
            content.push(json!({"type": "lineBreak"}));
        }
        if !line.is_empty() {
            content.push(json!({"type": "text", "text": line}));
        }
    }
    json!({"type": "doc", "content": [{"type": "paragraph", "content": content}]})
}

pub(super) fn duration(start: Option<i64>, stop: Option<i64>) -> Option<i64> {
    Some(stop? - start?)
}

pub(super) fn link(link: &Link) -> Value {
    dto! { "name": link.name.as_str(), "type": link.kind.as_deref(), "url": link.url.as_str() }
}

pub(super) fn parameter(parameter: &Parameter) -> Value {
    dto! {
        "name": parameter.name.as_str(),
        "value": parameter.value.as_str(),
        "hidden": parameter.hidden,
        "excluded": parameter.excluded,
    }
}

/// An attachment row; `entity` is none for shared steps, whose rows do not carry it.
pub(crate) fn file(file: &File, entity: Option<&str>) -> Value {
    dto! {
        "id": file.id,
        "name": file.name.as_str(),
        "contentType": file.content_type.as_str(),
        "contentLength": file.content.len(),
        "entity": entity,
        "missed": file.missed,
        "fromTestCase": (entity == Some("test_result")).then_some(file.from_test_case),
    }
}

impl View<'_> {
    pub(crate) fn is_old(&self) -> bool {
        self.version == Version::V4
    }

    pub(crate) fn issue(&self, issue: &Issue) -> Value {
        let integration = self.site.integrations.get(&issue.integration);
        dto! {
            "id": self.site.names.issues.id(&issue.key),
            "name": issue.key.as_str(),
            "displayName": issue.key.as_str(),
            "summary": issue.summary.as_str(),
            "status": issue.status.as_str(),
            "closed": issue.closed,
            "integrationId": issue.integration,
            "integrationType": integration.map(|integration| integration.kind.as_str()),
            "url": integration.map(|integration| integration.browse(&issue.key)),
        }
    }

    pub(crate) fn issues(&self, issues: &[Issue]) -> Vec<Value> {
        issues.iter().map(|issue| self.issue(issue)).collect()
    }

    pub(crate) fn test_key(&self, key: &TestKey) -> Value {
        let integration = self.site.integrations.get(&key.integration);
        dto! {
            "id": key.id,
            "integrationId": key.integration,
            "name": key.name.as_str(),
            "url": integration.map(|integration| integration.browse(&key.name)),
        }
    }

    pub(crate) fn members(&self, members: &[(String, String)]) -> Vec<Value> {
        let names = &self.site.names;
        members
            .iter()
            .map(|(role, user)| {
                dto! {
                    "id": names.users.id(user),
                    "name": user.as_str(),
                    "role": dto! { "id": names.roles.id(role), "name": role.as_str() },
                }
            })
            .collect()
    }

    pub(crate) fn tags(&self, tags: &[String]) -> Vec<Value> {
        tags.iter()
            .map(|tag| dto! { "id": self.site.names.tags.id(tag), "name": tag.as_str() })
            .collect()
    }

    pub(crate) fn layer(&self, layer: Option<&str>) -> Option<Value> {
        layer.map(|name| dto! { "id": self.site.names.layers.id(name), "name": name })
    }

    pub(crate) fn environment(&self, environment: &[(String, String)]) -> Vec<Value> {
        let names = &self.site.names;
        environment
            .iter()
            .map(|(variable, value)| {
                let id = names.variables.id(variable);
                dto! {
                    "id": id.and_then(|id| names.environment_id(id, value)),
                    "name": value.as_str(),
                    "variable": dto! { "id": id, "name": variable.as_str() },
                }
            })
            .collect()
    }
}
