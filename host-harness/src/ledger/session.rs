//! A run's view of the ledger: its scope, its leases, its counters.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::Mutex;

use super::{Entity, Key, Lease, Ledger, LedgerError, PutOutcome, Quota, Row, Scope, Write};
use crate::clock::Clock;
use crate::meter::Meter;

/// Rows of one call, as the contract says.
const MAX_ROWS: usize = 1_000;
/// A host that died holds up the next run for so long.
const LEASE_TTL: Duration = Duration::from_secs(60);
/// How often a lease is renewed.
pub const HEARTBEAT: Duration = Duration::from_secs(20);

/// What a call may do with the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

pub(crate) struct LedgerSession {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    scope: Scope,
    quota: Quota,
    access: Access,
    holder: String,
    leases: Mutex<BTreeMap<String, Lease>>,
}

impl LedgerSession {
    pub(crate) fn new(
        ledger: Arc<dyn Ledger>,
        clock: Arc<dyn Clock>,
        scope: Scope,
        quota: Quota,
        access: Access,
        holder: String,
    ) -> Self {
        Self {
            ledger,
            clock,
            scope,
            quota,
            access,
            holder,
            leases: Mutex::default(),
        }
    }

    pub(crate) async fn get_many(&self, meter: &Meter, keys: Vec<Key>) -> Result<Vec<Option<Row>>, LedgerError> {
        bounded(keys.len())?;
        let rows = self.ledger.get_many(&self.scope, keys).await?;
        meter.ledger_reads.fetch_add(rows.len() as u64, Relaxed);
        Ok(rows)
    }

    pub(crate) async fn scan(
        &self,
        meter: &Meter,
        entity: Entity,
        destination: String,
        after: Option<String>,
        limit: u32,
    ) -> Result<Vec<Row>, LedgerError> {
        bounded(limit as usize)?;
        let rows = self.ledger.scan(&self.scope, entity, destination, after, limit).await?;
        meter.ledger_reads.fetch_add(rows.len() as u64, Relaxed);
        Ok(rows)
    }

    pub(crate) async fn put_many(&self, meter: &Meter, writes: Vec<Write>) -> Result<Vec<PutOutcome>, LedgerError> {
        bounded(writes.len())?;
        if self.access == Access::Read {
            return Err(LedgerError::Unavailable("only a run may write".into()));
        }
        let destinations: BTreeSet<String> = writes.iter().map(|write| write.link.key.destination.clone()).collect();
        let leases = self.leases(destinations).await?;
        let outcomes = self.ledger.put_many(&self.scope, leases, self.quota, writes).await?;
        let stored = outcomes
            .iter()
            .filter(|outcome| matches!(outcome, PutOutcome::Stored(_)))
            .count();
        meter.ledger_writes.fetch_add(stored as u64, Relaxed);
        Ok(outcomes)
    }

    /// Leases of the destinations; those not held yet are taken.
    async fn leases(&self, destinations: BTreeSet<String>) -> Result<Vec<Lease>, LedgerError> {
        let mut held = self.leases.lock().await;
        let mut leases = Vec::with_capacity(destinations.len());
        for destination in destinations {
            let lease = match held.get(&destination) {
                Some(lease) => lease.clone(),
                None => {
                    let lease = self.take(destination.clone()).await?;
                    held.insert(destination, lease.clone());
                    lease
                }
            };
            leases.push(lease);
        }
        Ok(leases)
    }

    async fn take(&self, destination: String) -> Result<Lease, LedgerError> {
        let ttl = LEASE_TTL.as_millis() as u64;
        self.ledger
            .lease(&self.scope, destination, self.holder.clone(), self.clock.now(), ttl)
            .await
    }

    /// Renews the leases until it is dropped. A lease that was taken over in the meantime is noticed by the next write,
    /// whose epoch no longer holds.
    pub(crate) async fn keep_leases(&self) -> ! {
        loop {
            self.clock.sleep(HEARTBEAT).await;
            let held: Vec<String> = self.leases.lock().await.keys().cloned().collect();
            for destination in held {
                let Ok(renewed) = self.take(destination.clone()).await else {
                    continue;
                };
                let held = self.leases.lock().await.get(&destination).map(|lease| lease.epoch);
                // Lost in between and taken anew: rows may have changed under the run, whose old epoch stays refused.
                if held != Some(renewed.epoch) {
                    let _ = self.ledger.release(&self.scope, renewed).await;
                }
            }
        }
    }

    pub(crate) async fn release(&self) {
        for lease in std::mem::take(&mut *self.leases.lock().await).into_values() {
            // One that cannot be given back runs out by itself.
            let _ = self.ledger.release(&self.scope, lease).await;
        }
    }
}

fn bounded(rows: usize) -> Result<(), LedgerError> {
    if rows > MAX_ROWS {
        return Err(LedgerError::TooLarge(format!("a call has at most {MAX_ROWS} rows")));
    }
    Ok(())
}
