//! The database compared with the queue: what NATS lost, or never got, comes back from there.

use super::place::Place;
use super::{JetStreamDispatcher, TenantScope};
use crate::problem::Problem;
use crate::store::{Row, StoreError, sql};

impl JetStreamDispatcher {
    pub(super) async fn keep_sweeping(&self) {
        loop {
            tokio::time::sleep(self.link.options.sweep).await;
            if let Err(problem) = self.sweep().await {
                tracing::error!(error = %problem, "the schedule could not be read");
            }
        }
    }

    /// Fires what is due, takes over what nobody carries out any more, and offers what waits.
    pub(super) async fn sweep(&self) -> Result<(), Problem> {
        // Without NATS the database goes on being right: what is due is written down, and offered later.
        if let Err(problem) = self.renew_streams().await {
            tracing::warn!(error = %problem, "runs wait for NATS");
        }
        for (scope, sync) in self.due().await? {
            self.fire(&scope, &sync).await?;
        }
        for scope in self.tenants_with("running").await? {
            self.take_over_all(&scope).await?;
        }
        for scope in self.tenants_with("queued").await? {
            for place in Place::waiting(&scope).await? {
                self.offer(&scope, place).await;
            }
        }
        Ok(())
    }

    /// Streams that were made anew are empty: schedules are put again.
    async fn renew_streams(&self) -> Result<(), Problem> {
        let made = self.link.streams().await?;
        let mut known = self.known.lock().await;
        if *known != made {
            self.consumers.lock().await.clear();
            self.schedule_all().await?;
            *known = made;
        }
        Ok(())
    }

    async fn due(&self) -> Result<Vec<(TenantScope, String)>, StoreError> {
        let due = sql("SELECT tenant, id FROM sync WHERE due_at <= ?1 ORDER BY due_at, tenant, id");
        let rows = self.store.read(due.bind(self.clock.now())).await?;
        let one = |row: &Row| Ok((self.scope(&row.get::<String>("tenant")?), row.get("id")?));
        rows.iter().map(one).collect()
    }

    async fn tenants_with(&self, status: &str) -> Result<Vec<TenantScope>, StoreError> {
        let rows = self
            .store
            .read(sql("SELECT DISTINCT tenant FROM run WHERE status = ?1").bind(status))
            .await?;
        rows.iter()
            .map(|row| Ok(self.scope(&row.get::<String>("tenant")?)))
            .collect()
    }

    /// Runs whose message was lost with the queue: nobody but a sweep sees that their worker is gone.
    async fn take_over_all(&self, scope: &TenantScope) -> Result<(), Problem> {
        let running = sql("SELECT id FROM run WHERE tenant = ?1 AND status = 'running'");
        for row in scope.read(running).await? {
            let run: String = row.get("id")?;
            let Some(place) = Place::of_run(scope, &run).await? else {
                continue;
            };
            for candidate in place.runs(scope, "running").await? {
                self.take_over(scope, &place, &candidate).await?;
            }
        }
        Ok(())
    }
}
