//! Credentials: what holds them, how they are found where none may be, and whether they may be used.

pub(crate) mod expiry;
pub(crate) mod health;
pub(crate) mod scanner;
pub(crate) mod secret;
pub(crate) mod secret_watch;

pub use crate::ledger::health::{CredentialHealth, CredentialKey, DestinationAccess, HealthState, Reason};
pub use expiry::{EXPIRY_WARNING_MS, expiry};
pub use health::{CONFIRM_MS, CredentialReport};
pub use secret::Secret;
pub use secret_watch::{Leak, Place, SecretWatch};
