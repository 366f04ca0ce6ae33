//! The dispatcher of one process on one store.

#[cfg(test)]
mod hour;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tms_sync_host::Clock;
use tokio::sync::{Mutex, Notify};

use super::queue::{Turns, pick};
use super::{Claim, DispatchResult, Dispatcher, Enqueued, Watched, When, firing};
use crate::runs::{Hub, NewRun};
use crate::settings::Sync;
use crate::store::{Row, SharedStore, StoreError, TenantScope, sql};

/// Schedules and queue in the service's store.
pub struct LocalDispatcher {
    store: SharedStore,
    clock: Arc<dyn Clock>,
    hub: Hub,
    runs_at_once: u64,
    turns: Mutex<Turns>,
    /// Somebody waits for a claim that may be possible now.
    claimable: Notify,
    /// The next time may have changed.
    planned: Notify,
}

impl LocalDispatcher {
    /// Over a store that no other process works on.
    pub fn new(store: SharedStore, clock: Arc<dyn Clock>, hub: Hub, runs_at_once: usize) -> Self {
        Self {
            store,
            clock,
            hub,
            runs_at_once: u64::try_from(runs_at_once).unwrap_or(u64::MAX).max(1),
            turns: Mutex::default(),
            claimable: Notify::new(),
            planned: Notify::new(),
        }
    }

    async fn next_due(&self) -> Result<Option<u64>, StoreError> {
        let row = self.store.read(sql("SELECT MIN(due_at) AS due_at FROM sync")).await?;
        row.first().map_or(Ok(None), |row: &Row| row.get("due_at"))
    }

