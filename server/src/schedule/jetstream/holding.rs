//! A run that is carried out here: signs of life for the database and then for NATS, live events, cancelling.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{AckKind, Message};
use futures_util::StreamExt;
use tms_sync_host::Clock;
use tokio::task::JoinHandle;

use super::super::{Claim, Turn};
use super::claiming::done;
use super::link::Link;
use super::place::Place;
use super::{JetStreamDispatcher, StoreError};
use crate::runs::LiveRun;
use crate::store::sql;

/// How often a state is published at most.
const PAUSE: Duration = Duration::from_millis(250);

/// What goes on beside a run as long as it is under way.
pub(super) struct Held {
    message: Arc<Message>,
    place: Place,
    living: JoinHandle<()>,
}

impl Held {
    pub(super) fn hold(dispatcher: &JetStreamDispatcher, claim: &Claim, message: Message, place: Place) -> Self {
        let message = Arc::new(message);
        let life = Life {
            turn: claim.turn.clone(),
            live: claim.begun.live.clone(),
            clock: Arc::clone(&dispatcher.clock),
            worker: dispatcher.worker.clone(),
            message: Arc::clone(&message),
            every: dispatcher.link.options.patience / 3,
        };
        tokio::spawn(share(
            Arc::clone(&dispatcher.link),
            claim.turn.clone(),
            claim.begun.live.clone(),
        ));
        Self {
            message,
            place,
            living: tokio::spawn(life.show()),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.living.abort();
    }
}

impl JetStreamDispatcher {
    /// The end of a run: its place is free for the next one.
    pub(super) async fn let_go(&self, claim: Claim) -> Result<(), StoreError> {
        let Claim { turn, begun } = claim;
        drop(begun);
        let held = self.held.lock().await.remove(&turn.run);
        if let Some(held) = held {
            done(&held.message).await;
            // Whoever asked for a run before that was refused a message of its own.
            self.offer_again(&turn.scope, held.place.clone()).await?;
        }
        self.claimable.notify_one();
        Ok(())
    }
}

struct Life {
    turn: Turn,
    live: LiveRun,
    clock: Arc<dyn Clock>,
    worker: String,
    message: Arc<Message>,
    every: Duration,
}

impl Life {
    /// Reports to NATS that the run goes on, but only after the database took it: who cannot reach the one that has the ledger's
    /// leases has nothing to go on with.
    async fn show(self) {
        loop {
            tokio::time::sleep(self.every).await;
            let row =
                sql("UPDATE run SET seen_at = ?3 WHERE tenant = ?1 AND id = ?2 AND worker = ?4 AND status = 'running'");
            let row = row.bind(&self.turn.run).bind(self.clock.now()).bind(&self.worker);
            match self.turn.scope.write(vec![row.must_change(1)]).await {
                Ok(_) => {
                    if let Err(error) = self.message.ack_with(AckKind::Progress).await {
                        tracing::debug!(%error, "NATS does not hear that a run goes on");
                    }
                }
                Err(StoreError::Stale) => {
                    tracing::warn!(
                        run = self.turn.run,
                        "a run was given to somebody else meanwhile and ends here"
                    );
                    self.live.cancel();
                    self.live.cancel();
                    return;
                }
                Err(error) => tracing::warn!(run = self.turn.run, %error, "a run goes on, and nobody knows it"),
            }
        }
    }
}

/// Publishes where a run is, and answers those who ask, until it is over.
async fn share(link: Arc<Link>, turn: Turn, live: LiveRun) {
    let name = format!("{}.{}", turn.scope.tenant(), turn.run);
    let subject = link.subject(&format!("run.{name}"));
    let mut asked = match link.client.subscribe(subject).await {
        Ok(asked) => asked,
        Err(error) => {
            tracing::warn!(run = turn.run, %error, "nobody can watch a run from elsewhere");
            return;
        }
    };
    let mut state = live.watch();
    let mut pause = tokio::time::interval(PAUSE);
    pause.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            request = asked.next() => {
                let Some(request) = request else { return };
                if request.payload.as_ref() == b"cancel" {
                    live.cancel();
                }
                if let Some(reply) = request.reply {
                    let now = serde_json::to_vec(&*live.watch().borrow()).unwrap_or_default();
                    let _ = link.client.publish(reply, now.into()).await;
                }
            }
            _ = pause.tick() => {
                if !state.has_changed().unwrap_or(true) {
                    continue;
                }
                let now = state.borrow_and_update().clone();
                link.publish(&format!("live.{name}"), serde_json::to_vec(&now).unwrap_or_default()).await;
                if now.is_over {
                    return;
                }
            }
        }
    }
}
