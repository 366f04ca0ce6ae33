//! API tokens of a tenant, for scripts and CI.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{Entered, Reach, Role, Users, Visitor};
use crate::audit::did;
use crate::id::{digest, id, proof};
use crate::problem::Problem;
use crate::store::{Row, StoreError, TenantScope, sql};

/// What a token begins with, so that scanners of repositories find one that was committed.
const PREFIX: &str = "tms_";
/// Longest life of a token, in days.
const LONGEST_DAYS: u32 = 366;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// A token without its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct TokenRow {
    /// Id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub reach: Reach,
    /// Who made it.
    pub created_by: String,
    /// Milliseconds since the Unix epoch.
    pub created_at: u64,
    /// When it ends.
    pub expires_at: u64,
    /// When it was last used, give or take a few minutes.
    pub used_at: Option<u64>,
}

/// A token to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub reach: Reach,
    /// How long it lives: 1 to 366 days.
    pub days: u32,
}

const COLUMNS: &str = "id, name, reach, created_by, created_at, expires_at, used_at";

impl TokenRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            reach: reach(row)?,
            created_by: row.get("created_by")?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
            used_at: row.get("used_at")?,
        })
    }
}

fn reach(row: &Row) -> Result<Reach, StoreError> {
    let name: String = row.get("reach")?;
    Reach::named(&name).ok_or_else(|| StoreError::Unavailable(format!("there is no reach `{name}`")))
}

impl Users {
    /// Makes a token. Its proof is shown once.
    ///
    /// # Errors
    ///
    /// It is not an owner who asks, the name is empty, or it would live too long.
    pub async fn add_token(&self, entered: &Entered, new: NewToken) -> Result<(TokenRow, Zeroizing<String>), Problem> {
        entered.need_person()?;
        entered.need(Role::Owner)?;
        if new.name.trim().is_empty() {
            return Err(Problem::invalid("Name what the token is for."));
        }
        if !(1..=LONGEST_DAYS).contains(&new.days) {
            return Err(Problem::invalid(format!("A token lives 1 to {LONGEST_DAYS} days.")));
        }
        let now = self.clock.now();
        let token = TokenRow {
            id: id(),
            name: new.name.trim().to_owned(),
            reach: new.reach,
            created_by: entered.actor.clone(),
            created_at: now,
            expires_at: now + u64::from(new.days) * DAY_MS,
            used_at: None,
        };
        let secret = Zeroizing::new(format!("{PREFIX}{}", *proof()));
        let row = sql(
            "INSERT INTO token (tenant, id, name, digest, reach, created_by, created_at, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        );
        let row = row
            .bind(&token.id)
            .bind(&token.name)
            .bind(digest(&secret))
            .bind(token.reach.name())
            .bind(&token.created_by)
            .bind(token.created_at)
            .bind(token.expires_at);
        let what = did("make token", &token.name, token.reach.name());
        entered.write(now, vec![row], what).await?;
        Ok((token, secret))
    }

    /// Tokens of a tenant, newest first.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn tokens(&self, scope: &TenantScope) -> Result<Vec<TokenRow>, StoreError> {
        let query = sql(format!(
            "SELECT {COLUMNS} FROM token WHERE tenant = ?1 ORDER BY created_at DESC, id"
        ));
        scope.read(query).await?.iter().map(TokenRow::from_row).collect()
    }

    /// Ends a token.
    ///
    /// # Errors
    ///
    /// There is none.
    pub async fn end_token(&self, entered: &Entered, id: &str) -> Result<(), Problem> {
        let known = self.tokens(&entered.scope).await?;
        let token = known
            .iter()
            .find(|token| token.id == id)
            .ok_or_else(Problem::not_found)?;
        entered.need_person()?;
        entered.need(Role::Owner)?;
        let end = sql("DELETE FROM token WHERE tenant = ?1 AND id = ?2")
            .bind(id)
            .must_change(1);
        let what = did("end token", &token.name, "");
        entered
            .write(self.clock.now(), vec![end], what)
            .await
            .map_err(Problem::missing)
    }

    /// Whose token it is.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn by_token(&self, proof: &str) -> Result<Option<Visitor>, StoreError> {
        let (now, digest) = (self.clock.now(), digest(proof));
        let query = sql(format!(
            "SELECT tenant, {COLUMNS} FROM token WHERE digest = ?1 AND expires_at > ?2"
        ));
        let found = self.store.read(query.bind(digest.clone()).bind(now)).await?;
        let Some(row) = found.first() else { return Ok(None) };
        let token = TokenRow::from_row(row)?;
        if token.used_at.is_none_or(|at| at + 5 * 60 * 1000 < now) {
            let used = sql("UPDATE token SET used_at = ?2 WHERE digest = ?1")
                .bind(digest)
                .bind(now);
            self.store.write(vec![used]).await?;
        }
        Ok(Some(Visitor::token(row.get("tenant")?, token)))
    }
}
