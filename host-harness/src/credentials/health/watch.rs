//! One call's view of the credentials it uses: asked before it begins, before each request ([`passage`]), and told how it
//! ended ([`ending`]).

mod ending;
mod lane;
mod passage;
mod words;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use lane::Lane;
use words::fault;

use super::report::{Outlook, outlooks};
use super::version::Used;
use crate::clock::Clock;
use crate::ledger::health::{Access, Standing, StandingKey};
use crate::ledger::{Ending, Ledger, LedgerError, RunMode, RunRecord, Scope};
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

pub(crate) struct Watch {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    scope: Scope,
    purpose: Purpose,
    /// Key of the destination project; empty where none is meant.
    destination: String,
    began: u64,
    lanes: BTreeMap<String, Lane>,
    /// Why the first request was withheld, if one was, and whether an answer of this call is behind it.
    withheld: Mutex<Option<(Fault, bool)>>,
}

impl Watch {
    /// Whether the call may begin at all.
    pub(crate) async fn admit(&self) -> Result<(), Fault> {
        let barred = self.barred().await.map_err(|error| error.fault())?;
        barred.into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything that keeps the call from beginning, one fault for each side.
    pub(crate) async fn barred(&self) -> Result<Vec<Fault>, LedgerError> {
        let (now, all) = (self.clock.now(), self.rows().await?);
        let mut faults = Vec::new();
        for lane in self.lanes.values() {
            let rows = all.iter().filter(|row| {
                row.key.origin == lane.key.origin && row.key.version == lane.key.version && self.concerns(row)
            });
            for row in rows {
                let admitted = match self.purpose {
                    Purpose::Enable => row.admits_log_in(lane.used.nature, now),
                    Purpose::Run | Purpose::Look => row.admits_run(lane.used.nature, now),
                };
                if let Err(barred) = admitted {
                    faults.push(fault(&lane.used, row, barred));
                    break;
                }
            }
        }
        Ok(faults)
    }

    /// How everything stands that the call would use, for people.
    pub(crate) async fn outlooks(&self) -> Result<Vec<Outlook>, LedgerError> {
        let rows = self.rows().await?;
        let lanes = self.lanes.values().map(|lane| (&lane.used, &lane.key));
        Ok(outlooks(lanes, &rows, &self.destination, self.clock.now()))
    }

    /// Whether an export must read everything: it is the first one of its name since a credential was switched on again.
    pub(crate) async fn owes_full(&self, export: &str) -> Result<bool, LedgerError> {
        let mine = |row: &&Standing| {
            self.concerns(row)
                && self
                    .lanes
                    .values()
                    .any(|lane| lane.key.origin == row.key.origin && lane.used.connection == row.connection)
        };
        let rows = self.rows().await?;
        let rows: Vec<&Standing> = rows.iter().filter(mine).collect();
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

    /// Changes a row by compare-and-swap. `change` tells whether there is something to write, and may be called again.
    async fn update(
        &self,
        key: &StandingKey,
        connection: &str,
        mut change: impl FnMut(&mut Standing) -> bool + Send,
    ) -> Result<(), LedgerError> {
        for _ in 0..ATTEMPTS {
            let found = self.ledger.standing(self.scope.tenant.clone(), key.clone()).await?;
            let mut row = found.unwrap_or_else(|| Standing::new(key.clone(), connection));
            if !change(&mut row) {
                return Ok(());
            }
            if self.ledger.put_standing(self.scope.tenant.clone(), row).await? {
                return Ok(());
            }
        }
        Err(LedgerError::Unavailable(
            "a credential's row is written by too many".into(),
        ))
    }

    async fn rows(&self) -> Result<Vec<Standing>, LedgerError> {
        self.ledger.standings(self.scope.tenant.clone()).await
    }

    fn concerns(&self, row: &Standing) -> bool {
        let here = |access: &Access| self.purpose == Purpose::Run && access.destination == self.destination;
        row.key.access.as_ref().is_none_or(here)
    }

    fn key(&self, lane: &Lane, access: Option<Side>) -> StandingKey {
        StandingKey {
            access: access.map(|side| Access {
                destination: self.destination.clone(),
                side,
            }),
            ..lane.key.clone()
        }
    }
}

/// Who asks to use which credentials.
pub(crate) struct Admission {
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) scope: Scope,
    pub(crate) used: Vec<Used>,
}

impl Admission {
    /// One call's view of them. `destination` is the key of a project, or empty; the call began at `began`, in
    /// milliseconds since the Unix epoch.
    pub(crate) async fn watch(
        &self,
        purpose: Purpose,
        destination: String,
        began: u64,
    ) -> Result<Arc<Watch>, LedgerError> {
        let digest_key = self.ledger.digest_key().await?;
        let lane = |used: &Used| {
            let lane = Lane::new(&self.scope.tenant, used, &digest_key);
            (used.connection.clone(), lane)
        };
        Ok(Arc::new(Watch {
            lanes: self.used.iter().map(lane).collect(),
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
