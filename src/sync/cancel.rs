//! Cancelling: from then on nothing is sent and nothing is waited for. What was written by then is recorded and reported, and
//! what was on its way is settled by the next run.

use crate::ports::{Clock, Fetched, Http, Pending, Ports, Request, Response, SendError};
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, Shared, select};

/// Ports that end with a run.
pub struct Cancelling<'a> {
    ports: Ports<'a>,
    cancelled: Shared<LocalBoxFuture<'a, ()>>,
}

impl<'a> Cancelling<'a> {
    /// Ports that end when `cancel` resolves.
    pub fn new(ports: Ports<'a>, cancel: impl Future<Output = ()> + 'a) -> Self {
        let cancelled = cancel.boxed_local().shared();
        Cancelling { ports, cancelled }
    }

    /// The ports to work with. The ledger and the events stay as they are.
    pub fn ports(&self) -> Ports<'_> {
        Ports {
            http: self,
            clock: self,
            ..self.ports
        }
    }

    async fn unless_cancelled<T>(&self, sending: Pending<'_, Result<T, SendError>>) -> Result<T, SendError> {
        // Cancelled comes first: what was not begun stays so.
        match select(self.cancelled.clone(), sending).await {
            Either::Left(_) => Err(SendError::Cancelled),
            Either::Right((sent, _)) => sent,
        }
    }
}

impl Http for Cancelling<'_> {
    fn send(&self, request: Request) -> Pending<'_, Result<Response, SendError>> {
        self.unless_cancelled(self.ports.http.send(request)).boxed_local()
    }

    fn fetch(&self, request: Request, limit: u64) -> Pending<'_, Result<Fetched, SendError>> {
        self.unless_cancelled(self.ports.http.fetch(request, limit))
            .boxed_local()
    }
}

impl Clock for Cancelling<'_> {
    fn now(&self) -> u64 {
        self.ports.clock.now()
    }

    fn sleep(&self, milliseconds: u64) -> Pending<'_, ()> {
        let over = select(self.cancelled.clone(), self.ports.clock.sleep(milliseconds));
        over.map(drop).boxed_local()
    }

    fn is_over(&self) -> bool {
        self.cancelled.peek().is_some()
    }
}
