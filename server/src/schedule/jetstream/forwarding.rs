//! The server's schedules, and what happens when a time comes.
//!
//! A schedule is one message that the server publishes once, at the time that the sync's row has. Calendars, time zones and the
//! spread of intervals are the service's own ([`Timing`](super::super::Timing)), so that a sync means the same on one machine
//! and in a fleet.

use std::time::Duration;

use async_nats::jetstream::{AckKind, Message};
use futures_util::StreamExt;

use super::super::firing;
use super::claiming::{done, later};
use super::link::nats;
use super::place::Place;
use super::{JetStreamDispatcher, TenantScope};
use crate::problem::Problem;
use crate::settings::Sync;
use crate::store::{Row, StoreError, sql};

/// Between two attempts to listen.
const AGAIN: Duration = Duration::from_secs(2);
/// How much too early a time may come: clocks differ. What is earlier waits for a sweep.
const EARLY: Duration = Duration::from_secs(60);

impl JetStreamDispatcher {
    /// Has the server say when a sync is due. Where NATS is away, a sweep sees it.
    pub(super) async fn schedule(&self, scope: &TenantScope, sync: &str, at: Option<u64>) {
        if let Err(problem) = self.link.schedule(scope.tenant(), sync, at).await {
            tracing::warn!(sync, error = %problem, "a sync waits for a sweep to be due");
        }
    }

    /// The schedules of all syncs, as the database has them.
    pub(super) async fn schedule_all(&self) -> Result<(), StoreError> {
        let due = sql("SELECT tenant, id, due_at FROM sync WHERE due_at IS NOT NULL ORDER BY due_at");
        for row in self.store.read(due).await? {
            let scope = self.scope(&row.get::<String>("tenant")?);
            self.schedule(&scope, &row.get::<String>("id")?, row.get("due_at")?)
                .await;
        }
        Ok(())
    }

    /// Fires a sync where it is due, and says when it is due next.
    pub(super) async fn fire(&self, scope: &TenantScope, sync: &str) -> Result<(), Problem> {
        if !firing::fire(scope, sync, self.clock.now()).await? {
            return Ok(());
        }
        let sync = Sync::get(scope, sync).await?;
        self.schedule(scope, &sync.id, sync.due_at).await;
        let place = Place::Writes {
            credentials: sync.draft.credentials.clone(),
            destination: sync.draft.destination.clone(),
        };
        self.offer_again(scope, place).await?;
        Ok(())
    }

    pub(super) async fn keep_forwarding(&self) {
        loop {
            if let Err(problem) = self.forward().await {
                tracing::warn!(error = %problem, "times that come are seen by sweeps alone");
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn forward(&self) -> Result<(), Problem> {
        let mut times = self.link.of_due().await?.messages().await.map_err(nats)?;
        while let Some(time) = times.next().await {
            let time = time.map_err(nats)?;
            if let Err(problem) = self.forward_one(&time).await {
                tracing::warn!(error = %problem, "a sync that is due waits");
                later(&time).await;
            }
        }
        Ok(())
    }

    async fn forward_one(&self, time: &Message) -> Result<(), Problem> {
        let mut parts = time.subject.rsplit('.');
        let (Some(sync), Some(tenant)) = (parts.next(), parts.next()) else {
            done(time).await;
            return Ok(());
        };
        let scope = self.scope(tenant);
        let due = sql("SELECT due_at FROM sync WHERE tenant = ?1 AND id = ?2 AND due_at IS NOT NULL").bind(sync);
        let due = scope
            .find(due)
            .await?
            .map(|row: Row| row.get::<u64>("due_at"))
            .transpose()?;
        let early = due.map(|due| Duration::from_millis(due.saturating_sub(self.clock.now())));
        if let Some(early) = early.filter(|early| !early.is_zero() && *early <= EARLY) {
            let wait = AckKind::Nak(Some(early));
            return time.ack_with(wait).await.map_err(nats);
        }
        if early == Some(Duration::ZERO) {
            self.fire(&scope, sync).await?;
        }
        done(time).await;
        Ok(())
    }
}
