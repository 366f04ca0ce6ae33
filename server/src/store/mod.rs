//! Where the service keeps what it must not forget: settings, users, runs. (Links live in the host's ledger.)
//!
//! A [`Store`] takes statements as data: SQL that SQLite and PostgreSQL both understand, with parameters. So another
//! database costs one file, and every query is written once. Rules of that SQL: parameters are `?1`, `?2`, …; types are
//! `BIGINT`, `TEXT` and `BYTEA`; times are milliseconds since the Unix epoch; no function that only one of them has; a
//! parameter that may be nothing is compared with its column before it is asked whether it is (`x = ?1 OR ?1 IS NULL`);
//! what has no value is ordered by `COALESCE`.
//!
//! Rows of tenants are reached through [`TenantScope`] alone.

mod backup;
mod before;
mod copy;
mod migrations;
mod postgres;
mod row;
mod scope;
mod sqlite;
mod statement;

use std::sync::Arc;

use futures_util::future::BoxFuture;

pub use backup::backup;
pub use before::Before;
pub use copy::{CopyError, copy};
pub use postgres::{Company, DatabaseClock, PostgresStore, Working};
pub use row::{FromValue, Row};
pub use scope::TenantScope;
pub use sqlite::SqliteStore;
pub use statement::{IntoValue, Statement, Value, sql};

pub use migrations::VERSION as SCHEMA_VERSION;

/// Why the store did not do what it was asked. Nothing of the call was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database failed, or its content is not what was expected.
    #[error("the store is not usable: {0}")]
    Unavailable(String),
    /// A unique name is taken, or a row that is referred to is gone.
    #[error("the store refused: {0}")]
    Conflict(String),
    /// A statement changed another number of rows than it had to: somebody else wrote in between.
    #[error("somebody else changed this in the meantime")]
    Stale,
}

/// A durable store of rows. A successful write is durable when the future resolves.
pub trait Store: Send + Sync + 'static {
    /// Rows that a statement answers.
    fn read(&self, statement: Statement) -> BoxFuture<'_, Result<Vec<Row>, StoreError>>;

    /// All statements in one transaction, in order. The result has how many rows each changed. The transaction is
    /// rolled back as a whole where one fails, or changes another number of rows than it must
    /// ([`Statement::must_change`]).
    fn write(&self, statements: Vec<Statement>) -> BoxFuture<'_, Result<Vec<u64>, StoreError>>;
}

/// The store as everybody shares it.
pub type SharedStore = Arc<dyn Store>;
