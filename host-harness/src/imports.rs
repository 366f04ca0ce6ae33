//! The contract's imports over the host's parts.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::{Accessor, HasData};

use crate::contract::imports::{clock, http, links, secrets, types};
use crate::ledger::{LedgerError, LedgerSession};
use crate::meter::Meter;
use crate::store::HostSide;

/// Longest sleep, so that no timer outlives every limit.
const MAX_SLEEP: Duration = Duration::from_secs(24 * 60 * 60);

/// Names [`HostSide`] as what the imports work on.
pub(crate) struct Imports;

impl HasData for Imports {
    type Data<'a> = &'a mut HostSide;
}

impl types::Host for HostSide {}
impl http::Host for HostSide {}
impl links::Host for HostSide {}

impl<T> http::HostWithStore<T> for Imports {
    async fn send(
        accessor: &Accessor<T, Self>,
        request: http::Request,
    ) -> wasmtime::Result<Result<http::Response, http::SendError>> {
        let (gate, meter) = accessor.with(|mut access| {
            let host = access.get();
            (host.gate.clone(), Arc::clone(&host.meter))
        });
        Ok(match gate {
            Some(gate) => gate.send(&meter, request).await,
            None => Err(http::SendError::Denied("this call is offline".into())),
        })
    }
}

impl secrets::Host for HostSide {
    fn stored(&mut self) -> wasmtime::Result<Vec<String>> {
        Ok(self.stored.clone())
    }
}

impl clock::Host for HostSide {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.clock.now())
    }
}

impl<T> clock::HostWithStore<T> for Imports {
    async fn sleep(accessor: &Accessor<T, Self>, milliseconds: u64) -> wasmtime::Result<()> {
        let clock = accessor.with(|mut access| Arc::clone(&access.get().clock));
        clock.sleep(Duration::from_millis(milliseconds).min(MAX_SLEEP)).await;
        Ok(())
    }
}

impl<T> links::HostWithStore<T> for Imports {
    async fn get_many(
        accessor: &Accessor<T, Self>,
        keys: Vec<links::Key>,
    ) -> wasmtime::Result<Result<Vec<Option<links::Row>>, links::LedgerError>> {
        let (ledger, meter) = ledger(accessor);
        let Some(ledger) = ledger else {
            return Ok(Err(offline()));
        };
        Ok(ledger.get_many(&meter, keys).await.map_err(Into::into))
    }

    async fn put_many(
        accessor: &Accessor<T, Self>,
        writes: Vec<links::Write>,
    ) -> wasmtime::Result<Result<Vec<links::PutOutcome>, links::LedgerError>> {
        let (ledger, meter) = ledger(accessor);
        let Some(ledger) = ledger else {
            return Ok(Err(offline()));
        };
        Ok(ledger.put_many(&meter, writes).await.map_err(Into::into))
    }

    async fn scan(
        accessor: &Accessor<T, Self>,
        entity: links::Entity,
        destination: String,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<links::Row>, links::LedgerError>> {
        let (ledger, meter) = ledger(accessor);
        let Some(ledger) = ledger else {
            return Ok(Err(offline()));
        };
        Ok(ledger
            .scan(&meter, entity, destination, after, limit)
            .await
            .map_err(Into::into))
    }
}

fn ledger<T>(accessor: &Accessor<T, Imports>) -> (Option<Arc<LedgerSession>>, Arc<Meter>) {
    accessor.with(|mut access| {
        let host = access.get();
        (host.ledger.clone(), Arc::clone(&host.meter))
    })
}

fn offline() -> links::LedgerError {
    links::LedgerError::Unavailable("this call is offline".into())
}

impl From<LedgerError> for links::LedgerError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Unavailable(what) => Self::Unavailable(what),
            LedgerError::TooLarge(what) => Self::TooLarge(what),
            LedgerError::LeaseLost(what) => Self::LeaseLost(what),
        }
    }
}
