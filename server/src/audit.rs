//! Who changed what. Entries have names and ids, never a secret.

use serde::Serialize;
use utoipa::ToSchema;

use crate::id::id;
use crate::store::{Row, SharedStore, Statement, StoreError, TenantScope, sql};
use crate::users::Entered;

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Milliseconds since the Unix epoch.
    pub at: u64,
    /// Who.
    pub actor: String,
    /// Did what, for example `change sync`.
    pub action: String,
    /// To what: its name.
    pub subject: String,
    /// What else there is to know.
    pub detail: String,
}

/// The row of an entry of a tenant; it belongs in the transaction of what it is about.
pub(crate) fn entry(entered: &Entered, now: u64, action: &str, subject: &str, detail: &str) -> Statement {
    let row =
        sql("INSERT INTO audit (tenant, id, at, actor, action, subject, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    row.bind(id())
        .bind(now)
        .bind(&entered.actor)
        .bind(action)
        .bind(subject)
        .bind(detail)
}

/// The row of an entry about the instance.
pub(crate) fn of_instance(actor: &str, now: u64, action: &str, subject: &str, detail: &str) -> Statement {
    let row =
        sql("INSERT INTO audit (tenant, id, at, actor, action, subject, detail) VALUES ('', ?1, ?2, ?3, ?4, ?5, ?6)");
    row.bind(id())
        .bind(now)
        .bind(actor)
        .bind(action)
        .bind(subject)
        .bind(detail)
}

const COLUMNS: &str = "at, actor, action, subject, detail";

impl AuditEntry {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            at: row.get("at")?,
            actor: row.get("actor")?,
            action: row.get("action")?,
            subject: row.get("subject")?,
            detail: row.get("detail")?,
        })
    }

    /// Of a tenant, newest first.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn list(scope: &TenantScope, before: u64, limit: u32) -> Result<Vec<Self>, StoreError> {
        let query = sql(format!(
            "SELECT {COLUMNS} FROM audit WHERE tenant = ?1 AND at < ?2 ORDER BY at DESC, id LIMIT ?3"
        ));
        scope
            .read(query.bind(before).bind(limit))
            .await?
            .iter()
            .map(Self::from_row)
            .collect()
    }

    /// Of the instance, newest first.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn of_instance(store: &SharedStore, before: u64, limit: u32) -> Result<Vec<Self>, StoreError> {
        let query = sql(format!(
            "SELECT {COLUMNS} FROM audit WHERE tenant = '' AND at < ?1 ORDER BY at DESC, id LIMIT ?2"
        ));
        store
            .read(query.bind(before).bind(limit))
            .await?
            .iter()
            .map(Self::from_row)
            .collect()
    }
}
