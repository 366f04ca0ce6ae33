//! How a call ended, and what that shows about the credentials it used.

use std::sync::PoisonError;

use super::connection::{ConnectionState, GuardedConnection};
use super::{CredentialGuard, Purpose};
use crate::ledger::LedgerError;
use crate::ledger::health::{CredentialHealth, Reason};
use crate::model::{Fault, FaultKind, Side};

impl CredentialGuard {
    /// Records what the plugin reports at the end: faults, and whether everything worked.
    pub(crate) async fn end(&self, faults: &[Fault], whole: bool) -> Result<(), LedgerError> {
        let now = self.clock.now();
        // A plugin that never got to read the refusal cannot report it.
        let unread = self.withheld.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let unread = unread.filter(|(_, is_answer)| *is_answer).map(|(fault, _)| fault);
        let faults: Vec<Fault> = faults.iter().cloned().chain(unread).collect();
        for connection in self.connections.values() {
            let concerns = |fault: &&Fault| connection.used.sides.contains(&fault.side);
            let of_credential = |kind| matches!(kind, FaultKind::Credential | FaultKind::Locked);
            let mine: Vec<&Fault> = faults.iter().filter(concerns).collect();
            let credential = mine.iter().find(|fault| of_credential(fault.kind));
            let named = matches!(connection.state(), ConnectionState::Accepted { named: true });
            if let Some(fault) = credential {
                self.observe(connection, None, fault, now).await?;
            } else if mine.iter().any(|fault| is_access(fault))
                && matches!(connection.state(), ConnectionState::Refused { .. })
            {
                self.acquit(connection).await?;
            } else if whole || named {
                self.prove(connection, None, whole, now).await?;
            }
            for side in &connection.used.sides {
                if let Some(fault) = mine.iter().find(|fault| fault.side == *side && is_access(fault)) {
                    self.observe(connection, Some(side.clone()), fault, now).await?;
                } else if whole {
                    self.prove(connection, Some(side.clone()), whole, now).await?;
                }
            }
        }
        Ok(())
    }

    /// The refusals of this call were not about the credential: a missing licence looks the same, until the plugin has
    /// read the words.
    async fn acquit(&self, connection: &GuardedConnection) -> Result<(), LedgerError> {
        connection.shared.accepted();
        let change = |row: &mut CredentialHealth| {
            row.refused.retain(|at| *at < self.began);
            true
        };
        self.update(&connection.key, &connection.used.connection, change).await
    }

    async fn observe(
        &self,
        connection: &GuardedConnection,
        access: Option<Side>,
        fault: &Fault,
        now: u64,
    ) -> Result<(), LedgerError> {
        let found = Reason {
            kind: fault.kind,
            side: fault.side.clone(),
            message: fault.message.clone(),
            hint: fault.hint.clone(),
            since: now,
            seen: now,
        };
        let change = |row: &mut CredentialHealth| {
            row.observe(found.clone(), connection.used.secret_kind, now);
            row.trial = None;
            true
        };
        self.update(&self.key(connection, access), &connection.used.connection, change)
            .await
    }

    async fn prove(
        &self,
        connection: &GuardedConnection,
        access: Option<Side>,
        whole: bool,
        now: u64,
    ) -> Result<(), LedgerError> {
        let key = self.key(connection, access);
        let mut replaces = false;
        if whole {
            for old in self.rows().await? {
                let is_older = old.key.origin == key.origin
                    && old.key.access == key.access
                    && old.connection == connection.used.connection
                    && old.key.version != key.version;
                if is_older && old.reason().is_some() {
                    replaces |= old.is_off();
                    let forget = |row: &mut CredentialHealth| {
                        row.replaced();
                        true
                    };
                    self.update(&old.key, &old.connection, forget).await?;
                }
            }
        }
        let change = |row: &mut CredentialHealth| {
            // A row that holds nothing is not worth a write.
            let is_worth = row.revision > 0 || key.access.is_none() || replaces;
            row.proved(self.began, now, whole && self.purpose == Purpose::Enable);
            if replaces {
                row.cleared_at = Some(self.began);
            }
            is_worth
        };
        self.update(&key, &connection.used.connection, change).await
    }
}

fn is_access(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::Permission | FaultKind::Product)
}
