//! Syncs: what of a project goes where, and when.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tms_sync_host::model::{ExportConfig, Field};
use utoipa::ToSchema;

use super::sync_state::switched_on;
use super::{Assembled, Disabled, Fields, assemble, json, named, remove};
use crate::app::App;
use crate::audit::did;
use crate::id::id;
use crate::plugins::Finding;
use crate::problem::Problem;
use crate::runs::OFF;
use crate::schedule::Timing;
use crate::store::{Row, StoreError, TenantScope, sql};
use crate::users::{Entered, Role};

/// A sync and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Sync {
    /// Id.
    pub id: String,
    /// What was configured.
    #[serde(flatten)]
    pub draft: SyncDraft,
    /// Grows with every change of the configuration.
    pub revision: u64,
    /// Milliseconds since the Unix epoch.
    pub created_at: u64,
    /// Why it is switched off; absent where it is on.
    pub disabled: Option<Disabled>,
    /// Runs that failed in a row.
    pub failures: u32,
    /// How many more may fail in a row before it switches itself off.
    pub failures_left: u32,
    /// When a run last succeeded.
    pub succeeded_at: Option<u64>,
    /// When it is due next; absent where it has no schedule or is off.
    pub due_at: Option<u64>,
}

/// The configuration of a sync.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct SyncDraft {
    /// Id of the credentials: project and integration.
    pub credentials: String,
    /// How people call it.
    pub name: String,
    /// Key of the destination project.
    pub destination: String,
    /// Which test cases are exported; empty: all.
    #[serde(default)]
    pub test_case_aql: String,
    /// Which launches are exported; empty: all.
    #[serde(default)]
    pub launches_aql: String,
    /// Only update test cases that were exported before.
    #[serde(default)]
    pub disable_test_case_create: bool,
    /// Export no launch.
    #[serde(default)]
    pub disable_launches_sync: bool,
    /// Export nothing at all.
    #[serde(default)]
    pub disable_export: bool,
    /// Mapping options.
    #[serde(default)]
    pub mapping: Fields,
    /// When it runs by itself.
    #[serde(default)]
    pub schedule: Timing,
    /// How long it waits after a change was reported, in minutes, for others to follow.
    #[serde(default)]
    pub delay_minutes: u32,
    /// Ids of channels that hear of it, beside those that hear of every sync.
    #[serde(default)]
    pub notify: BTreeSet<String>,
    /// Hours without a success after which somebody hears of it; 0: never.
    #[serde(default)]
    pub stale_hours: u32,
}

const COLUMNS: &str = "id, credentials, name, destination, test_case_aql, launches_aql, disable_test_case_create, \
    disable_launches_sync, disable_export, mapping, schedule, delay_minutes, notify, stale_hours, revision, created_at, \
    disabled, failures, succeeded_at, due_at";

