//! Withholds a request that could still be under way when another run has the lease.

use std::sync::Arc;

use super::{Http, Sending};
use crate::credentials::health::CredentialGuard;
use crate::egress::Wanted;
use crate::ledger::LedgerSession;

pub(super) struct Leased {
    pub(super) session: Arc<LedgerSession>,
    /// Remembers why a request was withheld.
    pub(super) guard: Arc<CredentialGuard>,
    pub(super) next: Arc<dyn Http>,
}

impl Http for Leased {
    fn send<'a>(&'a self, wanted: &'a Wanted) -> Sending<'a> {
        Box::pin(async {
            let allowed = self.session.may_send(wanted.request.timeout_ms).await;
            allowed.map_err(|error| self.guard.withhold(error))?;
            self.next.send(wanted).await
        })
    }
}
