//! Rich text in both versions: documents in version 3, text in version 2.

use serde_json::{Value, json};

use crate::jira::input::{IssueInput, Operation};
use crate::jira::issue::rich_text;
use crate::jira::rejection::Rejection;
use crate::jira::site::Site;

use super::adf;

/// The version of the API, which differs in rich text only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Two,
    Three,
}

const RICH_FIELDS: [&str; 2] = ["description", "environment"];

fn is_rich(site: &Site, field: &str) -> bool {
    let custom = site.fields.get(field).and_then(|field| field.custom.as_deref());
    RICH_FIELDS.contains(&field) || custom.is_some_and(|custom| custom.ends_with(":textarea"))
}

impl Version {
    /// Judges one rich text; what is wrong with a document Jira does not say.
    ///
    /// # Errors
    /// 400 `INVALID_INPUT` for a document that is none.
    pub fn check(self, value: &Value) -> Result<(), Rejection> {
        if self == Self::Three && value.is_object() && !adf::is_valid(value) {
            return Err(Rejection::message(400, "INVALID_INPUT"));
        }
        Ok(())
    }

    /// Reads the body of a create or edit request.
    ///
    /// # Errors
    /// 400 for a body of another shape and for rich text of the other version.
    pub fn input(self, site: &Site, body: &Value) -> Result<IssueInput, Rejection> {
        let mut input = IssueInput::from_json(body)?;
        input.plain_text = self == Self::Two;
        for (field, operations) in &input.operations {
            for operation in operations {
                let (Operation::Set(value) | Operation::Add(value) | Operation::Remove(value)) = operation;
                let text = match field.as_str() {
                    "comment" => value.get("body").unwrap_or(&Value::Null),
                    field if is_rich(site, field) => value,
                    _ => continue,
                };
                self.check(text)?;
                if self == Self::Two && text.is_object() {
                    return Err(Rejection::field(field.clone(), "Operation value must be a string"));
                }
            }
        }
        Ok(input)
    }

    /// An issue's JSON with its rich texts in this version.
    pub fn show(self, site: &Site, mut issue: Value) -> Value {
        if self == Self::Three {
            return issue;
        }
        let Some(fields) = issue.get_mut("fields").and_then(Value::as_object_mut) else {
            return issue;
        };
        for (field, value) in fields.iter_mut() {
            if value.is_object() && is_rich(site, field) {
                *value = json!(rich_text(value));
            }
        }
        let comments = fields.get_mut("comment").and_then(|page| page.get_mut("comments"));
        for comment in comments.and_then(Value::as_array_mut).into_iter().flatten() {
            *comment = self.show_comment(comment.take());
        }
        issue
    }

    /// A comment's JSON with its body in this version.
    pub fn show_comment(self, mut comment: Value) -> Value {
        if let Some(body) = comment
            .get_mut("body")
            .filter(|body| self == Self::Two && body.is_object())
        {
            *body = json!(rich_text(body));
        }
        comment
    }
}
