//! Who a project logs in as, at the servers of an integration.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::integration::kind;
use super::{Fields, Integration, Project, SecretText, filled, json, remove};
use crate::app::App;
use crate::audit::did;
use crate::id::id;
use crate::plugins::{FieldPlace, Finding, Kind, TestResult};
use crate::problem::Problem;
use crate::secrets::OpenSecret;
use crate::store::{Row, Statement, StoreError, TenantScope, sql};
use crate::users::{Entered, Role};

/// A project's use of an integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Credentials {
    /// Id.
    pub id: String,
    /// Id of the project.
    pub project: String,
    /// Id of the integration.
    pub integration: String,
    /// What was filled in, without secrets.
    pub fields: Fields,
    /// The secret fields of the form.
    pub secrets: Vec<SecretState>,
    /// Grows with every change.
    pub revision: u64,
    /// Milliseconds since the Unix epoch.
    pub created_at: u64,
    /// The last connection test.
    pub test: Option<TestResult>,
    /// When it was made.
    pub tested_at: Option<u64>,
    /// When the first of the secrets ends, where somebody entered it: people are reminded 14 and 3 days before.
    pub expires_at: Option<u64>,
}

/// A secret field of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct SecretState {
    /// The field.
    pub field: String,
    /// Whether a value is stored.
    pub is_stored: bool,
    /// Whether it was entered for another server than the integration names now, and is to be entered again.
    pub is_for_another_server: bool,
    /// When it was entered, in milliseconds since the Unix epoch.
    pub entered_at: Option<u64>,
}

/// Credentials to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CredentialsDraft {
    /// Id of the project.
    pub project: String,
    /// Id of the integration.
    pub integration: String,
    /// Values of the form, without secrets.
    #[serde(default)]
    pub fields: Fields,
    /// When the first of the secrets ends, in milliseconds since the Unix epoch.
    #[serde(default)]
    pub expires_at: Option<u64>,
    /// Secrets by form field. Those that are left out or empty stay as they are.
    #[serde(default)]
    pub secrets: BTreeMap<String, SecretText>,
}

const COLUMNS: &str = "id, project, integration, fields, revision, created_at, test, tested_at, expires_at";

