//! One connection's credential in one call.

use std::sync::{Arc, Mutex, PoisonError};

use super::super::trial::{self, Shared};
use super::super::version::{CredentialInUse, SecretKind};
use crate::ledger::health::CredentialKey;
use crate::model::{Fault, FaultKind};

/// One connection's credential.
pub(super) struct GuardedConnection {
    pub(super) used: CredentialInUse,
    pub(super) key: CredentialKey,
    /// Known when the call began: the server takes the credential over the connection's gateway only.
    pub(super) by_gateway: bool,
    pub(super) shared: Arc<Shared>,
    state: Mutex<ConnectionState>,
}

/// How far a call has come with a credential.
#[derive(Clone)]
pub(super) enum ConnectionState {
    /// No answer shows anything yet: requests go one by one.
    Untried,
    /// An answer took it; whether it also named the account.
    Accepted { named: bool },
    /// Refused so often in this call; and when the server counted it as a failed log-in.
    Refused { times: u8, counted: Vec<u64> },
}

impl GuardedConnection {
    pub(super) fn new(tenant: &str, used: &CredentialInUse, digest_key: &[u8; 32]) -> Self {
        let key = CredentialKey {
            origin: used.origin.clone(),
            version: used.version(digest_key),
            access: None,
        };
        Self {
            shared: trial::shared(tenant, &key, used.secret_kind),
            used: used.clone(),
            key,
            by_gateway: false,
            state: Mutex::new(ConnectionState::Untried),
        }
    }

    pub(super) fn state(&self) -> ConnectionState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When this call itself had a log-in refused.
    pub(super) fn own_refusals(&self) -> Vec<u64> {
        match self.state() {
            ConnectionState::Refused { counted, .. } => counted,
            ConnectionState::Untried | ConnectionState::Accepted { .. } => Vec::new(),
        }
    }

    /// The server counted a refusal of this call.
    pub(super) fn counted(&self, at: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let ConnectionState::Refused { counted, .. } = &mut *state {
            counted.push(at);
        }
    }

    pub(super) fn set(&self, state: ConnectionState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Refusals after which a call sends nothing more with the credential. A token gets a second word, so that the
    /// plugin can find what is wrong; a password does not, because every refusal brings the CAPTCHA nearer.
    pub(super) fn patience(&self) -> u8 {
        match self.used.secret_kind {
            SecretKind::Password => 1,
            SecretKind::Token => 2,
        }
    }

    pub(super) fn refusal(&self) -> Fault {
        Fault {
            kind: FaultKind::Credential,
            side: self.used.side(),
            message: format!(
                "the credential for `{}` was refused by this call and is not sent again",
                self.used.connection
            ),
            hint: Some("make a new one, store it, and test the connection".to_owned()),
            retry_at: None,
        }
    }
}
