//! The dispatcher of a fleet: any number of processes on one database, which NATS JetStream brings together.
//!
//! | file | what |
//! |---|---|
//! | `link` | the connection, the streams, the names in them |
//! | `place` | where runs exclude each other, and the message that there is work |
//! | `claiming` | who carries out which run |
//! | `holding` | a run that is carried out here: signs of life, live events, cancelling |
//! | `remote` | runs that are carried out elsewhere |
//! | `forwarding` | the server's schedules, and what happens when a time comes |
//! | `sweeping` | the database compared with the queue, so that the queue may lose everything |
//!
//! The database has everything: which syncs are due, which runs wait, who carries one out. NATS says *when* and *to whom*.
//! What keeps two from writing at one destination is the ledger's lease with its epoch, never a message.

mod claiming;
mod forwarding;
mod holding;
mod link;
mod place;
mod remote;
mod sweeping;

use std::collections::HashMap;
use std::sync::Arc;

use async_nats::jetstream::consumer::PullConsumer;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use tms_sync_host::{Clock, Ledger};
use tokio::sync::{Mutex, Notify};

pub use link::FleetOptions;

use self::holding::Held;
use self::link::Link;
use self::place::{Place, Work};
use super::queue::Turns;
use super::{Claim, DispatchResult, Dispatcher, Enqueued, Watched, When, firing};
use crate::id::id;
use crate::problem::Problem;
use crate::runs::{Hub, NewRun};
use crate::settings::Sync;
use crate::store::{SharedStore, StoreError, TenantScope};

/// Schedules and queue in a store that several processes share, brought together by NATS.
pub struct JetStreamDispatcher {
    link: Arc<Link>,
    store: SharedStore,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    hub: Hub,
    /// Of this process; runs that it carries out have it in their rows.
    worker: String,
    runs_at_once: usize,
    turns: Mutex<Turns>,
    held: Mutex<HashMap<String, Held>>,
    /// Consumers of tenants, with how many runs each may have under way.
    consumers: Mutex<HashMap<String, (u64, PullConsumer)>>,
    /// When the streams were made that schedules were put into.
    known: Mutex<String>,
    /// Somebody waits for a claim that may be possible now.
    claimable: Arc<Notify>,
    listening: tokio::task::JoinHandle<()>,
}

/// What processes of a fleet share beside NATS.
pub struct Shared {
    /// Rows of the service.
    pub store: SharedStore,
    /// Who may write where.
    pub ledger: Arc<dyn Ledger>,
    /// The same time for all of them.
    pub clock: Arc<dyn Clock>,
}

impl JetStreamDispatcher {
    /// Joins a fleet.
    ///
    /// # Errors
    ///
    /// The server is not there, does not let us in, or knows no schedules: it is to be nats-server 2.12 or newer, with
    /// JetStream.
    pub async fn join(options: FleetOptions, shared: Shared, hub: Hub, runs_at_once: usize) -> Result<Self, Problem> {
        let link = Arc::new(Link::connect(options).await?);
        link.streams().await?;
        let claimable = Arc::new(Notify::new());
        let mut woken = link.client.subscribe(link.subject("wake")).await.map_err(link::nats)?;
        let wakes = Arc::clone(&claimable);
        let listening = tokio::spawn(async move {
            while woken.next().await.is_some() {
                wakes.notify_one();
            }
        });
        let Shared { store, ledger, clock } = shared;
        Ok(Self {
            link,
            store,
            ledger,
            clock,
            hub,
            worker: format!("{}-{}", machine(), id()),
            runs_at_once,
            turns: Mutex::default(),
            held: Mutex::default(),
            consumers: Mutex::default(),
            known: Mutex::default(),
            claimable,
            listening,
        })
    }

    fn scope(&self, tenant: &str) -> TenantScope {
        TenantScope::proved(self.store.clone(), tenant)
    }

    /// Says that there is work at a place. Where NATS is away, the next sweep says it.
    async fn offer(&self, scope: &TenantScope, place: Place) {
        let work = Work::at(scope, place);
        let offered = self
            .link
            .offer(self.link.subject(&work.subject()), work.payload())
            .await;
        if let Err(problem) = offered {
            tracing::warn!(error = %problem, "a run waits for NATS");
        }
        self.link.publish("wake", Vec::new()).await;
        self.claimable.notify_one();
    }

    /// The same where runs wait.
    async fn offer_again(&self, scope: &TenantScope, place: Place) -> Result<(), StoreError> {
        if !place.runs(scope, "queued").await?.is_empty() {
            self.offer(scope, place).await;
        }
        Ok(())
    }
}

impl Drop for JetStreamDispatcher {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// The name of this machine, for people.
fn machine() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name: String = name.trim().chars().take(40).collect();
    if name.is_empty() { "worker".to_owned() } else { name }
}

impl Dispatcher for JetStreamDispatcher {
    fn begin(&self) -> DispatchResult<'_, ()> {
        // Schedules are put again, and what waits is offered again.
        self.turn()
    }

    fn turn(&self) -> DispatchResult<'_, ()> {
        Box::pin(self.sweep())
    }

    fn keep_turning(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            tokio::join!(self.keep_forwarding(), self.keep_sweeping());
        })
    }

    fn plan<'a>(&'a self, scope: &'a TenantScope, sync: &'a Sync, when: When) -> DispatchResult<'a, ()> {
        Box::pin(async move {
            let (at, row) = firing::next(scope, sync, when, self.clock.now());
            self.store.write(vec![row]).await?;
            self.schedule(scope, &sync.id, at).await;
            Ok(())
        })
    }

    fn enqueue<'a>(&'a self, scope: &'a TenantScope, run: &'a NewRun) -> DispatchResult<'a, Enqueued> {
        Box::pin(async move {
            let enqueued = firing::enqueue(scope, run, self.clock.now()).await?;
            if enqueued == Enqueued::Queued
                && let Some(place) = Place::of_run(scope, &run.id).await?
            {
                self.offer(scope, place).await;
            }
            Ok(enqueued)
        })
    }

    fn claim(&self) -> BoxFuture<'_, Claim> {
        Box::pin(self.next_claim())
    }

    fn cancel<'a>(&'a self, scope: &'a TenantScope, run: &'a str) -> DispatchResult<'a, ()> {
        Box::pin(async move {
            if firing::drop_queued(scope, run, self.clock.now()).await? {
                return Ok(());
            }
            match self.hub.run(scope.tenant(), run) {
                Some(live) => live.cancel(),
                None => self.cancel_elsewhere(scope, run).await?,
            }
            Ok(())
        })
    }

    fn watch<'a>(&'a self, scope: &'a TenantScope, run: &'a str) -> BoxFuture<'a, Option<Watched>> {
        Box::pin(async move {
            match self.hub.run(scope.tenant(), run) {
                Some(live) => Some(live.watch()),
                None => self.watch_elsewhere(scope, run).await,
            }
        })
    }

    fn settle(&self, claim: Claim) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.let_go(claim))
    }
}
