//! Withholds a request whose credential must not be tried now, and learns from the answers of the others.

use std::sync::Arc;

use super::{Http, Received, Sending};
use crate::contract::imports::http::Response;
use crate::credentials::health::CredentialGuard;
use crate::egress::Wanted;

pub(super) struct Guarded {
    pub(super) guard: Arc<CredentialGuard>,
    pub(super) next: Arc<dyn Http>,
}

impl Http for Guarded {
    fn send<'a>(&'a self, wanted: &'a Wanted) -> Sending<'a> {
        let sending = self.next.send(wanted);
        Box::pin(self.guard.through(&wanted.request.connection, response, sending))
    }
}

fn response(received: &Received) -> &Response {
    &received.0
}
