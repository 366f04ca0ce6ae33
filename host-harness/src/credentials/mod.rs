//! Credentials: what holds them, how they are found where none may be, and whether they may be used.

pub(crate) mod echo;
pub(crate) mod health;
pub(crate) mod secret;
pub(crate) mod secret_watch;

pub use health::{Access, CONFIRM_MS, Outlook, Reason, Standing, StandingKey, State};
pub use secret::Secret;
pub use secret_watch::{Leak, Place, SecretWatch};
