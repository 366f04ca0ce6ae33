//! The store in a SQLite file.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use rusqlite::types::{Value as SqliteValue, ValueRef};
use rusqlite::{Connection, ErrorCode, TransactionBehavior, params_from_iter};

use super::{Row, Statement, Store, StoreError, Value, migrations};

/// A store in one file.
#[derive(Clone)]
pub struct SqliteStore {
    db: Arc<Mutex<Connection>>,
}

impl SqliteStore {
    /// Opens or creates the file, and brings it to this version's schema.
    ///
    /// # Errors
    ///
    /// The file cannot be opened, is no store, or was written by a newer version.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::prepared(Connection::open(path)?)
    }

    /// A store that is gone with its last handle, for trials and tests.
    ///
    /// # Errors
    ///
    /// SQLite has no memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepared(Connection::open_in_memory()?)
    }

    fn prepared(mut db: Connection) -> Result<Self, StoreError> {
        db.pragma_update(None, "journal_mode", "WAL")?;
        // A power cut must not take back what a caller was promised.
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "foreign_keys", true)?;
        db.busy_timeout(std::time::Duration::from_secs(10))?;
        migrations::sqlite(&mut db)?;
        Ok(Self {
            db: Arc::new(Mutex::new(db)),
        })
    }

    /// Runs `work` on a thread where blocking is allowed.
    fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        let db = Arc::clone(&self.db);
        Box::pin(async move {
            let blocking =
                tokio::task::spawn_blocking(move || work(&mut db.lock().unwrap_or_else(PoisonError::into_inner)));
            blocking
                .await
                .unwrap_or_else(|_| Err(StoreError::Unavailable("the store's thread broke".into())))
        })
    }
}

impl Store for SqliteStore {
    fn read(&self, statement: Statement) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        self.blocking(move |db| {
            let mut prepared = db.prepare_cached(&statement.sql)?;
            let columns: Arc<[String]> = prepared.column_names().map(str::to_owned).collect();
            let mut found = prepared.query(params_from_iter(statement.parameters.into_iter().map(parameter)))?;
            let mut rows = Vec::new();
            while let Some(row) = found.next()? {
                let values: Result<Vec<Value>, StoreError> =
                    (0..columns.len()).map(|index| value(row.get_ref(index)?)).collect();
                rows.push(Row {
                    columns: Arc::clone(&columns),
                    values: values?,
                });
            }
            Ok(rows)
        })
    }

    fn write(&self, statements: Vec<Statement>) -> BoxFuture<'_, Result<Vec<u64>, StoreError>> {
        self.blocking(move |db| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut changed = Vec::with_capacity(statements.len());
            for statement in statements {
                let mut prepared = transaction.prepare_cached(&statement.sql)?;
                let parameters = params_from_iter(statement.parameters.into_iter().map(parameter));
                let rows = u64::try_from(prepared.execute(parameters)?).unwrap_or(u64::MAX);
                if statement.must_change.is_some_and(|expected| expected != rows) {
                    return Err(StoreError::Stale);
                }
                changed.push(rows);
            }
            transaction.commit()?;
            Ok(changed)
        })
    }
}

fn parameter(value: Value) -> SqliteValue {
    match value {
        Value::Null => SqliteValue::Null,
        Value::Int(number) => SqliteValue::Integer(number),
        Value::Text(text) => SqliteValue::Text(text),
        Value::Bytes(bytes) => SqliteValue::Blob(bytes),
    }
}

fn value(column: ValueRef<'_>) -> Result<Value, StoreError> {
    match column {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(text) => String::from_utf8(text.to_vec())
            .map(Value::Text)
            .map_err(|_| StoreError::Unavailable("a text is not UTF-8".into())),
        ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec())),
        ValueRef::Real(_) => Err(StoreError::Unavailable("a column holds a fraction".into())),
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => Self::Conflict(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}
