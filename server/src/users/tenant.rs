//! Tenants and their members.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Quotas, Role, Users};
use crate::audit::did;
use crate::problem::Problem;
use crate::store::{Row, StoreError, sql};

/// A tenant as an administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct TenantRow {
    /// Its name in paths: lower-case letters, digits and hyphens.
    pub name: String,
    /// How people call it.
    pub title: String,
    /// How much it may use.
    pub quotas: Quotas,
    /// Milliseconds since the Unix epoch.
    pub created_at: u64,
}

/// A member of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Member {
    /// The account.
    pub account: String,
    /// What they log in with.
    pub login: String,
    /// How they are called.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl TenantRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            name: row.get("name")?,
            title: row.get("title")?,
            quotas: row.json("quotas")?,
            created_at: row.get("created_at")?,
        })
    }
}

fn role(row: &Row) -> Result<Role, StoreError> {
    let name: String = row.get("role")?;
    Role::named(&name).ok_or_else(|| StoreError::Unavailable(format!("there is no role `{name}`")))
}

impl Users {
    /// Adds a tenant.
    ///
    /// # Errors
    ///
    /// The name is no name, or taken.
    pub async fn add_tenant(&self, name: &str, title: &str, quotas: Quotas, by: &str) -> Result<TenantRow, Problem> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(1..=40).contains(&name.len()) || !name.chars().all(is_plain) || name.starts_with('-') {
            let message = "A tenant's name has 1 to 40 lower-case letters, digits and hyphens.";
            return Err(Problem::invalid(message));
        }
        let tenant = TenantRow {
            name: name.to_owned(),
            title: if title.trim().is_empty() { name } else { title.trim() }.to_owned(),
            quotas,
            created_at: self.clock.now(),
        };
        let row = sql("INSERT INTO tenant (name, title, quotas, created_at) VALUES (?1, ?2, ?3, ?4)");
        let row = row
            .bind(&tenant.name)
            .bind(&tenant.title)
            .bind(serde_json::to_string(&quotas).unwrap_or_default())
            .bind(tenant.created_at);
        let what = did("add tenant", name, &tenant.title);
        let written = self.write(by, None, vec![row], what).await;
        written.map_err(|error| match error {
            StoreError::Conflict(_) => Problem::conflict(format!("There is a tenant `{name}` already.")),
            error => error.into(),
        })?;
        Ok(tenant)
    }

    /// All tenants by name.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn tenants(&self) -> Result<Vec<TenantRow>, StoreError> {
        let rows = self
            .store
            .read(sql("SELECT name, title, quotas, created_at FROM tenant ORDER BY name"))
            .await?;
        rows.iter().map(TenantRow::from_row).collect()
    }

    /// A tenant by its name.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn tenant(&self, name: &str) -> Result<Option<TenantRow>, StoreError> {
        let query = sql("SELECT name, title, quotas, created_at FROM tenant WHERE name = ?1").bind(name);
        self.store
            .read(query)
            .await?
            .first()
            .map(TenantRow::from_row)
            .transpose()
    }

    /// Changes a tenant's title and quotas.
    ///
    /// # Errors
    ///
    /// There is no such tenant.
    pub async fn change_tenant(&self, name: &str, title: &str, quotas: Quotas, by: &str) -> Result<(), Problem> {
        let change = sql("UPDATE tenant SET title = ?2, quotas = ?3 WHERE name = ?1");
        let change = change
            .bind(name)
            .bind(title.trim())
            .bind(serde_json::to_string(&quotas).unwrap_or_default())
            .must_change(1);
        let what = did("change tenant", name, title.trim());
        self.write(by, None, vec![change], what).await.map_err(Problem::missing)
    }

    /// Removes a tenant with everything it has here. Its rows of the ledger are the caller's matter.
    ///
    /// # Errors
    ///
    /// There is no such tenant, or a run of it is queued or under way.
    pub async fn remove_tenant(&self, name: &str, by: &str) -> Result<(), Problem> {
        let tenant = self.tenant(name).await?.ok_or_else(Problem::not_found)?;
        let open = sql("SELECT id FROM run WHERE tenant = ?1 AND status IN ('queued', 'running') LIMIT 1");
        if !self.store.read(open.bind(name)).await?.is_empty() {
            return Err(Problem::conflict("A run of the tenant is queued or under way.")
                .hint("Switch its syncs off, and cancel the run or wait for it."));
        }
        let log = sql("DELETE FROM audit WHERE tenant = ?1").bind(name);
        let rest = sql("DELETE FROM tenant WHERE name = ?1").bind(name).must_change(1);
        let what = did("remove tenant", name, &tenant.title);
        self.write(by, None, vec![log, rest], what)
            .await
            .map_err(Problem::missing)
    }

    /// Tenants of an account, with its role.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn memberships(&self, account: &str) -> Result<BTreeMap<String, Role>, StoreError> {
        let rows = self
            .store
            .read(sql("SELECT tenant, role FROM membership WHERE account = ?1").bind(account))
            .await?;
        rows.iter().map(|row| Ok((row.get("tenant")?, role(row)?))).collect()
    }

    /// Members of a tenant by login.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn members(&self, tenant: &str) -> Result<Vec<Member>, StoreError> {
        let query = sql(
            "SELECT account, login, name, role FROM membership JOIN account ON account.id = account \
             WHERE tenant = ?1 ORDER BY login",
        );
        let member = |row: &Row| {
            Ok(Member {
                account: row.get("account")?,
                login: row.get("login")?,
                name: row.get("name")?,
                role: role(row)?,
            })
        };
        self.store.read(query.bind(tenant)).await?.iter().map(member).collect()
    }

    /// Makes an account a member in a role, or changes its role.
    ///
    /// # Errors
    ///
    /// There is no such account or tenant.
    pub async fn admit(&self, tenant: &str, account: &str, role: Role, by: &str) -> Result<(), Problem> {
        let login = self.account(account).await?.ok_or_else(Problem::not_found)?.login;
        let row = sql("INSERT INTO membership (tenant, account, role) VALUES (?1, ?2, ?3) \
             ON CONFLICT (tenant, account) DO UPDATE SET role = excluded.role");
        let row = row.bind(tenant).bind(account).bind(role.name());
        let what = did("admit member", &login, role.name());
        self.write(by, Some(tenant), vec![row], what)
            .await
            .map_err(|error| match error {
                StoreError::Conflict(_) => Problem::not_found(),
                error => error.into(),
            })
    }

    /// Ends a membership.
    ///
    /// # Errors
    ///
    /// There is none.
    pub async fn dismiss(&self, tenant: &str, account: &str, by: &str) -> Result<(), Problem> {
        let login = self.account(account).await?.ok_or_else(Problem::not_found)?.login;
        let end = sql("DELETE FROM membership WHERE tenant = ?1 AND account = ?2")
            .bind(tenant)
            .bind(account);
        let what = did("dismiss member", &login, "");
        self.write(by, Some(tenant), vec![end.must_change(1)], what)
            .await
            .map_err(Problem::missing)
    }
}