impl Credentials {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            project: row.get("project")?,
            integration: row.get("integration")?,
            fields: row.json("fields")?,
            secrets: Vec::new(),
            revision: row.get("revision")?,
            created_at: row.get("created_at")?,
            test: row
                .get::<Option<String>>("test")?
                .and_then(|text| serde_json::from_str(&text).ok()),
            tested_at: row.get("tested_at")?,
            expires_at: row.get("expires_at")?,
        })
    }

    /// All of a tenant, oldest first.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn all(app: &App, scope: &TenantScope) -> Result<Vec<Self>, Problem> {
        let query = sql(format!(
            "SELECT {COLUMNS} FROM credentials WHERE tenant = ?1 ORDER BY created_at, id"
        ));
        let mut all = Vec::new();
        for row in scope.read(query).await? {
            all.push(Self::from_row(&row)?.with_secrets(app, scope).await?);
        }
        Ok(all)
    }

    /// By its id.
    ///
    /// # Errors
    ///
    /// There is none.
    pub async fn get(app: &App, scope: &TenantScope, id: &str) -> Result<Self, Problem> {
        let query = sql(format!(
            "SELECT {COLUMNS} FROM credentials WHERE tenant = ?1 AND id = ?2"
        ))
        .bind(id);
        let row = scope.find(query).await?.ok_or_else(Problem::not_found)?;
        Self::from_row(&row)?.with_secrets(app, scope).await
    }

    async fn with_secrets(self, app: &App, scope: &TenantScope) -> Result<Self, Problem> {
        let integration = Integration::get(scope, &self.integration).await?;
        let Ok(kind) = kind(app, &integration.kind) else {
            return Ok(self);
        };
        let stored = app.secrets().stored(scope, &self.id).await?;
        let state = |field: &crate::plugins::FormField| {
            let secret = stored.iter().find(|secret| secret.field == field.name);
            SecretState {
                field: field.name.clone(),
                is_stored: secret.is_some(),
                is_for_another_server: secret
                    .is_some_and(|secret| origin(kind, &integration, &field.name).as_ref() != Some(&secret.origin)),
                entered_at: secret.map(|secret| secret.entered_at),
            }
        };
        let secrets = kind
            .fields_at(FieldPlace::Credentials)
            .filter(|field| field.secret)
            .map(state)
            .collect();
        Ok(Self { secrets, ..self })
    }

    /// Adds them.
    ///
    /// # Errors
    ///
    /// A field is unknown, a secret is sent as a field, or the project uses the integration already.
    pub async fn add(app: &App, entered: &Entered, draft: CredentialsDraft) -> Result<Self, Problem> {
        entered.need(Role::Owner)?;
        let scope = &entered.scope;
        let project = Project::get(app, scope, &draft.project).await?;
        let integration = Integration::get(scope, &draft.integration).await?;
        let fields = checked(kind(app, &integration.kind)?, draft.fields, &draft.secrets)?;
        let credentials = Self {
            id: id(),
            project: project.id.clone(),
            integration: integration.id.clone(),
            fields,
            secrets: Vec::new(),
            revision: 1,
            created_at: app.now(),
            test: None,
            tested_at: None,
            expires_at: draft.expires_at,
        };
        let row = sql(
            "INSERT INTO credentials (tenant, id, project, integration, fields, revision, created_at, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        );
        let row = row
            .bind(&credentials.id)
            .bind(&credentials.project)
            .bind(&credentials.integration)
            .bind(json(&credentials.fields))
            .bind(credentials.revision)
            .bind(credentials.created_at)
            .bind(credentials.expires_at);
        let what = did("add credentials", &integration.name, &project.name);
        entered.write(app.now(), vec![row], what).await?;
        credentials.keep(app, scope, &integration, draft.secrets).await
    }

    /// Changes them. Project and integration stay.
    ///
    /// # Errors
    ///
    /// As [`Credentials::add`].
    pub async fn change(self, app: &App, entered: &Entered, draft: CredentialsDraft) -> Result<Self, Problem> {
        entered.need(Role::Owner)?;
        let scope = &entered.scope;
        if draft.project != self.project || draft.integration != self.integration {
            return Err(Problem::invalid(
                "Project and integration of credentials stay; add others.",
            ));
        }
        let integration = Integration::get(scope, &self.integration).await?;
        let changed = Self {
            fields: checked(kind(app, &integration.kind)?, draft.fields, &draft.secrets)?,
            revision: self.revision + 1,
            expires_at: draft.expires_at,
            ..self
        };
        let row = sql(
            "UPDATE credentials SET fields = ?3, revision = ?4, expires_at = ?5, test = NULL, tested_at = NULL \
             WHERE tenant = ?1 AND id = ?2 AND revision = ?6",
        );
        let row = row
            .bind(&changed.id)
            .bind(json(&changed.fields))
            .bind(changed.revision)
            .bind(changed.expires_at)
            .bind(self.revision)
            .must_change(1);
        let secrets = draft.secrets.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let what = did("change credentials", &integration.name, &secrets);
        let mut rows = vec![row];
        rows.extend(forgotten(kind(app, &integration.kind)?, &changed, &draft.secrets));
        entered.write(app.now(), rows, what).await?;
        changed.keep(app, scope, &integration, draft.secrets).await
    }

    async fn keep(
        self,
        app: &App,
        scope: &TenantScope,
        integration: &Integration,
        secrets: BTreeMap<String, SecretText>,
    ) -> Result<Self, Problem> {
        let kind = kind(app, &integration.kind)?;
        for (field, value) in secrets.into_iter().filter(|(_, value)| !value.is_empty()) {
            let secret = OpenSecret {
                origin: origin(kind, integration, &field).unwrap_or_default(),
                value: value.value(),
                field,
            };
            app.secrets().put(scope, &self.id, secret).await?;
        }
        Self::get(app, scope, &self.id).await
    }

    /// Remembers a connection test.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn tested(&self, app: &App, scope: &TenantScope, result: &TestResult) -> Result<(), Problem> {
        let row = sql("UPDATE credentials SET test = ?3, tested_at = ?4 WHERE tenant = ?1 AND id = ?2");
        scope
            .write(vec![row.bind(&self.id).bind(json(result)).bind(app.now())])
            .await?;
        Ok(())
    }

    /// Removes them, with their syncs. What is at the destination stays.
    ///
    /// # Errors
    ///
    /// There are none.
    pub async fn remove(self, app: &App, entered: &Entered) -> Result<(), Problem> {
        let secrets = sql("DELETE FROM secret WHERE tenant = ?1 AND owner = ?2").bind(&self.id);
        let row = sql("DELETE FROM credentials WHERE tenant = ?1 AND id = ?2")
            .bind(&self.id)
            .must_change(1);
        remove(
            app,
            entered,
            vec![secrets, row],
            did("remove credentials", &self.id, ""),
        )
        .await
    }
}

/// Removes the secrets of other tabs than the one that is filled in now: fields of different tabs exclude each other.
fn forgotten(kind: &Kind, now: &Credentials, entered: &BTreeMap<String, SecretText>) -> Vec<Statement> {
    let names = now.fields.keys().chain(entered.keys());
    let used: Vec<&str> = names.filter_map(|name| kind.field(name)?.tab.as_deref()).collect();
    let is_excluded = |field: &&crate::plugins::FormField| {
        let tab = field.tab.as_deref();
        field.secret && !used.is_empty() && tab.is_some_and(|tab| !used.contains(&tab))
    };
    let remove = |field: &crate::plugins::FormField| {
        let row = sql("DELETE FROM secret WHERE tenant = ?1 AND owner = ?2 AND field = ?3");
        row.bind(&now.id).bind(&field.name)
    };
    kind.fields.iter().filter(is_excluded).map(remove).collect()
}

/// The server that a secret of the form is sent to.
fn origin(kind: &Kind, integration: &Integration, secret: &str) -> Option<String> {
    let connection = kind.users_of(secret).next()?;
    let entered = integration.fields.get(&connection.base_field);
    tms_sync_host::origin_of(entered.or(connection.default_base.as_ref())?)
}

fn checked(kind: &Kind, fields: Fields, secrets: &BTreeMap<String, SecretText>) -> Result<Fields, Problem> {
    let fields = filled(fields);
    let is_field = |name: &String, secret: bool| {
        kind.place(name) == FieldPlace::Credentials && kind.field(name).is_some_and(|field| field.secret == secret)
    };
    let unknown = |name: &String| Finding::error(name, format!("The form has no such field `{name}`."));
    let plain = fields.keys().filter(|name| !is_field(name, false)).map(unknown);
    let secret = secrets.keys().filter(|name| !is_field(name, true)).map(unknown);
    let findings: Vec<Finding> = plain.chain(secret).collect();
    if findings.is_empty() {
        Ok(fields)
    } else {
        Err(Problem::findings(findings))
    }
}
