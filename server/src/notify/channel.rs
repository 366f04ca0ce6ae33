//! Channels of a tenant.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::target::{Target, wrong};
use super::{Message, Occasion};
use crate::app::App;
use crate::audit::did;
use crate::id::id;
use crate::problem::Problem;
use crate::secrets::OpenSecret;
use crate::settings::{SecretText, named, remove};
use crate::store::{Row, StoreError, TenantScope, sql};
use crate::users::{Entered, Role};

/// Somebody who hears of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Channel {
    /// Id.
    pub id: String,
    /// How people call it.
    pub name: String,
    /// Where messages go.
    pub target: Target,
    /// Of what.
    pub occasions: Vec<Occasion>,
    /// Whether of every sync; otherwise of those that name the channel.
    pub every_sync: bool,
    /// Grows with every change.
    pub revision: u64,
    /// Milliseconds since the Unix epoch.
    pub created_at: u64,
    /// When something was last sent.
    pub sent_at: Option<u64>,
    /// Why the last delivery failed; absent where it did not.
    pub error: Option<String>,
}

/// A channel to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ChannelDraft {
    /// How people call it.
    pub name: String,
    /// Where messages go.
    pub target: Target,
    /// Of what; empty: of everything.
    #[serde(default)]
    pub occasions: Vec<Occasion>,
    /// Whether of every sync; otherwise of those that name the channel.
    #[serde(default = "yes")]
    pub every_sync: bool,
    /// The webhook's signing key, or Slack's URL; where it is left out, the stored one stays.
    #[serde(default)]
    pub secret: Option<SecretText>,
}

fn yes() -> bool {
    true
}

const COLUMNS: &str = "id, name, target, occasions, every_sync, revision, created_at, sent_at, \
    (SELECT error FROM message WHERE message.tenant = channel.tenant AND message.channel = channel.id \
     ORDER BY message.created_at DESC, message.id LIMIT 1) AS error";

impl Channel {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            target: row.json("target")?,
            occasions: row.json("occasions")?,
            every_sync: row.get("every_sync")?,
            revision: row.get("revision")?,
            created_at: row.get("created_at")?,
            sent_at: row.get("sent_at")?,
            error: row.get("error")?,
        })
    }

    /// All of a tenant by name.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn all(scope: &TenantScope) -> Result<Vec<Self>, StoreError> {
        let query = sql(format!("SELECT {COLUMNS} FROM channel WHERE tenant = ?1 ORDER BY name"));
        scope.read(query).await?.iter().map(Self::from_row).collect()
    }

    /// By its id.
    ///
    /// # Errors
    ///
    /// There is none.
    pub async fn get(scope: &TenantScope, id: &str) -> Result<Self, Problem> {
        let query = sql(format!("SELECT {COLUMNS} FROM channel WHERE tenant = ?1 AND id = ?2")).bind(id);
        let row = scope.find(query).await?.ok_or_else(Problem::not_found)?;
        Ok(Self::from_row(&row)?)
    }

    /// Whether it hears of a message.
    pub(super) fn hears(&self, message: &Message, is_named: bool) -> bool {
        let is_meant = self.every_sync || is_named || message.sync.is_none();
        is_meant && (self.occasions.is_empty() || self.occasions.contains(&message.occasion))
    }

    /// Adds one.
    ///
    /// # Errors
    ///
    /// The target makes no sense, its secret is missing, or the name is taken.
    pub async fn add(app: &App, entered: &Entered, draft: ChannelDraft) -> Result<Self, Problem> {
        entered.need(Role::Owner)?;
        draft.target.check(app.mail().is_some())?;
        if draft.target.secret().is_some() && draft.secret.as_ref().is_none_or(SecretText::is_empty) {
            return Err(wrong("secret", "The secret is missing."));
        }
        let (id, name) = (id(), named(&draft.name)?);
        let row = sql(
            "INSERT INTO channel (tenant, id, name, target, occasions, every_sync, revision, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7)",
        );
        let row = draft.bound(row.bind(&id).bind(&name)).bind(app.now());
        entered
            .write(app.now(), vec![row], did("add channel", &name, ""))
            .await?;
        keep(app, &entered.scope, &id, &draft).await
    }

    /// Changes it.
    ///
    /// # Errors
    ///
    /// As [`Channel::add`], or somebody else changed it.
    pub async fn change(self, app: &App, entered: &Entered, draft: ChannelDraft) -> Result<Self, Problem> {
        entered.need(Role::Owner)?;
        draft.target.check(app.mail().is_some())?;
        let name = named(&draft.name)?;
        let row = sql(
            "UPDATE channel SET name = ?3, target = ?4, occasions = ?5, every_sync = ?6, revision = ?7 \
             WHERE tenant = ?1 AND id = ?2 AND revision = ?8",
        );
        let row = draft
            .bound(row.bind(&self.id).bind(&name))
            .bind(self.revision + 1)
            .bind(self.revision)
            .must_change(1);
        entered
            .write(app.now(), vec![row], did("change channel", &name, ""))
            .await?;
        keep(app, &entered.scope, &self.id, &draft).await
    }

    /// Removes it, with what waits for it.
    ///
    /// # Errors
    ///
    /// Somebody who is no owner asks.
    pub async fn remove(self, app: &App, entered: &Entered) -> Result<(), Problem> {
        let secrets = sql("DELETE FROM secret WHERE tenant = ?1 AND owner = ?2").bind(&self.id);
        let row = sql("DELETE FROM channel WHERE tenant = ?1 AND id = ?2")
            .bind(&self.id)
            .must_change(1);
        remove(app, entered, vec![secrets, row], did("remove channel", &self.name, "")).await
    }
}

impl ChannelDraft {
    /// The columns from `target` to `every_sync`.
    fn bound(&self, row: crate::store::Statement) -> crate::store::Statement {
        row.bind(crate::settings::json(&self.target))
            .bind(crate::settings::json(&self.occasions))
            .bind(self.every_sync)
    }
}

async fn keep(app: &App, scope: &TenantScope, id: &str, draft: &ChannelDraft) -> Result<Channel, Problem> {
    if let (Some(field), Some(secret)) = (draft.target.secret(), &draft.secret)
        && !secret.is_empty()
    {
        let value = secret.value();
        let secret = OpenSecret {
            field: field.to_owned(),
            origin: draft.target.origin(value.trim())?,
            value,
        };
        app.secrets().put(scope, id, secret).await?;
    }
    Channel::get(scope, id).await
}
