//! The ledger in a SQLite file.

mod budgets;
mod codec;
mod health_rows;
mod history;
mod lease;
mod origin;
mod private;
mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};
use tokio::sync::Mutex;

use super::health::{CredentialHealth, CredentialKey};
use super::measure::{check_size, number};
use super::{
    BudgetKey, BudgetLeft, EVERYBODY, Entity, Key, Lease, Ledger, LedgerError, LedgerResult, PutOutcome, Quota,
    RateLimit, Reserved, Row, RunRecord, Scope, Shelf, Write,
};
use crate::clock::{Clock, SystemClock};
use codec::{COLUMNS, Case, row};

/// A ledger in one file. Several processes may open it: every write is one transaction.
#[derive(Clone)]
pub struct SqliteLedger {
    db: Arc<Mutex<Connection>>,
    clock: Arc<dyn Clock>,
}

impl SqliteLedger {
    /// Opens or creates the file, for its owner alone.
    ///
    /// # Errors
    ///
    /// The file cannot be opened, is no ledger, or was written by a newer host.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LedgerError> {
        private::create(path.as_ref()).map_err(|error| LedgerError::Unavailable(error.to_string()))?;
        Self::prepared(Connection::open(path)?)
    }

    /// Opens a file that this process may not write to, for questions alone: every write fails.
    ///
    /// # Errors
    ///
    /// The file cannot be opened, is no ledger, or is of another version than this host writes.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let db = Connection::open_with_flags(&path, flags)?;
        let db = match schema::check_version(&db) {
            Ok(()) => db,
            // In a folder that cannot be written to there is nowhere to agree with writers, and there are none.
            Err(LedgerError::Unavailable(_)) => {
                let db = Connection::open_with_flags(private::unchanging(path.as_ref()), flags)?;
                schema::check_version(&db)?;
                db
            }
            Err(error) => return Err(error),
        };
        Ok(Self::over(db))
    }

    /// The permissions of a ledger's file, where other accounts may read it or write to it: who reads it can try guesses of
    /// a password against it.
    pub fn open_to_others(path: impl AsRef<Path>) -> Option<u32> {
        private::open_to_others(path.as_ref())
    }

    /// A ledger that is gone with its last handle, for trials and tests.
    ///
    /// # Errors
    ///
    /// SQLite has no memory.
    pub fn in_memory() -> Result<Self, LedgerError> {
        Self::prepared(Connection::open_in_memory()?)
    }

    /// The same with leases that end by another clock than this machine's.
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    fn prepared(mut db: Connection) -> Result<Self, LedgerError> {
        schema::prepare(&mut db)?;
        Ok(Self::over(db))
    }

    fn over(db: Connection) -> Self {
        Self {
            db: Arc::new(Mutex::new(db)),
            clock: Arc::new(SystemClock),
        }
    }

    /// Runs `work` in a transaction on a thread where blocking is allowed; an error rolls it back. Who waits for another call's
    /// end waits without a thread.
    fn transact<'a, T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, LedgerError> + Send + 'static,
    ) -> LedgerResult<'a, T> {
        let db = Arc::clone(&self.db);
        Box::pin(async move {
            let mut db = db.lock_owned().await;
            let blocking = tokio::task::spawn_blocking(move || {
                let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let value = work(&transaction)?;
                transaction.commit()?;
                Ok(value)
            });
            blocking
                .await
                .unwrap_or_else(|_| Err(LedgerError::Unavailable("the ledger's thread broke".into())))
        })
    }

    /// Reads; a deferred transaction takes no write lock.
    fn read<'a, T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
    ) -> LedgerResult<'a, T> {
        let db = Arc::clone(&self.db);
        Box::pin(async move {
            let db = db.lock_owned().await;
            let blocking = tokio::task::spawn_blocking(move || work(&db));
            blocking
                .await
                .unwrap_or_else(|_| Err(LedgerError::Unavailable("the ledger's thread broke".into())))
        })
    }
}

impl Ledger for SqliteLedger {
    fn get_many<'a>(&'a self, scope: &'a Scope, keys: Vec<Key>) -> LedgerResult<'a, Vec<Option<Row>>> {
        let scope = scope.clone();
        self.read(move |db| keys.iter().map(|key| get(db, &scope, key)).collect())
    }

