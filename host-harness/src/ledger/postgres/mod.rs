//! The ledger in PostgreSQL, for several hosts.
//!
//! | file | what |
//! |---|---|
//! | `connection` | the pool, and what a server must promise before a row goes there |
//! | `cluster` | how a database that was restored or promoted is noticed |
//! | `schema` | the tables, all in the schema `tms_sync_ledger`, and their versions |
//! | `rows`, `lease`, `credentials`, `history`, `budgets` | one table each |
//!
//! Leases end by the database's clock. Whoever writes rows of a destination locks its lease until the transaction ends, so
//! that nobody takes it over in between.

mod budgets;
mod cluster;
mod connection;
mod credentials;
mod history;
mod lease;
mod rows;
mod schema;
mod tls;

use std::collections::{BTreeMap, BTreeSet};

pub use connection::{Connection, Database};
use deadpool_postgres::Client;

use super::health::{CredentialHealth, CredentialKey};
use super::{
    BudgetKey, BudgetLeft, Entity, Key, Lease, Ledger, LedgerError, LedgerResult, PutOutcome, Quota, RateLimit,
    Reserved, Row, RunRecord, Scope, Shelf, Write,
};

/// A ledger in a database of PostgreSQL 13 or newer. Clones share their connections.
#[derive(Clone)]
pub struct PostgresLedger {
    database: Database,
}

impl PostgresLedger {
    /// Connects, and creates the tables or brings them to the current version. `url` is what libpq takes, for example
    /// `postgres://tms-sync@db.example/tms-sync?sslmode=require`; a password that it does not name is taken from the
    /// environment variable `PGPASSWORD`.
    ///
    /// # Errors
    ///
    /// The server cannot be reached for 30 seconds, does not promise that what it acknowledged is durable, or was written
    /// to by a newer host.
    pub async fn connect(url: &str) -> Result<Self, LedgerError> {
        Ok(Self {
            database: Database::connect(url, schema::SCHEMA, &schema::MIGRATIONS).await?,
        })
    }

    async fn client(&self) -> Result<Client, LedgerError> {
        self.database.client().await
    }
}

impl Ledger for PostgresLedger {
    fn get_many<'a>(&'a self, scope: &'a Scope, keys: Vec<Key>) -> LedgerResult<'a, Vec<Option<Row>>> {
        Box::pin(async move { rows::get(&self.client().await?, scope, &keys).await })
    }

