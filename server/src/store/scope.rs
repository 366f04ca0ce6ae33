//! The one way to rows of a tenant.

use futures_util::future::BoxFuture;

use super::{Row, SharedStore, Statement, StoreError};

/// The rows of one tenant. `?1` of every statement is the tenant; parameters that are bound begin at `?2`.
///
/// It comes from [`Visitor::enter`](crate::users::Visitor::enter), which asks a session or a token for its tenants, from a
/// run that the dispatcher handed out, or from the service's own upkeep. There is no other way to make one.
#[derive(Clone)]
pub struct TenantScope {
    store: SharedStore,
    tenant: String,
}

impl std::fmt::Debug for TenantScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("TenantScope").field(&self.tenant).finish()
    }
}

impl TenantScope {
    /// For those who have proved that they may: sessions, tokens, the dispatcher, upkeep (`tests/isolation.rs` reads the
    /// sources for others).
    pub(crate) fn proved(store: SharedStore, tenant: &str) -> Self {
        Self {
            store,
            tenant: tenant.to_owned(),
        }
    }

    /// The tenant's name.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// Rows of the tenant.
    pub fn read(&self, statement: Statement) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        self.store.read(self.scoped(statement))
    }

    /// The only row, where there is one.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn find(&self, statement: Statement) -> Result<Option<Row>, StoreError> {
        Ok(self.read(statement).await?.into_iter().next())
    }

    /// Changes rows of the tenant, in one transaction.
    pub fn write(&self, statements: Vec<Statement>) -> BoxFuture<'_, Result<Vec<u64>, StoreError>> {
        self.store
            .write(statements.into_iter().map(|statement| self.scoped(statement)).collect())
    }

    fn scoped(&self, statement: Statement) -> Statement {
        debug_assert!(statement.sql.contains("?1"), "not scoped: {}", statement.sql);
        statement.led_by(&self.tenant)
    }
}
