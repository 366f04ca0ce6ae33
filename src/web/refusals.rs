//! The errors of a client: what was refused, what has no answer, what was never sent.

use super::describe::describe;
use super::{Call, Client, Idempotency};
use crate::error::{Error, Kind, Result, Side};
use crate::ports::{Response, SendError};

impl Client<'_> {
    /// The error of an answer that refuses the item.
    pub fn refusal(&self, response: &Response, what: &str) -> Error {
        let kind = if response.status == 404 {
            Kind::Missing
        } else {
            Kind::Rejected
        };
        Error::new(kind, self.side, format!("{what} was refused: {}", describe(response))).status(response.status)
    }

    /// The error of an answer that is not the product's own, whatever its status says.
    pub fn not_from_product(&self, response: &Response, what: &str) -> Error {
        let message = format!("{what} was not answered by {}: {}", self.side, describe(response));
        Error::new(Kind::Unreachable, self.side, message)
            .hint("check the proxy in front of it; credentials were not judged")
            .status(response.status)
    }

    pub(super) fn too_long(&self, wait: u64, reason: &str) -> Error {
        let seconds = wait.div_ceil(1000);
        Error::new(
            Kind::RateLimited,
            self.side,
            format!("{} asks to wait {seconds} s: {reason}", self.side),
        )
        .hint("the run ends here with everything recorded; the next one goes on")
        .retry_at(self.ports.clock.now().saturating_add(wait))
    }

    pub(super) fn unknown(&self, what: &str, sent: &Result<Response, SendError>) -> Error {
        Error::new(
            Kind::Unknown,
            self.side,
            format!("{what} has no usable answer: {}", outcome(sent)),
        )
        .hint("it may have been done; the next run looks before it tries again")
    }

    pub(super) fn too_large(&self, what: &str, bytes: u64, class: Idempotency) -> Error {
        let kind = match class {
            Idempotency::Safe => Kind::TooLarge,
            // The server did what was asked of it.
            Idempotency::Idempotent | Idempotency::NotIdempotent => Kind::Unknown,
        };
        let message = format!("the answer to {what} has more bytes than the host accepts ({bytes})");
        Error::new(kind, self.side, message)
    }

    pub(super) fn gave_up(&self, what: &str, sent: &Result<Response, SendError>) -> Error {
        let error = Error::new(
            Kind::Unreachable,
            self.side,
            format!("{what} has no usable answer: {}", outcome(sent)),
        )
        .hint("check the endpoint, the network and whether the server is up; credentials were not judged");
        match sent {
            Ok(response) => error.status(response.status),
            Err(_) => error,
        }
    }

    fn no_token(&self, status: Option<u16>, from_product: bool, message: &str) -> Error {
        let kind = match status {
            Some(_) if from_product && message.to_ascii_lowercase().contains("licen") => Kind::Product,
            Some(400 | 401 | 403 | 404) if from_product => Kind::Credential,
            Some(429) => Kind::RateLimited,
            _ => Kind::Unreachable,
        };
        let why = match (message.trim(), status) {
            ("", Some(status)) => format!("status {status}"),
            (message, _) => message.to_owned(),
        };
        let error = Error::new(kind, self.side, format!("{} gives no access token: {why}", self.side));
        match (kind, self.side) {
            (Kind::Credential, Side::TestOps) => error.hint("make a new API token in the TestOps profile and store it"),
            (Kind::Credential, Side::Jira) => error
                .hint("make a new OAuth 2.0 credential of the service account at admin.atlassian.com, and store it"),
            (Kind::Credential, _) => error.hint("make a new API key in Jira settings → Apps → Xray → API Keys"),
            (Kind::Product, _) => error.hint("ask a Jira administrator about the Xray licence"),
            (Kind::RateLimited, _) => error.hint("the run ends here with everything recorded; the next one goes on"),
            _ => error.hint("check the endpoint and the network"),
        }
    }

    /// The error of an exchange that the host ended. What may be repeated goes back to the caller.
    pub(super) fn not_sent(&self, error: SendError, call: &Call) -> Result<SendError> {
        Err(match error {
            SendError::Denied(message) => Error::new(Kind::Configuration, Side::Host, message)
                .hint("the host's policy does not allow this request; see the operator guide"),
            SendError::NoCredential(name) => {
                let message = format!("no value is stored for {name}");
                Error::new(Kind::Configuration, Side::Settings, message)
            }
            SendError::NoToken {
                status,
                from_product,
                message,
                retry_after,
            } => {
                let error = self.no_token(status, from_product, &message);
                match retry_after {
                    Some(wait) => error.retry_at(self.ports.clock.now().saturating_add(wait)),
                    None => error,
                }
            }
            SendError::Exhausted(message) => {
                Error::new(Kind::RateLimited, Side::Host, message).hint("the next run goes on where this one ended")
            }
            SendError::HostFailed(message) => Error::new(Kind::Unreachable, Side::Host, message)
                .hint("make room for temporary files on the host's disk; the next run goes on where this one ended"),
            SendError::Cancelled => Error::cancelled(),
            SendError::TooLarge(_) if call.file.is_some() => {
                Error::new(Kind::Rejected, self.side, "the file is larger than the limit")
            }
            repeatable => return Ok(repeatable),
        })
    }
}

fn outcome(sent: &Result<Response, SendError>) -> String {
    match sent {
        Ok(response) => describe(response),
        Err(SendError::NotSent(message) | SendError::OutcomeUnknown(message)) => message.clone(),
        Err(other) => format!("{other:?}"),
    }
}
