//! A tenant's imports for a plugin that is linked natively, without WebAssembly: for debugging one, and for measuring
//! what the sandbox costs.

use std::sync::Arc;
use std::time::Duration;

use crate::call::store::HostSide;
use crate::contract::imports::http;
use crate::egress::{Body, Gate, Part, Wanted};
use crate::ledger::{Entity, Key, LedgerAccess, LedgerError, LedgerSession, PutOutcome, Row, Write};
use crate::metering::Meter;
use crate::metering::facts::Facts;
use crate::tenant::Tenant;

/// What a plugin's imports reach, called directly. Every check of the gate applies; nobody limits computing time and
/// memory here, and nobody watches over credentials.
pub struct NativeImports {
    host: HostSide,
    gate: Arc<Gate>,
    ledger: Arc<LedgerSession>,
}

impl Tenant {
    /// The imports of one call, with the right to write the ledger.
    pub fn native_imports(&self) -> NativeImports {
        NativeImports {
            host: self.offline(),
            gate: Arc::clone(&self.inner.gate),
            ledger: self.session(LedgerAccess::Write),
        }
    }
}

impl NativeImports {
    /// `http.send`, with the body beside the request: its `body` is `None`, because handles of kept files exist only for
    /// a component.
    ///
    /// # Errors
    ///
    /// The contract's.
    pub async fn send(&self, request: http::Request, body: Option<Vec<u8>>) -> Result<http::Response, http::SendError> {
        let wanted = Wanted {
            request,
            body: body.map(|bytes| Body(vec![Part::Bytes(Arc::new(bytes))])),
            file: None,
        };
        self.gate
            .send(self.meter(), &wanted, false)
            .await
            .map(|(answer, _)| answer)
    }

    /// `secrets.stored`
    pub fn stored(&self) -> Vec<String> {
        self.host.stored.clone()
    }

    /// `clock.now`
    pub fn now(&self) -> u64 {
        self.host.clock.now()
    }

    /// `clock.sleep`
    pub async fn sleep(&self, duration: Duration) {
        self.host.clock.sleep(duration).await;
    }

    /// `links.get-many`
    ///
    /// # Errors
    ///
    /// The ledger's.
    pub async fn get_many(&self, keys: Vec<Key>) -> Result<Vec<Option<Row>>, LedgerError> {
        self.ledger.get_many(self.meter(), keys).await
    }

    /// `links.put-many`
    ///
    /// # Errors
    ///
    /// The ledger's.
    pub async fn put_many(&self, writes: Vec<Write>) -> Result<Vec<PutOutcome>, LedgerError> {
        self.ledger.put_many(self.meter(), writes).await
    }

    /// `links.scan`
    ///
    /// # Errors
    ///
    /// The ledger's.
    pub async fn scan(
        &self,
        entity: Entity,
        destination: String,
        after: Option<String>,
        limit: u32,
    ) -> Result<Vec<Row>, LedgerError> {
        self.ledger.scan(self.meter(), entity, destination, after, limit).await
    }

    /// What the calls so far used.
    pub fn facts(&self) -> Facts {
        self.host.meter.facts()
    }

    /// Gives the leases back.
    pub async fn release(self) {
        self.ledger.release().await;
    }

    fn meter(&self) -> &Arc<Meter> {
        &self.host.meter
    }
}
