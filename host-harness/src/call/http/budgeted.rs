//! Waits until the server's rate windows have room for a request, and keeps everybody away while the server asks for a pause.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Http, Sending};
use crate::budget::Budget;
use crate::clock::Clock;
use crate::contract::imports::http::SendError;
use crate::credentials::health::CredentialGuard;
use crate::egress::{Wanted, pause_asked_for};
use crate::ledger::LedgerError;

pub(super) struct Budgeted {
    /// By connection; absent where the plugin knows no limit.
    pub(super) budgets: BTreeMap<String, Budget>,
    pub(super) clock: Arc<dyn Clock>,
    /// Remembers why a request was withheld.
    pub(super) guard: Arc<CredentialGuard>,
    pub(super) next: Arc<dyn Http>,
}

impl Http for Budgeted {
    fn send<'a>(&'a self, wanted: &'a Wanted) -> Sending<'a> {
        Box::pin(async {
            let Some(budget) = self.budgets.get(&wanted.request.connection) else {
                return self.next.send(wanted).await;
            };
            self.keep(budget.take().await)?;
            let received = self.next.send(wanted).await;
            if let Ok((response, _)) = &received
                && let Some(ms) = pause_asked_for(response, self.clock.now())
            {
                self.keep(budget.pause(ms).await)?;
            }
            received
        })
    }
}

impl Budgeted {
    fn keep(&self, result: Result<(), LedgerError>) -> Result<(), SendError> {
        result.map_err(|error| self.guard.withhold(error))
    }
}
