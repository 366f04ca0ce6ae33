//! One connection's credential in one call.

use std::sync::{Arc, Mutex, PoisonError};

use super::super::trial::{self, Shared};
use super::super::version::{Nature, Used};
use crate::ledger::health::StandingKey;
use crate::model::{Fault, FaultKind};

/// One connection's credential.
pub(super) struct Lane {
    pub(super) used: Used,
    pub(super) key: StandingKey,
    pub(super) shared: Arc<Shared>,
    course: Mutex<Course>,
}

/// How far a call has come with a credential.
#[derive(Clone)]
pub(super) enum Course {
    /// No answer says anything yet: requests go one by one.
    Untried,
    /// An answer took it; whether it also named the account.
    Accepted { named: bool },
    /// Refused so often in this call; and when the server counted it as a failed log-in.
    Refused { times: u8, counted: Vec<u64> },
}

impl Lane {
    pub(super) fn new(tenant: &str, used: &Used, digest_key: &[u8; 32]) -> Self {
        let key = StandingKey {
            origin: used.origin.clone(),
            version: used.version(digest_key),
            access: None,
        };
        Self {
            shared: trial::shared(tenant, &key, used.nature),
            used: used.clone(),
            key,
            course: Mutex::new(Course::Untried),
        }
    }

    pub(super) fn course(&self) -> Course {
        self.course.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When this call itself had a log-in refused.
    pub(super) fn own_refusals(&self) -> Vec<u64> {
        match self.course() {
            Course::Refused { counted, .. } => counted,
            Course::Untried | Course::Accepted { .. } => Vec::new(),
        }
    }

    /// The server counted a refusal of this call.
    pub(super) fn counted(&self, at: u64) {
        let mut course = self.course.lock().unwrap_or_else(PoisonError::into_inner);
        if let Course::Refused { counted, .. } = &mut *course {
            counted.push(at);
        }
    }

    pub(super) fn set(&self, course: Course) {
        *self.course.lock().unwrap_or_else(PoisonError::into_inner) = course;
    }

    /// Refusals after which a call sends nothing more with the credential. A token gets a second word, so that the
    /// plugin can tell what is wrong; a password does not, because every refusal brings the CAPTCHA nearer.
    pub(super) fn patience(&self) -> u8 {
        match self.used.nature {
            Nature::Password => 1,
            Nature::Token => 2,
        }
    }

    pub(super) fn refusal(&self) -> Fault {
        Fault {
            kind: FaultKind::Credential,
            side: self.used.side(),
            message: format!(
                "the credential for `{}` was refused a moment ago and is not sent again",
                self.used.connection
            ),
            hint: Some("make a new one, store it, and test the connection".to_owned()),
            retry_at: None,
        }
    }
}
