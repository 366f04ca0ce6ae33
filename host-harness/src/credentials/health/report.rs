//! How credentials stand, for people.

use super::rules::Barred;
use super::version::CredentialInUse;
use crate::ledger::health::{CredentialHealth, CredentialKey};
use crate::model::Side;

/// How one credential stands, or its access to one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialReport {
    /// Connection that uses it.
    pub connection: String,
    /// Whose matter it is.
    pub side: Side,
    /// What the ledger knows.
    pub health: CredentialHealth,
    /// Another secret is stored now, which no call has proved yet: the next one tries it.
    pub is_replaced: bool,
    /// When it may be tried again, where it was refused lately.
    pub retry_at: Option<u64>,
    /// When its secret ends, as a person wrote.
    pub expires_at: Option<u64>,
    /// It was refused as often as it may be, and will not be tried again.
    pub is_spent: bool,
}

/// What concerns these credentials: each itself, and what was found against it or the ones it replaces.
pub(super) fn credential_reports<'a>(
    connections: impl Iterator<Item = (&'a CredentialInUse, &'a CredentialKey)>,
    rows: &[CredentialHealth],
    destination: &str,
    now: u64,
) -> Vec<CredentialReport> {
    let mut found = Vec::new();
    for (used, key) in connections {
        let of_connection = rows
            .iter()
            .filter(|row| row.key.origin == key.origin && row.connection == used.connection);
        let mut of_connection: Vec<CredentialHealth> = of_connection
            .filter(|row| {
                row.key
                    .access
                    .as_ref()
                    .is_none_or(|access| access.destination == destination)
            })
            .filter(|row| (row.key == *key) || row.reason().is_some())
            .filter(|row| row.key.version == key.version || row.is_off())
            .cloned()
            .collect();
        if of_connection.iter().all(|row| row.key != *key) {
            of_connection.insert(0, CredentialHealth::new(key.clone(), &used.connection));
        }
        found.extend(
            of_connection
                .into_iter()
                .map(|health| credential_report(used, key, health, now)),
        );
    }
    found
}

fn credential_report(
    used: &CredentialInUse,
    key: &CredentialKey,
    health: CredentialHealth,
    now: u64,
) -> CredentialReport {
    let is_replaced = health.key.version != key.version;
    let admitted = health.admits_log_in(used.secret_kind, now);
    CredentialReport {
        connection: used.connection.clone(),
        side: health
            .reason()
            .map_or_else(|| used.side(), |reason| reason.side.clone()),
        is_replaced,
        retry_at: match admitted {
            Err(Barred::Until { until, .. }) if !is_replaced => Some(until),
            _ => None,
        },
        expires_at: used.expires_at.filter(|_| health.key == *key),
        is_spent: !is_replaced && admitted == Err(Barred::Spent),
        health,
    }
}