    async fn try_claim(&self) -> Result<Option<Claim>, StoreError> {
        let mut turns = self.turns.lock().await;
        if turns.total() >= self.runs_at_once {
            return Ok(None);
        }
        let Some(turn) = pick(&self.store, &turns).await? else {
            return Ok(None);
        };
        // Before its row says that it is under way: who cancels it then finds it.
        let begun = self.hub.begin(turn.scope.tenant(), &turn.run);
        let begin = sql(
            "UPDATE run SET status = 'running', started_at = ?3 WHERE tenant = ?1 AND id = ?2 AND status = 'queued'",
        );
        let begin = begin.bind(&turn.run).bind(self.clock.now()).must_change(1);
        match turn.scope.write(vec![begin]).await {
            Ok(_) => {
                turns.began(&turn);
                Ok(Some(Claim { turn, begun }))
            }
            // It was cancelled in this moment; the next is looked for.
            Err(StoreError::Stale) => {
                self.claimable.notify_one();
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl Dispatcher for LocalDispatcher {
    fn begin(&self) -> DispatchResult<'_, ()> {
        Box::pin(async move {
            // What was under way when the process before this one ended.
            let rows = firing::interrupted(self.clock.now(), "run.status = 'running'", &[]);
            let changed = self.store.write(rows).await?;
            if let Some(interrupted) = changed.last().filter(|runs| **runs > 0) {
                tracing::warn!(interrupted, "runs were under way when the service ended");
            }
            Ok(())
        })
    }

    fn turn(&self) -> DispatchResult<'_, ()> {
        Box::pin(async move {
            let now = self.clock.now();
            let due = sql("SELECT tenant, id FROM sync WHERE due_at <= ?1 ORDER BY due_at, tenant, id").bind(now);
            for row in self.store.read(due).await? {
                let scope = TenantScope::proved(self.store.clone(), &row.get::<String>("tenant")?);
                firing::fire(&scope, &row.get::<String>("id")?, now).await?;
                self.claimable.notify_one();
            }
            Ok(())
        })
    }

    fn keep_turning(&self) -> BoxFuture<'_, ()> {
        /// A clock that was set may make a time come sooner than a timer knows.
        const LONGEST: std::time::Duration = std::time::Duration::from_secs(30);
        Box::pin(async move {
            loop {
                if let Err(problem) = self.turn().await {
                    tracing::error!(error = %problem, "the schedule could not be read");
                }
                let pause = match self.next_due().await {
                    Ok(Some(at)) => std::time::Duration::from_millis(at.saturating_sub(self.clock.now())).min(LONGEST),
                    _ => LONGEST,
                };
                tokio::select! {
                    () = self.clock.sleep(pause) => {}
                    () = self.planned.notified() => {}
                }
            }
        })
    }

    fn plan<'a>(&'a self, scope: &'a TenantScope, sync: &'a Sync, when: When) -> DispatchResult<'a, ()> {
        Box::pin(async move {
            let (_, row) = firing::next(scope, sync, when, self.clock.now());
            self.store.write(vec![row]).await?;
            self.planned.notify_one();
            Ok(())
        })
    }

    fn enqueue<'a>(&'a self, scope: &'a TenantScope, run: &'a NewRun) -> DispatchResult<'a, Enqueued> {
        Box::pin(async move {
            let enqueued = firing::enqueue(scope, run, self.clock.now()).await?;
            self.claimable.notify_one();
            Ok(enqueued)
        })
    }

    fn claim(&self) -> BoxFuture<'_, Claim> {
        Box::pin(async move {
            loop {
                match self.try_claim().await {
                    Ok(Some(claim)) => return claim,
                    Ok(None) => self.claimable.notified().await,
                    Err(error) => {
                        tracing::error!(%error, "the queue could not be read");
                        self.clock.sleep(std::time::Duration::from_secs(5)).await;
                    }
                }
            }
        })
    }

    fn cancel<'a>(&'a self, scope: &'a TenantScope, run: &'a str) -> DispatchResult<'a, ()> {
        Box::pin(async move {
            if !firing::drop_queued(scope, run, self.clock.now()).await?
                && let Some(live) = self.hub.run(scope.tenant(), run)
            {
                live.cancel();
            }
            Ok(())
        })
    }

    fn watch<'a>(&'a self, scope: &'a TenantScope, run: &'a str) -> BoxFuture<'a, Option<Watched>> {
        Box::pin(async move { self.hub.run(scope.tenant(), run).map(|live| live.watch()) })
    }

    fn settle(&self, claim: Claim) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let Claim { turn, begun } = claim;
            drop(begun);
            self.turns.lock().await.ended(&turn);
            self.claimable.notify_one();
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use tms_sync_host::SystemClock;

    use super::*;
    use crate::runs::{Mode, Origin, Run, RunOptions, Status};
    use crate::store::SqliteStore;

    /// A store with the sync `main` of the tenant `acme`.
    async fn store() -> SharedStore {
        let store: SharedStore = Arc::new(SqliteStore::in_memory().unwrap());
        let rows = [
            "INSERT INTO tenant VALUES ('acme', 'Acme', '{}', 0)",
            "INSERT INTO project VALUES ('acme', 'p', 'P', 'https://testops.example', '1', 1, 0, NULL)",
            "INSERT INTO integration VALUES ('acme', 'i', 'I', 'xray-dc', '{}', 1, 0)",
            "INSERT INTO credentials (tenant, id, project, integration, fields, revision, created_at) \
             VALUES ('acme', 'c', 'p', 'i', '{}', 1, 0)",
            "INSERT INTO sync (tenant, id, credentials, name, destination, test_case_aql, launches_aql, \
             disable_test_case_create, disable_launches_sync, disable_export, mapping, schedule, delay_minutes, revision, \
             created_at, failures) \
             VALUES ('acme', 'main', 'c', 'main', 'CALC', '', '', 0, 0, 0, '{}', '{\"type\":\"off\"}', 0, 1, 0, 0)",
        ];
        store.write(rows.map(sql).to_vec()).await.unwrap();
        store
    }

    #[tokio::test]
    async fn a_run_that_is_cancelled_between_its_claim_and_its_start_hears_of_it() {
        let store = store().await;
        let dispatcher = LocalDispatcher::new(Arc::clone(&store), Arc::new(SystemClock), Hub::default(), 1);
        let scope = TenantScope::proved(store, "acme");
        let run = NewRun {
            id: "run".to_owned(),
            sync: "main".to_owned(),
            mode: Mode::Export,
            origin: Origin::Person,
            asked_by: "somebody".to_owned(),
            options: RunOptions::default(),
            idempotency_key: None,
        };
        dispatcher.enqueue(&scope, &run).await.unwrap();
        let claim = dispatcher.claim().await;
        dispatcher.cancel(&scope, "run").await.unwrap();
        assert!(claim.begun.live.watch().borrow().is_cancelled);
        assert_eq!(Run::get(&scope, "run").await.unwrap().status, Status::Running);
    }
}
