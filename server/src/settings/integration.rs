//! Integrations of a tenant: a kind, and where its servers are.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Fields, filled, json, named, remove};
use crate::app::App;
use crate::audit::did;
use crate::id::id;
use crate::plugins::{FieldPlace, Finding, Kind};
use crate::problem::Problem;
use crate::store::{Row, StoreError, TenantScope, sql};
use crate::users::{Entered, Role};

/// An integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Integration {
    /// Id.
    pub id: String,
    /// How people call it.
    pub name: String,
    /// Its kind, for example `xray-cloud`.
    pub kind: String,
    /// Addresses of its servers, by form field.
    pub fields: Fields,
    /// Grows with every change.
    pub revision: u64,
    /// Milliseconds since the Unix epoch.
    pub created_at: u64,
}

/// An integration to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IntegrationDraft {
    /// How people call it.
    pub name: String,
    /// Its kind; it cannot be changed later.
    pub kind: String,
    /// Addresses of its servers, by form field.
    #[serde(default)]
    pub fields: Fields,
}

const COLUMNS: &str = "id, name, kind, fields, revision, created_at";

impl Integration {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            kind: row.get("kind")?,
            fields: row.json("fields")?,
            revision: row.get("revision")?,
            created_at: row.get("created_at")?,
        })
    }

    /// All of a tenant by name.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn all(scope: &TenantScope) -> Result<Vec<Self>, StoreError> {
        let query = sql(format!(
            "SELECT {COLUMNS} FROM integration WHERE tenant = ?1 ORDER BY name"
        ));
        scope.read(query).await?.iter().map(Self::from_row).collect()
    }

    /// By its id.
    ///
    /// # Errors
    ///
    /// There is none.
    pub async fn get(scope: &TenantScope, id: &str) -> Result<Self, Problem> {
        let query = sql(format!(
            "SELECT {COLUMNS} FROM integration WHERE tenant = ?1 AND id = ?2"
        ))
        .bind(id);
        let row = scope.find(query).await?.ok_or_else(Problem::not_found)?;
        Ok(Self::from_row(&row)?)
    }

    /// Adds one.
    ///
    /// # Errors
    ///
    /// The kind or a field is unknown, an address is no address, or the name is taken.
    pub async fn add(app: &App, entered: &Entered, draft: IntegrationDraft) -> Result<Self, Problem> {
        entered.need(Role::Owner)?;
        let fields = checked(kind(app, &draft.kind)?, draft.fields)?;
        let integration = Self {
            id: id(),
            name: named(&draft.name)?,
            kind: draft.kind,
            fields,
            revision: 1,
            created_at: app.now(),
        };
        let row = sql(
            "INSERT INTO integration (tenant, id, name, kind, fields, revision, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        );
        let row = row
            .bind(&integration.id)
            .bind(&integration.name)
            .bind(&integration.kind)
            .bind(json(&integration.fields))
            .bind(integration.revision)
            .bind(integration.created_at);
        let what = did("add integration", &integration.name, &integration.kind);
        entered.write(app.now(), vec![row], what).await?;
        Ok(integration)
    }

    /// Changes name and addresses. Secrets that were entered for another origin are asked for again.
    ///
    /// # Errors
    ///
    /// As [`Integration::add`], or the kind is another one.
    pub async fn change(self, app: &App, entered: &Entered, draft: IntegrationDraft) -> Result<Self, Problem> {
        entered.need(Role::Owner)?;
        if draft.kind != self.kind {
            return Err(Problem::invalid(
                "The kind of an integration stays; add another integration.",
            ));
        }
        let changed = Self {
            name: named(&draft.name)?,
            fields: checked(kind(app, &self.kind)?, draft.fields)?,
            revision: self.revision + 1,
            ..self
        };
        let row = sql(
            "UPDATE integration SET name = ?3, fields = ?4, revision = ?5 WHERE tenant = ?1 AND id = ?2 AND revision = ?6",
        );
        let row = row
            .bind(&changed.id)
            .bind(&changed.name)
            .bind(json(&changed.fields))
            .bind(changed.revision)
            .bind(self.revision)
            .must_change(1);
        let what = did("change integration", &changed.name, "");
        entered.write(app.now(), vec![row], what).await?;
        Ok(changed)
    }

    /// Removes it, with its credentials and syncs. What is at the destination stays.
    ///
    /// # Errors
    ///
    /// There is none.
    pub async fn remove(self, app: &App, entered: &Entered) -> Result<(), Problem> {
        let secrets = sql("DELETE FROM secret WHERE tenant = ?1 AND owner IN \
             (SELECT id FROM credentials WHERE tenant = ?1 AND integration = ?2)");
        let row = sql("DELETE FROM integration WHERE tenant = ?1 AND id = ?2");
        let rows = vec![secrets.bind(&self.id), row.bind(&self.id).must_change(1)];
        remove(app, entered, rows, did("remove integration", &self.name, "")).await
    }
}

pub(super) fn kind<'a>(app: &'a App, id: &str) -> Result<&'a Kind, Problem> {
    let known = app.plugins().kind(id).map(|(_, kind)| kind);
    known.ok_or_else(|| {
        let message = format!("There is no integration kind `{id}`: no loaded plugin offers it.");
        Problem::findings(vec![Finding::error("kind", message)])
    })
}

fn checked(kind: &Kind, fields: Fields) -> Result<Fields, Problem> {
    let fields = filled(fields);
    let mut findings = Vec::new();
    for (name, value) in &fields {
        if kind.place(name) != FieldPlace::Integration {
            findings.push(Finding::error(
                name,
                format!("`{name}` is no address of this kind of integration."),
            ));
        } else if tms_sync_host::origin_of(value).is_none() {
            findings.push(Finding::error(
                name,
                format!("`{value}` is no URL such as https://jira.example.com."),
            ));
        }
    }
    for field in kind.fields_at(FieldPlace::Integration) {
        if field.required && !fields.contains_key(&field.name) {
            findings.push(Finding::error(&field.name, format!("{} is missing.", field.label)));
        }
    }
    if findings.is_empty() {
        Ok(fields)
    } else {
        Err(Problem::findings(findings))
    }
}
