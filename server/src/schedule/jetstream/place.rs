//! A place where runs exclude each other, and the message that says that there is work.
//!
//! The message names no run: what waits there, and in which order, the database knows. So one message per place is enough,
//! and a queue that lost it or has it twice changes nothing but the time.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::Turn;
use crate::runs::Mode;
use crate::store::{Row, Statement, StoreError, TenantScope, sql};

/// The form of messages that this version writes and reads. It is a part of their subject: a worker is offered no message of
/// another form, so that none of them counts among a tenant's runs at once there.
pub(super) const FORM: u32 = 1;

/// What no two runs use at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Place {
    /// A destination, by the credentials that write there.
    Writes { credentials: String, destination: String },
    /// A sync of which a run reads both sides.
    Reads { sync: String },
}

/// There is work at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Work {
    pub(super) tenant: String,
    pub(super) place: Place,
}

/// A run of a place.
pub(super) struct Candidate {
    pub(super) run: String,
    pub(super) sync: String,
    pub(super) mode: Mode,
    /// When its worker was last there.
    pub(super) seen_at: u64,
}

impl Work {
    pub(super) fn at(scope: &TenantScope, place: Place) -> Self {
        Self {
            tenant: scope.tenant().to_owned(),
            place,
        }
    }

    /// `None`: no version writes this.
    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        serde_json::from_slice(payload).ok()
    }

    /// The part of a subject behind the fleet's name.
    pub(super) fn subject(&self) -> String {
        let text = serde_json::to_string(&self.place).unwrap_or_default();
        let digest: String = Sha256::digest(text)
            .iter()
            .take(12)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("runs.{FORM}.{}.{digest}", self.tenant)
    }

    pub(super) fn payload(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl Place {
    fn of_row(row: &Row) -> Result<Self, StoreError> {
        Ok(match mode(row)?.writes() {
            true => Self::Writes {
                credentials: row.get("credentials")?,
                destination: row.get("destination")?,
            },
            false => Self::Reads { sync: row.get("sync")? },
        })
    }

    /// Of a run that is there.
    pub(super) async fn of_run(scope: &TenantScope, run: &str) -> Result<Option<Self>, StoreError> {
        let query = sql("SELECT mode, sync, credentials, destination FROM run \
             JOIN sync ON sync.tenant = run.tenant AND sync.id = run.sync WHERE run.tenant = ?1 AND run.id = ?2");
        let row = scope.find(query.bind(run)).await?;
        row.map(|row| Self::of_row(&row)).transpose()
    }

    /// Every place of a tenant with a run that waits.
    pub(super) async fn waiting(scope: &TenantScope) -> Result<Vec<Self>, StoreError> {
        let query = sql("SELECT DISTINCT mode, sync, credentials, destination FROM run \
             JOIN sync ON sync.tenant = run.tenant AND sync.id = run.sync \
             WHERE run.tenant = ?1 AND status = 'queued'");
        scope.read(query).await?.iter().map(Self::of_row).collect()
    }

    /// Runs of this place in a status, the one that was asked for first before the others.
    pub(super) async fn runs(&self, scope: &TenantScope, status: &str) -> Result<Vec<Candidate>, StoreError> {
        let rows = scope.read(self.query().bind(status)).await?;
        let candidate = |row: &Row| {
            Ok(Candidate {
                run: row.get("run")?,
                sync: row.get("sync")?,
                mode: mode(row)?,
                seen_at: row.get("seen_at")?,
            })
        };
        rows.iter().map(candidate).collect()
    }

    fn query(&self) -> Statement {
        const COLUMNS: &str = "SELECT run.id AS run, sync, mode, COALESCE(seen_at, 0) AS seen_at FROM run";
        const ORDER: &str = "status = ?X ORDER BY asked_at, run.id";
        match self {
            Self::Writes {
                credentials,
                destination,
            } => {
                let text = format!(
                    "{COLUMNS} JOIN sync ON sync.tenant = run.tenant AND sync.id = run.sync WHERE run.tenant = ?1 \
                     AND credentials = ?2 AND destination = ?3 AND mode IN ('export', 'undo') AND {}",
                    ORDER.replace("?X", "?4")
                );
                sql(text).bind(credentials).bind(destination)
            }
            Self::Reads { sync } => {
                let text = format!(
                    "{COLUMNS} WHERE run.tenant = ?1 AND sync = ?2 AND mode NOT IN ('export', 'undo') AND {}",
                    ORDER.replace("?X", "?3")
                );
                sql(text).bind(sync)
            }
        }
    }

    /// Whose turn it is here.
    pub(super) fn turn(&self, scope: &TenantScope, candidate: &Candidate) -> Turn {
        let writes_to = match self {
            Self::Writes {
                credentials,
                destination,
            } => Some((credentials.clone(), destination.clone())),
            Self::Reads { .. } => None,
        };
        Turn {
            scope: scope.clone(),
            run: candidate.run.clone(),
            sync: candidate.sync.clone(),
            mode: candidate.mode,
            writes_to,
        }
    }
}

fn mode(row: &Row) -> Result<Mode, StoreError> {
    let mode: String = row.get("mode")?;
    Mode::named(&mode).ok_or_else(|| StoreError::Unavailable(format!("there is no mode `{mode}`")))
}
