//! The link ledger in memory: rows by compare-and-swap, one writer at a time by a lease with an epoch, and a process
//! that can be killed just before a write becomes durable or just after it, before it hears so.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::FutureExt as _;
use tms_sync_xray::ports::{Entity, Key, LedgerError, Link, Links, Pending, PutOutcome, Row};

use crate::executor::Executor;
use crate::network::Network;
use crate::process::Process;
use crate::trace::Trace;

/// A dead holder keeps others out for so long, as the host's lease does.
const LEASE_MS: u64 = 60_000;

/// What is durable. It outlives every process.
#[derive(Default)]
pub struct Ledger {
    rows: RefCell<BTreeMap<Key, Row>>,
    lease: RefCell<Lease>,
    /// Leases are given to everybody, as by a store that cannot keep them: only compare-and-swap is left.
    pub unleased: Cell<bool>,
    conflicts: Cell<u64>,
}

#[derive(Default)]
struct Lease {
    holder: Option<Rc<Process>>,
    epoch: u64,
}

impl Ledger {
    /// All rows by key.
    pub fn rows(&self) -> Vec<Row> {
        self.rows.borrow().values().cloned().collect()
    }

    /// Every row is lost, as when a database is restored from nothing.
    pub fn lose_everything(&self) {
        self.rows.borrow_mut().clear();
    }

    /// Rows that were refused because somebody else had written them.
    pub fn conflicts(&self) -> u64 {
        self.conflicts.get()
    }

    /// The lease is given back, if this process has it.
    pub fn release(&self, process: &Rc<Process>) {
        let mut lease = self.lease.borrow_mut();
        if lease.holder.as_ref().is_some_and(|holder| Rc::ptr_eq(holder, process)) {
            lease.holder = None;
        }
    }

    fn take(&self, process: &Rc<Process>, now: u64) -> Result<u64, LedgerError> {
        let mut lease = self.lease.borrow_mut();
        if self.unleased.get() {
            return Ok(lease.epoch);
        }
        let free = match &lease.holder {
            None => true,
            Some(holder) if Rc::ptr_eq(holder, process) => return Ok(lease.epoch),
            Some(holder) => holder.dead_since().is_some_and(|since| since + LEASE_MS <= now),
        };
        if !free {
            return Err(LedgerError::LeaseLost("another host holds it".to_owned()));
        }
        lease.holder = Some(Rc::clone(process));
        lease.epoch += 1;
        Ok(lease.epoch)
    }

    fn apply(&self, writes: Vec<(Link, u64)>) -> Vec<PutOutcome> {
        let mut rows = self.rows.borrow_mut();
        let write = |(link, expected): (Link, u64)| {
            let version = rows.get(&link.key).map_or(0, |row| row.version);
            if version != expected {
                self.conflicts.set(self.conflicts.get() + 1);
                return PutOutcome::Conflict;
            }
            let version = version + 1;
            rows.insert(link.key.clone(), Row { link, version });
            PutOutcome::Stored(version)
        };
        writes.into_iter().map(write).collect()
    }
}

/// A process's way to the ledger.
pub struct Session {
    /// What is durable.
    pub ledger: Rc<Ledger>,
    /// Whose session it is.
    pub process: Rc<Process>,
    /// Time.
    pub executor: Executor,
    /// Chances of a failing store.
    pub network: Rc<Network>,
    /// What happens is recorded here.
    pub trace: Rc<Trace>,
    /// Epoch of the lease that was taken.
    pub epoch: Cell<Option<u64>>,
}

impl Session {
    async fn put(&self, writes: Vec<(Link, u64)>) -> Result<Vec<PutOutcome>, LedgerError> {
        self.process.boundary(self.executor.now()).await;
        self.note(&writes);
        if self.network.store_fails() {
            return Err(LedgerError::Unavailable("the disk is full".to_owned()));
        }
        let epoch = self.ledger.take(&self.process, self.executor.now())?;
        if *self.epoch.take().get_or_insert(epoch) != epoch {
            return Err(LedgerError::LeaseLost("it was taken over".to_owned()));
        }
        self.epoch.set(Some(epoch));
        let outcomes = self.ledger.apply(writes);
        self.process.boundary(self.executor.now()).await;
        Ok(outcomes)
    }

    fn note(&self, writes: &[(Link, u64)]) {
        for (link, expected) in writes {
            let Key { entity, id, .. } = &link.key;
            let issue = link.issue_id.as_deref().unwrap_or("-");
            let line = format!(
                "host {} ledger {entity:?} {id} v{expected} → {:?} issue {issue} attempt {}",
                self.process.host, link.phase, link.attempt
            );
            self.trace.line(self.executor.now() - crate::executor::START, &line);
            self.trace.bytes(link.detail.as_bytes());
        }
    }
}

impl Links for Session {
    fn get_many(&self, keys: Vec<Key>) -> Pending<'_, Result<Vec<Option<Row>>, LedgerError>> {
        async move {
            self.process.boundary(self.executor.now()).await;
            let rows = self.ledger.rows.borrow();
            Ok(keys.iter().map(|key| rows.get(key).cloned()).collect())
        }
        .boxed_local()
    }

    fn put_many(&self, writes: Vec<(Link, u64)>) -> Pending<'_, Result<Vec<PutOutcome>, LedgerError>> {
        self.put(writes).boxed_local()
    }

    fn scan(
        &self,
        entity: Entity,
        destination: String,
        after: Option<String>,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Row>, LedgerError>> {
        async move {
            self.process.boundary(self.executor.now()).await;
            let number = |id: &str| id.parse::<u64>().unwrap_or(u64::MAX);
            let after = after.as_deref().map(number);
            let rows = self.ledger.rows.borrow();
            let mut found: Vec<Row> = rows
                .values()
                .filter(|row| row.link.key.entity == entity && row.link.key.destination == destination)
                .filter(|row| after.is_none_or(|after| number(&row.link.key.id) > after))
                .cloned()
                .collect();
            found.sort_by_key(|row| number(&row.link.key.id));
            found.truncate(limit as usize);
            Ok(found)
        }
        .boxed_local()
    }
}