    fn put_many<'a>(
        &'a self,
        scope: &'a Scope,
        leases: Vec<Lease>,
        quota: Quota,
        writes: Vec<Write>,
    ) -> LedgerResult<'a, Vec<PutOutcome>> {
        Box::pin(async move {
            let mut client = self.client().await?;
            let transaction = client.transaction().await?;
            let destinations: BTreeSet<String> =
                writes.iter().map(|write| write.link.key.destination.clone()).collect();
            lease::check_all(&transaction, scope, &leases, &destinations).await?;
            let outcomes = rows::put(&transaction, scope, quota, writes).await?;
            transaction.commit().await?;
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
        Box::pin(async move { rows::scan(&self.client().await?, scope, &entity, &destination, after, limit).await })
    }

    fn scopes(&self) -> LedgerResult<'_, Vec<Scope>> {
        Box::pin(async move { rows::scopes(&self.client().await?).await })
    }

    fn shelves<'a>(&'a self, scope: &'a Scope) -> LedgerResult<'a, Vec<Shelf>> {
        Box::pin(async move { rows::shelves(&self.client().await?, scope).await })
    }

    fn destinations<'a>(&'a self, scope: &'a Scope) -> LedgerResult<'a, Vec<String>> {
        Box::pin(async move { rows::destinations(&self.client().await?, scope).await })
    }

    fn created_by<'a>(&'a self, scope: &'a Scope, run_id: String) -> LedgerResult<'a, Vec<Row>> {
        Box::pin(async move { rows::created_by(&self.client().await?, scope, &run_id).await })
    }

    fn lease<'a>(
        &'a self,
        scope: &'a Scope,
        destination: String,
        holder: String,
        ttl_ms: u64,
    ) -> LedgerResult<'a, Lease> {
        Box::pin(async move {
            let mut client = self.client().await?;
            let transaction = client.transaction().await?;
            cluster::check_pause(&transaction).await?;
            let taken = lease::take(&transaction, scope, destination, holder, ttl_ms).await?;
            transaction.commit().await?;
            taken
        })
    }

    fn release<'a>(&'a self, scope: &'a Scope, lease: Lease) -> LedgerResult<'a, ()> {
        Box::pin(async move { lease::release(&self.client().await?, scope, &lease).await })
    }

    fn record<'a>(&'a self, scope: &'a Scope, run: RunRecord) -> LedgerResult<'a, ()> {
        Box::pin(async move { history::record(&self.client().await?, scope, &run).await })
    }

    fn runs<'a>(&'a self, scope: &'a Scope, limit: u32) -> LedgerResult<'a, Vec<RunRecord>> {
        Box::pin(async move { history::latest(&self.client().await?, scope, limit).await })
    }

    fn run<'a>(&'a self, scope: &'a Scope, run_id: String) -> LedgerResult<'a, Option<RunRecord>> {
        Box::pin(async move { history::named(&self.client().await?, scope, &run_id).await })
    }

    fn digest_key(&self) -> LedgerResult<'_, [u8; 32]> {
        Box::pin(async move { credentials::digest_key(&self.client().await?).await })
    }

    fn set_digest_key(&self, key: [u8; 32]) -> LedgerResult<'_, bool> {
        Box::pin(async move { Ok(credentials::stored_key(&self.client().await?, key).await? == key) })
    }

    fn credentials(&self, tenant: String) -> LedgerResult<'_, Vec<CredentialHealth>> {
        Box::pin(async move { credentials::all(&self.client().await?, &tenant).await })
    }

    fn credential(&self, tenant: String, key: CredentialKey) -> LedgerResult<'_, Option<CredentialHealth>> {
        Box::pin(async move { credentials::get(&self.client().await?, &tenant, &key).await })
    }

    fn put_credential(&self, tenant: String, health: CredentialHealth) -> LedgerResult<'_, bool> {
        Box::pin(async move { credentials::put(&self.client().await?, &tenant, &health).await })
    }

    fn reserve(&self, key: BudgetKey, limits: Vec<RateLimit>, wanted: u32) -> LedgerResult<'_, Reserved> {
        Box::pin(async move {
            let mut client = self.client().await?;
            let transaction = client.transaction().await?;
            let reserved = budgets::reserve(&transaction, &key, &limits, wanted).await?;
            transaction.commit().await?;
            Ok(reserved)
        })
    }

    fn pause(&self, key: BudgetKey, ms: u64) -> LedgerResult<'_, ()> {
        Box::pin(async move {
            let mut client = self.client().await?;
            let transaction = client.transaction().await?;
            budgets::pause(&transaction, &key, ms).await?;
            transaction.commit().await?;
            Ok(())
        })
    }

    fn budgets(&self) -> LedgerResult<'_, Vec<BudgetLeft>> {
        Box::pin(async move { budgets::left(&self.client().await?).await })
    }

    fn origins<'a>(&'a self, scope: &'a Scope) -> LedgerResult<'a, BTreeMap<String, String>> {
        Box::pin(async move { credentials::origins(&self.client().await?, scope).await })
    }

    fn bind_origins<'a>(&'a self, scope: &'a Scope, origins: BTreeMap<String, String>) -> LedgerResult<'a, ()> {
        Box::pin(async move { credentials::bind_origins(&self.client().await?, scope, &origins).await })
    }

    fn forget(&self, tenant: String) -> LedgerResult<'_, ()> {
        Box::pin(async move {
            let mut client = self.client().await?;
            let transaction = client.transaction().await?;
            // The leases first, as every writer takes them first.
            for table in ["lease", "link", "run", "standing", "origin"] {
                let delete = format!("DELETE FROM {table} WHERE tenant = $1");
                transaction.execute(&delete, &[&tenant]).await?;
            }
            transaction
                .execute("DELETE FROM tenant WHERE name = $1", &[&tenant])
                .await?;
            transaction.commit().await?;
            Ok(())
        })
    }
}
