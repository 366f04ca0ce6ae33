//! How a sync stands: on, off and why, and what is remembered of its runs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::json;
use crate::plugins::Stop;
use crate::store::{Statement, sql};

/// Why a sync is switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Disabled {
    /// `person`, `failures`, or the fault's kind.
    pub kind: String,
    /// Whose matter it is.
    pub side: String,
    /// What happened, one sentence.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub since: u64,
}

impl Disabled {
    /// Somebody switched it off.
    pub(crate) fn by(actor: &str, now: u64) -> Self {
        Self {
            kind: "person".to_owned(),
            side: "settings".to_owned(),
            message: format!("{actor} switched it off."),
            hint: None,
            since: now,
        }
    }

    /// A run said why the next would fail as well.
    pub(crate) fn after(stop: &Stop, now: u64) -> Self {
        Self {
            kind: stop.kind.clone(),
            side: stop.side.clone(),
            message: stop.message.clone(),
            hint: stop.hint.clone(),
            since: now,
        }
    }
}

/// The row of a sync that is switched off: nothing of it begins by itself.
pub(crate) fn switched_off(sync: &str, why: &Disabled) -> Statement {
    sql("UPDATE sync SET disabled = ?3, due_at = NULL WHERE tenant = ?1 AND id = ?2")
        .bind(sync)
        .bind(json(why))
}

/// The row of a sync that is switched on; its schedule is up to the dispatcher.
pub(crate) fn switched_on(sync: &str) -> Statement {
    sql("UPDATE sync SET disabled = NULL, failures = 0 WHERE tenant = ?1 AND id = ?2").bind(sync)
}

/// The row of a sync whose run succeeded.
pub(crate) fn succeeded(sync: &str, now: u64) -> Statement {
    sql("UPDATE sync SET failures = 0, succeeded_at = ?3 WHERE tenant = ?1 AND id = ?2")
        .bind(sync)
        .bind(now)
}

/// The row of a sync whose run failed.
pub(crate) fn failed(sync: &str) -> Statement {
    sql("UPDATE sync SET failures = failures + 1 WHERE tenant = ?1 AND id = ?2").bind(sync)
}
