//! Requests of a call: which may be sent, and what their answers say about the credential.

use std::sync::PoisonError;

use super::super::trial;
use super::super::word::{Word, word};
use super::lane::{Course, Lane};
use super::words::fault;
use super::{Purpose, Watch};
use crate::contract::imports::http::{Response, SendError};
use crate::ledger::health::Standing;
use crate::ledger::{LedgerError, holder};
use crate::model::{Fault, FaultKind, Side};

/// Within so many milliseconds refusals of an exchange are one.
const EXCHANGE_MS: u64 = 5_000;

impl Watch {
    /// Lets a request pass, or withholds it. The first request of a call over a connection goes alone, in all calls that
    /// use the same credential, until an answer says something about it.
    pub(crate) async fn through<T>(
        &self,
        connection: &str,
        response: impl Fn(&T) -> &Response,
        sending: impl Future<Output = Result<T, SendError>>,
    ) -> Result<T, SendError> {
        let Some(lane) = self.lanes.get(connection) else {
            return sending.await;
        };
        let _place = lane.shared.place().await;
        let turn = lane.shared.turn().await;
        let result = match lane.course() {
            Course::Accepted { .. } => {
                drop(turn);
                self.check_others(lane)?;
                let result = sending.await;
                self.judge(lane, result.as_ref().map(&response)).await?;
                return result;
            }
            Course::Refused { times, .. } if times >= lane.patience() => {
                return Err(self.refused(lane));
            }
            Course::Untried | Course::Refused { .. } => {
                self.reserve(lane).await?;
                sending.await
            }
        };
        self.judge(lane, result.as_ref().map(&response)).await?;
        result
    }

    /// Another call learnt a moment ago that the credential is refused.
    fn check_others(&self, lane: &Lane) -> Result<(), SendError> {
        if lane.shared.is_refused() {
            return Err(self.refused(lane));
        }
        Ok(())
    }

    /// Takes the right to try the credential, in all processes.
    async fn reserve(&self, lane: &Lane) -> Result<(), SendError> {
        // A refusal of this very call is not held against its own next word; those of others are.
        let own = lane.own_refusals();
        loop {
            let now = self.clock.now();
            let mut busy = false;
            let mut barred = None;
            let change = |row: &mut Standing| {
                let others = row.without(&own);
                barred = match self.purpose {
                    Purpose::Enable => others.admits_log_in(lane.used.nature, now),
                    Purpose::Run | Purpose::Look => others.admits_run(lane.used.nature, now),
                }
                .err()
                .map(|barred| fault(&lane.used, row, barred));
                busy = trial::is_taken(row, now);
                if barred.is_none() && !busy {
                    row.trial = Some((holder::process().to_owned(), now + trial::LONGEST_MS));
                }
                barred.is_none() && !busy
            };
            self.update(&lane.key, &lane.used.connection, change)
                .await
                .map_err(|error| self.withhold(error))?;
            match barred {
                Some(fault) => return Err(self.keep_back(fault, false)),
                None if !busy => return Ok(()),
                None => self.clock.sleep(trial::PAUSE).await,
            }
        }
    }

    /// Takes from an answer what it says about the credential.
    async fn judge(&self, lane: &Lane, answer: Result<&Response, &SendError>) -> Result<(), SendError> {
        let now = self.clock.now();
        let said = word(answer, &lane.used);
        let before = lane.course();
        let course = match (said, &before) {
            (Word::Accepted { named: false }, Course::Accepted { named: true }) => before.clone(),
            (Word::Accepted { named }, _) => Course::Accepted { named },
            (Word::Refused { .. }, Course::Refused { times, counted }) => Course::Refused {
                times: times.saturating_add(1),
                counted: counted.clone(),
            },
            (Word::Refused { .. }, _) => Course::Refused {
                times: 1,
                counted: Vec::new(),
            },
            (Word::Nothing, _) => before.clone(),
        };
        lane.set(course);
        let was_trial = !matches!(before, Course::Accepted { .. });
        let counted = matches!(said, Word::Refused { counted: true });
        if matches!(said, Word::Refused { .. }) {
            lane.shared.refused();
        } else if matches!(said, Word::Accepted { .. }) && was_trial {
            lane.shared.accepted();
        }
        if !was_trial && !counted {
            return Ok(());
        }
        let mut recorded = false;
        let change = |row: &mut Standing| {
            row.trial = None;
            // Requests that waited for one exchange all hear of its one refusal.
            let is_same = lane.used.is_exchanged && row.refused.last().is_some_and(|at| now < at + EXCHANGE_MS);
            recorded = counted && !is_same;
            if recorded {
                row.log_in_refused(lane.used.nature, now);
            }
            true
        };
        self.update(&lane.key, &lane.used.connection, change)
            .await
            .map_err(|error| self.withhold(error))?;
        if recorded {
            lane.counted(now);
        }
        Ok(())
    }

    /// Keeps a request back because the ledger does not allow it.
    pub(crate) fn withhold(&self, error: LedgerError) -> SendError {
        self.keep_back(error.fault(), false)
    }

    fn refused(&self, lane: &Lane) -> SendError {
        self.keep_back(lane.refusal(), true)
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
    pub(crate) fn reason_for(&self, said: Fault) -> Fault {
        match self.withheld() {
            Some(fault) if said.kind == FaultKind::Configuration && said.side == Side::Host => fault,
            _ => said,
        }
    }
}
