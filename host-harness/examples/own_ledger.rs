//! A ledger of one's own: here the SQLite ledger's rules, and a platform that hears of every link that is written.
//!
//! `own_ledger COMPONENT.wasm JIRA TESTOPS`; see `setup/mod.rs`. A ledger from scratch implements the same trait; its rules
//! are in the trait's documentation: compare-and-swap of all rows of a call in one transaction, one writer per destination.
#![expect(clippy::print_stdout, reason = "an example shows what it gets")]

mod setup;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use setup::Servers;
use tms_sync_host::credentials::{CredentialHealth, CredentialKey};
use tms_sync_host::ledger::{
    BudgetKey, BudgetLeft, Entity, Key, Lease, LedgerResult, PutOutcome, Quota, RateLimit, Reserved, Row, Shelf, Write,
};
use tms_sync_host::model::ExportConfig;
use tms_sync_host::{Job, Ledger, RunRecord, Scope, SqliteLedger};

/// Announces links that are written.
struct Announcing(SqliteLedger);

impl Ledger for Announcing {
    fn put_many<'a>(
        &'a self,
        scope: &'a Scope,
        leases: Vec<Lease>,
        quota: Quota,
        writes: Vec<Write>,
    ) -> LedgerResult<'a, Vec<PutOutcome>> {
        Box::pin(async move {
            let keys: Vec<Key> = writes.iter().map(|write| write.link.key.clone()).collect();
            let outcomes = self.0.put_many(scope, leases, quota, writes).await?;
            for (key, outcome) in keys.iter().zip(&outcomes) {
                // A row that somebody else changed meanwhile is refused, and read again by the plugin.
                if matches!(outcome, PutOutcome::Stored(_)) {
                    println!("{}: {} {} in {}", scope.tenant, key.entity, key.id, key.destination);
                }
            }
            Ok(outcomes)
        })
    }

    fn get_many<'a>(&'a self, scope: &'a Scope, keys: Vec<Key>) -> LedgerResult<'a, Vec<Option<Row>>> {
        self.0.get_many(scope, keys)
    }

    fn scan<'a>(
        &'a self,
        scope: &'a Scope,
        entity: Entity,
        destination: String,
        after: Option<String>,
        limit: u32,
    ) -> LedgerResult<'a, Vec<Row>> {
        self.0.scan(scope, entity, destination, after, limit)
    }

    fn scopes(&self) -> LedgerResult<'_, Vec<Scope>> {
        self.0.scopes()
    }

    fn shelves<'a>(&'a self, scope: &'a Scope) -> LedgerResult<'a, Vec<Shelf>> {
        self.0.shelves(scope)
    }

    fn destinations<'a>(&'a self, scope: &'a Scope) -> LedgerResult<'a, Vec<String>> {
        self.0.destinations(scope)
    }

    fn created_by<'a>(&'a self, scope: &'a Scope, run_id: String) -> LedgerResult<'a, Vec<Row>> {
        self.0.created_by(scope, run_id)
    }

    fn lease<'a>(
        &'a self,
        scope: &'a Scope,
        destination: String,
        holder: String,
        ttl_ms: u64,
    ) -> LedgerResult<'a, Lease> {
        self.0.lease(scope, destination, holder, ttl_ms)
    }

    fn release<'a>(&'a self, scope: &'a Scope, lease: Lease) -> LedgerResult<'a, ()> {
        self.0.release(scope, lease)
    }

    fn record<'a>(&'a self, scope: &'a Scope, run: RunRecord) -> LedgerResult<'a, ()> {
        self.0.record(scope, run)
    }

    fn runs<'a>(&'a self, scope: &'a Scope, limit: u32) -> LedgerResult<'a, Vec<RunRecord>> {
        self.0.runs(scope, limit)
    }

    fn digest_key(&self) -> LedgerResult<'_, [u8; 32]> {
        self.0.digest_key()
    }

    fn set_digest_key(&self, key: [u8; 32]) -> LedgerResult<'_, bool> {
        self.0.set_digest_key(key)
    }

    fn origins<'a>(&'a self, scope: &'a Scope) -> LedgerResult<'a, BTreeMap<String, String>> {
        self.0.origins(scope)
    }

    fn bind_origins<'a>(&'a self, scope: &'a Scope, origins: BTreeMap<String, String>) -> LedgerResult<'a, ()> {
        self.0.bind_origins(scope, origins)
    }

    fn credentials(&self, tenant: String) -> LedgerResult<'_, Vec<CredentialHealth>> {
        self.0.credentials(tenant)
    }

    fn credential(&self, tenant: String, key: CredentialKey) -> LedgerResult<'_, Option<CredentialHealth>> {
        self.0.credential(tenant, key)
    }

    fn put_credential(&self, tenant: String, health: CredentialHealth) -> LedgerResult<'_, bool> {
        self.0.put_credential(tenant, health)
    }

    fn reserve(&self, key: BudgetKey, limits: Vec<RateLimit>, wanted: u32) -> LedgerResult<'_, Reserved> {
        self.0.reserve(key, limits, wanted)
    }

    fn pause(&self, key: BudgetKey, ms: u64) -> LedgerResult<'_, ()> {
        self.0.pause(key, ms)
    }

    fn budgets(&self) -> LedgerResult<'_, Vec<BudgetLeft>> {
        self.0.budgets()
    }

    fn forget(&self, tenant: String) -> LedgerResult<'_, ()> {
        self.0.forget(tenant)
    }

    fn run<'a>(&'a self, scope: &'a Scope, run_id: String) -> LedgerResult<'a, Option<RunRecord>> {
        self.0.run(scope, run_id)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let servers = Servers::named()?;
    let plugin = servers.plugin().await?;
    let ledger = Arc::new(Announcing(SqliteLedger::open("tms-sync.db")?));
    let tenant = servers.tenant("acme", &plugin, ledger)?;
    let run = tenant.run(Job::new(ExportConfig::everything("main", "CALC")));
    println!("{:?}", run.finish().await.result?.tallies);
    Ok(())
}