    fn put_many<'a>(
        &'a self,
        scope: &'a Scope,
        leases: Vec<Lease>,
        quota: Quota,
        writes: Vec<Write>,
    ) -> LedgerResult<'a, Vec<PutOutcome>> {
        let scope = scope.clone();
        self.transact(move |db| {
            let destinations: BTreeSet<&str> = writes.iter().map(|write| write.link.key.destination.as_str()).collect();
            lease::check_all(db, &scope, &leases, &destinations)?;
            let mut created = 0;
            let outcomes = writes.iter().map(|write| {
                check_size(&write.link, quota)?;
                put(db, &scope, write, &mut created)
            });
            let outcomes = outcomes.collect::<Result<Vec<_>, _>>()?;
            count_rows(db, &scope.tenant, created, quota.rows)?;
            Ok(outcomes)
        })
    }

    fn scan<'a>(
        &'a self,
        scope: &'a Scope,
        entity: Entity,
        destination: String,
        after: Option<String>,
        limit: u32,
    ) -> LedgerResult<'a, Vec<Row>> {
        let scope = scope.clone();
        self.read(move |db| {
            let (from, after) = after.map_or((-1, String::new()), |id| (number(&id), id));
            let mut statement = db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM link WHERE tenant = ?1 AND integration = ?2 AND entity = ?3 AND destination = ?4 \
                 AND (number, id) > (?5, ?6) ORDER BY number, id LIMIT ?7"
            ))?;
            let found = params![scope.tenant, scope.integration, entity, destination, from, after, limit];
            let rows = statement.query_map(found, row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn scopes(&self) -> LedgerResult<'_, Vec<Scope>> {
        self.read(|db| {
            let mut statement = db.prepare(EVERYBODY)?;
            let found = statement.query_map([], |row| {
                Ok(Scope {
                    tenant: row.get(0)?,
                    integration: row.get(1)?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    fn shelves<'a>(&'a self, scope: &'a Scope) -> LedgerResult<'a, Vec<Shelf>> {
        let scope = scope.clone();
        self.read(move |db| {
            let mut statement = db.prepare(
                "SELECT DISTINCT entity, destination FROM link WHERE tenant = ?1 AND integration = ?2 ORDER BY 1, 2",
            )?;
            let found = statement.query_map(params![scope.tenant, scope.integration], |row| {
                Ok(Shelf {
                    entity: row.get(0)?,
                    destination: row.get(1)?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    fn destinations<'a>(&'a self, scope: &'a Scope) -> LedgerResult<'a, Vec<String>> {
        let scope = scope.clone();
        self.read(move |db| {
            let mut statement = db.prepare_cached(
                "SELECT DISTINCT destination FROM link WHERE tenant = ?1 AND integration = ?2 ORDER BY 1",
            )?;
            let found = statement.query_map(params![scope.tenant, scope.integration], |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    fn created_by<'a>(&'a self, scope: &'a Scope, run_id: String) -> LedgerResult<'a, Vec<Row>> {
        let scope = scope.clone();
        self.read(move |db| {
            let mut statement = db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM link WHERE tenant = ?1 AND integration = ?2 AND created_by = ?3 \
                 AND issue_id IS NOT NULL ORDER BY entity, destination, number, id"
            ))?;
            let rows = statement.query_map(params![scope.tenant, scope.integration, run_id], row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn lease<'a>(
        &'a self,
        scope: &'a Scope,
        destination: String,
        holder: String,
        ttl_ms: u64,
    ) -> LedgerResult<'a, Lease> {
        let (scope, now) = (scope.clone(), self.clock.now());
        let taken = self.transact(move |db| lease::take(db, &scope, destination, holder, now, ttl_ms));
        Box::pin(async move { taken.await? })
    }

    fn release<'a>(&'a self, scope: &'a Scope, lease: Lease) -> LedgerResult<'a, ()> {
        let scope = scope.clone();
        self.transact(move |db| lease::release(db, &scope, &lease))
    }

    fn record<'a>(&'a self, scope: &'a Scope, run: RunRecord) -> LedgerResult<'a, ()> {
        let scope = scope.clone();
        self.transact(move |db| history::record(db, &scope, &run))
    }

    fn runs<'a>(&'a self, scope: &'a Scope, limit: u32) -> LedgerResult<'a, Vec<RunRecord>> {
        let scope = scope.clone();
        self.read(move |db| history::latest(db, &scope, limit))
    }

    fn digest_key(&self) -> LedgerResult<'_, [u8; 32]> {
        self.read(health_rows::digest_key)
    }

    fn set_digest_key(&self, key: [u8; 32]) -> LedgerResult<'_, bool> {
        self.transact(move |db| {
            db.execute(
                "INSERT OR IGNORE INTO digest_key (one, key) VALUES (1, ?1)",
                params![key],
            )?;
            let stored: [u8; 32] = db.query_row("SELECT key FROM digest_key", [], |row| row.get(0))?;
            Ok(stored == key)
        })
    }

    fn credentials(&self, tenant: String) -> LedgerResult<'_, Vec<CredentialHealth>> {
        self.read(move |db| health_rows::all(db, &tenant))
    }

    fn credential(&self, tenant: String, key: CredentialKey) -> LedgerResult<'_, Option<CredentialHealth>> {
        self.read(move |db| health_rows::get(db, &tenant, &key))
    }

    fn put_credential(&self, tenant: String, health: CredentialHealth) -> LedgerResult<'_, bool> {
        self.transact(move |db| health_rows::put(db, &tenant, &health))
    }

    fn reserve(&self, key: BudgetKey, limits: Vec<RateLimit>, wanted: u32) -> LedgerResult<'_, Reserved> {
        let now = self.clock.now();
        self.transact(move |db| budgets::reserve(db, &key, &limits, wanted, now))
    }

    fn pause(&self, key: BudgetKey, ms: u64) -> LedgerResult<'_, ()> {
        let now = self.clock.now();
        self.transact(move |db| budgets::pause(db, &key, ms, now))
    }

    fn budgets(&self) -> LedgerResult<'_, Vec<BudgetLeft>> {
        let now = self.clock.now();
        self.read(move |db| budgets::left(db, now))
    }

    fn origins<'a>(&'a self, scope: &'a Scope) -> LedgerResult<'a, BTreeMap<String, String>> {
        let scope = scope.clone();
        self.read(move |db| origin::all(db, &scope))
    }

    fn bind_origins<'a>(&'a self, scope: &'a Scope, origins: BTreeMap<String, String>) -> LedgerResult<'a, ()> {
        let scope = scope.clone();
        self.transact(move |db| origin::bind(db, &scope, &origins))
    }

    fn forget(&self, tenant: String) -> LedgerResult<'_, ()> {
        self.transact(move |db| {
            for table in ["link", "lease", "run", "standing", "origin"] {
                db.execute(&format!("DELETE FROM {table} WHERE tenant = ?1"), [&tenant])?;
            }
            db.execute("DELETE FROM tenant WHERE name = ?1", [&tenant])?;
            Ok(())
        })
    }

    fn run<'a>(&'a self, scope: &'a Scope, run_id: String) -> LedgerResult<'a, Option<RunRecord>> {
        let scope = scope.clone();
        self.read(move |db| history::named(db, &scope, &run_id))
    }
}

fn get(db: &Connection, scope: &Scope, key: &Key) -> Result<Option<Row>, LedgerError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM link WHERE tenant = ?1 AND integration = ?2 AND entity = ?3 AND destination = ?4 \
         AND number = ?5 AND id = ?6"
    ))?;
    let found = params![
        scope.tenant,
        scope.integration,
        key.entity,
        key.destination,
        number(&key.id),
        key.id
    ];
    Ok(statement.query_row(found, row).optional()?)
}

fn put(db: &Connection, scope: &Scope, write: &Write, created: &mut u64) -> Result<PutOutcome, LedgerError> {
    let link = &write.link;
    let current = get(db, scope, &link.key)?;
    let version = current.as_ref().map_or(0, |row| row.version);
    if version != write.expected {
        return Ok(PutOutcome::Conflict(current));
    }
    if current.is_none() {
        *created += 1;
    }
    let mut statement = db.prepare_cached(&format!(
        "INSERT OR REPLACE INTO link (tenant, integration, number, {COLUMNS}) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
    ))?;
    statement.execute(params![
        scope.tenant,
        scope.integration,
        number(&link.key.id),
        link.key.entity,
        link.key.destination,
        link.key.id,
        (version + 1).cast_signed(),
        Case(link.phase),
        link.issue_id,
        link.issue_key,
        link.fingerprint,
        link.stamp,
        link.attempt,
        link.token,
        link.created_by,
        link.updated_at.cast_signed(),
        link.detail,
    ])?;
    Ok(PutOutcome::Stored(version + 1))
}

/// Keeps the tenant's number of rows, which counting anew would make slow.
fn count_rows(db: &Connection, tenant: &str, created: u64, limit: u64) -> Result<(), LedgerError> {
    if created == 0 {
        return Ok(());
    }
    let total: i64 = db.query_row(
        "INSERT INTO tenant (name, rows) VALUES (?1, ?2) \
         ON CONFLICT (name) DO UPDATE SET rows = rows + excluded.rows RETURNING rows",
        params![tenant, created.cast_signed()],
        |row| row.get(0),
    )?;
    if total.cast_unsigned() > limit {
        return Err(LedgerError::TooLarge(format!("the tenant has its {limit} rows")));
    }
    Ok(())
}
