//! Where credentials are kept. A secret is entered once, for one origin, and never shown again.
//!
//! [`SealedStore`] is the default: every secret is sealed with a key of its tenant, which is sealed with the instance's
//! master key, wherever that is ([`KeySource`]). Tenant, owner, field and origin are authenticated with it: a row that somebody moved to another place in
//! the database opens no more. [`ReferringStore`] lies over it: what is entered may be a reference to a secret that stays
//! where a company keeps it ([`SecretPlace`]).

mod elsewhere;
mod keyring;
mod rotation;
mod sealed;
mod source;
mod transit;

use axum::http::StatusCode;
use futures_util::future::BoxFuture;
use zeroize::Zeroizing;

pub use elsewhere::{ReferringStore, SecretFiles, SecretPlace, SecretVariables, SecretVault};
pub use keyring::{KeyError, Keyring};
pub use sealed::SealedStore;
pub use source::{KeyResult, KeySource, SealedKey};
pub use transit::{Transit, TransitToken};

pub(crate) use rotation::NewKey;

use crate::store::{StoreError, TenantScope};

/// Why a secret cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be opened: the key is another one, or somebody changed the row.
    #[error(
        "the secret `{0}` cannot be opened: the master key is not the one it was sealed with, or its row was changed"
    )]
    Closed(String),
    /// A server that holds the master key or secrets.
    #[error("a server of secrets: {0}")]
    Source(String),
    /// A reference leads to no secret.
    #[error("`{reference}` leads to no secret: {reason}")]
    Reference {
        /// As it was entered.
        reference: String,
        /// Why.
        reason: String,
    },
}

impl From<SecretError> for crate::problem::Problem {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Store(error) => error.into(),
            SecretError::Closed(_) => Self::conflict(error.to_string())
                .hint("Enter the secret again, or give the service the master key it had before."),
            SecretError::Source(what) => {
                tracing::error!(%what, "a server of secrets could not be used");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The service cannot reach the server that keeps its secrets or its master key.",
                )
                .hint("An administrator finds the reason in the service's log.")
            }
            SecretError::Reference { .. } => Self::conflict(error.to_string())
                .hint("Enter the secret itself, or have an administrator put it where the reference leads."),
        }
    }
}

/// A secret that is stored, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSecret {
    /// Form field.
    pub field: String,
    /// Scheme, host and port that it was entered for.
    pub origin: String,
    /// Milliseconds since the Unix epoch.
    pub entered_at: u64,
}

/// A secret with its value.
pub struct OpenSecret {
    /// Form field.
    pub field: String,
    /// Scheme, host and port that it was entered for.
    pub origin: String,
    /// The value.
    pub value: Zeroizing<String>,
}

/// Result of an operation of a secret store.
pub type SecretResult<'a, T> = BoxFuture<'a, Result<T, SecretError>>;

/// A place for secrets. `owner` is the id of what they belong to: a project, credentials, a channel.
pub trait SecretStore: Send + Sync + 'static {
    /// Stores a secret over an earlier one.
    fn put<'a>(&'a self, scope: &'a TenantScope, owner: &'a str, secret: OpenSecret) -> SecretResult<'a, ()>;

    /// Which secrets are stored.
    fn stored<'a>(&'a self, scope: &'a TenantScope, owner: &'a str) -> SecretResult<'a, Vec<StoredSecret>>;

    /// All secrets of an owner, opened.
    fn open<'a>(&'a self, scope: &'a TenantScope, owner: &'a str) -> SecretResult<'a, Vec<OpenSecret>>;

    /// Forgets one secret, or all of an owner.
    fn forget<'a>(&'a self, scope: &'a TenantScope, owner: &'a str, field: Option<&'a str>) -> SecretResult<'a, ()>;
}
