//! One call's view of the credentials it uses: asked before it begins, before each request ([`request`]), and informed how it
//! ended ([`end`]).

mod connection;
mod end;
mod refusal;
mod request;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use connection::GuardedConnection;
use refusal::fault;

use super::report::{CredentialReport, credential_reports};
use super::rules::Barred;
use super::version::CredentialInUse;
use crate::clock::Clock;
use crate::ledger::health::{CredentialHealth, CredentialKey, DestinationAccess};
use crate::ledger::{BudgetKey, Ending, Ledger, LedgerError, RunMode, RunRecord, Scope};
use crate::model::{Fault, Side};

/// Tries to write a row that others write too.
const ATTEMPTS: usize = 32;
/// Runs that are looked through for one that was complete.
const HISTORY: u32 = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A run of any mode.
    Run,
    /// A connection test or a look at the projects: what is missing at one destination does not matter.
    Look,
    /// A person who wants what is off to be tried.
    Enable,
}

pub(crate) struct CredentialGuard {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    scope: Scope,
    purpose: Purpose,
    /// Key of the destination project; empty where none is meant.
    destination: String,
    began: u64,
    connections: BTreeMap<String, GuardedConnection>,
    /// Why the first request was withheld, if one was, and whether an answer of this call is behind it.
    withheld: Mutex<Option<(Fault, bool)>>,
}

impl CredentialGuard {
    /// Whether an earlier call found that the server takes a connection's credential over its gateway only.
    pub(crate) fn by_gateway(&self, connection: &str) -> bool {
        self.connections
            .get(connection)
            .is_some_and(|connection| connection.by_gateway)
    }

    /// Who shares the rate windows of a connection's server.
    pub(crate) fn budget_key(&self, connection: &str) -> Option<BudgetKey> {
        let key = &self.connections.get(connection)?.key;
        Some(BudgetKey {
            origin: key.origin.clone(),
            version: key.version.clone(),
        })
    }

