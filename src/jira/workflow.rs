//! Statuses of Jira's workflow (Jira REST API, Get transitions and Transition issue).

use super::Jira;
use crate::domain::IssueId;
use crate::error::{Error, Kind, Result, Side};
use crate::json::filled;
use crate::text::same;
use crate::web::{Call, Idempotency};
use serde::Deserialize;
use serde_json::{Value, json};

/// `issue/{id}/transitions`: those that the account may make now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Transitions {
    transitions: Vec<Transition>,
}

#[derive(Debug, Default, Deserialize)]
struct Transition {
    #[serde(deserialize_with = "filled")]
    id: String,
    #[serde(default)]
    to: WorkflowStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WorkflowStatus {
    name: String,
}

/// The name of an issue's status, where it was asked for.
pub fn status_name(field: Option<&Value>) -> Option<String> {
    field?.get("name")?.as_str().map(str::to_owned)
}

impl Jira<'_> {
    /// Moves an issue to a status, by a transition that leads there from where it is.
    pub async fn advance(&self, id: &IssueId, status: &str) -> Result<()> {
        let path = self.path(&format!("issue/{id}/transitions"));
        let offered: Transitions = self.client().json(Call::get(path.as_str()), Idempotency::Safe).await?;
        let there = offered.transitions.iter().find(|it| same(&it.to.name, status));
        let Some(found) = there else {
            let others: Vec<&str> = offered.transitions.iter().map(|it| it.to.name.as_str()).collect();
            let message = match others.is_empty() {
                true => format!("no transition leads to {status}, nor to any other status"),
                false => format!("no transition leads to {status}, but to {}", others.join(", ")),
            };
            return Err(Error::new(Kind::Rejected, Side::Jira, message)
                .hint("the account may need the permission Transition Issues"));
        };
        // Made twice, it would go on from where the first one led.
        let body = json!({"transition": {"id": found.id}});
        let made = self
            .client()
            .success(Call::post(path, &body), Idempotency::NotIdempotent)
            .await;
        made.map(drop)
    }
}
