//! Checking the values of Jira's own fields.

use serde_json::{Value, json};

use super::LinkDraft;
use super::value::{document, strings, text_member, thousands};
use crate::jira::account::Actor;
use crate::jira::id::{ProjectId, TypeId};
use crate::jira::input::Operation;
use crate::jira::issue::{Issue, rich_text};
use crate::jira::site::Site;
use crate::jira::variant::Variant;

impl Site {
    pub(super) fn check_summary(&self, value: &Value) -> Result<String, String> {
        let text = value.as_str().ok_or("Operation value must be a string")?;
        if text.trim().is_empty() {
            return Err("You must specify a summary of the issue.".to_owned());
        }
        if text.contains(['\n', '\r']) {
            return Err("The summary is invalid because it contains newline characters.".to_owned());
        }
        if text.chars().count() > self.limits.summary {
            let limit = self.limits.summary;
            return Err(match self.variant {
                Variant::Cloud => format!("Summary can't exceed {limit} characters."),
                Variant::DataCenter => format!("Summary must be less than {limit} characters."),
            });
        }
        Ok(text.trim().to_owned())
    }

    /// Checks a description or comment: a string on Data Center, a document on Cloud unless `plain_text`.
    ///
    /// # Errors
    /// Jira's message for the field.
    pub fn check_rich_text(&self, value: &Value, plain_text: bool) -> Result<Value, String> {
        let value = match (self.variant, value) {
            (_, Value::Null) => Value::Null,
            (Variant::DataCenter, Value::String(_)) => value.clone(),
            (Variant::DataCenter, _) => return Err("Operation value must be a string".to_owned()),
            (Variant::Cloud, Value::String(text)) if plain_text => document(text),
            (Variant::Cloud, Value::Object(node)) if node.get("type") == Some(&json!("doc")) => value.clone(),
            (Variant::Cloud, _) => {
                return Err(
                    "Operation value must be an Atlassian Document (see the Atlassian Document Format)".to_owned(),
                );
            }
        };
        let limit = self.limits.text;
        if limit > 0 && rich_text(&value).chars().count() > limit {
            let shown = thousands(limit);
            return Err(format!(
                "The entered text is too long. It exceeds the allowed limit of {shown} characters."
            ));
        }
        Ok(value)
    }

    pub(super) fn check_labels(&self, operation: &Operation) -> Result<Vec<String>, String> {
        let labels = strings(operation, |value| value.as_str().map(str::to_owned))
            .map_err(|()| "The label must be a string.".to_owned())?;
        for label in &labels {
            if label.contains(char::is_whitespace) {
                return Err(format!("The label '{label}' contains spaces which is invalid."));
            }
            if label.chars().count() > self.limits.label {
                return Err(format!(
                    "The label '{label}' exceeds the maximum length of {} characters.",
                    self.limits.label
                ));
            }
        }
        Ok(labels)
    }

    pub(super) fn named(&self, project: ProjectId, operation: &Operation, what: &str) -> Result<Vec<String>, String> {
        let names = strings(operation, |value| text_member(value, &["name", "id"]))
            .map_err(|()| "expected 'id' or 'name'".to_owned())?;
        let project = self.project(project).ok_or("valid project is required")?;
        let known = if what == "Version" {
            &project.versions
        } else {
            &project.components
        };
        match names.iter().find(|name| !known.contains(name)) {
            Some(name) => Err(format!("{what} name '{name}' is not valid")),
            None => Ok(names),
        }
    }

    pub(super) fn other_type(&self, issue: &Issue, value: &Value) -> Result<TypeId, String> {
        let named = text_member(value, &["id", "name"]).unwrap_or_default();
        let types = self
            .project(issue.project)
            .map(|project| project.types.as_slice())
            .unwrap_or_default();
        let found = self.types_named(&named).into_iter().find(|id| types.contains(id));
        let role = |id| self.issue_type(id).map(|t| t.role);
        match found {
            Some(id) if role(id) == role(issue.issue_type) => Ok(id),
            Some(_) => Err("The issue type selected needs another workflow or field configuration.".to_owned()),
            None => Err("The issue type selected is invalid.".to_owned()),
        }
    }

    pub(super) fn check_user(&self, value: &Value) -> Result<Option<String>, String> {
        let member = if self.variant == Variant::Cloud {
            "accountId"
        } else {
            "name"
        };
        if value.is_null() || value.get(member).is_some_and(Value::is_null) {
            return Ok(None);
        }
        let id = value
            .get(member)
            .and_then(Value::as_str)
            .ok_or_else(|| format!("expected '{member}'"))?;
        match self.accounts.get(id).filter(|user| user.active) {
            Some(user) => Ok(Some(user.id.clone())),
            None => Err(format!("User '{id}' does not exist.")),
        }
    }

    pub(super) fn check_link(&self, actor: &Actor, value: &Value) -> Result<LinkDraft, String> {
        let named = value
            .get("type")
            .and_then(|t| text_member(t, &["name", "id"]))
            .unwrap_or_default();
        let link_type = self
            .link_type(&named)
            .ok_or_else(|| format!("No issue link type with name '{named}' found."))?;
        let other = |side: &str| {
            let named = value.get(side).and_then(|issue| text_member(issue, &["key", "id"]));
            named
                .and_then(|named| self.visible_issue(actor, &named))
                .map(|issue| issue.id)
        };
        match (other("inwardIssue"), other("outwardIssue")) {
            (None, None) => {
                Err("The issue to link to does not exist or you do not have permission to see it.".to_owned())
            }
            (inward, outward) => Ok((link_type.id, inward, outward)),
        }
    }

    /// Checks an entity property.
    ///
    /// # Errors
    /// A key or value that is too long.
    pub fn check_property(&self, key: &str, value: &Value) -> Result<(), String> {
        if key.is_empty() || key.chars().count() > 255 {
            return Err("The property key must be between 1 and 255 characters long.".to_owned());
        }
        let limit = self.limits.property;
        if value.to_string().chars().count() > limit {
            return Err(format!("The property value cannot be longer than {limit} characters."));
        }
        Ok(())
    }
}