    /// Whether the call may begin at all.
    pub(crate) async fn admit(&self) -> Result<(), Fault> {
        let barred = self.barred().await.map_err(|error| error.fault())?;
        barred.into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything that keeps the call from beginning, one fault for each side.
    pub(crate) async fn barred(&self) -> Result<Vec<Fault>, LedgerError> {
        let (now, all) = (self.clock.now(), self.rows().await?);
        let mut faults = Vec::new();
        for connection in self.connections.values() {
            let rows = all.iter().filter(|row| {
                row.key.origin == connection.key.origin
                    && row.key.version == connection.key.version
                    && self.concerns(row)
            });
            for row in rows {
                if let Err(barred) = self.admits(connection, row, now) {
                    faults.push(fault(&connection.used, row, barred, now));
                    break;
                }
            }
        }
        Ok(faults)
    }

    /// How everything stands that the call would use, for people.
    pub(crate) async fn credential_reports(&self) -> Result<Vec<CredentialReport>, LedgerError> {
        let rows = self.rows().await?;
        let connections = self
            .connections
            .values()
            .map(|connection| (&connection.used, &connection.key));
        Ok(credential_reports(
            connections,
            &rows,
            &self.destination,
            self.clock.now(),
        ))
    }

    /// Whether an export must read everything: it is the first one of its name since a credential was switched on again.
    pub(crate) async fn owes_full(&self, export: &str) -> Result<bool, LedgerError> {
        let mine = |row: &&CredentialHealth| {
            self.concerns(row)
                && self.connections.values().any(|connection| {
                    connection.key.origin == row.key.origin && connection.used.connection == row.connection
                })
        };
        let rows = self.rows().await?;
        let rows: Vec<&CredentialHealth> = rows.iter().filter(mine).collect();
        if rows.iter().any(|row| row.is_off()) {
            return Ok(true);
        }
        let Some(cleared) = rows.iter().filter_map(|row| row.cleared_at).max() else {
            return Ok(false);
        };
        let runs = self.ledger.runs(&self.scope, HISTORY).await?;
        let is_whole = |run: &RunRecord| {
            run.mode == RunMode::Export
                && run.export == export
                && run.ending == Some(Ending::Done)
                && run.started_at >= cleared
        };
        Ok(!runs.iter().any(is_whole))
    }

    /// Changes a row by compare-and-swap. `change` returns whether there is something to write, and may be called again.
    async fn update(
        &self,
        key: &CredentialKey,
        connection: &str,
        mut change: impl FnMut(&mut CredentialHealth) -> bool + Send,
    ) -> Result<(), LedgerError> {
        for _ in 0..ATTEMPTS {
            let found = self.ledger.credential(self.scope.tenant.clone(), key.clone()).await?;
            let mut row = found.unwrap_or_else(|| CredentialHealth::new(key.clone(), connection));
            if !change(&mut row) {
                return Ok(());
            }
            if self.ledger.put_credential(self.scope.tenant.clone(), row).await? {
                return Ok(());
            }
        }
        Err(LedgerError::Unavailable(
            "a credential's row is written by too many".into(),
        ))
    }

    /// Whether the credential may be tried, by one row that concerns it.
    fn admits(&self, connection: &GuardedConnection, row: &CredentialHealth, now: u64) -> Result<(), Barred> {
        match self.purpose {
            Purpose::Enable => row.admits_person(self.began, now),
            Purpose::Run | Purpose::Look => row.admits_run(connection.used.secret_kind, now),
        }
    }

    /// All rows of the tenant. Dates of a clock that was wrong are put right, so that they grow old from now on.
    async fn rows(&self) -> Result<Vec<CredentialHealth>, LedgerError> {
        let now = self.clock.now();
        let mut rows = self.ledger.credentials(self.scope.tenant.clone()).await?;
        for row in &mut rows {
            if let Some(right) = row.clamped(now) {
                let clamp = |row: &mut CredentialHealth| row.clamped(now).map(|right| *row = right).is_some();
                // A ledger that cannot be written to is read all the same.
                let _ = self.update(&row.key, &row.connection, clamp).await;
                *row = right;
            }
        }
        Ok(rows)
    }

    fn concerns(&self, row: &CredentialHealth) -> bool {
        let here = |access: &DestinationAccess| self.purpose == Purpose::Run && access.destination == self.destination;
        row.key.access.as_ref().is_none_or(here)
    }

    fn key(&self, connection: &GuardedConnection, access: Option<Side>) -> CredentialKey {
        CredentialKey {
            access: access.map(|side| DestinationAccess {
                destination: self.destination.clone(),
                side,
            }),
            ..connection.key.clone()
        }
    }
}

/// Who asks to use which credentials.
pub(crate) struct Admission {
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) scope: Scope,
    pub(crate) used: Vec<CredentialInUse>,
}

impl Admission {
    /// One call's view of them. `destination` is the key of a project, or empty; the call began at `began`, in
    /// milliseconds since the Unix epoch.
    pub(crate) async fn guard(
        &self,
        purpose: Purpose,
        destination: String,
        began: u64,
    ) -> Result<Arc<CredentialGuard>, LedgerError> {
        let digest_key = self.ledger.digest_key().await?;
        let mut connections = BTreeMap::new();
        for used in &self.used {
            let mut connection = GuardedConnection::new(&self.scope.tenant, used, &digest_key);
            if used.has_gateway {
                let row = self
                    .ledger
                    .credential(self.scope.tenant.clone(), connection.key.clone())
                    .await?;
                connection.by_gateway = row.is_some_and(|row| row.by_gateway);
            }
            connections.insert(used.connection.clone(), connection);
        }
        Ok(Arc::new(CredentialGuard {
            connections,
            began,
            ledger: Arc::clone(&self.ledger),
            clock: Arc::clone(&self.clock),
            scope: self.scope.clone(),
            purpose,
            destination,
            withheld: Mutex::default(),
        }))
    }
}