impl Sync {
    pub(crate) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let draft = SyncDraft {
            credentials: row.get("credentials")?,
            name: row.get("name")?,
            destination: row.get("destination")?,
            test_case_aql: row.get("test_case_aql")?,
            launches_aql: row.get("launches_aql")?,
            disable_test_case_create: row.get("disable_test_case_create")?,
            disable_launches_sync: row.get("disable_launches_sync")?,
            disable_export: row.get("disable_export")?,
            mapping: row.json("mapping")?,
            schedule: row.json("schedule")?,
            delay_minutes: row.get("delay_minutes")?,
            notify: row.json("notify")?,
            stale_hours: row.get("stale_hours")?,
        };
        Ok(Self {
            id: row.get("id")?,
            draft,
            revision: row.get("revision")?,
            created_at: row.get("created_at")?,
            disabled: row
                .get::<Option<String>>("disabled")?
                .and_then(|text| serde_json::from_str(&text).ok()),
            failures: row.get("failures")?,
            failures_left: OFF.saturating_sub(row.get("failures")?),
            succeeded_at: row.get("succeeded_at")?,
            due_at: row.get("due_at")?,
        })
    }

    /// All of a tenant by name.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn all(scope: &TenantScope) -> Result<Vec<Self>, StoreError> {
        let query = sql(format!(
            "SELECT {COLUMNS} FROM sync WHERE tenant = ?1 ORDER BY name, id"
        ));
        scope.read(query).await?.iter().map(Self::from_row).collect()
    }

    /// By its id.
    ///
    /// # Errors
    ///
    /// There is none.
    pub async fn get(scope: &TenantScope, id: &str) -> Result<Self, Problem> {
        let query = sql(format!("SELECT {COLUMNS} FROM sync WHERE tenant = ?1 AND id = ?2")).bind(id);
        let row = scope.find(query).await?.ok_or_else(Problem::not_found)?;
        Ok(Self::from_row(&row)?)
    }

    /// Adds one, as long as the tenant's quota allows.
    ///
    /// # Errors
    ///
    /// The plugin finds errors in it, the name is taken, or there are too many.
    pub async fn add(app: &App, entered: &Entered, draft: SyncDraft) -> Result<Self, Problem> {
        entered.need(Role::Owner)?;
        let scope = &entered.scope;
        let quota = entered.quotas.syncs;
        let draft = checked(app, scope, draft).await?;
        let sync = Self {
            id: id(),
            draft,
            revision: 1,
            created_at: app.now(),
            disabled: None,
            failures: 0,
            failures_left: OFF,
            succeeded_at: None,
            due_at: None,
        };
        let row = sql(
            "INSERT INTO sync (tenant, id, credentials, name, destination, test_case_aql, launches_aql, \
             disable_test_case_create, disable_launches_sync, disable_export, mapping, schedule, delay_minutes, notify, \
             stale_hours, revision, created_at, failures) \
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, 0 \
             WHERE (SELECT COUNT(*) FROM sync WHERE tenant = ?1) < ?18",
        );
        let row = sync
            .draft
            .bound(row.bind(&sync.id))
            .bind(sync.revision)
            .bind(sync.created_at)
            .bind(quota)
            .must_change(1);
        let what = did("add sync", &sync.draft.name, &sync.draft.destination);
        let full = |error| match error {
            StoreError::Stale => Problem::conflict(format!("The tenant has {quota} syncs, which is its quota."))
                .hint("An administrator can raise it."),
            error => error.into(),
        };
        entered.write(app.now(), vec![row], what).await.map_err(full)?;
        Self::get(scope, &sync.id).await
    }

    /// Changes its configuration. How it stands stays, but for what was said against the old settings.
    ///
    /// # Errors
    ///
    /// As [`Sync::add`].
    pub async fn change(self, app: &App, entered: &Entered, draft: SyncDraft) -> Result<Self, Problem> {
        entered.need(Role::Owner)?;
        let scope = &entered.scope;
        if draft.credentials != self.draft.credentials {
            return Err(Problem::invalid(
                "The credentials of a sync stay: its links are theirs. Add another sync.",
            ));
        }
        let draft = checked(app, scope, draft).await?;
        let row = sql(
            "UPDATE sync SET credentials = ?3, name = ?4, destination = ?5, test_case_aql = ?6, launches_aql = ?7, \
             disable_test_case_create = ?8, disable_launches_sync = ?9, disable_export = ?10, mapping = ?11, \
             schedule = ?12, delay_minutes = ?13, notify = ?14, stale_hours = ?15, revision = ?16 \
             WHERE tenant = ?1 AND id = ?2 AND revision = ?17",
        );
        let row = draft
            .bound(row.bind(&self.id))
            .bind(self.revision + 1)
            .bind(self.revision)
            .must_change(1);
        let was_wrong = self.disabled.filter(|disabled| disabled.kind == "configuration");
        let rows = [row].into_iter().chain(was_wrong.map(|_| switched_on(&self.id)));
        let what = did("change sync", &draft.name, &draft.destination);
        entered.write(app.now(), rows.collect(), what).await?;
        Self::get(scope, &self.id).await
    }

    /// Removes it, with its history. What is at the destination stays.
    ///
    /// # Errors
    ///
    /// There is none.
    pub async fn remove(self, app: &App, entered: &Entered) -> Result<(), Problem> {
        let row = sql("DELETE FROM sync WHERE tenant = ?1 AND id = ?2")
            .bind(&self.id)
            .must_change(1);
        remove(app, entered, vec![row], did("remove sync", &self.draft.name, "")).await
    }

    /// Whether anything of it may begin without a person.
    pub fn is_on(&self) -> bool {
        self.disabled.is_none() && !self.draft.disable_export
    }

    /// Whether it runs by itself.
    pub fn is_scheduled(&self) -> bool {
        self.is_on() && self.draft.schedule != Timing::Off
    }
}

impl SyncDraft {
    /// The columns from `credentials` to `stale_hours`.
    fn bound(&self, row: crate::store::Statement) -> crate::store::Statement {
        row.bind(&self.credentials)
            .bind(&self.name)
            .bind(&self.destination)
            .bind(&self.test_case_aql)
            .bind(&self.launches_aql)
            .bind(self.disable_test_case_create)
            .bind(self.disable_launches_sync)
            .bind(self.disable_export)
            .bind(json(&self.mapping))
            .bind(json(&self.schedule))
            .bind(self.delay_minutes)
            .bind(json(&self.notify))
            .bind(self.stale_hours)
    }

    /// As the host's library wants it.
    pub(crate) fn export(&self) -> ExportConfig {
        let option = |(name, value): (&String, &String)| Field {
            name: name.clone(),
            value: value.clone(),
        };
        ExportConfig {
            name: self.name.clone(),
            project: self.destination.clone(),
            test_case_aql: self.test_case_aql.clone(),
            launches_aql: self.launches_aql.clone(),
            disable_test_case_create: self.disable_test_case_create,
            disable_launches_sync: self.disable_launches_sync,
            disable_export: self.disable_export,
            mapping: self.mapping.iter().map(option).collect(),
        }
    }

    /// What the plugin finds wrong or odd with it. Asks no server.
    ///
    /// # Errors
    ///
    /// The credentials do not exist, or the plugin broke.
    pub async fn findings(&self, app: &App, scope: &TenantScope) -> Result<Vec<Finding>, Problem> {
        let Assembled { tenant, .. } = assemble(app, scope, &self.credentials).await?;
        let findings = tenant.validate(Some(&self.export())).await;
        let findings = findings.map_err(|error| Problem::conflict(error.to_string()))?;
        Ok(findings.into_iter().map(Finding::from).collect())
    }
}

async fn checked(app: &App, scope: &TenantScope, draft: SyncDraft) -> Result<SyncDraft, Problem> {
    let draft = SyncDraft {
        name: named(&draft.name)?,
        destination: draft.destination.trim().to_owned(),
        mapping: super::filled(draft.mapping),
        ..draft
    };
    let schedule = draft
        .schedule
        .check()
        .err()
        .map(|message| Finding::error("schedule", message));
    let findings = draft.findings(app, scope).await?;
    let errors: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| finding.is_error)
        .chain(schedule)
        .collect();
    if errors.is_empty() {
        Ok(draft)
    } else {
        Err(Problem::findings(errors))
    }
}
