//! A run's view of the ledger: its scope, its leases, its counters.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use super::measure::{key_size, size as row_size};
use super::{Entity, Key, Lease, Ledger, LedgerError, PutOutcome, Quota, Row, Scope, Write};
use crate::clock::Clock;
use crate::limits::CallLimits;
use crate::metering::{Hold, Meter};

/// Rows of one call, as the contract has them.
const MAX_ROWS: usize = 1_000;
/// How much of an unknown name an error repeats, in characters.
const MAX_NAME: usize = 32;
/// How often a lease is renewed.
pub const HEARTBEAT: Duration = Duration::from_secs(20);
/// What is left of a lease beyond the longest request just before it is renewed: room for renewals that fail. A host on
/// another machine that died holds up the next run for this and the longest request.
const SPARE: Duration = Duration::from_secs(60);

/// What a call may do with the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LedgerAccess {
    Read,
    Write,
}

pub(crate) struct LedgerSession {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    scope: Scope,
    quota: Quota,
    access: LedgerAccess,
    holder: String,
    /// Calls at once ([`CallLimits::ledger_calls`](crate::CallLimits)).
    calls: Semaphore,
    pending_bytes: usize,
    /// Longest time that one request may take.
    longest: Duration,
    /// Entities that the manifest declares; absent: any.
    declared: Option<BTreeSet<Entity>>,
    leases: Mutex<BTreeMap<String, Held>>,
}

/// A lease, and when it ends unless it is renewed.
struct Held {
    lease: Lease,
    ends_at: u64,
}

impl LedgerSession {
    pub(crate) fn new(
        ledger: Arc<dyn Ledger>,
        clock: Arc<dyn Clock>,
        scope: Scope,
        limits: &CallLimits,
        access: LedgerAccess,
        holder: String,
        longest: Duration,
    ) -> Self {
        let quota = Quota {
            rows: limits.ledger_rows,
            row_bytes: limits.ledger_row_bytes,
        };
        Self {
            ledger,
            clock,
            scope,
            quota,
            calls: Semaphore::new(limits.ledger_calls),
            pending_bytes: limits.pending_bytes,
            access,
            holder,
            longest,
            declared: None,
            leases: Mutex::default(),
        }
    }

