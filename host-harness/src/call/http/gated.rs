//! The innermost layer: the egress gate.

use std::sync::Arc;

use super::{Http, Sending};
use crate::credentials::health::CredentialGuard;
use crate::egress::{Gate, Wanted};
use crate::metering::Meter;

pub(super) struct Gated {
    pub(super) gate: Arc<Gate>,
    pub(super) meter: Arc<Meter>,
    /// Knows whether a credential is taken over the connection's gateway only.
    pub(super) guard: Arc<CredentialGuard>,
}

impl Http for Gated {
    fn send<'a>(&'a self, wanted: &'a Wanted) -> Sending<'a> {
        let by_gateway = self.guard.by_gateway(&wanted.request.connection);
        Box::pin(self.gate.send(&self.meter, wanted, by_gateway))
    }
}
