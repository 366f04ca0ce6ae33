//! Where messages go.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::plugins::Finding;
use crate::problem::Problem;

/// Recipients of one mail at most.
const MOST_RECIPIENTS: usize = 50;

/// Where messages go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "type", deny_unknown_fields)]
pub enum Target {
    /// By the service's mail server.
    Mail {
        /// Addresses.
        to: Vec<String>,
    },
    /// A POST of JSON, signed with the channel's secret.
    Webhook {
        /// Where to; `https` and public, or a server that an administrator allowed.
        url: String,
    },
    /// An incoming webhook of Slack, Mattermost or Rocket.Chat; its URL is the channel's secret.
    Slack,
}

impl Target {
    /// What the secret of a channel is, in the store of secrets; absent where there is none.
    pub(super) fn secret(&self) -> Option<&'static str> {
        match self {
            Self::Mail { .. } => None,
            Self::Webhook { .. } => Some("signing-key"),
            Self::Slack => Some("url"),
        }
    }

    /// The server that a secret is for.
    ///
    /// # Errors
    ///
    /// There is none in it.
    pub(super) fn origin(&self, secret: &str) -> Result<String, Problem> {
        let url = match self {
            Self::Mail { .. } => return Ok(String::new()),
            Self::Webhook { url } => url,
            Self::Slack => secret,
        };
        let origin = tms_sync_host::origin_of(url);
        origin.ok_or_else(|| wrong("url", "The address is no URL such as https://hooks.example.com/tms."))
    }

    /// Whether it makes sense.
    ///
    /// # Errors
    ///
    /// What does not.
    pub(super) fn check(&self, has_mail: bool) -> Result<(), Problem> {
        match self {
            Self::Mail { .. } if !has_mail => Err(Problem::conflict("The service has no mail server.")
                .hint("An administrator names one when the service starts.")),
            Self::Mail { to } if to.is_empty() || to.len() > MOST_RECIPIENTS => {
                Err(wrong("to", format!("A mail goes to 1 to {MOST_RECIPIENTS} addresses.")))
            }
            Self::Mail { to } => match to.iter().find(|address| !super::mail::is_address(address)) {
                Some(address) => Err(wrong("to", format!("`{address}` is no mail address."))),
                None => Ok(()),
            },
            Self::Webhook { .. } => self.origin("").map(drop),
            Self::Slack => Ok(()),
        }
    }
}

pub(super) fn wrong(field: &str, message: impl Into<String>) -> Problem {
    Problem::findings(vec![Finding::error(field, message)])
}