    /// Takes rows of these entities alone.
    pub(crate) fn of_entities<'e>(self, declared: impl Iterator<Item = &'e Entity>) -> Self {
        Self {
            declared: Some(declared.cloned().collect()),
            ..self
        }
    }

    fn check_declared<'e>(&self, mut entities: impl Iterator<Item = &'e Entity>) -> Result<(), LedgerError> {
        let Some(declared) = &self.declared else { return Ok(()) };
        match entities.find(|entity| !declared.contains(*entity)) {
            Some(entity) => Err(LedgerError::Undeclared(entity.chars().take(MAX_NAME).collect())),
            None => Ok(()),
        }
    }

    pub(crate) async fn get_many(&self, meter: &Arc<Meter>, keys: Vec<Key>) -> Result<Vec<Option<Row>>, LedgerError> {
        bounded(keys.len())?;
        self.check_declared(keys.iter().map(|key| &key.entity))?;
        let _turn = self.turn(meter, keys.iter().map(key_size).sum()).await?;
        let rows = self.ledger.get_many(&self.scope, keys).await?;
        meter.ledger_reads.fetch_add(rows.len() as u64, Relaxed);
        Ok(rows)
    }

    pub(crate) async fn scan(
        &self,
        meter: &Arc<Meter>,
        entity: Entity,
        destination: String,
        after: Option<String>,
        limit: u32,
    ) -> Result<Vec<Row>, LedgerError> {
        bounded(limit as usize)?;
        self.check_declared(std::iter::once(&entity))?;
        let texts = destination.len() + after.as_ref().map_or(0, String::len);
        let _turn = self.turn(meter, texts).await?;
        let rows = self.ledger.scan(&self.scope, entity, destination, after, limit).await?;
        meter.ledger_reads.fetch_add(rows.len() as u64, Relaxed);
        Ok(rows)
    }

    pub(crate) async fn put_many(
        &self,
        meter: &Arc<Meter>,
        writes: Vec<Write>,
    ) -> Result<Vec<PutOutcome>, LedgerError> {
        bounded(writes.len())?;
        self.check_declared(writes.iter().map(|write| &write.link.key.entity))?;
        if self.access == LedgerAccess::Read {
            return Err(LedgerError::Unavailable("only a run may write".into()));
        }
        let _turn = self
            .turn(meter, writes.iter().map(|write| row_size(&write.link)).sum())
            .await?;
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

    /// Waits until the call may go to the ledger. `bytes` is what the host holds for it meanwhile.
    async fn turn(&self, meter: &Arc<Meter>, bytes: usize) -> Result<(Hold, SemaphorePermit<'_>), LedgerError> {
        let hold = meter.hold(bytes, self.pending_bytes).ok_or_else(|| {
            let limit = self.pending_bytes;
            LedgerError::TooLarge(format!("the calls under way are larger than {limit} bytes together"))
        })?;
        let permit = self.calls.acquire().await;
        let permit = permit.map_err(|_| LedgerError::Unavailable("the host shuts down".into()))?;
        Ok((hold, permit))
    }

    /// Leases of the destinations; those not held yet are taken.
    async fn leases(&self, destinations: BTreeSet<String>) -> Result<Vec<Lease>, LedgerError> {
        let mut held = self.leases.lock().await;
        let mut leases = Vec::with_capacity(destinations.len());
        for destination in destinations {
            let lease = match held.get(&destination) {
                Some(held) => held.lease.clone(),
                None => {
                    let taken = self.take(destination.clone()).await?;
                    let lease = taken.lease.clone();
                    held.insert(destination, taken);
                    lease
                }
            };
            leases.push(lease);
        }
        Ok(leases)
    }

    async fn take(&self, destination: String) -> Result<Held, LedgerError> {
        let ttl = milliseconds(self.longest + HEARTBEAT + SPARE);
        let now = self.clock.now();
        let taking = self.ledger.lease(&self.scope, destination, self.holder.clone(), ttl);
        Ok(Held {
            lease: taking.await?,
            ends_at: now + ttl,
        })
    }

    /// Refuses a request that could still be under way when somebody else may take a lease of this run over. A lease
    /// that is too near its end is renewed first.
    pub(crate) async fn may_send(&self, asked_ms: Option<u32>) -> Result<(), LedgerError> {
        let longest = asked_ms.map_or(self.longest, |ms| {
            self.longest.min(Duration::from_millis(u64::from(ms)))
        });
        let mut leases = self.leases.lock().await;
        for (destination, held) in leases.iter_mut() {
            if self.clock.now() + milliseconds(longest) < held.ends_at {
                continue;
            }
            let renewed = self.take(destination.clone()).await?;
            if renewed.lease.epoch != held.lease.epoch {
                let _ = self.ledger.release(&self.scope, renewed.lease).await;
                return Err(LedgerError::LeaseLost("it was taken over".into()));
            }
            *held = renewed;
        }
        Ok(())
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
                match self.leases.lock().await.get_mut(&destination) {
                    Some(held) if held.lease.epoch == renewed.lease.epoch => *held = renewed,
                    // Lost in between and taken anew: rows may have changed under the run, whose old epoch stays refused.
                    _ => {
                        let _ = self.ledger.release(&self.scope, renewed.lease).await;
                    }
                }
            }
        }
    }

    pub(crate) async fn release(&self) {
        for held in std::mem::take(&mut *self.leases.lock().await).into_values() {
            // One that cannot be given back runs out by itself.
            let _ = self.ledger.release(&self.scope, held.lease).await;
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn bounded(rows: usize) -> Result<(), LedgerError> {
    if rows > MAX_ROWS {
        return Err(LedgerError::TooLarge(format!("a call has at most {MAX_ROWS} rows")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use futures_util::future::BoxFuture;

    use super::super::SqliteLedger;
    use super::*;

    #[derive(Default)]
    struct Hand(AtomicU64);

    impl Clock for Hand {
        fn now(&self) -> u64 {
            self.0.load(Relaxed)
        }

        fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }
    }

    const LONGEST: Duration = Duration::from_secs(120);

    fn ledger(clock: &Arc<Hand>) -> SqliteLedger {
        let clock: Arc<dyn Clock> = clock.clone();
        SqliteLedger::in_memory().unwrap().with_clock(clock)
    }

    fn session(ledger: &SqliteLedger, clock: &Arc<Hand>, holder: &str) -> LedgerSession {
        let scope = Scope {
            tenant: "acme".into(),
            integration: "xray".into(),
        };
        let ledger: Arc<dyn Ledger> = Arc::new(ledger.clone());
        let clock: Arc<dyn Clock> = clock.clone();
        LedgerSession::new(
            ledger,
            clock,
            scope,
            &CallLimits::default(),
            LedgerAccess::Write,
            holder.into(),
            LONGEST,
        )
    }

    fn destination() -> BTreeSet<String> {
        BTreeSet::from(["1".to_owned()])
    }

    #[tokio::test]
    async fn without_a_lease_a_request_may_go() {
        let clock = Arc::new(Hand::default());
        let ledger = ledger(&clock);
        assert_eq!(session(&ledger, &clock, "one").may_send(None).await, Ok(()));
    }

    #[tokio::test]
    async fn a_lease_near_its_end_is_renewed_before_a_request_goes() {
        let clock = Arc::new(Hand::default());
        let ledger = ledger(&clock);
        let (one, two) = (session(&ledger, &clock, "one"), session(&ledger, &clock, "two"));
        one.leases(destination()).await.unwrap();
        // Enough for a short request, not for the longest.
        clock.0.store(100_000, Relaxed);
        assert_eq!(one.may_send(Some(1_000)).await, Ok(()));
        clock.0.store(199_000, Relaxed);
        assert_eq!(one.may_send(None).await, Ok(()));
        clock.0.store(250_000, Relaxed);
        assert!(matches!(
            two.leases(destination()).await,
            Err(LedgerError::LeaseLost(_))
        ));
    }

    #[tokio::test]
    async fn a_lease_that_was_taken_over_lets_no_request_go() {
        let clock = Arc::new(Hand::default());
        let ledger = ledger(&clock);
        let (one, two) = (session(&ledger, &clock, "one"), session(&ledger, &clock, "two"));
        one.leases(destination()).await.unwrap();
        clock.0.store(1_000_000, Relaxed);
        two.leases(destination()).await.unwrap();
        assert!(matches!(one.may_send(None).await, Err(LedgerError::LeaseLost(_))));
        // Given back, it is still not the first one's: rows may have changed.
        two.release().await;
        assert!(matches!(one.may_send(None).await, Err(LedgerError::LeaseLost(_))));
    }
}
