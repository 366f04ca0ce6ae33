//! How a sync stands: on, off and why, and what is remembered of its runs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::json;
use crate::plugins::Stop;
use crate::store::{StoreError, TenantScope, sql};

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

/// Switches a sync off: nothing of it begins by itself.
pub(crate) async fn switch_off(scope: &TenantScope, sync: &str, why: &Disabled) -> Result<(), StoreError> {
    let row = sql("UPDATE sync SET disabled = ?3, due_at = NULL WHERE tenant = ?1 AND id = ?2");
    scope.write(vec![row.bind(sync).bind(json(why))]).await.map(drop)
}

/// Switches a sync on; its schedule is up to the dispatcher.
pub(crate) async fn switch_on(scope: &TenantScope, sync: &str) -> Result<(), StoreError> {
    let row = sql("UPDATE sync SET disabled = NULL, failures = 0 WHERE tenant = ?1 AND id = ?2");
    scope.write(vec![row.bind(sync)]).await.map(drop)
}

/// A run succeeded.
pub(crate) async fn succeeded(scope: &TenantScope, sync: &str, now: u64) -> Result<(), StoreError> {
    let row = sql("UPDATE sync SET failures = 0, succeeded_at = ?3 WHERE tenant = ?1 AND id = ?2");
    scope.write(vec![row.bind(sync).bind(now)]).await.map(drop)
}

/// A run failed.
pub(crate) async fn failed(scope: &TenantScope, sync: &str) -> Result<(), StoreError> {
    let row = sql("UPDATE sync SET failures = failures + 1 WHERE tenant = ?1 AND id = ?2");
    scope.write(vec![row.bind(sync)]).await.map(drop)
}
