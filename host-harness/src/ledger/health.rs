//! What is known about a credential.

use crate::model::{FaultKind, Side};

/// Which credential, at which server; with an access: what it may do at one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialKey {
    /// Scheme, host and port of the server.
    pub origin: String,
    /// Keyed digest of user name and secret.
    pub version: String,
    /// Absent for the credential itself.
    pub access: Option<DestinationAccess>,
}

/// The access of a credential to one destination, by one side's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationAccess {
    /// Key of the destination project; empty where none is meant.
    pub destination: String,
    /// Who grants it.
    pub side: Side,
}

/// What a product answered against a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// `credential`, `locked`, `permission` or `product`.
    pub kind: FaultKind,
    /// Whose matter it is.
    pub side: Side,
    /// What was answered, one sentence.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// When it was first seen since the last success, in milliseconds since the Unix epoch.
    pub since: u64,
    /// When it was last seen.
    pub seen: u64,
}

/// How a credential stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthState {
    /// Nothing is known against it.
    Active,
    /// Refused once.
    Suspect(Reason),
    /// Refused again after a while, with no success in between.
    Disabled(Reason),
    /// The account is locked until a person has logged in by browser.
    Locked(Reason),
}

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialHealth {
    /// Which.
    pub key: CredentialKey,
    /// Name of the connection that uses it.
    pub connection: String,
    /// How it stands.
    pub state: HealthState,
    /// When log-ins with it were refused, in milliseconds since the Unix epoch.
    pub refused: Vec<u64>,
    /// Who tries it alone at the moment, and until when.
    pub trial: Option<(String, u64)>,
    /// When it was last known to work.
    pub proved_at: Option<u64>,
    /// When it was last switched on again: exports that began before are repeated in full.
    pub cleared_at: Option<u64>,
    /// When a person last asked to try it although it was off, and it was refused.
    pub asked_at: Option<u64>,
    /// The server takes it over the connection's gateway only.
    pub by_gateway: bool,
    /// Grows with every write; 0 where no row is stored yet.
    pub revision: u64,
}

impl CredentialHealth {
    pub(crate) fn new(key: CredentialKey, connection: &str) -> Self {
        Self {
            key,
            connection: connection.to_owned(),
            state: HealthState::Active,
            refused: Vec::new(),
            trial: None,
            proved_at: None,
            cleared_at: None,
            asked_at: None,
            by_gateway: false,
            revision: 0,
        }
    }

    /// The same with every date in the future as now, where it has one: a clock was wrong when it was written.
    pub(crate) fn clamped(&self, now: u64) -> Option<Self> {
        let mut health = self.clone();
        let reason = match &mut health.state {
            HealthState::Active => None,
            HealthState::Suspect(reason) | HealthState::Disabled(reason) | HealthState::Locked(reason) => Some(reason),
        };
        let dates = reason
            .into_iter()
            .flat_map(|reason| [&mut reason.since, &mut reason.seen]);
        let others = [&mut health.proved_at, &mut health.cleared_at, &mut health.asked_at];
        for at in dates.chain(&mut health.refused).chain(others.into_iter().flatten()) {
            *at = now.min(*at);
        }
        (health != *self).then_some(health)
    }

    /// Whether nothing is done with it until a person acts.
    pub fn is_off(&self) -> bool {
        matches!(self.state, HealthState::Disabled(_) | HealthState::Locked(_))
    }

    /// What is known against it.
    pub fn reason(&self) -> Option<&Reason> {
        match &self.state {
            HealthState::Active => None,
            HealthState::Suspect(reason) | HealthState::Disabled(reason) | HealthState::Locked(reason) => Some(reason),
        }
    }
}
