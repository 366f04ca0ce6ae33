//! The link ledger: what survives between runs.
//!
//! A [`Ledger`] is shared by all tenants of a host, and possibly by several hosts. Rows are scoped by [`Scope`]; rules
//! that make double creation impossible live here and not in the guest: compare-and-swap on every row, and one writer at
//! a time per destination project (a [`Lease`]). The history of runs and the health of credentials
//! ([`crate::credentials::health`]) are kept beside the links.

mod budget;
mod columns;
#[cfg(feature = "test-kit")]
pub mod conformance;
mod copy;
pub(crate) mod health;
pub(crate) mod holder;
mod lease;
mod measure;
mod postgres;
mod session;
mod sqlite;

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;

pub use crate::contract::imports::links::{Key, Link, Phase, PutOutcome, Row, Write};
pub use crate::contract::imports::types::Entity;
use crate::contract::imports::types::{Fault, FaultKind, Side};
use crate::model;
use crate::names::named;
pub use budget::{BudgetKey, BudgetLeft, RateLimit, Reserved, VALID_MS};
pub use copy::{Copied, CopyError, copy};
use health::{CredentialHealth, CredentialKey};
pub use postgres::{Connection, Database, PostgresLedger};
pub use session::HEARTBEAT;
pub use sqlite::SqliteLedger;

pub(crate) use session::{LedgerAccess, LedgerSession};

/// Whose rows: no operation reads or writes outside its scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The tenant's name.
    pub tenant: String,
    /// The integration's name within the tenant.
    pub integration: String,
}

/// The right to write rows of one destination project. Numbered: a later holder has a higher epoch, and rows written
/// under an older one are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Numeric id of the destination project.
    pub destination: String,
    /// Name of the holder: machine, boot, process and a random part.
    pub holder: String,
    /// Grows with every change of holder.
    pub epoch: u64,
}

/// Where rows stand within a scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shelf {
    /// What they are about.
    pub entity: Entity,
    /// Numeric id of the destination project.
    pub destination: String,
}

/// How much a tenant may store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Rows of the tenant, all integrations together.
    pub rows: u64,
    /// Sum of a row's texts, in bytes.
    pub row_bytes: usize,
}

/// What a run was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunMode {
    /// To export.
    Export,
    /// To report what an export would do.
    Plan,
    /// To compare both sides.
    Verify,
    /// To take back what an export created.
    Undo,
    /// To report what an undo would delete.
    UndoDryRun,
    /// To take over issues that are there already.
    Adopt,
    /// To report what an adoption would take over.
    AdoptDryRun,
}

named!(RunMode {
    Export = "export",
    Plan = "plan",
    Verify = "verify",
    Undo = "undo",
    UndoDryRun = "undo-dry-run",
    Adopt = "adopt",
    AdoptDryRun = "adopt-dry-run",
});

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Every item in scope has a verdict.
    Done,
    /// The plugin, or the host before it began, reported why it could not go on.
    Stopped {
        /// What kind of fault.
        kind: FaultKind,
        /// Whose matter it is.
        side: Side,
        /// What happened.
        message: String,
    },
    /// The host ended it, or the plugin broke; the text names which.
    Ended(String),
}

/// A run of any mode in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Name of the run.
    pub run_id: String,
    /// What it was asked to do.
    pub mode: RunMode,
    /// Name of the export configuration.
    pub export: String,
    /// The run that an undo takes back.
    pub undoes: Option<String>,
    /// SHA-256 of the settings, so that a change between runs can be seen.
    pub settings_digest: String,
    /// Milliseconds since the Unix epoch.
    pub started_at: u64,
    /// Milliseconds since the Unix epoch; absent while it runs, and for ever where the host died.
    pub finished_at: Option<u64>,
    /// Absent as long as `finished_at` is.
    pub ending: Option<Ending>,
    /// The report's totals as a JSON object; empty where there is no report.
    pub totals: String,
}

/// Why a ledger did not do what it was asked. Nothing of the call was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The store failed.
    #[error("the ledger is not usable: {0}")]
    Unavailable(String),
    /// A row, a call or the tenant is over its limit.
    #[error("over the ledger's limits: {0}")]
    TooLarge(String),
    /// The plugin's manifest does not declare the entity.
    #[error("the manifest does not declare the entity: {0}")]
    Undeclared(String),
    /// Another run holds the destination.
    #[error("another run works on this destination: {0}")]
    LeaseLost(String),
}

impl LedgerError {
    /// The same as a fault.
    pub(crate) fn fault(&self) -> Fault {
        Fault {
            kind: FaultKind::Ledger,
            side: model::HOST.to_owned(),
            message: self.to_string(),
            hint: None,
            retry_at: None,
        }
    }
}

/// Whose rows there are, in the tables that stores of every kind have.
const EVERYBODY: &str = "SELECT tenant, integration FROM link UNION SELECT tenant, integration FROM lease \
                         UNION SELECT tenant, integration FROM run UNION SELECT tenant, integration FROM origin \
                         UNION SELECT tenant, '' FROM standing ORDER BY 1, 2";

