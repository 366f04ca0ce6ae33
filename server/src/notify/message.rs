//! What people hear.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Channel;
use crate::app::App;
use crate::id::id;
use crate::settings::{Sync, json};
use crate::store::{Statement, StoreError, TenantScope, sql};

/// How long a message waits for others, in milliseconds.
const GATHER_MS: u64 = 30_000;
/// How long a channel is left alone after a delivery, in milliseconds.
const PAUSE_MS: u64 = 10 * 60_000;

/// Why people hear of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Occasion {
    /// A run failed for the first time in a row, or so often that the sync is about to switch itself off.
    Failed,
    /// A sync was switched off.
    Disabled,
    /// A sync works again.
    Recovered,
    /// A secret or an API token ends soon.
    Expires,
    /// A sync has had no success for as many hours as its settings say.
    Stale,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Message {
    /// Why.
    pub occasion: Occasion,
    /// Title of the tenant.
    pub tenant: String,
    /// Name of the sync; absent where it is about the tenant.
    pub sync: Option<String>,
    /// What happened, one line.
    pub title: String,
    /// More about it, and what to do.
    pub text: String,
    /// Where to look.
    pub url: String,
    /// Milliseconds since the Unix epoch.
    pub at: u64,
}

/// What a message is about.
pub(crate) struct About<'a> {
    pub(crate) occasion: Occasion,
    pub(crate) sync: Option<&'a Sync>,
    pub(crate) title: String,
    pub(crate) text: String,
}

/// Rows of a message to every channel that hears of it; they belong in the transaction of what happened.
pub(crate) async fn announce(app: &App, scope: &TenantScope, about: About<'_>) -> Result<Vec<Statement>, StoreError> {
    let channels = Channel::all(scope).await?;
    if channels.is_empty() {
        return Ok(Vec::new());
    }
    let title = app.users().tenant(scope.tenant()).await?.map(|tenant| tenant.title);
    let path = match about.sync {
        Some(sync) => format!("/t/{}/syncs/{}", scope.tenant(), sync.id),
        None => format!("/t/{}", scope.tenant()),
    };
    let message = Message {
        occasion: about.occasion,
        tenant: title.unwrap_or_default(),
        sync: about.sync.map(|sync| sync.draft.name.clone()),
        title: about.title,
        text: about.text,
        url: app.url(&path),
        at: app.now(),
    };
    let is_named = |channel: &Channel| about.sync.is_some_and(|sync| sync.draft.notify.contains(&channel.id));
    let hearing = channels
        .iter()
        .filter(|channel| channel.hears(&message, is_named(channel)));
    Ok(hearing.map(|channel| message.row(channel)).collect())
}

/// Parts of a text as sentences: servers and plugins say theirs without a capital and a full stop.
pub(crate) fn sentences(parts: &[&str]) -> String {
    let one = |part: &&str| {
        let part = part.trim();
        let mut letters = part.chars();
        let first = letters
            .next()
            .map(|first| first.to_uppercase().to_string())
            .unwrap_or_default();
        let end = if part.ends_with(['.', '!', '?']) { "" } else { "." };
        format!("{first}{}{end}", letters.as_str())
    };
    let filled = parts.iter().filter(|part| !part.trim().is_empty());
    filled.map(one).collect::<Vec<_>>().join(" ")
}

impl Message {
    fn row(&self, channel: &Channel) -> Statement {
        let row = sql(
            "INSERT INTO message (tenant, id, channel, body, attempts, next_at, created_at) \
             VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6)",
        );
        let after = channel.sent_at.map_or(0, |at| at + PAUSE_MS);
        row.bind(id())
            .bind(&channel.id)
            .bind(json(self))
            .bind(after.max(self.at + GATHER_MS))
            .bind(self.at)
    }
}
