//! Runs in the store.

use super::model::{COLUMNS, NewRun, Run, Status, Summary};
use crate::plugins::Stop;
use crate::problem::Problem;
use crate::store::{Before, Statement, StoreError, TenantScope, sql};

/// Which runs are meant.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of this sync.
    pub sync: Option<String>,
    /// Where the list begins.
    pub before: Before,
    /// At most so many.
    pub limit: u32,
}

impl Run {
    /// By its id.
    ///
    /// # Errors
    ///
    /// There is none.
    pub async fn get(scope: &TenantScope, id: &str) -> Result<Self, Problem> {
        let query = sql(format!("SELECT {COLUMNS} FROM run WHERE tenant = ?1 AND id = ?2")).bind(id);
        let row = scope.find(query).await?.ok_or_else(Problem::not_found)?;
        Ok(Self::from_row(&row)?)
    }

    /// The latest first.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn list(scope: &TenantScope, filter: &RunFilter) -> Result<Vec<Self>, StoreError> {
        let query = sql(format!(
            "SELECT {COLUMNS} FROM run WHERE tenant = ?1 AND (sync = ?2 OR ?2 IS NULL) AND asked_at <= ?3 \
             AND (asked_at < ?3 OR id < ?4) ORDER BY asked_at DESC, id DESC LIMIT ?5"
        ));
        let query = query
            .bind(filter.sync.as_ref())
            .bind(filter.before.at)
            .bind(&filter.before.id)
            .bind(filter.limit);
        scope.read(query).await?.iter().map(Self::from_row).collect()
    }

    /// The one of a sync that is queued or under way.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn open(scope: &TenantScope, sync: &str) -> Result<Option<Self>, StoreError> {
        let query = sql(format!(
            "SELECT {COLUMNS} FROM run WHERE tenant = ?1 AND sync = ?2 AND status IN ('queued', 'running')"
        ));
        scope
            .find(query.bind(sync))
            .await?
            .as_ref()
            .map(Self::from_row)
            .transpose()
    }

    /// The one that was asked for with an idempotency key.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn with_key(scope: &TenantScope, key: &str) -> Result<Option<Self>, StoreError> {
        let query = sql(format!(
            "SELECT {COLUMNS} FROM run WHERE tenant = ?1 AND idempotency_key = ?2"
        ));
        scope
            .find(query.bind(key))
            .await?
            .as_ref()
            .map(Self::from_row)
            .transpose()
    }
}

impl NewRun {
    /// The row, in a status. The tenant is bound later.
    pub(crate) fn row(&self, status: Status, now: u64, stopped: Option<&Stop>) -> Statement {
        let row = sql(
            "INSERT INTO run (tenant, id, sync, mode, status, origin, asked_by, options, idempotency_key, asked_at, \
             finished_at, stopped, summary) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        );
        row.bind(&self.id)
            .bind(&self.sync)
            .bind(self.mode.name())
            .bind(status.name())
            .bind(self.origin.name())
            .bind(&self.asked_by)
            .bind(json(&self.options))
            .bind(self.idempotency_key.as_ref())
            .bind(now)
            .bind(status.is_over().then_some(now))
            .bind(stopped.map(json))
            .bind(json(&Summary::default()))
    }
}

/// The row of a run that is over.
pub(super) fn ended(run: &str, status: Status, stopped: Option<&Stop>, summary: &Summary, now: u64) -> Statement {
    let row = sql(
        "UPDATE run SET status = ?3, stopped = ?4, summary = ?5, finished_at = ?6, \
         verdicts = (SELECT COUNT(*) FROM verdict WHERE tenant = ?1 AND run = ?2) \
         WHERE tenant = ?1 AND id = ?2 AND status IN ('queued', 'running')",
    );
    row.bind(run)
        .bind(status.name())
        .bind(stopped.map(json))
        .bind(json(summary))
        .bind(now)
        // A run that was taken for interrupted meanwhile has its end already.
        .must_change(1)
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
