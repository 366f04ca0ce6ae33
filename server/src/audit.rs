//! Who changed what. Entries have names and ids, never a secret.

use serde::Serialize;
use utoipa::ToSchema;

use crate::id::id;
use crate::store::{Before, Row, SharedStore, Statement, StoreError, TenantScope, sql};
use crate::users::{Entered, Users};

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Id.
    pub id: String,
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

/// What somebody did.
pub(crate) struct Did<'a> {
    action: &'a str,
    subject: &'a str,
    detail: &'a str,
}

/// Did what, for example `change sync`, to what, and what else there is to know.
pub(crate) fn did<'a>(action: &'a str, subject: &'a str, detail: &'a str) -> Did<'a> {
    Did {
        action,
        subject,
        detail,
    }
}

impl Did<'_> {
    fn row(&self, actor: &str, now: u64) -> Statement {
        let row = sql(
            "INSERT INTO audit (tenant, id, at, actor, action, subject, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        );
        row.bind(id())
            .bind(now)
            .bind(actor)
            .bind(self.action)
            .bind(self.subject)
            .bind(self.detail)
    }
}

impl Entered {
    /// Changes rows of the tenant and records who did, in one transaction.
    pub(crate) async fn write(&self, now: u64, mut rows: Vec<Statement>, did: Did<'_>) -> Result<(), StoreError> {
        rows.push(did.row(&self.actor, now));
        self.scope.write(rows).await.map(drop)
    }
}

impl Users {
    /// Changes rows that belong to no tenant and records who did, in one transaction. With a tenant, its log has the entry.
    pub(crate) async fn write(
        &self,
        by: &str,
        tenant: Option<&str>,
        mut rows: Vec<Statement>,
        did: Did<'_>,
    ) -> Result<(), StoreError> {
        rows.push(did.row(by, self.clock.now()).led_by(tenant.unwrap_or_default()));
        self.store.write(rows).await.map(drop)
    }
}

const COLUMNS: &str = "id, at, actor, action, subject, detail";

impl AuditEntry {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
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
    pub async fn list(scope: &TenantScope, before: &Before, limit: u32) -> Result<Vec<Self>, StoreError> {
        let query = sql(format!(
            "SELECT {COLUMNS} FROM audit WHERE tenant = ?1 AND at <= ?2 AND (at < ?2 OR id < ?3) \
             ORDER BY at DESC, id DESC LIMIT ?4"
        ));
        scope
            .read(query.bind(before.at).bind(&before.id).bind(limit))
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
    pub async fn of_instance(store: &SharedStore, before: &Before, limit: u32) -> Result<Vec<Self>, StoreError> {
        let query = sql(format!(
            "SELECT {COLUMNS} FROM audit WHERE tenant = '' AND at <= ?1 AND (at < ?1 OR id < ?2) \
             ORDER BY at DESC, id DESC LIMIT ?3"
        ));
        store
            .read(query.bind(before.at).bind(&before.id).bind(limit))
            .await?
            .iter()
            .map(Self::from_row)
            .collect()
    }
}
