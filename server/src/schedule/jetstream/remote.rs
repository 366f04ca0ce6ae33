//! Runs that are carried out elsewhere.

use std::time::Duration;

use async_nats::client::RequestErrorKind;
use futures_util::StreamExt;
use tokio::sync::watch;

use super::super::Watched;
use super::link::nats;
use super::{JetStreamDispatcher, TenantScope};
use crate::problem::Problem;
use crate::runs::{Live, Run};

/// After so long without a state the database is asked how the run stands.
const SILENCE: Duration = Duration::from_secs(30);

impl JetStreamDispatcher {
    /// Asks the worker of a run to end it.
    pub(super) async fn cancel_elsewhere(&self, scope: &TenantScope, run: &str) -> Result<(), Problem> {
        let subject = self.link.subject(&format!("run.{}.{run}", scope.tenant()));
        match self.link.client.request(subject, "cancel".into()).await {
            Ok(_) => Ok(()),
            Err(_) if Run::get(scope, run).await?.status.is_over() => Ok(()),
            Err(error) if error.kind() == RequestErrorKind::NoResponders => {
                let message = "The worker of this run does not answer.";
                let hint = "Where it is gone, the run is marked as interrupted within minutes.";
                Err(nats(message).hint(hint).retry_after(10))
            }
            Err(error) => Err(nats(error)),
        }
    }

    /// Follows a run by what its worker publishes.
    pub(super) async fn watch_elsewhere(&self, scope: &TenantScope, run: &str) -> Option<Watched> {
        let name = format!("{}.{run}", scope.tenant());
        // Before the question: nothing is missed in between.
        let mut states = self
            .link
            .client
            .subscribe(self.link.subject(&format!("live.{name}")))
            .await
            .ok()?;
        let now = self
            .link
            .client
            .request(self.link.subject(&format!("run.{name}")), "state".into());
        let now: Live = serde_json::from_slice(&now.await.ok()?.payload).ok()?;
        let (sender, receiver) = watch::channel(now);
        tokio::spawn(async move {
            loop {
                let next = tokio::select! {
                    next = tokio::time::timeout(SILENCE, states.next()) => next,
                    () = sender.closed() => return,
                };
                let Ok(Some(state)) = next else { break };
                let Ok(state) = serde_json::from_slice::<Live>(&state.payload) else {
                    break;
                };
                let is_over = state.is_over;
                sender.send_replace(state);
                if is_over {
                    return;
                }
            }
            // Nobody knows here: its row has the rest.
            sender.send_modify(|live| live.is_over = true);
        });
        Some(receiver)
    }
}
