//! Who carries out which run.
//!
//! The tenant whose turn it is, by the database; then a message of this tenant, which makes its place this worker's; then the
//! run of the place that was asked for first.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::jetstream::{AckKind, Message};
use futures_util::StreamExt;
use tms_sync_host::{LedgerError, Scope};

use super::super::queue::waiting;
use super::super::{Claim, Turn, firing};
use super::holding::Held;
use super::link::nats;
use super::place::{Candidate, Place, Work};
use super::{JetStreamDispatcher, StoreError, TenantScope};
use crate::problem::Problem;
use crate::store::{IntoValue, sql};

/// How long a place is left alone that somebody works at.
const LATER: Duration = Duration::from_secs(5);
/// How long a worker waits for news before it looks for itself.
const LOOK: Duration = Duration::from_secs(5);
/// As long as a run's own lease: asking for one must not shorten it.
const LEASE_MS: u64 = 200_000;

impl JetStreamDispatcher {
    pub(super) async fn next_claim(&self) -> Claim {
        loop {
            match self.try_claim().await {
                Ok(Some(claim)) => return claim,
                Ok(None) => {
                    // Somebody's news may have been lost on the way.
                    let _ = tokio::time::timeout(LOOK, self.claimable.notified()).await;
                }
                Err(problem) => {
                    tracing::error!(error = %problem, "the queue could not be read");
                    self.consumers.lock().await.clear();
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }

    pub(super) async fn try_claim(&self) -> Result<Option<Claim>, Problem> {
        if self.held.lock().await.len() >= self.runs_at_once {
            return Ok(None);
        }
        let mut turns = self.turns.lock().await;
        turns.see(self.under_way().await?, self.ended().await?);
        for (tenant, quota) in waiting(&self.store, &turns).await? {
            while let Some(message) = self.message_of(&tenant, quota).await? {
                if let Some(claim) = self.take(&tenant, message).await? {
                    turns.began(&claim.turn);
                    return Ok(Some(claim));
                }
            }
        }
        Ok(None)
    }

    /// How many runs each tenant has under way, at all workers.
    async fn under_way(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let query = sql("SELECT tenant, COUNT(*) AS running FROM run WHERE status = 'running' GROUP BY tenant");
        let rows = self.store.read(query).await?;
        let count = |row: &crate::store::Row| Ok((row.get("tenant")?, row.get("running")?));
        rows.iter().map(count).collect()
    }

    /// When a run of each tenant that waits ended last, at any worker.
    async fn ended(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let query = sql(
            "SELECT tenant, (SELECT MAX(finished_at) FROM run WHERE run.tenant = waiting.tenant) AS ended \
             FROM (SELECT DISTINCT tenant FROM run WHERE status = 'queued') AS waiting",
        );
        let rows = self.store.read(query).await?;
        let ended = |row: &crate::store::Row| Ok((row.get("tenant")?, row.get::<Option<u64>>("ended")?.unwrap_or(0)));
        rows.iter().map(ended).collect()
    }

    async fn message_of(&self, tenant: &str, quota: u64) -> Result<Option<Message>, Problem> {
        let mut consumers = self.consumers.lock().await;
        let known = consumers.get(tenant).filter(|(known, _)| *known == quota);
        let consumer = match known {
            Some((_, consumer)) => consumer.clone(),
            None => {
                let consumer = self.link.of_tenant(tenant, quota).await?;
                consumers.insert(tenant.to_owned(), (quota, consumer.clone()));
                consumer
            }
        };
        drop(consumers);
        let next = async {
            let mut messages = consumer.fetch().max_messages(1).messages().await.map_err(nats)?;
            messages.next().await.transpose().map_err(nats)
        };
        // A server that went away in between answers nothing.
        let late = |_| nats("no answer");
        tokio::time::timeout(LOOK, next).await.map_err(late)?
    }

    /// The run that a message leads to, where this worker may carry one out there.
    async fn take(&self, tenant: &str, message: Message) -> Result<Option<Claim>, Problem> {
        let work = Work::read(&message.payload).filter(|work| work.tenant == tenant);
        let Some(work) = work else {
            tracing::error!(subject = %message.subject, "a message cannot be read and is dropped");
            done(&message).await;
            return Ok(None);
        };
        let scope = self.scope(tenant);
        for run in work.place.runs(&scope, "running").await? {
            if !self.take_over(&scope, &work.place, &run).await? {
                later(&message).await;
                return Ok(None);
            }
        }
        for candidate in work.place.runs(&scope, "queued").await? {
            let turn = work.place.turn(&scope, &candidate);
            if let Some(claim) = self.begin_run(turn).await? {
                let held = Held::hold(self, &claim, message, work.place);
                self.held.lock().await.insert(candidate.run, held);
                return Ok(Some(claim));
            }
        }
        // Nothing waits here any more.
        done(&message).await;
        self.offer_again(&scope, work.place).await?;
        Ok(None)
    }

    async fn begin_run(&self, turn: Turn) -> Result<Option<Claim>, StoreError> {
        // Before its row says that it is under way: who cancels it then finds it.
        let begun = self.hub.begin(turn.scope.tenant(), &turn.run);
        let row = sql(
            "UPDATE run SET status = 'running', started_at = ?3, seen_at = ?3, worker = ?4 \
             WHERE tenant = ?1 AND id = ?2 AND status = 'queued'",
        );
        let row = row.bind(&turn.run).bind(self.clock.now()).bind(&self.worker);
        match turn.scope.write(vec![row.must_change(1)]).await {
            Ok(_) => Ok(Some(Claim { turn, begun })),
            Err(StoreError::Stale) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Marks a run as interrupted whose worker is gone, and has it done again where its sync is scheduled. False: its worker
    /// is there, or the ledger still keeps its place for it.
    pub(super) async fn take_over(&self, scope: &TenantScope, place: &Place, run: &Candidate) -> Result<bool, Problem> {
        let now = self.clock.now();
        let patience = u64::try_from(self.link.options.patience.as_millis()).unwrap_or(u64::MAX);
        if run.seen_at.saturating_add(patience) > now || !self.is_free(scope, place).await? {
            return Ok(false);
        }
        let which = "run.tenant = ?2 AND run.id = ?3 AND run.status = 'running' AND run.seen_at = ?4";
        let bound = [
            scope.tenant().into_value(),
            run.run.as_str().into_value(),
            run.seen_at.into_value(),
        ];
        let changed = self.store.write(firing::interrupted(now, which, &bound)).await?;
        if changed.last() == Some(&1) {
            tracing::warn!(tenant = scope.tenant(), run = run.run, "the worker of a run is gone");
            self.fire(scope, &run.sync).await?;
        }
        Ok(true)
    }

    /// Whether the ledger lets somebody else write there. Asking raises the epoch, so that whoever wakes up later writes nothing.
    async fn is_free(&self, scope: &TenantScope, place: &Place) -> Result<bool, Problem> {
        let Place::Writes {
            credentials,
            destination,
        } = place
        else {
            return Ok(true);
        };
        let scope = Scope {
            tenant: scope.tenant().to_owned(),
            integration: credentials.clone(),
        };
        let holder = format!("queue {}", self.worker);
        let leased = self.ledger.lease(&scope, destination.clone(), holder, LEASE_MS).await;
        match leased {
            Ok(lease) => match self.ledger.release(&scope, lease).await {
                Ok(()) => Ok(true),
                Err(error) => Err(StoreError::Unavailable(error.to_string()).into()),
            },
            Err(LedgerError::LeaseLost(_)) => Ok(false),
            Err(error) => Err(StoreError::Unavailable(error.to_string()).into()),
        }
    }
}

/// The message comes again to somebody else, or here.
pub(super) async fn later(message: &Message) {
    if let Err(error) = message.ack_with(AckKind::Nak(Some(LATER))).await {
        tracing::debug!(%error, "a message comes again when its time is over");
    }
}

/// The message does not come again. Where the server does not hear it, it comes and finds nothing to do.
pub(super) async fn done(message: &Message) {
    match tokio::time::timeout(LOOK, message.double_ack()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a message that was done comes again"),
        Err(_) => tracing::debug!("a message that was done comes again: no answer"),
    }
}
