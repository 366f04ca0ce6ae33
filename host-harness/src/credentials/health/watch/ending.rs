//! How a call ended, and what that says about the credentials it used.

use std::sync::PoisonError;

use super::lane::{Course, Lane};
use super::{Purpose, Watch};
use crate::ledger::LedgerError;
use crate::ledger::health::{Reason, Standing};
use crate::model::{Fault, FaultKind, Side};

impl Watch {
    /// Records what the plugin says at the end: faults, and whether everything worked.
    pub(crate) async fn end(&self, faults: &[Fault], whole: bool) -> Result<(), LedgerError> {
        let now = self.clock.now();
        // A plugin that never got to read the refusal cannot tell of it.
        let unread = self.withheld.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let unread = unread.filter(|(_, is_answer)| *is_answer).map(|(fault, _)| fault);
        let faults: Vec<Fault> = faults.iter().cloned().chain(unread).collect();
        for lane in self.lanes.values() {
            let concerns = |fault: &&Fault| lane.used.sides.contains(&fault.side);
            let of_credential = |kind| matches!(kind, FaultKind::Credential | FaultKind::Locked);
            let mine: Vec<&Fault> = faults.iter().filter(concerns).collect();
            let credential = mine.iter().find(|fault| of_credential(fault.kind));
            let named = matches!(lane.course(), Course::Accepted { named: true });
            if let Some(fault) = credential {
                self.observe(lane, None, fault, now).await?;
            } else if mine.iter().any(|fault| is_access(fault)) && matches!(lane.course(), Course::Refused { .. }) {
                self.acquit(lane).await?;
            } else if whole || named {
                self.prove(lane, None, whole, now).await?;
            }
            for side in &lane.used.sides {
                if let Some(fault) = mine.iter().find(|fault| fault.side == *side && is_access(fault)) {
                    self.observe(lane, Some(*side), fault, now).await?;
                } else if whole {
                    self.prove(lane, Some(*side), whole, now).await?;
                }
            }
        }
        Ok(())
    }

    /// The refusals of this call were not about the credential: a missing licence looks the same, until the plugin has
    /// read the words.
    async fn acquit(&self, lane: &Lane) -> Result<(), LedgerError> {
        lane.shared.accepted();
        let change = |row: &mut Standing| {
            row.refused.retain(|at| *at < self.began);
            true
        };
        self.update(&lane.key, &lane.used.connection, change).await
    }

    async fn observe(&self, lane: &Lane, access: Option<Side>, fault: &Fault, now: u64) -> Result<(), LedgerError> {
        let found = Reason {
            kind: fault.kind,
            side: fault.side,
            message: fault.message.clone(),
            hint: fault.hint.clone(),
            since: now,
            seen: now,
        };
        let change = |row: &mut Standing| {
            row.observe(found.clone(), lane.used.nature, now);
            row.trial = None;
            true
        };
        self.update(&self.key(lane, access), &lane.used.connection, change)
            .await
    }

    async fn prove(&self, lane: &Lane, access: Option<Side>, whole: bool, now: u64) -> Result<(), LedgerError> {
        let key = self.key(lane, access);
        let mut replaces = false;
        if whole {
            for old in self.rows().await? {
                let is_older = old.key.origin == key.origin
                    && old.key.access == key.access
                    && old.connection == lane.used.connection
                    && old.key.version != key.version;
                if is_older && old.reason().is_some() {
                    replaces |= old.is_off();
                    let forget = |row: &mut Standing| {
                        row.replaced();
                        true
                    };
                    self.update(&old.key, &old.connection, forget).await?;
                }
            }
        }
        let change = |row: &mut Standing| {
            // A row that says nothing is not worth a write.
            let says = row.revision > 0 || access.is_none() || replaces;
            row.proved(self.began, now, whole && self.purpose == Purpose::Enable);
            if replaces {
                row.cleared_at = Some(self.began);
            }
            says
        };
        self.update(&key, &lane.used.connection, change).await
    }
}

fn is_access(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::Permission | FaultKind::Product)
}
