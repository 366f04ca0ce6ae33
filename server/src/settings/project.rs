//! TestOps projects of a tenant.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{SecretText, named, remove};
use crate::app::App;
use crate::audit::did;
use crate::id::id;
use crate::plugins::{Finding, SOURCE_FIELDS};
use crate::problem::Problem;
use crate::secrets::OpenSecret;
use crate::store::{Row, StoreError, TenantScope, sql};
use crate::users::{Entered, Role};

/// A TestOps project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Project {
    /// Id.
    pub id: String,
    /// How people call it.
    pub name: String,
    /// Base URL of TestOps.
    pub endpoint: String,
    /// The project's id in TestOps.
    pub number: String,
    /// Whether a token is stored that was entered for this endpoint.
    pub has_token: bool,
    /// Grows with every change.
    pub revision: u64,
    /// Milliseconds since the Unix epoch.
    pub created_at: u64,
    /// When the token ends, where somebody entered it: people are reminded 14 and 3 days before.
    pub expires_at: Option<u64>,
}

/// A TestOps project to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProjectDraft {
    /// How people call it.
    pub name: String,
    /// Base URL of TestOps.
    pub endpoint: String,
    /// The project's id in TestOps.
    pub number: u64,
    /// The API token; where it is left out, the stored one stays.
    #[serde(default)]
    pub token: Option<SecretText>,
    /// When the token ends, in milliseconds since the Unix epoch.
    #[serde(default)]
    pub expires_at: Option<u64>,
}

const COLUMNS: &str = "id, name, endpoint, number, revision, created_at, expires_at";

/// The form field of the token.
pub(super) const TOKEN: &str = SOURCE_FIELDS[2];

impl Project {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            endpoint: row.get("endpoint")?,
            number: row.get("number")?,
            has_token: false,
            revision: row.get("revision")?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
        })
    }

    /// All of a tenant by name.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn all(app: &App, scope: &TenantScope) -> Result<Vec<Self>, Problem> {
        let query = sql(format!("SELECT {COLUMNS} FROM project WHERE tenant = ?1 ORDER BY name"));
        let mut projects = Vec::new();
        for row in scope.read(query).await? {
            projects.push(Self::from_row(&row)?.with_token(app, scope).await?);
        }
        Ok(projects)
    }

    /// By its id.
    ///
    /// # Errors
    ///
    /// There is none.
    pub async fn get(app: &App, scope: &TenantScope, id: &str) -> Result<Self, Problem> {
        let query = sql(format!("SELECT {COLUMNS} FROM project WHERE tenant = ?1 AND id = ?2")).bind(id);
        let row = scope.find(query).await?.ok_or_else(Problem::not_found)?;
        Self::from_row(&row)?.with_token(app, scope).await
    }

    async fn with_token(self, app: &App, scope: &TenantScope) -> Result<Self, Problem> {
        let origin = tms_sync_host::origin_of(&self.endpoint);
        let stored = app.secrets().stored(scope, &self.id).await?;
        let has_token = stored
            .iter()
            .any(|secret| secret.field == TOKEN && Some(&secret.origin) == origin.as_ref());
        Ok(Self { has_token, ..self })
    }

    /// Adds one.
    ///
    /// # Errors
    ///
    /// The endpoint is no URL, or the name is taken.
    pub async fn add(app: &App, entered: &Entered, draft: ProjectDraft) -> Result<Self, Problem> {
        entered.need(Role::Owner)?;
        let scope = &entered.scope;
        let (endpoint, origin) = endpoint(&draft.endpoint)?;
        let project = Self {
            id: id(),
            name: named(&draft.name)?,
            endpoint,
            number: draft.number.to_string(),
            has_token: false,
            revision: 1,
            created_at: app.now(),
            expires_at: draft.expires_at,
        };
        let row = sql(
            "INSERT INTO project (tenant, id, name, endpoint, number, revision, created_at, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        );
        let row = row
            .bind(&project.id)
            .bind(&project.name)
            .bind(&project.endpoint)
            .bind(&project.number)
            .bind(project.revision)
            .bind(project.created_at)
            .bind(project.expires_at);
        let what = did("add project", &project.name, &project.endpoint);
        entered.write(app.now(), vec![row], what).await?;
        project.keep(app, scope, &origin, draft.token).await
    }

    /// Changes it.
    ///
    /// # Errors
    ///
    /// As [`Project::add`].
    pub async fn change(self, app: &App, entered: &Entered, draft: ProjectDraft) -> Result<Self, Problem> {
        entered.need(Role::Owner)?;
        let scope = &entered.scope;
        let (endpoint, origin) = endpoint(&draft.endpoint)?;
        let changed = Self {
            name: named(&draft.name)?,
            endpoint,
            number: draft.number.to_string(),
            revision: self.revision + 1,
            expires_at: draft.expires_at,
            ..self
        };
        let row = sql(
            "UPDATE project SET name = ?3, endpoint = ?4, number = ?5, revision = ?6, expires_at = ?7 \
             WHERE tenant = ?1 AND id = ?2 AND revision = ?8",
        );
        let row = row
            .bind(&changed.id)
            .bind(&changed.name)
            .bind(&changed.endpoint)
            .bind(&changed.number)
            .bind(changed.revision)
            .bind(changed.expires_at)
            .bind(self.revision)
            .must_change(1);
        let token = if draft.token.is_some() { "new token" } else { "" };
        let what = did("change project", &changed.name, token);
        entered.write(app.now(), vec![row], what).await?;
        changed.keep(app, scope, &origin, draft.token).await
    }

    async fn keep(
        self,
        app: &App,
        scope: &TenantScope,
        origin: &str,
        token: Option<SecretText>,
    ) -> Result<Self, Problem> {
        if let Some(token) = token.filter(|token| !token.is_empty()) {
            let secret = OpenSecret {
                field: TOKEN.to_owned(),
                origin: origin.to_owned(),
                value: token.value(),
            };
            app.secrets().put(scope, &self.id, secret).await?;
        }
        self.with_token(app, scope).await
    }

    /// Removes it, with its credentials and syncs. What is at the destination stays.
    ///
    /// # Errors
    ///
    /// There is none.
    pub async fn remove(self, app: &App, entered: &Entered) -> Result<(), Problem> {
        let secrets = sql("DELETE FROM secret WHERE tenant = ?1 AND (owner = ?2 OR owner IN \
             (SELECT id FROM credentials WHERE tenant = ?1 AND project = ?2))");
        let row = sql("DELETE FROM project WHERE tenant = ?1 AND id = ?2");
        let rows = vec![secrets.bind(&self.id), row.bind(&self.id).must_change(1)];
        remove(app, entered, rows, did("remove project", &self.name, "")).await
    }
}

fn endpoint(text: &str) -> Result<(String, String), Problem> {
    let text = text.trim();
    match tms_sync_host::origin_of(text) {
        Some(origin) => Ok((text.to_owned(), origin)),
        None => Err(Problem::findings(vec![Finding::error(
            "endpoint",
            format!("`{text}` is no URL such as https://testops.example.com."),
        )])),
    }
}
