//! Edits of issues: labels, many at a time, and the parts of their bodies.

use super::{Jira, Updated, Updates};
use crate::domain::IssueId;
use crate::error::{Error, Kind, Result, Side};
use crate::web::Neighbours;
use futures_util::stream::{self, StreamExt};
use serde_json::{Map, Value, json};
use std::cell::RefCell;

/// Issues edited at a time.
const AT_ONCE: usize = 4;

impl Jira<'_> {
    /// Adds a label to an issue; one that it has already is no change.
    pub async fn label(&self, id: &IssueId, label: &str) -> Result<()> {
        self.edit(id, &json!({"update": {"labels": [{"add": label}]}})).await
    }

    /// The error of an edit of one issue. Jira refuses in the same way the edit of an issue whose status or security level
    /// forbids it, and any edit of an account that lost its permission: who still holds it in the project failed at this
    /// issue alone.
    pub async fn narrowed(&self, project: &str, error: Error) -> Error {
        // A 401 is about the token: what it lacks, it lacks for every issue.
        if error.kind != Kind::Permission || error.side != Side::Jira || error.status == Some(401) {
            return error;
        }
        match self.projects().missing_permissions(project).await {
            Ok(missing) if missing.is_empty() => Error::new(Kind::Rejected, Side::Jira, error.message.clone())
                .hint("the account holds the permissions in the project: the status or the security level of this issue forbids it")
                .status(403),
            Ok(_) => error,
            Err(other) => other,
        }
    }

    /// Edits issues of a project, each by its id and body where it has one. An error that concerns more than its issue
    /// ends it all, once what is on its way has been answered.
    pub async fn edit_each(&self, project: &str, edits: Vec<(&IssueId, Option<Value>)>) -> Updates {
        let (neighbours, stop) = (Neighbours::default(), RefCell::new(None));
        let edits = edits.into_iter().map(async |(id, body)| {
            let ends = || stop.borrow().is_some();
            let error = match body {
                _ if ends() => return Updated::Unsent,
                None => return Updated::Done,
                Some(body) => match self.edit(id, &body).await {
                    Ok(()) => {
                        neighbours.passed();
                        return Updated::Done;
                    }
                    Err(error) => self.narrowed(project, error).await,
                },
            };
            match neighbours.failed(error) {
                Ok(error) => Updated::Failed(error),
                Err(error) => {
                    stop.borrow_mut().get_or_insert(error);
                    Updated::Unsent
                }
            }
        });
        let each = stream::iter(edits).buffered(AT_ONCE).collect().await;
        let stop = stop.take();
        Updates { each, stop }
    }
}

/// Additions of the labels that are wanted and not there. Jira compares labels without case on Data Center.
pub fn missing_labels<'a>(wanted: impl Iterator<Item = &'a str>, there: &[String]) -> Vec<Value> {
    wanted
        .filter(|label| !there.iter().any(|t| t.eq_ignore_ascii_case(label)))
        .map(|label| json!({"add": label}))
        .collect()
}

/// Body of an edit that sets fields and adds to others; `None` where it changes nothing.
pub fn body(fields: Map<String, Value>, added: [(&str, Vec<Value>); 2]) -> Option<Value> {
    let mut body = Map::new();
    if !fields.is_empty() {
        body.insert("fields".to_owned(), Value::Object(fields));
    }
    let added = added.into_iter().filter(|(_, list)| !list.is_empty());
    let mut update = Map::new();
    update.extend(added.map(|(field, list)| (field.to_owned(), Value::Array(list))));
    if !update.is_empty() {
        body.insert("update".to_owned(), Value::Object(update));
    }
    (!body.is_empty()).then_some(Value::Object(body))
}