/// Result of a ledger operation.
pub type LedgerResult<'a, T> = BoxFuture<'a, Result<T, LedgerError>>;

/// A durable store of links, leases and history. A successful write is durable when the future resolves.
pub trait Ledger: Send + Sync + 'static {
    /// Rows in the order of `keys`.
    fn get_many<'a>(&'a self, scope: &'a Scope, keys: Vec<Key>) -> LedgerResult<'a, Vec<Option<Row>>>;

    /// Compare-and-swap of all rows in one transaction, under `leases` that must still hold for every destination
    /// written to.
    fn put_many<'a>(
        &'a self,
        scope: &'a Scope,
        leases: Vec<Lease>,
        quota: Quota,
        writes: Vec<Write>,
    ) -> LedgerResult<'a, Vec<PutOutcome>>;

    /// Rows of an entity and destination by ascending id, after `after`: numeric ids first, by number, then the others
    /// by their bytes.
    fn scan<'a>(
        &'a self,
        scope: &'a Scope,
        entity: Entity,
        destination: String,
        after: Option<String>,
        limit: u32,
    ) -> LedgerResult<'a, Vec<Row>>;

    /// Everybody of whom something is kept. Where it is known of the tenant alone, the integration is empty.
    fn scopes(&self) -> LedgerResult<'_, Vec<Scope>>;

    /// Entities and destinations that have rows.
    fn shelves<'a>(&'a self, scope: &'a Scope) -> LedgerResult<'a, Vec<Shelf>>;

    /// Destination projects that have rows.
    fn destinations<'a>(&'a self, scope: &'a Scope) -> LedgerResult<'a, Vec<String>>;

    /// Rows whose issue a run created.
    fn created_by<'a>(&'a self, scope: &'a Scope, run_id: String) -> LedgerResult<'a, Vec<Row>>;

    /// Takes or renews the right to write a destination for `ttl_ms`, on the store's clock: hosts whose clocks differ agree.
    /// Fails with [`LedgerError::LeaseLost`] while another holder's time has not passed.
    fn lease<'a>(
        &'a self,
        scope: &'a Scope,
        destination: String,
        holder: String,
        ttl_ms: u64,
    ) -> LedgerResult<'a, Lease>;

    /// Gives a lease back.
    fn release<'a>(&'a self, scope: &'a Scope, lease: Lease) -> LedgerResult<'a, ()>;

    /// Writes a run's record, over an earlier one of the same name.
    fn record<'a>(&'a self, scope: &'a Scope, run: RunRecord) -> LedgerResult<'a, ()>;

    /// The latest runs, newest first.
    fn runs<'a>(&'a self, scope: &'a Scope, limit: u32) -> LedgerResult<'a, Vec<RunRecord>>;

    /// A secret of this ledger, random, made once: digests of credentials are keyed with it.
    fn digest_key(&self) -> LedgerResult<'_, [u8; 32]>;

    /// Takes over another ledger's secret, before one was made. False: this ledger has another one.
    fn set_digest_key(&self, key: [u8; 32]) -> LedgerResult<'_, bool>;

    /// How the credentials of a tenant stand.
    fn credentials(&self, tenant: String) -> LedgerResult<'_, Vec<CredentialHealth>>;

    /// How one credential stands; absent where nothing is known of it.
    fn credential(&self, tenant: String, key: CredentialKey) -> LedgerResult<'_, Option<CredentialHealth>>;

    /// Writes a credential's health if nobody wrote it since its `revision` was read, and counts that up. False: somebody did.
    fn put_credential(&self, tenant: String, health: CredentialHealth) -> LedgerResult<'_, bool>;

    /// Takes up to `wanted` requests from a credential's rate windows, which all of `limits` must leave room for, on the
    /// store's clock. Budgets belong to credentials and not to tenants.
    fn reserve(&self, key: BudgetKey, limits: Vec<RateLimit>, wanted: u32) -> LedgerResult<'_, Reserved>;

    /// Nobody takes anything from a credential's rate windows for so many milliseconds.
    fn pause(&self, key: BudgetKey, ms: u64) -> LedgerResult<'_, ()>;

    /// What is left of every budget that was used, within its limits of then.
    fn budgets(&self) -> LedgerResult<'_, Vec<BudgetLeft>>;

    /// For which server each secret was entered, by the secret's form field: what [`Secret::new`](crate::Secret::new)
    /// wants to know of a host that keeps no list of its own.
    fn origins<'a>(&'a self, scope: &'a Scope) -> LedgerResult<'a, BTreeMap<String, String>>;

    /// Remembers for which server secrets were entered, over what was known of them.
    fn bind_origins<'a>(&'a self, scope: &'a Scope, origins: BTreeMap<String, String>) -> LedgerResult<'a, ()>;

    /// Removes everything of a tenant. What is at destinations stays, and is no longer known here.
    fn forget(&self, tenant: String) -> LedgerResult<'_, ()>;

    /// A run by its name.
    fn run<'a>(&'a self, scope: &'a Scope, run_id: String) -> LedgerResult<'a, Option<RunRecord>>;
}
