//! Xray Cloud's GraphQL: one request, its data, and the errors of its aliases.
//!
//! Documents are constant, or put together from numbered aliases; everything that comes from data goes in variables.

use super::site::Site;
use crate::error::{Error, Kind, Result, Side};
use crate::web::{Call, Idempotency};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Resolvers that one request may use, of the 25 that Xray allows (docs.getxray.app, GraphQL API): the vendor's own
/// migration tool stays at 20.
pub const RESOLVERS: usize = 20;

/// An answer: HTTP 200 even where aliases failed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Answer {
    pub data: Option<Map<String, Value>>,
    errors: Vec<Failure>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Failure {
    message: String,
    path: Vec<Value>,
}

impl Answer {
    /// The value of an alias, or the server's message about it. An alias that is null without a message is an error too, and
    /// errors that name no alias concern all that are null.
    pub fn alias(&self, name: &str) -> std::result::Result<&Value, String> {
        let value = self
            .data
            .as_ref()
            .and_then(|data| data.get(name))
            .filter(|value| !value.is_null());
        match (value, self.refusal(name)) {
            (_, Some(message)) => Err(message.to_owned()),
            (Some(value), None) => Ok(value),
            (None, None) => {
                let general = self.errors.iter().find(|e| e.path.is_empty());
                Err(general.map_or_else(|| "Xray answered nothing".to_owned(), |e| e.message.clone()))
            }
        }
    }

    /// What the server refuses about an alias itself.
    pub fn refusal(&self, name: &str) -> Option<&str> {
        let own = self
            .errors
            .iter()
            .find(|e| e.path.first().and_then(Value::as_str) == Some(name));
        own.map(|failure| failure.message.as_str())
    }
}

impl Site<'_> {
    /// Sends a document.
    pub(super) async fn graphql(&self, document: &str, variables: Value, class: Idempotency) -> Result<Answer> {
        let body = json!({"query": document, "variables": variables});
        let answer: Answer = self.xray.json(Call::post("/api/v2/graphql", &body), class).await?;
        if answer.data.is_none() && answer.errors.is_empty() {
            return Err(Error::new(
                Kind::Unreachable,
                Side::Xray,
                "Xray's GraphQL answered neither data nor errors",
            ));
        }
        Ok(answer)
    }

    /// Sends a read whose one alias must have a value.
    pub(super) async fn query(&self, document: &str, variables: Value, alias: &str) -> Result<Value> {
        let answer = self.graphql(document, variables, Idempotency::Safe).await?;
        answer.alias(alias).cloned().map_err(|message| refused(alias, &message))
    }
}

/// The error of an alias by Xray's message.
pub fn refused(what: &str, message: &str) -> Error {
    let lower = message.to_ascii_lowercase();
    if lower.contains("impersonate") || lower.contains("permission") {
        return Error::new(Kind::Permission, Side::Xray, format!("{what}: {message}"))
            .hint("the user of the Xray API key needs an active Jira account with access to the project");
    }
    Error::new(Kind::Rejected, Side::Xray, format!("{what}: {message}"))
}
