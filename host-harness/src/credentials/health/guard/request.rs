//! Requests of a call: which may be sent, and what their answers show about the credential.

use std::sync::PoisonError;

use super::super::signal::{AuthSignal, signal};
use super::super::trial;
use super::connection::{ConnectionState, GuardedConnection};
use super::refusal::fault;
use super::{CredentialGuard, Purpose};
use crate::contract::imports::http::{Response, SendError};
use crate::ledger::health::CredentialHealth;
use crate::ledger::{LedgerError, holder};
use crate::model::{self, Fault, FaultKind};

/// Within so many milliseconds refusals of an exchange are one.
const EXCHANGE_MS: u64 = 5_000;

impl CredentialGuard {
    /// Lets a request pass, or withholds it. The first request of a call over a connection goes alone, in all calls that
    /// use the same credential, until an answer shows something about it.
    pub(crate) async fn through<T>(
        &self,
        connection: &str,
        response: impl Fn(&T) -> &Response,
        sending: impl Future<Output = Result<T, SendError>>,
    ) -> Result<T, SendError> {
        let Some(connection) = self.connections.get(connection) else {
            return sending.await;
        };
        let _place = connection.shared.place().await;
        let turn = connection.shared.turn().await;
        let result = match connection.state() {
            ConnectionState::Accepted { .. } => {
                drop(turn);
                self.check_others(connection)?;
                let result = sending.await;
                self.judge(connection, result.as_ref().map(&response)).await?;
                return result;
            }
            ConnectionState::Refused { times, .. } if times >= connection.patience() => {
                return Err(self.refused(connection));
            }
            ConnectionState::Untried | ConnectionState::Refused { .. } => {
                self.reserve(connection).await?;
                sending.await
            }
        };
        self.judge(connection, result.as_ref().map(&response)).await?;
        result
    }

    /// Another call learnt a moment ago that the credential is refused.
    fn check_others(&self, connection: &GuardedConnection) -> Result<(), SendError> {
        if connection.shared.is_refused() {
            return Err(self.refused(connection));
        }
        Ok(())
    }

    /// Takes the right to try the credential, in all processes.
    async fn reserve(&self, connection: &GuardedConnection) -> Result<(), SendError> {
        // A refusal of this very call is not held against its own next word; those of others are.
        let own = connection.own_refusals();
        loop {
            let now = self.clock.now();
            let mut busy = false;
            let mut barred = None;
            let change = |row: &mut CredentialHealth| {
                let others = row.without(&own);
                let admitted = self.admits(connection, &others, now);
                barred = admitted.err().map(|barred| fault(&connection.used, row, barred, now));
                busy = trial::is_taken(row, now);
                if barred.is_none() && !busy {
                    row.trial = Some((holder::process().to_owned(), now + trial::LONGEST_MS));
                    if self.purpose == Purpose::Enable {
                        row.asked_at = Some(now);
                    }
                }
                barred.is_none() && !busy
            };
            self.update(&connection.key, &connection.used.connection, change)
                .await
                .map_err(|error| self.withhold(error))?;
            match barred {
                Some(fault) => return Err(self.keep_back(fault, false)),
                None if !busy => return Ok(()),
                None => self.clock.sleep(trial::PAUSE).await,
            }
        }
    }

    /// Takes from an answer what it shows about the credential.
    async fn judge(
        &self,
        connection: &GuardedConnection,
        answer: Result<&Response, &SendError>,
    ) -> Result<(), SendError> {
        let now = self.clock.now();
        let signal = signal(answer, &connection.used);
        let before = connection.state();
        let state = match (signal, &before) {
            (AuthSignal::Accepted { named: false }, ConnectionState::Accepted { named: true }) => before.clone(),
            (AuthSignal::Accepted { named }, _) => ConnectionState::Accepted { named },
            (AuthSignal::Refused { .. }, ConnectionState::Refused { times, counted }) => ConnectionState::Refused {
                times: times.saturating_add(1),
                counted: counted.clone(),
            },
            (AuthSignal::Refused { .. }, _) => ConnectionState::Refused {
                times: 1,
                counted: Vec::new(),
            },
            (AuthSignal::Nothing, _) => before.clone(),
        };
        connection.set(state);
        let was_trial = !matches!(before, ConnectionState::Accepted { .. });
        let counted = matches!(signal, AuthSignal::Refused { counted: true });
        if matches!(signal, AuthSignal::Refused { .. }) {
            connection.shared.refused();
        } else if matches!(signal, AuthSignal::Accepted { .. }) && was_trial {
            connection.shared.accepted();
        }
        if !was_trial && !counted {
            return Ok(());
        }
        let over_gateway = matches!(signal, AuthSignal::Accepted { .. }) && answer.is_ok_and(|answer| answer.gateway);
        let mut recorded = false;
        let change = |row: &mut CredentialHealth| {
            row.trial = None;
            row.by_gateway |= over_gateway;
            // Requests that waited for one exchange all hear of its one refusal.
            let is_same = connection.used.is_exchanged && row.refused.last().is_some_and(|at| now < at + EXCHANGE_MS);
            recorded = counted && !is_same;
            if recorded {
                row.log_in_refused(connection.used.secret_kind, now);
            }
            true
        };
        self.update(&connection.key, &connection.used.connection, change)
            .await
            .map_err(|error| self.withhold(error))?;
        if recorded {
            connection.counted(now);
        }
        Ok(())
    }

    /// Keeps a request back because the ledger does not allow it.
    pub(crate) fn withhold(&self, error: LedgerError) -> SendError {
        self.keep_back(error.fault(), false)
    }

    fn refused(&self, connection: &GuardedConnection) -> SendError {
        self.keep_back(connection.refusal(), true)
    }

    fn keep_back(&self, fault: Fault, is_answer: bool) -> SendError {
        let message = fault.message.clone();
        let mut withheld = self.withheld.lock().unwrap_or_else(PoisonError::into_inner);
        withheld.get_or_insert((fault, is_answer));
        SendError::Denied(message)
    }

    /// Why the host withheld requests, if it did.
    pub(crate) fn withheld(&self) -> Option<Fault> {
        let withheld = self.withheld.lock().unwrap_or_else(PoisonError::into_inner);
        withheld.as_ref().map(|(fault, _)| fault.clone())
    }

    /// Why a call ended: what the plugin made of a request that was withheld is not the reason.
    pub(crate) fn reason_for(&self, reported: Fault) -> Fault {
        match self.withheld() {
            Some(fault) if reported.kind == FaultKind::Configuration && reported.side == model::HOST => fault,
            _ => reported,
        }
    }
}
