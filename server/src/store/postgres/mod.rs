//! The store in a PostgreSQL database, for several machines: beside the ledger, in a schema of its own, over the same
//! kind of connections.
//!
//! Transactions are serializable, as SQLite's are because there is one writer: what they read cannot change before they
//! end. One that met another is done again, which is right since statements are data.

mod clock;
mod value;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tms_sync_host::ledger::{Connection, Database};
use tokio_postgres::IsolationLevel;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

pub use clock::DatabaseClock;

use super::{Row, Statement, Store, StoreError, migrations};

/// The schema of the service's tables; the ledger's stand beside it.
const SCHEMA: &str = "tms_sync_server";
/// How often a transaction is done again that met another one.
const ATTEMPTS: u32 = 40;
/// The longest pause before that, in milliseconds.
const PAUSE_MS: u64 = 80;
/// Held by a service that works on its database, by several together where they share their runs.
const WORKS: i64 = 0x746d_732d_7365_7276;

/// A store in a database of PostgreSQL 13 or newer. Clones share their connections.
#[derive(Clone)]
pub struct PostgresStore {
    database: Database,
}

/// A service works on the database as long as this and its connection are there.
pub struct Working {
    _session: Box<dyn Send + Sync>,
}

/// Who else may work on the database meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    /// Nobody.
    None,
    /// Others that share their runs.
    Fleet,
}

impl PostgresStore {
    /// Connects, and creates the tables or brings them to this version's schema. The address is as the ledger's:
    /// [`tms_sync_host::PostgresLedger::connect`].
    ///
    /// # Errors
    ///
    /// The server cannot be reached, could lose what it acknowledged, or a newer version wrote there.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let database = Database::connect(url, SCHEMA, &migrations::postgres()).await;
        Ok(Self {
            database: database.map_err(|error| StoreError::Unavailable(error.to_string()))?,
        })
    }

    /// Begins to work. `None`: another service does, and one of the two wants no company.
    ///
    /// # Errors
    ///
    /// The database is not there.
    pub async fn begin_work(&self, company: Company) -> Result<Option<Working>, StoreError> {
        let client = self.client().await?;
        let lock = match company {
            Company::None => "SELECT pg_try_advisory_lock($1)",
            Company::Fleet => "SELECT pg_try_advisory_lock_shared($1)",
        };
        // A service that was killed a moment ago is gone when its connection is.
        for _ in 0..20 {
            let got = client.query_one(lock, &[&WORKS]).await;
            if got.map_err(failed)?.get(0) {
                let session = Box::new(Connection::take(client));
                return Ok(Some(Working { _session: session }));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(None)
    }

    async fn client(&self) -> Result<Connection, StoreError> {
        let client = self.database.client().await;
        client.map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    async fn rows(&self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        let client = self.client().await?;
        let prepared = client.prepare_cached(&numbered(&statement.sql)).await.map_err(failed)?;
        let found = client.query(&prepared, &parameters(statement)).await.map_err(failed)?;
        let columns: Arc<[String]> = prepared
            .columns()
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        let row = |row: &tokio_postgres::Row| {
            Ok(Row {
                columns: Arc::clone(&columns),
                values: (0..columns.len())
                    .map(|index| value::column(row, index))
                    .collect::<Result<_, _>>()?,
            })
        };
        found.iter().map(row).collect()
    }

    async fn transact(&self, statements: &[Statement]) -> Result<Vec<u64>, Refusal> {
        let mut client = self.client().await?;
        let transaction = client.build_transaction().isolation_level(IsolationLevel::Serializable);
        let transaction = transaction.start().await?;
        let mut changed = Vec::with_capacity(statements.len());
        for statement in statements {
            let prepared = transaction.prepare_cached(&numbered(&statement.sql)).await?;
            let rows = transaction.execute(&prepared, &parameters(statement)).await?;
            if statement.must_change.is_some_and(|expected| expected != rows) {
                transaction.rollback().await?;
                return Err(StoreError::Stale.into());
            }
            changed.push(rows);
        }
        transaction.commit().await?;
        Ok(changed)
    }
}

impl Store for PostgresStore {
    fn read(&self, statement: Statement) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        Box::pin(async move { self.rows(&statement).await })
    }

    fn write(&self, statements: Vec<Statement>) -> BoxFuture<'_, Result<Vec<u64>, StoreError>> {
        Box::pin(async move {
            for attempt in 1..ATTEMPTS {
                match self.transact(&statements).await {
                    Ok(changed) => return Ok(changed),
                    Err(Refusal::Met) => pause(attempt).await,
                    Err(Refusal::Final(error)) => return Err(error),
                }
            }
            self.transact(&statements).await.map_err(|refusal| match refusal {
                Refusal::Met => StoreError::Unavailable("too many write to the same rows at once".into()),
                Refusal::Final(error) => error,
            })
        })
    }
}

/// Why a transaction was rolled back.
enum Refusal {
    /// It met another one: done again it goes through.
    Met,
    Final(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Final(error)
    }
}

impl From<tokio_postgres::Error> for Refusal {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.code() {
            Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => Self::Met,
            _ => Self::Final(failed(error)),
        }
    }
}

fn failed(error: tokio_postgres::Error) -> StoreError {
    let Some(answer) = error.as_db_error() else {
        return StoreError::Unavailable(format!("PostgreSQL: {error}"));
    };
    let text = format!("PostgreSQL: {} ({})", answer.message(), answer.code().code());
    // Class 23: integrity constraint violation.
    match answer.code().code().starts_with("23") {
        true => StoreError::Conflict(text),
        false => StoreError::Unavailable(text),
    }
}

fn parameters(statement: &Statement) -> Vec<&(dyn ToSql + Sync)> {
    let one = |value| value as &(dyn ToSql + Sync);
    statement.parameters.iter().map(one).collect()
}

/// `?1` as `$1`. No statement has a question mark in a text.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

/// Longer with every attempt, and another for everybody.
async fn pause(attempt: u32) {
    let mut byte = [0];
    // Without randomness everybody waits alike, and one of them goes through all the same.
    let _ = getrandom::fill(&mut byte);
    let most = PAUSE_MS.min(u64::from(attempt) * 4);
    tokio::time::sleep(Duration::from_millis(1 + most * u64::from(byte[0]) / 255)).await;
}
